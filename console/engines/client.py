"""A command's hold on the engines: find the keeper of this checkout or start one, and hold on until the end."""

import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from console.engines import folders
from console.engines.errors import EngineError

_VARIABLES = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
_ANSWER_SECONDS = 320.0  # crash recovery is waited for
_FIND_SECONDS = 30.0
_LEAVE_SECONDS = 30.0


@dataclass
class Engines:
    """The engines this process uses. They run while any process holds on to them."""

    home: Path
    urls: dict[str, str]
    _hold: socket.socket = field(repr=False)
    _owner: int = field(default_factory=os.getpid, repr=False)

    @property
    def database_url(self) -> str | None:
        return self.urls.get("postgres")

    @property
    def redis_url(self) -> str | None:
        return self.urls.get("valkey")

    def is_alive(self) -> bool:
        """Say whether the keeper is still there."""
        try:
            return self._hold.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def keep_across_exec(self) -> None:
        """Let the program that replaces this process hold the engines in its place."""
        self._hold.set_inheritable(True)

    def close(self) -> None:
        """Let go. If nobody else uses the engines, wait until they have stopped. Safe to call twice."""
        if self._owner != os.getpid() or self._hold.fileno() < 0:
            return
        with contextlib.suppress(OSError):
            self._hold.shutdown(socket.SHUT_WR)
            self._hold.settimeout(_LEAVE_SECONDS)
            while self._hold.recv(4096):
                pass
        self._hold.close()


_attached: dict[Path, Engines] = {}
# Keepers we started. They outlive us if others use the engines, so nothing here waits for them.
_keepers: list[subprocess.Popen[bytes]] = []


def attach(root: Path | None = None) -> Engines | None:
    """Set DATABASE_URL and REDIS_URL to running engines, starting those that are not given and not running.

    process ends, or by `close()`. Raises EngineError with a sentence for the person at the keyboard.
    """
    home = folders.locate_home(root)
    os.environ["CONSOLE_HOME"] = str(home)
    known = _attached.get(home)
    if known is not None and known.is_alive():
        return known
    # Engines we had a hold on and lost were not given by anybody, whatever the environment says now.
    ours = known.urls if known is not None else {}
    needs = [name for name, variable in _VARIABLES.items() if name in ours or not os.environ.get(variable)]
    if not needs:
        return None
    engines = hold(home, needs)
    for name in needs:
        os.environ[_VARIABLES[name]] = engines.urls[name]
    _attached[home] = engines
    atexit.register(engines.close)
    return engines


def release() -> None:
    """Let go of what `attach` holds, before the process ends."""
    for engines in _attached.values():
        engines.close()


def hold(home: Path, needs: list[str]) -> Engines:
    """Return a hold on the engines named (`postgres`, `valkey`) of this home, without touching the environment."""
    folders.prepare_home(home)
    deadline = time.monotonic() + _FIND_SECONDS
    while time.monotonic() < deadline:
        channel = _reach(home) or _start(home)
        answer = _ask(channel, needs)
        if answer is None:
            # The keeper was just leaving, or another command's keeper won the race: look again.
            channel.close()
            time.sleep(0.02)
            continue
        if "error" in answer:
            channel.close()
            raise EngineError(answer["error"])
        return Engines(home=home, urls={name: answer[name] for name in needs}, _hold=channel)
    raise EngineError(
        f"The engines in {home} are held by processes that do not answer, perhaps in another container: "
        "stop those, or set CONSOLE_HOME to another folder."
    )


def _reach(home: Path) -> socket.socket | None:
    sockets = folders.read_state(home).get("sockets")
    if not isinstance(sockets, str):
        return None
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        channel.connect(str(Path(sockets) / folders.KEEPER_SOCKET))
    except OSError:
        channel.close()
        return None
    return channel


def _start(home: Path) -> socket.socket:
    """Start a keeper and return our end of its first connection."""
    ours, theirs = socket.socketpair()
    log = folders.open_log(home, "keeper")
    source = str(Path(__file__).resolve().parents[2])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([source, *sys.path])}
    try:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "console.engines.keeper", str(home), str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=home,
            env=environment,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
        )
    finally:
        theirs.close()
        os.close(log)
    _keepers[:] = [*(known for known in _keepers if known.poll() is None), keeper]
    return ours


def _ask(channel: socket.socket, needs: list[str]) -> dict[str, str] | None:
    """Send our request; None when the other end closed without an answer."""
    channel.settimeout(_ANSWER_SECONDS)
    said = b""
    try:
        channel.sendall(json.dumps({"needs": needs}).encode())
        while not said.endswith(b"\n"):
            part = channel.recv(4096)
            if not part:
                return None
            said += part
    except TimeoutError as error:
        raise EngineError("The engines do not get ready: read the logs in the console's folder.") from error
    except OSError:
        return None
    channel.settimeout(None)
    answer: dict[str, str] = json.loads(said)
    return answer
