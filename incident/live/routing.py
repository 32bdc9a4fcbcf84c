"""The one socket address of the console, and the short way out of it."""

from collections.abc import Awaitable, Callable
from typing import Any

from django.urls import URLPattern, path

from incident.live import consumers

websocket_urlpatterns: list[URLPattern] = [path("ws/", consumers.LiveConsumer.as_asgi())]


class ShortWayOut:
    """Put it around the session middleware: frames then leave without a look at the session, which costs a fifth."""

    def __init__(self, inner: Callable[..., Awaitable[None]]) -> None:
        self._inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await self._inner({**scope, consumers.SHORT_WAY: send}, receive, send)
