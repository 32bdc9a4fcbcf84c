"""Addresses of the duty room: rosters."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
