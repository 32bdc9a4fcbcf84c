"""One viewer's socket: a bounded queue and the task that empties it, so that a stalled viewer delays nobody else."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from incident.live import frames
from incident.live.frames import Frame

MOST_FRAMES = 64
MOST_BYTES = 256 * 1024
_FAREWELL_SECONDS = 1.0

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Socket:
    """What the hub holds of one connection; used from the event loop only."""

    def __init__(self, send: Send, *, user_id: int, password: str, session_key: str) -> None:
        self.user_id, self.password, self.session_key = user_id, password, session_key
        self.page, self.number = "", ""
        self.rights: object = None  # what the page was opened with; compared, never read
        self.is_ending = False
        self._send = send
        self._queue: deque[Frame] = deque()
        self._bytes = 0
        self._code: int | None = None
        self._wake = asyncio.Event()
        self._ended = asyncio.Event()

    def put(self, frame: Frame) -> None:
        """Queue a frame; when too much waits, drop it all and have the page fetch its regions instead."""
        if self.is_ending:
            return
        if self._queue and (len(self._queue) >= MOST_FRAMES or self._bytes + frame.size > MOST_BYTES):
            self._drop()
            frame = frames.RESYNC
        self._queue.append(frame)
        self._bytes += frame.size
        self._wake.set()

    def end(self, code: int, frame: Frame | None = None) -> None:
        """Say one last thing instead of what waits, and close; a viewer who does not take it is cut off."""
        if self.is_ending:
            return
        self._drop()
        if frame is not None:
            self._queue.append(frame)
        self.is_ending, self._code = True, code
        self._wake.set()
        asyncio.get_running_loop().call_later(_FAREWELL_SECONDS, self._ended.set)

    async def pump(self) -> None:
        """Send what is queued until the socket ends."""
        try:
            while True:
                while self._queue:
                    frame = self._queue.popleft()
                    self._bytes -= frame.size
                    await self._send({"type": "websocket.send", "text": frame.text})
                if self._code is not None:
                    await self._send({"type": "websocket.close", "code": self._code})
                    return
                self._wake.clear()
                await self._wake.wait()
        except OSError:  # the viewer is gone; the server's own word for it is a subclass
            return
        finally:
            self._ended.set()

    async def ended(self) -> None:
        """Return when the last word is said, or a moment after it should have been."""
        await self._ended.wait()

    def _drop(self) -> None:
        self._queue.clear()
        self._bytes = 0


def is_behind(seen: Mapping[str, int], heads: Mapping[str, int]) -> bool:
    """Tell whether a page that shows `seen` lacks something of `heads` (or shows another database's numbers)."""
    return any(seen.get(name, 0) != number for name, number in heads.items())
