"""Real web processes on the test run's PostgreSQL and Valkey, for tests that look at the console from outside."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

from console import processes

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(condition: Callable[[], object], seconds: float, step: float = 0.02) -> object:
    """Return the first true answer; fail after `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(step)
    raise AssertionError(f"not within {seconds} s")


class Web:
    """One web process."""

    def __init__(self, log: Path, port: int = 0, **environment: str) -> None:
        self.port = port or free_port()
        parts = urlsplit(os.environ["DATABASE_URL"])
        database = urlunsplit(parts._replace(path="/" + quote(str(connection.settings_dict["NAME"]))))
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                processes.argv("web", host="127.0.0.1", port=self.port, home=settings.HOME),
                cwd=ROOT,
                env=os.environ | {"DATABASE_URL": database, "ALLOWED_HOSTS": "127.0.0.1"} | environment,
                stdout=out,
                stderr=out,
            )

    def wait_ready(self) -> None:
        def answers() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            with closing(socket.socket()) as one:
                return one.connect_ex(("127.0.0.1", self.port)) == 0

        wait_for(answers, 30)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def get(self, cookie: str, **query: str) -> tuple[int, dict]:
        """Ask /live/ by plain HTTP."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as link:
            link.request("GET", f"/live/?{urlencode(query)}", headers={"Cookie": cookie})
            answer = link.getresponse()
            said = answer.read()
        return answer.status, json.loads(said) if answer.headers["Content-Type"] == "application/json" else {}
