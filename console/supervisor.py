"""Runs the console's processes: starts them, passes on what they say, starts one again that dies, stops them all."""

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from console import processes
from console.engines import folders, identity

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_QUICK_DEATH_SECONDS = 5.0
_MOST_QUICK_DEATHS = 5
_TERM_SECONDS = 4.0
_STOP_ORDER = (("beat", "ami"), ("web",), ("worker", "sender"))


class Child:
    """One process in a session of its own, with what is known about its deaths."""

    def __init__(self, name: str, argv: list[str], home: Path) -> None:
        self.name, self.argv, self.home = name, argv, home
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.quick_deaths = 0
        self.start_at: float | None = None
        self.rest = b""
        self.log = folders.open_log(home, name)

    def start(self) -> None:
        """Start it, tied to our life: when we are killed it is killed."""
        self.start_at = None
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).resolve().parents[1],
            env=processes.environment(),
            start_new_session=True,
            preexec_fn=identity.entry(identity.Identity.SELF, dies_by=signal.SIGKILL),
        )
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)

    def signal(self, number: signal.Signals) -> None:
        """Signal the process; a KILL goes to its whole session."""
        if self.process is None or self.process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def note_death(self, now: float) -> float:
        """Count a death and return the pause before the next start, in seconds."""
        quick = now - self.started_at < _QUICK_DEATH_SECONDS
        self.quick_deaths = self.quick_deaths + 1 if quick else 1
        pause: float = min(_FIRST_PAUSE_SECONDS * 2 ** (self.quick_deaths - 1), _LONGEST_PAUSE_SECONDS)
        self.start_at = now + pause
        return pause


class Supervisor:
    """Owns the children. `keep_engines` is called often and may raise to end the run."""

    def __init__(self, argvs: dict[str, list[str]], home: Path, keep_engines: Callable[[], None]) -> None:
        self.children = {name: Child(name, argv, home) for name, argv in argvs.items()}
        self.keep_engines = keep_engines
        self.selector = selectors.DefaultSelector()
        self.interrupts = 0
        self.failed = False

    def start(self) -> None:
        """Take over the signals and start every child."""
        self.woken, self.waker = socket.socketpair()
        for end in (self.woken, self.waker):
            end.setblocking(False)
        signal.set_wakeup_fd(self.waker.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_interrupt)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.selector.register(self.woken, selectors.EVENT_READ)
        for child in self.children.values():
            self._start(child)

    def run(self, until: Callable[[], bool]) -> None:
        """Look after the children until `until` says so, a signal asks us to stop, or the web process gives up."""
        while not (self.interrupts or self.failed or until()):
            self._listen(0.1)
            self.keep_engines()
            for child in self.children.values():
                self._look_after(child)

    def stop(self) -> None:
        """Stop the children in order; a second interrupt, or too much time, kills what is left."""
        asked = self.interrupts
        deadline = time.monotonic() + _TERM_SECONDS
        for group in _STOP_ORDER:
            for name in group:
                if name in self.children:
                    self.children[name].signal(signal.SIGTERM)
            if "web" in group:
                continue
            # Beat and the feed stop at once; waiting for them keeps new work away from the workers.
            self._await_end(group, deadline, asked)
        self._await_end(tuple(self.children), deadline, asked)
        for child in self.children.values():
            child.signal(signal.SIGKILL)
        self._await_end(tuple(self.children), time.monotonic() + 2, self.interrupts)

    def _await_end(self, names: tuple[str, ...], deadline: float, asked: int) -> None:
        waited = [self.children[name] for name in names if name in self.children]
        while any(child.is_running() for child in waited):
            if time.monotonic() > deadline or self.interrupts > max(asked, 1):
                return
            self._listen(0.05)

    def _on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self.interrupts += 1

    def _start(self, child: Child) -> None:
        child.start()
        assert child.process is not None and child.process.stdout is not None
        self.selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.start_at is not None:
            if now >= child.start_at:
                self._start(child)
            return
        if child.is_running():
            return
        assert child.process is not None
        code = child.process.returncode
        pause = child.note_death(now)
        if child.name == "web" and child.quick_deaths >= _MOST_QUICK_DEATHS:
            say(f"!! web ended {child.quick_deaths} times in a row (code {code}); giving up. See {child.home / 'logs'}")
            self.failed = True
        else:
            say(f"!! {child.name} ended (code {code}); starting it again in {pause:g} s")

    def _listen(self, seconds: float) -> None:
        for key, _ in self.selector.select(timeout=seconds):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    self.woken.recv(4096)
            else:
                self._pass_on(key.data, key.fd)

    def _pass_on(self, child: Child, descriptor: int) -> None:
        """Print and log what a child said, line by line."""
        try:
            said = os.read(descriptor, 65536)
        except BlockingIOError:
            return
        if not said:
            self._hang_up(descriptor)
            said = b"\n" if child.rest else b""
        os.write(child.log, said)
        *lines, child.rest = (child.rest + said).split(b"\n")
        for line in filter(None, lines):
            say(f"{child.name:<6} | {line.decode(errors='replace')}")

    def _hang_up(self, descriptor: int) -> None:
        pipe = self.selector.unregister(descriptor).fileobj
        if not isinstance(pipe, int):
            pipe.close()  # type: ignore[attr-defined]


def say(text: str) -> None:
    """Print a line now; a closed terminal is no reason to stop."""
    with contextlib.suppress(OSError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
