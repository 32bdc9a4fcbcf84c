"""The consumer of `/ws/`: lets a user in, hands the socket to the hub, and listens for which page is open."""

import asyncio
import json
from collections import deque
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from incident import pages
from incident.live import admission, frames, hub
from incident.live.sockets import Socket
from incident.live.threads import BROKEN

SHORT_WAY = "live.send"  # in the scope: the server's own `send`, see routing
ANONYMOUS, JUNK, NOT_NOW, GOING = 4401, 4400, 1013, 1001

_LONGEST_MESSAGE = 4096
_FIRST_WORD_SECONDS = 10.0
_MOST_MESSAGES, _PER_SECONDS = 10, 10.0


class LiveConsumer(AsyncWebsocketConsumer):
    """One connection. It joins no group and skips Channels' dispatch: the hub holds the one subscription.

    Codes it closes with: 4400 not understood, 4401 not (or no longer) logged in, 4403 no right, 4404 no such page
    for this user, 4429 too many sockets or messages, 1013 the database is away (try again).
    """

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.scope, self.base_send = scope, send
        await receive()  # websocket.connect
        await self.accept()
        user = scope["user"]
        if not user.is_authenticated:
            await self.close(ANONYMOUS)
            return
        self.hub = hub.current()
        if not self.hub.has_room(user.pk):
            await self.close(admission.TOO_MUCH)
            return
        key = scope["session"].session_key or ""
        self.socket = Socket(scope.get(SHORT_WAY, send), user_id=user.pk, password=user.password, session_key=key)
        tasks = [asyncio.create_task(run) for run in (self._listen(receive), self.socket.pump(), self.socket.ended())]
        try:
            await asyncio.wait(tasks[::2], return_when=asyncio.FIRST_COMPLETED)
            if tasks[0].done():
                tasks[0].result()  # a mistake of ours is the server's to report
        finally:
            self.socket.end(GOING)  # whoever is just asking for its rights must not let it in again
            self.hub.leave(self.socket)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, receive: Any) -> None:
        """Follow what the page says until it goes away. It has a moment to say which page it is."""
        heard: deque[float] = deque(maxlen=_MOST_MESSAGES)
        loop = asyncio.get_running_loop()
        silence = loop.call_later(_FIRST_WORD_SECONDS, self.socket.end, JUNK)
        try:
            while (message := await receive())["type"] == "websocket.receive":
                silence.cancel()
                if len(heard) == _MOST_MESSAGES and loop.time() - heard[0] < _PER_SECONDS:
                    self.socket.end(admission.TOO_MUCH)
                    continue
                heard.append(loop.time())
                await self._open(message.get("text"))
        finally:
            silence.cancel()

    async def _open(self, text: str | None) -> None:
        wish = _read(text)
        if wish is None:
            self.socket.end(JUNK)
            return
        try:
            await self.hub.join(self.socket, *wish)
        except admission.NotAdmitted as refusal:
            self.socket.end(refusal.code, frames.DENIED)
        except BROKEN:
            self.socket.end(NOT_NOW)


def _read(text: str | None) -> tuple[str, str, dict[str, int]] | None:
    """Return page, incident number and the numbers seen; None if it is anything else than what a page says."""
    if text is None or len(text) > _LONGEST_MESSAGE:
        return None
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    page, number, seen = said.get("page"), said.get("number", ""), said.get("seen", {})
    if not isinstance(page, str) or not isinstance(number, str) or not isinstance(seen, dict):
        return None
    if page not in pages.PAGES or not number.isprintable():
        return None
    if any(type(value) is not int for value in seen.values()):
        return None
    return page, number, seen
