"""Addresses of the duty room: seats."""

from django.urls import URLPattern, path

from dutyroom.views import seat_setup, seats

urlpatterns: list[URLPattern] = [
    path("seats/", seats.page, name="seats"),
    path("seats/now/", seats.now, name="seats-now"),
    path("seats/needed/", seats.needed, name="seats-needed"),
    path("seats/queues/new/", seat_setup.add, name="seat-queue-new"),
    path("seats/queues/<int:queue_id>/", seat_setup.configure, name="seat-queue"),
    path("seats/queues/<int:queue_id>/reading/", seats.enter, name="seat-reading"),
    path("seats/tokens/", seat_setup.make_token, name="seat-tokens"),
    path("seats/tokens/<int:token_id>/revoke/", seat_setup.revoke_token, name="seat-token-revoke"),
]
