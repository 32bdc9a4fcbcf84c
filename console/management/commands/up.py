"""`manage.py up`: brings the whole console up on this machine and keeps it up until Ctrl-C."""

import contextlib
import fcntl
import http.client
import ipaddress
import os
import socket
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from console import engines, processes, secrets
from console.engines import folders
from console.management.commands import prepare
from console.supervisor import Supervisor, say

_HEALTHY_SECONDS = 60.0
# Addresses that mean every address of the machine, and the nearest of those.
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


class Command(BaseCommand):
    help = "Starts engines, database, demo data, web server, workers and clock; Ctrl-C stops everything."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="leave out the demo sites, people and incidents")

    def handle(self, *_args: object, **options: bool) -> None:
        url = address(settings.HOST, settings.PORT)
        folders.prepare_home(settings.HOME)
        with only_one(settings.HOME, url):
            check_port(settings.HOST, settings.PORT)
            try:
                engines.attach()
                say("· engines ready")
                passwords = fill(demo=not options["no_demo"])
            except KeyboardInterrupt:
                raise SystemExit("· stopped") from None
            failed = oversee(url, passwords)
        say("· stopped")
        if failed:
            raise SystemExit(1)


def fill(*, demo: bool) -> dict[str, str]:
    """Prepare the database and return the passwords of the demo accounts, if they are wanted."""
    local = is_only_local()
    passwords = secrets.demo_passwords(settings.HOME, only_this_machine=local) if demo else {}
    prepare.prepare(passwords)
    if not demo and not local:
        prepare.close_easy_doors()
    connections.close_all()
    return passwords


def oversee(url: str, passwords: dict[str, str]) -> bool:
    """Run the processes until asked to stop; say whether they failed."""
    host, port, home = settings.HOST, settings.PORT, settings.HOME
    argvs = {name: processes.argv(name, host=host, port=port, home=home) for name in processes.wanted()}
    supervisor = Supervisor(argvs, home, keep_engines)
    supervisor.start()
    try:
        supervisor.run(until=healthy(host, port))
        if not (supervisor.interrupts or supervisor.failed):
            greet(url, passwords)
        supervisor.run(until=lambda: False)
    finally:
        say("· stopping")
        supervisor.stop()
        engines.release()
    return supervisor.failed


@contextlib.contextmanager
def only_one(home: Path, url: str) -> Iterator[None]:
    """Hold the place of the one running console of this home; the kernel frees it however we end."""
    with (home / "up.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise SystemExit(f"The console is up already: {file.read() or 'just starting'}.") from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, {url}")
        file.flush()
        yield


def keep_engines() -> None:
    """Take hold of the engines again should their keeper have died; their addresses stay."""
    try:
        engines.attach()
    except engines.EngineError as error:
        say(f"!! {error}")
        time.sleep(1)


def check_port(host: str, port: int) -> None:
    """Refuse with one sentence when the address cannot be taken."""
    if not 0 < port < 65536:
        raise SystemExit(f"PORT must be between 1 and 65535, not {port}.")
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
            probe.listen(1)
    except OSError as error:
        raise SystemExit(
            f"{host} port {port} cannot be used ({error.strerror}): stop the program that holds it, "
            f"or choose another with PORT={port + 1 if port < 65535 else 8000} make run.",
        ) from None


def healthy(host: str, port: int) -> Callable[[], bool]:
    """Return a question: does the console answer? After a minute the answer is taken as yes, and said to be late."""
    deadline = time.monotonic() + _HEALTHY_SECONDS
    near = EVERYWHERE.get(host, host)

    def ask() -> bool:
        if time.monotonic() > deadline:
            say(f"!! the console does not answer on /healthz after {_HEALTHY_SECONDS:.0f} s; see {settings.HOME}/logs")
            return True
        connection = http.client.HTTPConnection(near, port, timeout=2)
        try:
            connection.request("GET", "/healthz", headers={"Host": settings.ALLOWED_HOSTS[0].lstrip("*.") or near})
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return ask


def greet(url: str, passwords: dict[str, str]) -> None:
    """Say where the console is and who can sign in."""
    say(f"\n  {url}\n")
    for name, password in passwords.items():
        say(f"  {name:<6} {password}")
    if not passwords:
        say("  Without the demo. The first account:  manage.py first_admin USERNAME")
    if settings.HOST in EVERYWHERE and "//localhost:" in url:
        say("\n  It answers to no other name yet: set ALLOWED_HOSTS and BASE_URL to those that other machines use.")
    say("\n  Ctrl-C stops it.\n")


def address(host: str, port: int) -> str:
    """Return the address to open: where the console listens everywhere, the first name it answers to."""
    if host in EVERYWHERE:
        names = [name for name in settings.ALLOWED_HOSTS if name.strip("[]") not in EVERYWHERE]
        host = next((name for name in names if not is_loopback(name.strip("[]"))), "localhost").lstrip("*.")
        host = host or socket.gethostname()
    return f"http://[{host}]:{port}/" if ":" in host and "[" not in host else f"http://{host}:{port}/"


def is_only_local() -> bool:
    """Say whether only this machine can reach the console; behind a proxy the other names give it away."""
    names = [settings.HOST, urlsplit(settings.BASE_URL).hostname or "", *settings.ALLOWED_HOSTS]
    return all(is_loopback(name.strip("[]")) for name in names)


def is_loopback(name: str) -> bool:
    """Say whether a name or number means this machine; names are not looked up, a doubt means no."""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
