"""Addresses of the duty room: callouts."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
