"""A real feed at work on a stand-in exchange, one look at a time, at the moments that a test chooses."""

import asyncio
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime

from incident.pbx import Pbx
from staffing.ami import client, feed
from tests.ami_server import FakeAsterisk

EAGER = feed.Pace(poll=0, settle=0, apart=0)
Rows = Sequence[client.Message]


class Listening:
    """The feed runs in a thread of its own and looks again only when the test has taken the last picture.

    A context manager. What the readings do is done in the test's thread, in its transaction.
    """

    def __init__(self, exchange: FakeAsterisk) -> None:
        self.said: list[str] = []
        self.pbx = Pbx(self.said.append)
        self._pictures: queue.Queue[tuple[Rows, Future[None]]] = queue.Queue()
        self._held: Future[None] | None = None
        self._feed = feed.Feed(client.address(exchange.url), self._take, say=self.said.append, pace=EAGER)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def look(self, now: datetime) -> int:
        """One look at the exchange; how many readings became of it."""
        if self._held is not None:
            self._held.set_result(None)
        rows, self._held = self._pictures.get(timeout=10)
        return self.pbx.take(rows, now=now)

    async def _take(self, rows: Rows) -> None:
        taken: Future[None] = Future()
        self._pictures.put((rows, taken))
        await asyncio.wrap_future(taken)

    async def _run(self) -> None:
        self._stopping, self._loop = asyncio.Event(), asyncio.get_running_loop()
        self._ready.set()
        await self._feed.run(self._stopping)

    def __enter__(self) -> "Listening":
        self._ready = threading.Event()
        self._thread.start()
        self._ready.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        if self._held is not None:
            self._held.cancel()
        self._thread.join(5)
