"""Addresses of the duty room: handovers."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
