"""Keeps hearing from an exchange: looks every few seconds and at once after an event, and connects again when lost."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from staffing.ami.client import Address, Client, Lost, Message, Refused

Take = Callable[[Sequence[Message]], Awaitable[None]]

# What may change who is busy or waiting. QueueMemberPaused is the word before Asterisk 12.
_TELLING = frozenset(
    {
        "QueueMemberStatus",
        "QueueMemberPause",
        "QueueMemberPaused",
        "QueueMemberAdded",
        "QueueMemberRemoved",
        "QueueCallerJoin",
        "QueueCallerLeave",
        "QueueCallerAbandon",
        "Join",
        "Leave",
        "AgentConnect",
        "AgentComplete",
    }
)


@dataclass(frozen=True)
class Pace:
    """How often, in seconds."""

    poll: float = 5.0
    settle: float = 0.2  # after an event, so that one call is one look
    apart: float = 0.5  # two looks, however many events there are
    ping: float = 20.0  # with nothing else said
    first_pause: float = 1.0  # before connecting again; twice as long each time
    longest_pause: float = 30.0


class Feed:
    """Hands every picture of the queues (the rows of a QueueStatus) to `take`, one after the other."""

    def __init__(self, where: Address, take: Take, *, say: Callable[[str], None], pace: Pace | None = None) -> None:
        self.where, self.take, self.say, self.pace = where, take, say, pace or Pace()
        self._told = asyncio.Event()
        self._failures = 0
        self._said = ""

    async def run(self, stopping: asyncio.Event) -> None:
        """Go on until `stopping`; what fails is said once and tried again."""
        while not stopping.is_set():
            try:
                await _unless(stopping, self._listen())
            except Lost as reason:
                self._failures += 1
                self._say_once(f"{self.where}: {reason}")
                await _unless(stopping, asyncio.sleep(self._pause(refused=isinstance(reason, Refused))))

    async def _listen(self) -> None:
        connection = Client(self._on_event, on_end=self._told.set)
        try:
            await connection.connect(self.where)
            self._said = ""
            self.say(f"connected to {self.where}")
            while True:
                looked_at = time.monotonic()
                self._told.clear()
                await self.take(await connection.ask("QueueStatus"))
                self._failures = 0
                await self._wait(connection, looked_at)
        finally:
            await connection.close()

    async def _wait(self, connection: Client, looked_at: float) -> None:
        """Until it is time for the next look; silence is broken by a ping, so that a dead connection is noticed."""
        while (left := looked_at + self.pace.poll - time.monotonic()) > 0:
            silence = connection.used_at + self.pace.ping - time.monotonic()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(min(left, silence), 0)):
                    await self._told.wait()
            if self._told.is_set():
                rest = looked_at + self.pace.apart - time.monotonic()
                await asyncio.sleep(max(self.pace.settle, rest))
                return
            if silence <= left:
                await connection.ask("Ping")

    def _on_event(self, message: Message) -> None:
        if message["event"] in _TELLING:
            self._told.set()

    def _pause(self, *, refused: bool) -> float:
        """Longer each time, and never quite the same; a refusal is not tried every second."""
        most = self.pace.longest_pause
        pause = min(self.pace.first_pause * 2 ** min(self._failures - 1, 10), most)
        return (min(max(pause, 5 * self.pace.first_pause), most) if refused else pause) * random.uniform(0.8, 1.2)  # noqa: S311

    def _say_once(self, words: str) -> None:
        if words != self._said:
            self.say(words)
        self._said = words


async def _unless(stopping: asyncio.Event, work: Awaitable[None]) -> None:
    """Do the work until it ends or we are asked to stop; it may raise."""
    task = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.cancel()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
