"""A console of one's own whose processes and engines may be killed: the product's command lines on a private home."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psycopg
import redis
from aiosmtpd.controller import Controller

from console import engines, processes

ROOT = Path(__file__).resolve().parents[2]
PROBE = Path(__file__).with_name("probe.py")
_HIDDEN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "TEST_DATABASE", "CONSOLE_TEST_HOME", "HOST", "PORT", "BASE_URL")


class Sink:
    """A real SMTP server that keeps the Message-ID of every mail it took."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._lock = threading.Lock()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._server = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - the library's name
        head = envelope.content.decode(errors="replace")
        found = next(line for line in head.splitlines() if line.lower().startswith("message-id:"))
        with self._lock:
            self.seen.append(found.partition(":")[2].strip())
        return "250 taken"

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()


class Running:
    """Engines of its own, and processes started, killed and frozen by name. Ends only what it started."""

    def __init__(self, home: Path, smtp_port: int) -> None:
        self.home, self.smtp_port = home, smtp_port
        self.started: list[subprocess.Popen[bytes]] = []
        self.known: dict[str, subprocess.Popen[bytes]] = {}
        self.risen: list[str] = []
        self.engines = engines.hold(home, ["postgres", "valkey"])
        assert self.engines.database_url and self.engines.redis_url
        self.database_url, self.redis_url = self.engines.database_url, self.engines.redis_url

    def environment(self) -> dict[str, str]:
        given = {name: value for name, value in processes.environment().items() if name not in _HIDDEN}
        return given | {
            "CONSOLE_HOME": str(self.home),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "DJANGO_SETTINGS_MODULE": "console.settings",
            "PYTHONPATH": str(ROOT),
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.smtp_port),
        }

    def manage(self, *words: str) -> None:
        """Run a command of manage.py to its end."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment(), capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def probe(self, *words: str) -> Any:
        """Ask the console from a process of its own; its answer is one line of JSON."""
        done = subprocess.run(
            [sys.executable, str(PROBE), *words], cwd=ROOT, env=self.environment(), capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def start(self, name: str, *, called: str = "") -> None:
        """Start one process by the product's own command line; `called`: a second one of its kind."""
        home = self.home / called if called else self.home
        home.mkdir(exist_ok=True)
        log = (self.home / f"{called or name}.log").open("ab")
        child = subprocess.Popen(
            processes.argv(name, host="127.0.0.1", port=0, home=home),
            cwd=ROOT,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self.started.append(child)
        self.known[called or name] = child

    def kill(self, name: str) -> None:
        """kill -9 a process with its children."""
        child = self.known.pop(name)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()

    def kill_child_at_work(self, name: str, *, beat: str) -> None:
        """kill -9 the child of a worker in the middle of a task, which `beat` writes down; it gets another."""
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%%heartbeat%%'"
        with psycopg.connect(self.database_url) as held:
            held.execute("SELECT 1 FROM incident_heartbeat WHERE name = %s FOR UPDATE", [beat])
            deadline = time.monotonic() + 10
            while not self.number(waiting) and time.monotonic() < deadline:
                time.sleep(0.02)
            for pid in _children(self.known[name].pid):
                os.kill(pid, signal.SIGKILL)

    def kill_main(self, name: str) -> None:
        """kill -9 the main process only; what it leaves behind belongs to its session and is ended at the close."""
        child = self.known.pop(name)
        child.kill()
        child.wait()

    def freeze(self, name: str) -> None:
        os.killpg(self.known[name].pid, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        os.killpg(self.known[name].pid, signal.SIGCONT)

    def kill_postgres(self) -> None:
        """kill -9 the postmaster; the keeper starts it again."""
        os.kill(int((self.home / "postgres" / "postmaster.pid").read_text().split("\n")[0]), signal.SIGKILL)

    def kill_valkey(self) -> None:
        """kill -9 the broker; the keeper starts it again, empty."""
        keeper = int(json.loads((self.home / "engines.json").read_text())["pid"])
        for pid in _children(keeper):
            if Path(f"/proc/{pid}/comm").read_text().startswith("valkey"):
                os.kill(pid, signal.SIGKILL)

    def empty_valkey(self) -> None:
        with redis.Redis.from_url(self.redis_url) as broker:
            broker.flushall()

    def recovery(self, *, seconds: float) -> float:
        """Seconds until sweep and delivery have run again, counted from now."""
        begun = time.monotonic()
        moment = time.time()
        beats = f"SELECT 2 - count(*) FROM incident_heartbeat WHERE extract(epoch FROM at) > {moment}"
        self.wait_for_none(beats, seconds=seconds)
        return time.monotonic() - begun

    def number(self, statement: str) -> int:
        """The one number a query answers with."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            found = connection.execute(statement).fetchone()
        assert found is not None
        return int(found[0])

    def wait_for_none(self, statement: str, *, seconds: float) -> None:
        """Wait until a count is zero; a database that is just away is asked again."""
        deadline = time.monotonic() + seconds
        left = -1
        while left and time.monotonic() < deadline:
            with contextlib.suppress(psycopg.OperationalError):
                left = self.number(statement)
            if left:
                self._raise_the_dead()
                time.sleep(0.1)
        assert left == 0, f"still {left} after {seconds} s: {statement}\n{self.logs()}"

    def _raise_the_dead(self) -> None:
        """Start again what ended by itself, as `up` and a container do.

        Celery's main process may end when the broker dies at the very moment in which a task is acknowledged.
        """
        for name, child in list(self.known.items()):
            if child.poll() is not None:
                self.risen.append(name)
                self.start(name.removeprefix("second-"), called=name if name.startswith("second-") else "")

    def logs(self) -> str:
        return "\n".join(f"== {path.name}\n{path.read_text()[-4000:]}" for path in sorted(self.home.glob("*.log")))

    def close(self) -> None:
        for child in self.started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        self.engines.close()


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
