"""Addresses of the plan room."""

from django.urls import include, path

urlpatterns = [
    path("", include("planroom.reading_urls")),
    path("", include("planroom.law_urls")),
]
