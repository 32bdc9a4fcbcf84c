"""A manager interface to test against: a TCP server that answers with the frames a real Asterisk was heard to send.

Fields and their order come from `tests/ami_frames/`: recorded from Asterisk 16.28 and 22.10 as Debian ships them, and
`asterisk-1.8.txt`, written by hand after its documentation, for what exchanges left out in those days. The server
keeps a small exchange (queues, members, callers) that a test scripts; it misbehaves on request.
"""

import contextlib
import hashlib
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

FRAMES = Path(__file__).with_name("ami_frames")
VERSIONS = ("22", "16", "1.8")
END = "\r\n\r\n"
Frame = dict[str, str]


def recorded(version: str) -> dict[str, Frame]:
    """The first recorded frame of each event, with its fields in their order; `greeting` is the first line."""
    text = (FRAMES / f"asterisk-{version}.txt").read_bytes().decode()
    greeting, text = text.split("\r\n", 1)
    found = {"greeting": {"": greeting}}
    for block in text.split(END):
        lines = [line for line in block.split("\r\n") if line and not line.startswith(">")]
        frame = dict(line.split(": ", 1) if ": " in line else (line.rstrip(":"), "") for line in lines)
        if "Event" in frame:
            found.setdefault(frame["Event"], frame)
    return found


@dataclass
class Seat:
    """One member of a queue."""

    name: str
    status: int = 1
    paused: bool = False
    in_call: bool = False
    wrapuptime: int = 0
    last_call: int = 0

    @property
    def location(self) -> str:
        return f"Local/{self.name}@agents/n"


@dataclass
class Line:
    """One queue."""

    seats: dict[str, Seat] = field(default_factory=dict)
    callers: list[float] = field(default_factory=list)  # when each came, by our clock
    completed: int = 0
    abandoned: int = 0
    service_level: int = 20
    in_time: float = 100.0  # percent


class FakeAsterisk:
    """The server; a context manager. Everything may be changed while clients are connected."""

    def __init__(self, version: str = "22", *, user: str = "console", secret: str = "sesame") -> None:
        self.frames, self.version = recorded(version), version
        self.user, self.secret = user, secret
        self.queues: dict[str, Line] = {}
        self.clock: Callable[[], float] = time.time
        self.offers_challenge, self.refuses, self.is_mute = True, False, False
        self.delay, self.cut_every = 0.0, 0  # seconds before an answer; bytes a piece, 0: as they come
        self.asked: list[Frame] = []
        self.logins = 0
        self._lock = threading.RLock()
        self._open: list[Conversation] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        return f"ami://{self.user}:{self.secret}@127.0.0.1:{self.port}"

    def __enter__(self) -> "FakeAsterisk":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self.drop()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            conversation = Conversation(self, peer)
            with self._lock:
                self._open.append(conversation)
            threading.Thread(target=conversation.run, daemon=True).start()

    # What a test scripts

    def queue(self, name: str, *seats: str, **more: int) -> Line:
        """A queue with seats that are free."""
        self.queues[name] = Line({one: Seat(one) for one in seats}, **more)
        return self.queues[name]

    def set(self, queue: str, name: str, **changes: object) -> None:
        """Change a seat; who listens is told."""
        seat = self.queues[queue].seats[name]
        for key, value in changes.items():
            setattr(seat, key, value)
        self.tell("QueueMemberPause" if "paused" in changes else "QueueMemberStatus", self._member(queue, seat))

    def fill(self, queue: str) -> None:
        """Every seat that is there and free takes a call."""
        for seat in self.queues[queue].seats.values():
            if seat.status == 1 and not seat.paused:
                self.set(queue, seat.name, status=2, in_call=True)

    def hang_up(self, queue: str, name: str) -> None:
        """A call ends."""
        self.queues[queue].completed += 1
        self.set(queue, name, status=1, in_call=False, last_call=int(self.clock()))

    def add(self, queue: str, name: str, **state: object) -> None:
        """One more seat, logged in by an agent."""
        self.queues[queue].seats[name] = Seat(name, **state)
        self.tell("QueueMemberAdded", self._member(queue, self.queues[queue].seats[name]))

    def remove(self, queue: str, name: str) -> None:
        seat = self.queues[queue].seats.pop(name)
        self.tell("QueueMemberRemoved", self._member(queue, seat))

    def join(self, queue: str, *, waited: float = 0.0) -> None:
        """A caller enters the queue."""
        self.queues[queue].callers.append(self.clock() - waited)
        self.tell("QueueCallerJoin", {"Queue": queue, "Count": str(len(self.queues[queue].callers))})

    def leave(self, queue: str, *, gives_up: bool = False) -> None:
        """The first caller is taken, or gives up."""
        self.queues[queue].callers.pop(0)
        if gives_up:
            self.queues[queue].abandoned += 1
            self.tell("QueueCallerAbandon", {"Queue": queue})
        self.tell("QueueCallerLeave", {"Queue": queue, "Count": str(len(self.queues[queue].callers))})

    def tell(self, event: str, changes: Frame) -> None:
        """Push an event to everybody signed in."""
        text = self._frame(event, changes)
        for conversation in self._signed_in():
            conversation.write(text)

    def garbage(self, junk: bytes) -> None:
        """Send bytes that mean nothing."""
        for conversation in self._signed_in():
            conversation.write_bytes(junk)

    def drop(self) -> None:
        """Cut every connection."""
        with self._lock:
            conversations, self._open = self._open, []
        for conversation in conversations:
            conversation.close()

    @property
    def listeners(self) -> int:
        return len(self._signed_in())

    def _signed_in(self) -> "list[Conversation]":
        with self._lock:
            return [one for one in self._open if one.is_in and not one.is_closed]

    # Frames

    def _frame(self, event: str, changes: Frame, number: str = "") -> str:
        """An event as it was recorded, with what differs now; fields that this version does not know are left out."""
        known = self.frames.get(event, {"Event": event})
        fields = {key: changes.get(key, value) for key, value in known.items() if key != "ActionID"}
        if number:
            fields["ActionID"] = number
        return "".join(f"{key}: {value}\r\n" for key, value in fields.items()) + "\r\n"

    def _member(self, queue: str, seat: Seat) -> Frame:
        shown = {"Name": seat.name, "MemberName": seat.name, "Location": seat.location, "Interface": seat.location}
        numbers = {"Status": seat.status, "Paused": int(seat.paused), "InCall": int(seat.in_call)}
        numbers |= {"Wrapuptime": seat.wrapuptime, "LastCall": seat.last_call}
        return {"Queue": queue} | shown | {key: str(value) for key, value in numbers.items()}

    def status(self, number: str, wanted: str = "") -> str:
        """A QueueStatus in full."""
        rows = []
        for name, queue in list(self.queues.items()):
            if wanted in ("", name):
                params = {"Calls": len(queue.callers), "Completed": queue.completed, "Abandoned": queue.abandoned}
                params |= {"ServiceLevel": queue.service_level, "ServicelevelPerf": queue.in_time}
                rows.append(self._frame("QueueParams", _texts({"Queue": name} | params), number))
                seats = queue.seats.values()
                rows += [self._frame("QueueMember", self._member(name, seat), number) for seat in list(seats)]
                waits = [int(self.clock() - since) for since in queue.callers]
                entries = [{"Queue": name, "Position": at, "Wait": wait} for at, wait in enumerate(waits, 1)]
                rows += [self._frame("QueueEntry", _texts(one), number) for one in entries]
        return self._list("Queue status will follow", rows, "QueueStatusComplete", number)

    def summary(self, number: str) -> str:
        """A QueueSummary in full, with what was measured of it: paused seats count as logged in."""
        rows = []
        for name, queue in self.queues.items():
            there = [seat for seat in queue.seats.values() if seat.status not in (4, 5)]
            free = [seat for seat in there if seat.status in (0, 1) and not seat.paused]
            counts = {"Queue": name, "LoggedIn": len(there), "Available": len(free), "Callers": len(queue.callers)}
            rows.append(self._frame("QueueSummary", _texts(counts), number))
        return self._list("Queue summary will follow", rows, "QueueSummaryComplete", number)

    def _list(self, words: str, rows: list[str], end: str, number: str) -> str:
        starts = "" if self.version == "1.8" else "EventList: start\r\n"
        head = f"Response: Success\r\nActionID: {number}\r\n{starts}Message: {words}\r\n\r\n"
        return head + "".join(rows) + self._frame(end, {"ListItems": str(len(rows))}, number)


def _texts(values: dict[str, object]) -> Frame:
    return {key: str(value) for key, value in values.items()}


class Conversation:
    """One client of the server."""

    def __init__(self, server: FakeAsterisk, peer: socket.socket) -> None:
        self.server, self.peer = server, peer
        self.is_in = self.is_closed = False
        self.challenge = ""
        self._writing = threading.Lock()

    def run(self) -> None:
        """Greet, then answer until the client goes."""
        self.write(self.server.frames["greeting"][""] + "\r\n")
        asked: Frame = {}
        try:
            for line in self.peer.makefile("r", encoding="utf-8", newline="\r\n"):
                if line.strip():
                    key, _, value = line.strip().partition(": ")
                    asked[key] = value
                elif asked:
                    self._answer(asked)
                    asked = {}
        except (OSError, ValueError):
            pass
        finally:
            self.close()

    def _answer(self, asked: Frame) -> None:
        server, number = self.server, asked.get("ActionID", "")
        server.asked.append(asked)
        time.sleep(server.delay)
        if server.is_mute:
            return
        action = asked["Action"].casefold()
        if action == "challenge" and server.offers_challenge:
            self.challenge = str(secrets.randbelow(10**9))
            self.write(f"Response: Success\r\nActionID: {number}\r\nChallenge: {self.challenge}{END}")
        elif action == "login":
            self._login(asked, number)
        elif not self.is_in:
            self._refuse(number, "Permission denied")
        else:
            self._do(action, asked, number)

    def _login(self, asked: Frame, number: str) -> None:
        server = self.server
        key = hashlib.md5(f"{self.challenge}{server.secret}".encode(), usedforsecurity=False).hexdigest()
        fits = asked.get("Key") == key if "Key" in asked else asked.get("Secret") == server.secret
        if server.refuses or asked.get("Username") != server.user or not fits:
            self._refuse(number, "Authentication failed")
            self.close()
            return
        self.is_in = True
        server.logins += 1
        self.write(f"Response: Success\r\nActionID: {number}\r\nMessage: Authentication accepted{END}")
        self.write(server._frame("FullyBooted", {}))

    def _do(self, action: str, asked: Frame, number: str) -> None:
        server = self.server
        if action == "queuestatus":
            self.write(server.status(number, asked.get("Queue", "")))
        elif action == "queuesummary":
            self.write(server.summary(number))
        elif action == "ping":
            stamp = f"{server.clock():.6f}"
            self.write(f"Response: Success\r\nActionID: {number}\r\nPing: Pong\r\nTimestamp: {stamp}{END}")
        elif action == "logoff":
            self.write(f"Response: Goodbye\r\nActionID: {number}\r\nMessage: Thanks for all the fish.{END}")
            self.close()
        else:
            name = asked["Action"]
            words = f"Invalid/unknown command: {name}. Use Action: ListCommands to show available commands."
            self._refuse(number, words)

    def _refuse(self, number: str, words: str) -> None:
        self.write(f"Response: Error\r\nActionID: {number}\r\nMessage: {words}{END}")

    def write(self, text: str) -> None:
        self.write_bytes(text.encode())

    def write_bytes(self, sent: bytes) -> None:
        """Send, in pieces if the server was told so."""
        size = self.server.cut_every or len(sent)
        try:
            with self._writing:
                for start in range(0, len(sent), size or 1):
                    self.peer.sendall(sent[start : start + size])
                    if self.server.cut_every:
                        time.sleep(0.0002)
        except OSError:
            self.is_closed = True

    def close(self) -> None:
        self.is_closed = True
        with contextlib.suppress(OSError):
            self.peer.shutdown(socket.SHUT_RDWR)
        self.peer.close()
