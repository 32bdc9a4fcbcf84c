"""The keeper: a small process that owns both engines and stops them when its last user is gone.

Every command that uses the engines holds a connection to the keeper's socket. The kernel closes it however the
command ends, kill -9 included, so the users are counted without pid files. The engines die with the keeper by the
kernel's parent-death signal. One keeper per home: it holds a lock that its engines inherit, so the lock is free
again only when the last server process is gone.
"""

import contextlib
import fcntl
import json
import os
import selectors
import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType

from console.engines import folders, identity
from console.engines.errors import EngineError
from console.engines.postgres import Postgres
from console.engines.valkey import Valkey

_LOCK_SECONDS = 0.2
_QUICK_DEATH_SECONDS = 60.0
_MOST_QUICK_DEATHS = 10

Engine = Postgres | Valkey


class Keeper:
    """Starts engines as users ask for them, restarts one that dies, stops all when nobody is left."""

    def __init__(self, home: Path, lock: int) -> None:
        self.home, self.lock = home, lock
        self.how = identity.choose(home)
        stands_in = self.how is identity.Identity.STAND_IN
        self.sockets = folders.socket_folder(home, only_public_parents=stands_in)
        self.engines: dict[str, Engine] = {}
        self.deaths: dict[str, list[float]] = {}
        self.selector = selectors.DefaultSelector()
        self.users: set[socket.socket] = set()
        self.leaving: set[socket.socket] = set()
        self.stopping = False
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def open(self) -> None:
        """Listen for users and write down where."""
        self.listener.bind(str(self.sockets / folders.KEEPER_SOCKET))
        self.listener.listen(64)
        self.selector.register(self.listener, selectors.EVENT_READ)
        woken, waker = socket.socketpair()
        for end in (woken, waker):
            end.setblocking(False)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        self.waker = waker
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._on_term)
        self.selector.register(woken, selectors.EVENT_READ)
        folders.write_state(self.home, {"sockets": str(self.sockets), "pid": os.getpid()})
        self.woken = woken

    def welcome(self, user: socket.socket) -> None:
        """Count a user; its request comes as one line."""
        # Somebody who left as the last one need not wait for an end that does not come.
        while self.leaving:
            self.leaving.pop().close()
        self.users.add(user)
        self.selector.register(user, selectors.EVENT_READ)

    def serve(self) -> None:
        """Serve until the last user is gone."""
        while self.users and not self.stopping:
            for key, _ in self.selector.select(timeout=1.0):
                self._heed(key.fileobj)
            self._mend()

    def close(self) -> None:
        """Stop the engines; users who wait for the end see their connection close."""
        self.listener.close()
        for engine in self.engines.values():
            engine.stop()
        if not self.users:
            # Users who stay will ask a new keeper for the engines, and find them at the same addresses.
            folders.remove_socket_folder(self.sockets)
            folders.state_file(self.home).unlink(missing_ok=True)
        # Whoever waits for the end finds the home free.
        os.close(self.lock)
        for user in self.leaving | self.users:
            user.close()

    def _on_term(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _heed(self, source: object) -> None:
        if source is self.listener:
            self.welcome(self.listener.accept()[0])
        elif source is self.woken:
            with contextlib.suppress(BlockingIOError):
                self.woken.recv(4096)
        elif isinstance(source, socket.socket):
            self._hear(source)

    def _hear(self, user: socket.socket) -> None:
        try:
            said = user.recv(4096)
        except OSError:
            said = b""
        if said:
            self._answer(user, json.loads(said))
            return
        self.selector.unregister(user)
        self.users.discard(user)
        if self.users:
            user.close()
        else:
            self.leaving.add(user)

    def _answer(self, user: socket.socket, request: dict[str, list[str]]) -> None:
        try:
            self._ensure(request["needs"])
            answer = {name: engine.url for name, engine in self.engines.items()}
        except EngineError as error:
            answer = {"error": str(error)}
        except OSError as error:
            answer = {"error": f"The engines did not start ({error}): read {self.home / 'logs' / 'keeper.log'}."}
        with contextlib.suppress(OSError):
            user.sendall(json.dumps(answer).encode() + b"\n")

    def _ensure(self, names: list[str]) -> None:
        self._mend()
        missing = [self._make(name) for name in names if name not in self.engines]
        try:
            for engine in missing:
                engine.start()
            for engine in missing:
                engine.wait_ready()
        except (EngineError, OSError):
            for engine in missing:
                engine.stop()
            raise
        self.engines |= {engine.name: engine for engine in missing}

    def _make(self, name: str) -> Engine:
        if name == Valkey.name:
            return Valkey(self.home, self.sockets, self.lock)
        return Postgres(self.home, self.sockets, self.how, self.lock)

    def _mend(self) -> None:
        """Start an engine again that died under its users; give up when it keeps dying."""
        for engine in self.engines.values():
            if self.stopping or engine.child is None or engine.child.poll() is None:
                continue
            now = time.monotonic()
            recent = [at for at in self.deaths.get(engine.name, []) if now - at < _QUICK_DEATH_SECONDS]
            self.deaths[engine.name] = [*recent, now]
            _log(f"{engine.name} ended with {engine.child.returncode}; starting it again")
            if len(recent) >= _MOST_QUICK_DEATHS:
                _log(f"{engine.name} keeps ending; stopping the engines")
                self.stopping = True
                return
            try:
                engine.start()
                engine.wait_ready()
            except (EngineError, OSError) as error:
                _log(str(error))


def _log(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {text}\n")
    sys.stderr.flush()


def _take_lock(home: Path) -> int | None:
    """Return the descriptor of the home's lock, or None if another keeper or its last servers hold it."""
    descriptor = os.open(home / "engines.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                return None
            time.sleep(0.02)
        else:
            return descriptor


def main(home: Path, first: socket.socket) -> None:
    """Run a keeper for the user at the other end of `first`; a refusal is told there."""
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    os.umask(0o077)
    lock = _take_lock(home)
    if lock is None:
        return
    try:
        keeper = Keeper(home, lock)
        keeper.open()
    except (EngineError, OSError) as error:
        first.sendall(json.dumps({"error": str(error)}).encode() + b"\n")
        return
    keeper.welcome(first)
    try:
        keeper.serve()
    finally:
        keeper.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2])))
