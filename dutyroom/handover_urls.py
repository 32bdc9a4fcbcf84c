"""Addresses of the duty room: handovers."""

from django.urls import URLPattern, path

from dutyroom.views import handover

urlpatterns: list[URLPattern] = [
    path("handover/", handover.page, name="handover"),
    path("handover/mine/", handover.mine, name="handover-mine"),
    path("handover/open/", handover.begin, name="handover-open"),
    path("handover/<int:handover_id>/", handover.whole, name="handover-one"),
    path("handover/<int:handover_id>/take/", handover.take, name="handover-take"),
    path("handover/<int:handover_id>/sign/", handover.sign, name="handover-sign"),
    path("handover/<int:handover_id>/note/", handover.note, name="handover-note"),
    path("handover/<int:handover_id>/print/", handover.paper, name="handover-print"),
]
