"""A console whose processes may be killed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.faults.running import Running, Sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A mail server."""
    server = Sink()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def running(tmp_path: Path, sink: Sink) -> Iterator[Running]:
    """Engines of its own with the plans and the demo people; no process runs yet."""
    console = Running(tmp_path / "home", sink.port)
    try:
        console.manage("prepare", "--demo")
        yield console
    finally:
        console.close()


@pytest.fixture
def other_connection() -> Callable[[], AbstractContextManager[psycopg.Cursor]]:
    """Opens a second connection to the test's database, in a transaction that is taken back at the end."""

    @contextmanager
    def opened() -> Iterator[psycopg.Cursor]:
        with psycopg.connect(**_parameters()) as held:
            yield held.cursor()
            held.rollback()

    return opened


def _parameters() -> dict[str, object]:
    known = connection.get_connection_params()
    return {name: known[name] for name in ("dbname", "user", "host", "port") if known.get(name)}
