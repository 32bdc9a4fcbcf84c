"""Addresses of the duty room: callouts."""

from django.urls import URLPattern, path

from dutyroom.views import call_outs

urlpatterns: list[URLPattern] = [
    path("call-outs/", call_outs.page, name="call-outs"),
    path("call-outs/new/", call_outs.new, name="call-out-new"),
]
