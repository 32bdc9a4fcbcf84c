"""Addresses of the duty room; each section keeps its own list."""

from django.urls import include, path

urlpatterns = [
    path("", include(f"dutyroom.{section}_urls"))
    for section in ("roster", "contact", "exchange", "seat", "callout", "handover")
]
