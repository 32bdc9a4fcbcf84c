"""How long `make run` takes: in a fresh clone with the package cache warm, and again where it has run before."""

import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench.figures import Figure
from bench.stage import ROOT

FRESH_SECONDS, AGAIN_SECONDS = 60.0, 5.0
PATIENCE_SECONDS = 150.0
_HIDDEN = ("CONSOLE_HOME", "DATABASE_URL", "REDIS_URL", "TEST_DATABASE", "PORT", "HOST", "MAKEFLAGS", "MAKELEVEL")


def run() -> list[Figure]:
    """Measure what is committed; the clone and all that it made are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench-start-") as place:
        clone = Path(place) / "console"
        subprocess.run(["git", "clone", "--quiet", "--local", str(ROOT), str(clone)], check=True)
        fresh = _start(clone)
        again = _start(clone)
    note = "to the login page; packages from the cache"
    return [
        Figure("make run, fresh clone", fresh, "s", FRESH_SECONDS, again, f"{note}; raw: the second start"),
        Figure("make run, second start", again, "s", AGAIN_SECONDS),
    ]


def _start(clone: Path) -> float:
    """Seconds until the first page; ends what it started."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if name not in _HIDDEN} | {"PORT": str(port)}
    begun = time.monotonic()
    with (clone.parent / "make.log").open("ab") as log:
        child = subprocess.Popen(
            ["make", "run"], cwd=clone, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        while not _answers(port):
            if child.poll() is not None or time.monotonic() - begun > PATIENCE_SECONDS:
                raise RuntimeError(f"no page:\n{(clone.parent / 'make.log').read_text()[-3000:]}")
            time.sleep(0.05)
        return time.monotonic() - begun
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGINT)
        child.wait(30)


def _answers(port: int) -> bool:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        link.request("GET", "/login/")
        return link.getresponse().status == 200
    except OSError:
        return False
    finally:
        link.close()
