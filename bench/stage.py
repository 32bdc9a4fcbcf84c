"""What a measurement stands on: a scratch database on the console's own engines, and a web process that uses it."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from console import processes

ROOT = Path(__file__).resolve().parents[1]
NAME = "bench_console"


@contextmanager
def database() -> Iterator[None]:
    """Use an empty database with plans and demo people inside; it is made before and dropped after."""
    test = connection.settings_dict["TEST"]
    usual, test["NAME"] = connection.settings_dict["NAME"], NAME
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        call_command("load_plans", verbosity=0, dir=str(ROOT / "fixtures" / "plans"))
        call_command("load_demo", without_rosters=True, verbosity=0)
        yield
    finally:
        connection.creation.destroy_test_db(usual, verbosity=0)


@contextmanager
def web() -> Iterator[int]:
    """Run a web process on the scratch database; gives its port."""
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    parts = urlsplit(os.environ["DATABASE_URL"])
    url = urlunsplit(parts._replace(path="/" + quote(str(connection.settings_dict["NAME"]))))
    words = processes.argv("web", host="127.0.0.1", port=port, home=settings.HOME)
    environment = processes.environment() | {"DATABASE_URL": url, "ALLOWED_HOSTS": "127.0.0.1", "DEBUG": ""}
    child = subprocess.Popen(words, cwd=ROOT, env=environment)
    try:
        until = time.monotonic() + 30
        while not _answers(port):
            if child.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the web process did not start")
            time.sleep(0.05)
        yield port
    finally:
        child.terminate()
        child.wait(10)


def _answers(port: int) -> bool:
    with closing(socket.socket()) as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


class Helper:
    """A process of `bench.crowd`; what it is told and what it says are lines."""

    def __init__(self, role: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.crowd", role],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the helper ended")
        return json.loads(line)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
