"""One connection to a manager interface: signs in, asks, and hears of events. It knows nothing of queues or seats.

Our own, not a library: the protocol is blocks of "Key: value" lines, and of the third-party clients the one that
collects lists (panoramisk) is of 2021, the maintained one (pystrix) brings threads, and none bounds what it buffers.
"""

import asyncio
import contextlib
import hashlib
import itertools
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

Message = Mapping[str, str]  # keys in small letters; of a key said twice the first counts

PORT = 5038
LONGEST_LINE = 16 * 1024  # bytes; a line beyond is no manager interface
MOST_LINES = 400  # of one message
MOST_MESSAGES = 50_000  # of one list
ANSWER_SECONDS = 10.0
SIGN_IN_SECONDS = 10.0
# What is asked for: agents and queues, and the exchange going down. Calls would be a hundred times as much.
EVENTS = "agent,system"


class Lost(Exception):
    """The connection is of no use any more, and why; never holds the secret."""


class Refused(Lost):
    """The exchange does not let us in, or not do what we ask."""


@dataclass(frozen=True)
class Address:
    """Where the exchange is, and who we are there."""

    host: str
    port: int
    user: str
    secret: str = field(repr=False)

    def __str__(self) -> str:
        return f"{self.user}@{self.host}:{self.port}"


def address(url: str) -> Address:
    """Read `ami://user:secret@host:5038`. Raises ValueError with a sentence that does not repeat the secret."""
    parts = urlsplit(url)
    try:
        port = parts.port or PORT
    except ValueError:
        raise ValueError("AMI_URL: the port is not a number between 1 and 65535") from None
    if parts.scheme != "ami" or not (parts.hostname and parts.username and parts.password):
        raise ValueError(f"AMI_URL must look like ami://user:secret@host:{PORT}")
    said = Address(parts.hostname, port, unquote(parts.username), unquote(parts.password))
    if any(mark in said.user + said.secret for mark in "\r\n"):
        raise ValueError("AMI_URL: user and secret are one line each")
    return said


class Client:
    """A connection after `connect`. One task reads; answers find who asked by their action id."""

    def __init__(self, on_event: Callable[[Message], None], on_end: Callable[[], None] = lambda: None) -> None:
        self._on_event, self._on_end = on_event, on_end
        self._reason = "not connected"
        self._numbers = itertools.count(1)
        self._asked: dict[str, tuple[list[Message], asyncio.Future[list[Message]]]] = {}
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None
        self.used_at = 0.0  # by the monotonic clock: when we last asked for anything

    async def connect(self, where: Address) -> None:
        """Open the connection and sign in. Raises Refused or Lost."""
        try:
            async with asyncio.timeout(SIGN_IN_SECONDS):
                self._reader, self._writer = await asyncio.open_connection(where.host, where.port, limit=LONGEST_LINE)
                await self._line()  # the greeting names a version that nothing may depend on
                self._task = asyncio.create_task(self._listen())
                await self._sign_in(where)
        except TimeoutError:
            raise Lost(f"no sign-in within {SIGN_IN_SECONDS:g} s") from None
        except OSError as reason:
            raise Lost(reason.strerror or str(reason)) from None

    async def close(self) -> None:
        """Leave without waiting for an answer; may be called at any time."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Lost):
                await self._task
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await self._writer.wait_closed()

    async def ask(self, action: str, **fields: str) -> list[Message]:
        """Ask, and return the answer followed by the rows of its list, if it is one. Raises Refused or Lost."""
        if self._writer is None or self._task is None or self._task.done():
            raise Lost(self._reason)
        number = str(next(self._numbers))
        answer: asyncio.Future[list[Message]] = asyncio.get_running_loop().create_future()
        self._asked[number] = ([], answer)
        words = {"Action": action, "ActionID": number} | fields
        self.used_at = time.monotonic()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                self._writer.write("".join(f"{key}: {value}\r\n" for key, value in words.items()).encode() + b"\r\n")
                await self._writer.drain()
                rows = await answer
        except TimeoutError:
            raise Lost(f"no answer to {action} within {ANSWER_SECONDS:g} s") from None
        except OSError as reason:
            raise Lost(reason.strerror or str(reason)) from None
        finally:
            self._asked.pop(number, None)
        if rows[0].get("response", "").casefold() in ("error", ""):
            raise Refused(f"{action}: {rows[0].get('message', 'refused')[:200]}")
        return rows

    async def _sign_in(self, where: Address) -> None:
        """By a challenge, so that the secret does not cross the network; plainly where none is offered."""
        given = {"Username": where.user, "Events": EVENTS}
        try:
            said = (await self.ask("Challenge", AuthType="MD5"))[0].get("challenge", "")
        except Refused:
            said = ""
        if said:
            key = hashlib.md5(f"{said}{where.secret}".encode(), usedforsecurity=False).hexdigest()
            await self.ask("Login", **given, AuthType="MD5", Key=key)
        else:
            await self.ask("Login", **given, Secret=where.secret)

    async def _listen(self) -> None:
        """Hand every message to who asked for it or to `on_event`, until the connection ends; then tell who waits."""
        try:
            async for message in self._messages():
                self._take(message)
        except Lost as error:
            self._reason = str(error)
        except OSError as error:
            self._reason = error.strerror or str(error)
        finally:
            for _, answer in self._asked.values():
                if not answer.done():
                    answer.set_exception(Lost(self._reason))
            self._on_end()

    def _take(self, message: Message) -> None:
        waiting = self._asked.get(message.get("actionid", ""))
        if waiting is None:
            if "event" in message:
                self._on_event(message)
            return
        rows, answer = waiting
        rows.append(message)
        if len(rows) > MOST_MESSAGES:
            raise Lost(f"a list of more than {MOST_MESSAGES} rows")
        if _is_last(message) and not answer.done():
            answer.set_result(rows)

    async def _messages(self) -> AsyncIterator[Message]:
        """Blocks of lines between empty lines; what has no colon is no line of a message and is passed over."""
        block: dict[str, str] = {}
        lines = 0
        while True:
            line = await self._line()
            lines += 1
            if not line:
                if block:
                    yield block
                block, lines = {}, 0
            elif lines > MOST_LINES:
                raise Lost(f"a message of more than {MOST_LINES} lines")
            key, colon, value = line.partition(":")
            if colon:
                block.setdefault(key.strip().casefold(), value.strip())

    async def _line(self) -> str:
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError:
            raise Lost("the exchange closed the connection") from None
        except asyncio.LimitOverrunError:
            raise Lost(f"a line of more than {LONGEST_LINE} bytes: this is no manager interface") from None
        return line.decode(errors="replace").rstrip("\r\n")


def _is_last(message: Message) -> bool:
    """Say whether nothing follows: an answer that starts no list, or the word that ends one.

    Exchanges before Asterisk 12 announce no list by a field of its own, only in words.
    """
    if "event" in message:
        return message.get("eventlist", "").casefold() == "complete" or message["event"].endswith("Complete")
    if message.get("response", "").casefold() != "success":
        return True
    return message.get("eventlist", "").casefold() != "start" and "will follow" not in message.get("message", "")
