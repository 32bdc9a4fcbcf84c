"""Real processes on a home of their own: what the engine tests stand on."""

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

HOLDER = """
import json, sys
from console import engines
held = engines.attach()
print(json.dumps(held.urls), flush=True)
sys.stdin.read()
"""

SQL = """
import os, sys
import psycopg
from console import engines
engines.attach()
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    result = connection.execute(sys.argv[1])
    print(result.fetchone()[0] if result.description else "")
"""


class Home:
    """A home folder of its own, and commands run in it as a person's shell would."""

    SQL = SQL

    def __init__(self, path: Path) -> None:
        self.path = path
        self.started: list[subprocess.Popen[str]] = []

    def environment(self, **more: str) -> dict[str, str]:
        hidden = {
            "DATABASE_URL",
            "REDIS_URL",
            "SECRET_KEY",
            "TEST_DATABASE",
            "ALLOWED_HOSTS",
            "AMI_URL",
            "BASE_URL",
            "HOST",
            "PORT",
        }
        kept = {name: value for name, value in os.environ.items() if name not in hidden}
        return kept | {"CONSOLE_HOME": str(self.path), "PYTHONPATH": str(ROOT)} | more

    def start(self, *argv: str, **more: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, *argv],
            env=self.environment(**more),
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.started.append(child)
        return child

    def run(self, *argv: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *argv], env=self.environment(**more), cwd=ROOT, text=True, capture_output=True, timeout=60
        )

    def hold(self, **more: str) -> subprocess.Popen[str]:
        """Start a command that attaches, prints its URLs as a line, and stays until its input ends."""
        return self.start("-c", HOLDER, **more)

    def sql(self, statement: str) -> str:
        """Run SQL in a command of its own, which finds or starts the engines."""
        done = self.run("-c", SQL, statement)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def keeper(self) -> int:
        return int(json.loads((self.path / "engines.json").read_text())["pid"])

    def postmaster(self) -> int:
        return int((self.path / "postgres" / "postmaster.pid").read_text().split("\n")[0])

    def is_quiet(self) -> bool:
        """Say whether no keeper and no server process of this home is left: all of them hold its lock."""
        with (self.path / "engines.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    def clean(self) -> None:
        for child in self.started:
            if child.poll() is None:
                child.kill()
            child.communicate()
        if (self.path / "engines.lock").exists():
            wait_until(self.is_quiet)


def wait_until(true: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def make_home(tmp_path: Path) -> Iterator[Callable[..., Home]]:
    """Return a maker of homes under the test's folder; all that runs in them is ended afterwards."""
    made: list[Home] = []

    def make(*parts: str) -> Home:
        made.append(Home(tmp_path.joinpath(*(parts or ("home",)))))
        return made[-1]

    yield make
    for home in made:
        home.clean()


@pytest.fixture
def home(make_home: Callable[..., Home]) -> Home:
    return make_home()


@pytest.fixture(name="wait_until")
def wait_until_fixture() -> Callable[..., None]:
    return wait_until
