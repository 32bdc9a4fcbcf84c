"""The one socket address of the console."""

from django.urls import URLPattern, path

from incident.live import consumers

websocket_urlpatterns: list[URLPattern] = [path("ws/", consumers.LiveConsumer.as_asgi())]
