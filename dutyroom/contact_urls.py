"""Addresses of the duty room: contacts."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
