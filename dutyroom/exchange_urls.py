"""Addresses of the duty room: exchanges."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
