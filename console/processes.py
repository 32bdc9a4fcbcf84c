"""The processes of a running console and the command line of each: what `up` starts is what a container starts."""

import os
import sys
from pathlib import Path

NAMES = ("web", "worker", "sender", "beat")
FEED = "ami"  # only where there is an exchange to listen to
_CELERY = ("-m", "celery", "--quiet", "-A", "console")
_LEAN = ("--without-gossip", "--without-mingle", "--loglevel", "WARNING")


def wanted() -> tuple[str, ...]:
    """Return the names of the processes that this console has by its settings."""
    return (*NAMES, FEED) if os.environ.get("AMI_URL") else NAMES


def argv(name: str, *, host: str, port: int, home: Path) -> list[str]:
    """Return the command line of one process; to be run in the project's folder."""
    return [sys.executable, *_arguments(name, host, port, home)]


def environment() -> dict[str, str]:
    """Return the environment of the processes: ours, unbuffered, without Celery's word about running as root."""
    quiet = "ignore:You're running the worker with superuser privileges"
    given = os.environ.get("PYTHONWARNINGS")
    return os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": f"{given},{quiet}" if given else quiet}


def _proxies() -> tuple[str, ...]:
    """Believe X-Forwarded-For only where a proxy is known to be: else anybody near is as many addresses as he likes."""
    is_behind = os.environ.get("BASE_URL", "").startswith("https://") or "FORWARDED_ALLOW_IPS" in os.environ
    return () if is_behind else ("--no-proxy-headers",)


def _arguments(name: str, host: str, port: int, home: Path) -> tuple[str, ...]:
    if name == "web":
        address = ("--host", host, "--port", str(port))
        http = ("--http", "console.protocol:ImpatientProtocol")
        protocol = (*http, "--ws", "websockets-sansio", "--lifespan", "off")
        # Compressing a frame for each of 200 sockets takes about as long as painting it.
        limits = ("--ws-max-size", "8192", "--ws-per-message-deflate", "false", "--limit-concurrency", "3000")
        manners = ("--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "2")
        return ("-m", "uvicorn", "console.asgi:application", *address, *protocol, *limits, *_proxies(), *manners)
    if name == "worker":
        return (*_CELERY, "worker", "-Q", "timers", "-n", "timers@%h", "--concurrency", "1", *_LEAN)
    if name == "sender":
        return (*_CELERY, "worker", "-Q", "notify", "-n", "notify@%h", "--concurrency", "2", *_LEAN)
    if name == "beat":
        schedule = str(home / "beat-schedule")
        return (*_CELERY, "beat", "--schedule", schedule, "--pidfile", "", "--loglevel", "WARNING")
    if name == FEED:
        return ("manage.py", "ami_feed")
    raise ValueError(f"No process is called {name!r}; there are {', '.join((*NAMES, FEED))}.")
