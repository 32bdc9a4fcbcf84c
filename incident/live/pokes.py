"""Pokes: hints sent after a commit, from threads of their own, that never delay or fail whoever committed.

A lost poke costs nothing but time: every hub reads the counters of its topics once a second. So the queue is
bounded, a broker that does not answer is left alone for a moment, and what could not be sent is counted and dropped.
"""

import asyncio
import atexit
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from celery import current_app
from channels.layers import get_channel_layer

log = logging.getLogger(__name__)

_QUEUE_LIMIT = 10_000
_SEND_SECONDS = 1.0
_REST_SECONDS = 0.5  # after a failure nothing is tried for so long
_DELIVERY_SECONDS = 0.3  # deliveries are asked for at most this often
_FLUSH_SECONDS = 0.5
MESSAGE = "live.poke"


@dataclass(frozen=True)
class Poke:
    """Topic `name` has reached `number`; `regions` are the ids that changed with it, none named means all."""

    name: str
    number: int
    regions: frozenset[str]


Listener = Callable[[list[Poke]], None]


def group(topic: str) -> str:
    """Return the Channels group of a topic: a group's name may hold no colon."""
    return topic.replace(":", ".")


def pack(pokes: list[Poke]) -> dict[str, object]:
    """Return the message that carries pokes of one topic."""
    return {"type": MESSAGE, "name": pokes[0].name, "news": [[poke.number, sorted(poke.regions)] for poke in pokes]}


def unpack(message: dict[str, object]) -> list[Poke]:
    """Return the pokes of a message; raises KeyError, TypeError or ValueError on anything else."""
    name, news = message["name"], message["news"]
    if not isinstance(name, str) or not isinstance(news, list):
        raise TypeError("not a message of pokes")
    return [Poke(name, int(number), frozenset(regions)) for number, regions in news]


class Publisher:
    """A daemon thread with an event loop of its own that publishes what is waiting, all of a topic in one message."""

    def __init__(self) -> None:
        self.lost = 0
        self._waiting: deque[Poke] = deque()
        self._start = threading.Lock()
        self._ready = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._thread: threading.Thread | None = None
        self._rest_until = 0.0

    def put(self, pokes: Iterable[Poke]) -> None:
        """Queue pokes; returns at once, drops the oldest when too many wait."""
        self._waiting.extend(pokes)
        self._idle.clear()
        while len(self._waiting) > _QUEUE_LIMIT:
            self._waiting.popleft()
            self.lost += 1
        if self._thread is None:
            with self._start:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="pokes", daemon=True)
                    self._thread.start()
        if self._ready.is_set():
            self._loop.call_soon_threadsafe(self._wake.set)

    def flush(self, seconds: float) -> None:
        """Wait until everything is sent, but not longer than `seconds`."""
        if self._thread is not None:
            self._idle.wait(seconds)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._wake = asyncio.get_running_loop(), asyncio.Event()
        self._ready.set()
        while True:
            self._wake.clear()
            while self._waiting:
                await self._publish(self._take())
            self._idle.set()
            if self._waiting:
                self._idle.clear()
                continue
            await self._wake.wait()

    def _take(self) -> dict[str, list[Poke]]:
        taken: dict[str, list[Poke]] = {}
        while self._waiting:
            poke = self._waiting.popleft()
            taken.setdefault(poke.name, []).append(poke)
        return taken

    async def _publish(self, pokes: dict[str, list[Poke]]) -> None:
        left = dict(pokes)
        try:
            async with asyncio.timeout(_SEND_SECONDS):
                for topic, news in pokes.items():
                    if time.monotonic() < self._rest_until:
                        break
                    await get_channel_layer().group_send(group(topic), pack(news))
                    del left[topic]
        except Exception as error:  # whatever is wrong with the broker, viewers catch up without it
            self._rest_until = time.monotonic() + _REST_SECONDS
            log.info("pokes not sent: %s", error)
        self.lost += sum(len(news) for news in left.values())


class Asker:
    """A daemon thread that asks the senders to deliver now, instead of at their next tick."""

    def __init__(self) -> None:
        self.lost = 0
        self._wanted = threading.Event()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def ask(self) -> None:
        """Ask; returns at once. Several questions close together are one."""
        self._wanted.set()
        with self._start:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)
                self._thread.start()

    def flush(self, seconds: float) -> None:
        """Wait until the question is on its way, but not longer than `seconds`."""
        until = time.monotonic() + seconds
        while self._wanted.is_set() and time.monotonic() < until:
            time.sleep(0.01)

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            try:
                current_app.send_task("incident.tasks.deliver", expires=5, ignore_result=True)
            except Exception as error:  # the tick asks again within a second
                self.lost += 1
                log.info("delivery not asked for: %s", error)
            # Cleared after sending: a question that came meanwhile is answered by the tick within a second.
            self._wanted.clear()
            time.sleep(_DELIVERY_SECONDS)


_publisher = Publisher()
_asker = Asker()
_listeners: list[Listener] = []


def send(pokes: list[Poke]) -> None:
    """Tell every process of the pokes, the hub of this one directly. Never blocks, never raises."""
    for listener in list(_listeners):
        try:
            listener(pokes)
        except RuntimeError:  # its event loop has ended
            forget(listener)
    _publisher.put(pokes)


def ask_delivery() -> None:
    """Ask for notices to be delivered at once; call it after the commit. Never blocks, never raises."""
    _asker.ask()


def listen(listener: Listener) -> None:
    """Call `listener`, from any thread, with every poke this process sends."""
    _listeners.append(listener)


def forget(listener: Listener) -> None:
    if listener in _listeners:
        _listeners.remove(listener)


def lost() -> int:
    """Return how many pokes and questions of this process could not be sent."""
    return _publisher.lost + _asker.lost


def flush(seconds: float = _FLUSH_SECONDS) -> None:
    """Give what waits a moment to leave; called at exit, so that commands poke too."""
    until = time.monotonic() + seconds
    _publisher.flush(seconds)
    _asker.flush(max(0.0, until - time.monotonic()))


def _start_afresh() -> None:
    """Give a forked child threads of its own: it inherits the objects, not their threads."""
    global _publisher, _asker
    _publisher, _asker = Publisher(), Asker()
    _listeners.clear()


os.register_at_fork(after_in_child=_start_afresh)
atexit.register(flush)
