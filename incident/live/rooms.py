"""Everybody who sees one page in the same way: their regions are painted once and forwarded to all their sockets."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from incident import clock, pages
from incident.live import frames
from incident.live.sockets import Socket
from incident.live.threads import BROKEN, Threads

log = logging.getLogger(__name__)

GATHER_SECONDS = 0.005  # after the first change of a quiet moment: what one commit pokes arrives together
FRAME_SECONDS = 0.05  # at most 20 frames a second
RETRY_SECONDS = 1.0
TOP_BAR = frozenset({"live-nearest", "live-overdue", "live-open-count"})
_LONGEST_RETRY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What one round of painting owes: changed regions to the old sockets, the whole page to the new ones."""

    dirty: frozenset[str]
    newcomers: frozenset[Socket]

    @property
    def regions(self) -> frozenset[str] | None:
        return None if self.newcomers else self.dirty


def _paint(audience: pages.Audience, regions: frozenset[str] | None) -> tuple[datetime, pages.Painted]:
    now = clock.wall_now()
    return now, pages.render(audience, regions, now)


class Room:
    """One audience: its sockets, which of its regions changed, and the task that paints them."""

    def __init__(
        self, audience: pages.Audience, shown: dict[str, int], threads: Threads, reached: Callable[[str], int]
    ) -> None:
        self.audience = audience
        self.topics = pages.topics(audience)
        self.sockets: set[Socket] = set()
        self.shown = {name: shown[name] for name in self.topics}  # the numbers of the last frame
        self._regions = frozenset(pages.PAGES[audience.page].regions)
        self._threads, self._reached = threads, reached
        self._dirty: set[str] = set()
        self._newcomers: set[Socket] = set()
        self._task: asyncio.Task[None] | None = None
        self._free_at = 0.0
        self._failures = 0

    def change(self, topic: str, regions: frozenset[str]) -> None:
        """Regions changed (none named: all that the topic moves); what the page does not have is nothing to it."""
        if not regions and self.audience.number and topic.startswith("site:"):
            regions = TOP_BAR  # other incidents of the site move only this of an incident's page
        wanted = regions & self._regions if regions else self._regions
        if wanted:
            self._dirty |= wanted
            self._start()

    def welcome(self, socket: Socket) -> None:
        """Paint the whole page for a socket that is behind."""
        self._newcomers.add(socket)
        self._start()

    def leave(self, socket: Socket) -> None:
        self.sockets.discard(socket)
        self._newcomers.discard(socket)

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def put(self, frame: frames.Frame) -> None:
        for socket in self.sockets:
            socket.put(frame)

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._dirty or self._newcomers:
            await asyncio.sleep(max(GATHER_SECONDS, self._free_at - loop.time()))
            wanted = _Wanted(frozenset(self._dirty), frozenset(self._newcomers))
            self._dirty.clear()
            self._newcomers.clear()
            started = loop.time()
            is_painted = await self._round(wanted)
            # A page that is slow to paint rests as long as it took: it never takes the time of the others.
            self._free_at = started + max(FRAME_SECONDS, 2 * (loop.time() - started))
            if not is_painted:
                self._dirty |= wanted.dirty
                self._newcomers |= wanted.newcomers & self.sockets
                await asyncio.sleep(min(RETRY_SECONDS * self._failures, _LONGEST_RETRY_SECONDS))

    async def _round(self, wanted: _Wanted) -> bool:
        reached = {name: self._reached(name) for name in self.topics}
        try:
            now, painted = await self._threads.run(_paint, self.audience, wanted.regions)
        except BROKEN as error:
            self._failures = 1  # the database comes back: each second
            log.warning("%s not painted: %s", self.audience.page, error)
            return False
        except Exception:
            self._failures += 1
            log.exception("%s not painted", self.audience.page)
            return False
        self._failures = 0
        if wanted.dirty:
            html = {name: painted.html[name] for name in painted.html if name in wanted.dirty}
            frame = frames.make(frames.paint(self.shown, reached, now, html))
            for socket in self.sockets - wanted.newcomers:
                socket.put(frame)
            self.shown = reached
        if wanted.newcomers:
            frame = frames.make(frames.paint({}, painted.numbers, now, painted.html))
            for socket in wanted.newcomers & self.sockets:
                socket.put(frame)
        return True
