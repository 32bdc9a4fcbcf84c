"""A hub's one subscription to the Channels layer: kept alive, tested by its own echo, rebuilt when it is deaf."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from channels.layers import get_channel_layer

from incident.live import pokes

log = logging.getLogger(__name__)

_ANSWER_SECONDS = 2.0
_ECHO_SECONDS = 5.0
_RETRY_SECONDS = 1.0
_ECHO = "live.echo"


class Wire:
    """Hears the pokes of the topics held. `on_open` is called each time it begins to hear more than before."""

    def __init__(self, on_pokes: Callable[[list[pokes.Poke]], None], on_open: Callable[[], None]) -> None:
        self._on_pokes, self._on_open = on_pokes, on_open
        self._wanted: set[str] = set()
        self._held: set[str] = set()
        self._changed = asyncio.Event()
        self._echoed_at = 0.0
        self._is_deaf = False

    def hold(self, topic: str) -> None:
        self._wanted.add(topic)
        self._changed.set()

    def drop(self, topic: str) -> None:
        self._wanted.discard(topic)
        self._changed.set()

    async def run(self) -> None:
        """Serve for ever; without a broker it tries again each second."""
        while True:
            layer = get_channel_layer()
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    channel = await layer.new_channel()
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._receive(layer, channel))
                    tasks.create_task(self._tend(layer, channel))
            except Exception as error:  # whatever the broker's client says: pages move by the counters meanwhile
                if not self._is_deaf:
                    log.warning("no word from the broker (%s): counters are read each second instead", _words(error))
                self._is_deaf = True
            self._held.clear()
            await self._discard(layer)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _receive(self, layer: Any, channel: str) -> None:
        while True:
            message = await layer.receive(channel)
            if message.get("type") == _ECHO:
                self._echoed_at = time.monotonic()
                continue
            try:
                news = pokes.unpack(message)
            except (KeyError, TypeError, ValueError):
                log.warning("a message that is no poke: %r", message)
                continue
            self._on_pokes(news)

    async def _tend(self, layer: Any, channel: str) -> None:
        while True:
            sent_at = time.monotonic()
            await self._answered(layer.send(channel, {"type": _ECHO}))
            await self._follow(layer, channel, sent_at + _ECHO_SECONDS)
            if self._echoed_at < sent_at:
                raise ConnectionError("the subscription does not hear its own echo")
            if self._is_deaf:
                log.warning("the broker is back")
                self._is_deaf = False

    async def _follow(self, layer: Any, channel: str, until: float) -> None:
        """Keep the groups equal to the topics wanted, until the moment `until`."""
        while True:
            self._changed.clear()
            added = self._wanted - self._held
            for topic in added:
                await self._answered(layer.group_add(pokes.group(topic), channel))
                self._held.add(topic)
            for topic in self._held - self._wanted:
                await self._answered(layer.group_discard(pokes.group(topic), channel))
                self._held.discard(topic)
            if added:
                self._on_open()  # what was committed before we listened was not heard
            try:
                async with asyncio.timeout_at(asyncio.get_running_loop().time() + until - time.monotonic()):
                    await self._changed.wait()
            except TimeoutError:
                return

    async def _answered(self, call: Any) -> None:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await call

    async def _discard(self, layer: Any) -> None:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await layer.flush()
        except Exception as error:  # it was broken anyway
            log.info("old subscription not closed: %s", _words(error))


def _words(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__
