"""The hub of one web process: hears which topics changed, has each audience painted once, feeds all its sockets."""

import asyncio
import logging
import time
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from incident.live import admission, frames, pokes, topics
from incident.live.numbers import PATIENCE, Counter
from incident.live.rooms import Room
from incident.live.sockets import Socket, is_behind
from incident.live.threads import BROKEN, Threads
from incident.live.watch import Watch
from incident.live.wire import Wire
from incident.pages import Audience

log = logging.getLogger(__name__)

MOST_PER_USER = 40
MOST_SOCKETS = 2000
READ_SECONDS = 1.0
BEAT_SECONDS = 5.0
_BLIND_SECONDS = 3.0  # so long without an answer of the database, and what is shown may be old
_PAINTERS = 2


class Hub:
    """Lives on one event loop, as long as it runs; everything here happens on that loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rooms: dict[Audience, Room] = {}
        self._room_of: dict[Socket, Room] = {}
        self._viewers: dict[str, set[Room]] = {}
        self._people: dict[int, set[Socket]] = {}
        self._counters: dict[str, Counter] = {}
        self._painters = Threads("live-paint", _PAINTERS)
        self._readers = Threads("live-read", 1)
        self._wire = Wire(self.hear, lambda: self._read_now.set())
        self._read_now = asyncio.Event()
        self._now: datetime | None = None
        self._read_at = 0.0
        self._is_blind = False
        watch = Watch(self, Threads("live-watch", 1))
        runs = (self._wire.run(), self._keep_reading(), self._keep_beating(), watch.run())
        self._tasks = [self._loop.create_task(run) for run in runs]
        pokes.listen(self._hear_from_thread)

    # Sockets

    def has_room(self, user_id: int) -> bool:
        """Tell whether one more socket of this user can be served."""
        return len(self._room_of) < MOST_SOCKETS and len(self._people.get(user_id, ())) < MOST_PER_USER

    def sockets(self) -> list[Socket]:
        return [socket for socket in self._room_of if not socket.is_ending]

    async def join(self, socket: Socket, page: str, number: str, seen: dict[str, int]) -> None:
        """Open a page for a socket. Raises NotAdmitted, or a database error."""
        admitted = await self._readers.run(admission.admit, socket.user_id, page, number)
        if socket not in self._room_of and not self.has_room(socket.user_id):
            raise admission.NotAdmitted(admission.TOO_MUCH)  # many opened at once, before any of them was counted
        socket.page, socket.number = page, number
        self.place(socket, admitted, seen)

    def place(self, socket: Socket, admitted: admission.Admission, seen: dict[str, int] | None) -> None:
        """Put a socket into the room of its audience; paint the page unless `seen` is up to date."""
        if socket.is_ending:
            return
        self.leave(socket)
        socket.rights = admitted.rights
        self._note_time(admitted.now)
        own = topics.user(socket.user_id)
        heads = {name: number for name, number in admitted.heads.items() if name != own}
        self._people.setdefault(socket.user_id, set()).add(socket)
        self._hold(own, admitted.heads[own])
        room = self._rooms.get(admitted.audience)
        if room is None:
            room = Room(admitted.audience, heads, self._painters, lambda name: self._counters[name].known)
            self._rooms[admitted.audience] = room
            for name, number in heads.items():
                self._viewers.setdefault(name, set()).add(room)
                self._hold(name, number)
        room.sockets.add(socket)
        self._room_of[socket] = room
        socket.put(self._beat(room, 0.0))
        if seen is None or is_behind(seen, heads):
            room.welcome(socket)

    def leave(self, socket: Socket) -> None:
        """Forget a socket, and whatever nobody needs any more. Safe to call twice."""
        room = self._room_of.pop(socket, None)
        if room is None:
            return
        room.leave(socket)
        mine = self._people[socket.user_id]
        mine.discard(socket)
        if not mine:
            del self._people[socket.user_id]
            self._release(topics.user(socket.user_id))
        if room.sockets:
            return
        room.close()
        del self._rooms[room.audience]
        for name in room.topics:
            self._viewers[name].discard(room)
            if not self._viewers[name]:
                del self._viewers[name]
                self._release(name)

    def _hold(self, name: str, number: int) -> None:
        if name not in self._counters:
            self._counters[name] = Counter(number)
            self._wire.hold(name)

    def _release(self, name: str) -> None:
        del self._counters[name]
        self._wire.drop(name)

    # Changes

    def hear(self, news: list[pokes.Poke]) -> None:
        """Take pokes, from the broker or from this process; a poke heard twice does nothing."""
        for poke in news:
            counter = self._counters.get(poke.name)
            if counter is not None:
                self._show(poke.name, counter.hear(poke.number, poke.regions, self._loop.time()))

    def _hear_from_thread(self, news: list[pokes.Poke]) -> None:
        self._loop.call_soon_threadsafe(self.hear, news)

    def _show(self, name: str, changes: list[frozenset[str]]) -> None:
        for regions in changes:
            for room in self._viewers.get(name, ()):
                room.change(name, regions)
        if changes and name not in self._viewers:
            self._tell(name)
        if self._counters[name].is_waiting:
            self._loop.call_later(PATIENCE, self._settle, name)

    def _settle(self, name: str) -> None:
        counter = self._counters.get(name)
        if counter is not None and counter.is_waiting:
            before = counter.known
            self._show(name, counter.settle(self._loop.time()))
            log.info("%s: not all pokes from %s to %s came", name, before, counter.known)

    def _tell(self, name: str) -> None:
        """A topic without a room is a user's own."""
        user_id = int(name.partition(":")[2])
        for socket in self._people.get(user_id, ()):
            socket.put(frames.PERSONAL)

    async def _keep_reading(self) -> None:
        """Read the counters once a second: pages move without a broker, and nothing lost stays lost."""
        while True:
            try:
                async with asyncio.timeout(READ_SECONDS):
                    await self._read_now.wait()
            except TimeoutError:
                pass
            self._read_now.clear()
            try:
                await self._read()
            except BROKEN as error:
                if not self._is_blind:
                    log.warning("counters not read: %s", error)
            except Exception:
                log.exception("counters not read")

    async def _read(self) -> None:
        if not self._room_of:
            return
        before = {name: counter.known for name, counter in self._counters.items()}
        now, heads = await self._readers.run(topics.heads_at, before)
        self._note_time(now)
        for name, head in heads.items():
            counter = self._counters.get(name)
            if counter is not None and name in before:
                self._show(name, counter.read(head, before[name], self._loop.time()))

    # Signs of life

    def _note_time(self, now: datetime) -> None:
        self._now, self._read_at = now, time.monotonic()

    async def _keep_beating(self) -> None:
        """Tell every page that the link lives, or at once that the database does not answer any more."""
        beaten_at = 0.0
        while True:
            await asyncio.sleep(READ_SECONDS / 2)
            silent = time.monotonic() - self._read_at
            was_blind, self._is_blind = self._is_blind, bool(self._room_of) and silent > _BLIND_SECONDS
            if self._is_blind == was_blind and self._loop.time() - beaten_at < BEAT_SECONDS:
                continue
            beaten_at = self._loop.time()
            for room in self._rooms.values():
                room.put(frames.BLIND if self._is_blind else self._beat(room, silent))

    def _beat(self, room: Room, silent: float) -> frames.Frame:
        assert self._now is not None  # noqa: S101 - a room exists only after the database was asked
        return frames.beat(self._now + timedelta(seconds=silent), room.shown)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def current() -> Hub:
    """Return the hub of the running event loop; the first call starts it."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
