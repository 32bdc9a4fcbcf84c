"""Loaded before Django: gives the test run PostgreSQL and Valkey of its own, also while a console is up."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from console import engines

_started = "CONSOLE_TEST_HOME" not in os.environ
if _started:
    os.environ["CONSOLE_TEST_HOME"] = tempfile.mkdtemp(prefix="console-tests-")
HOME = Path(os.environ["CONSOLE_TEST_HOME"])
os.environ["CONSOLE_HOME"] = str(HOME)
for given in ("DATABASE_URL", "REDIS_URL"):
    if f"TEST_{given}" in os.environ:
        os.environ[given] = os.environ[f"TEST_{given}"]
    elif _started:
        os.environ.pop(given, None)
engines.attach()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The process that made the folder takes it away again, engines first."""
    engines.release()
    if _started:
        shutil.rmtree(HOME, ignore_errors=True)
