"""Addresses of versions, drafts and their publication."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
