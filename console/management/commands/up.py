"""`manage.py up`: brings the whole console up on this machine and keeps it up until Ctrl-C."""

import contextlib
import fcntl
import http.client
import ipaddress
import os
import socket
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from console import engines, processes, secrets
from console.engines import folders
from console.management.commands import prepare
from console.supervisor import Supervisor, say

_HEALTHY_SECONDS = 60.0


class Command(BaseCommand):
    help = "Starts engines, database, demo data, web server, workers and clock; Ctrl-C stops everything."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="leave out the demo sites, people and incidents")

    def handle(self, *_args: object, **options: bool) -> None:
        host, port, home = settings.HOST, settings.PORT, settings.HOME
        url = address(host, port)
        folders.prepare_home(home)
        with only_one(home, url):
            check_port(host, port)
            engines.attach()
            say("· engines ready")
            passwords = {} if options["no_demo"] else secrets.demo_passwords(home, only_this_machine=is_loopback(host))
            prepare.prepare(passwords)
            argvs = {name: processes.argv(name, host=host, port=port, home=home) for name in processes.NAMES}
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
        say("· stopped")
        if supervisor.failed:
            sys.exit(1)


@contextlib.contextmanager
def only_one(home: Path, url: str) -> Iterator[None]:
    """Hold the place of the one running console of this home; the kernel frees it however we end."""
    with (home / "up.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CommandError(f"The console is up already: {file.read() or 'just starting'}.", returncode=1) from None
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
        raise CommandError(f"PORT must be between 1 and 65535, not {port}.", returncode=1)
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
            probe.listen(1)
    except OSError as error:
        raise CommandError(
            f"{host} port {port} cannot be used ({error.strerror}): stop the program that holds it, "
            f"or choose another with PORT={port + 1 if port < 65535 else 8000} make run.",
            returncode=1,
        ) from None


def healthy(host: str, port: int) -> Callable[[], bool]:
    """Return a question: does the console answer? After a minute the answer is taken as yes, and said to be late."""
    deadline = time.monotonic() + _HEALTHY_SECONDS
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104

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
        say("  An empty console: make the first account with  manage.py first_admin USERNAME")
    say("\n  Ctrl-C stops it.\n")


def address(host: str, port: int) -> str:
    shown = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, host)  # noqa: S104
    return f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach the address; a name is resolved, a doubt means no."""
    try:
        found = {where[4][0] for where in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return all(ipaddress.ip_address(str(number).split("%")[0]).is_loopback for number in found)
