"""Addresses of the library, the playbook pages and what is printed from them."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
