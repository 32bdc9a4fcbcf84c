"""Addresses of the duty room: seats."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
