"""Before the application: keeps the network away from the threads, and foreign pages away from the sockets.

A thread that reads a body from a slow sender, or waits for a slow reader, is a thread the shift does not have; a dozen
such visitors would stop the console. So a request comes in whole before a thread takes it, and its answer goes out
after the thread is free again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_SECONDS = 15.0
STANDARD_PORTS = {"http": ":80", "https": ":443", "ws": ":80", "wss": ":443"}

# Said before any language is known.
TOO_LONG = 413, "请求太大，未作任何改动。 / The request is too large; nothing was changed."
TOO_SLOW = 408, "请求没有按时送达，未作任何改动。 / The request did not arrive in time; nothing was changed."


class WholeRequests:
    """Put it around an application that runs in threads. Answers 413 and 408; what breaks off is never begun."""

    def __init__(self, app: App, *, most_bytes: int) -> None:
        self._app, self._most_bytes = app, most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope = {**scope, "headers": [pair for pair in scope["headers"] if b"_" not in pair[0]]}
        try:
            body = await asyncio.wait_for(self._body(scope, receive), BODY_SECONDS)
        except _TooLongError:
            await _refuse(send, *TOO_LONG)
            return
        except TimeoutError:
            await _refuse(send, *TOO_SLOW)
            return
        if body is None:
            return
        answer: list[Message] = []

        async def whole() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._app(scope, whole, keep)
        for message in answer:
            await send(message)

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """The body as far as it is announced; None when the sender went away before its end."""
        said = dict(scope["headers"])
        if b"content-length" not in said and b"transfer-encoding" not in said:
            return b""
        if int(said.get(b"content-length", b"0")) > self._most_bytes:
            raise _TooLongError
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return None
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._most_bytes:
                raise _TooLongError
            if not message.get("more_body", False):
                return b"".join(parts)


class OwnPagesOnly:
    """Closes sockets opened by a page of another origin; cookies know no ports: a neighbour comes as the user."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        said = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if not is_own_page(said.get(b"origin", ""), said.get(b"host", "")):
            await send({"type": "websocket.close", "code": 4403})
            return
        await self._app(scope, receive, send)


def is_own_page(origin: str, host: str) -> bool:
    """Tell whether a page of that origin was served under that Host, or comes from an origin the settings trust."""
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    standard = STANDARD_PORTS.get(parts.scheme)
    if standard is None or not parts.netloc:
        return False
    return parts.netloc.lower().removesuffix(standard) == host.lower().removesuffix(standard)


class _TooLongError(Exception):
    pass


async def _refuse(send: Send, status: int, sentence: str) -> None:
    body = sentence.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
