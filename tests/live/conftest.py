"""Two web processes for all tests of this folder, and viewers that hold their sockets."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from console.engines.valkey import find_program
from incident.live import topics
from staffing.models import Membership, Site, User
from tests import world_rows
from tests.webs import Web, free_port, wait_for

Frame = dict


class Viewer:
    """A browser's end of the socket; `frames` is everything heard so far."""

    def __init__(self, link: ClientConnection) -> None:
        self.link = link
        self.frames: list[Frame] = []

    def open(self, page: str, number: str = "", seen: dict[str, int] | None = None) -> "Viewer":
        self.link.send(json.dumps({"page": page, "number": number, "seen": seen or {}}))
        return self

    def until(self, wanted: Callable[[Frame], bool], seconds: float = 5.0) -> Frame:
        """Return the first new frame that is wanted."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                frame = json.loads(self.link.recv(timeout=left))
            except TimeoutError:
                break
            self.frames.append(frame)
            if wanted(frame):
                return frame
        raise AssertionError(f"not within {seconds} s; heard {[frame['type'] for frame in self.frames][-20:]}")

    def kind(self, name: str, seconds: float = 5.0) -> Frame:
        return self.until(lambda frame: frame["type"] == name, seconds)

    def closed(self, seconds: float = 5.0) -> int:
        """Return the code the server closes with, reading what it still says."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                self.frames.append(json.loads(self.link.recv(timeout=left)))
            except TimeoutError:
                break
            except ConnectionClosed as end:
                return end.rcvd.code if end.rcvd else 1006
        raise AssertionError(f"still open after {seconds} s")


@pytest.fixture
def world(transactional_db) -> None:
    """The demo people at two of their sites, without plans: most tests here need nobody to have an incident."""
    if Site.objects.exists():
        return
    opened_at = datetime(2026, 1, 1, tzinfo=UTC)
    keys = ("callcentre", "online")
    sites = [Site.objects.create(key=key, zh=key, en=key, opened_at=opened_at) for key in keys]
    for name, role in (("omar", "shift_lead"), ("dana", "supervisor"), ("vera", "viewer"), ("ada", "admin")):
        user = User.objects.create(username=name)
        Membership.objects.bulk_create(Membership(user=user, site=site, role=role) for site in sites)


@pytest.fixture
def whole_world(transactional_db) -> None:
    """Plans too, for tests with an incident; committed, as other processes read it."""
    if not Site.objects.exists():
        world_rows.put_back()


@pytest.fixture(scope="session")
def web_logs(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("web")


@pytest.fixture(scope="session")
def two_webs(sole_use, django_db_blocker, web_logs) -> Iterator[list[Web]]:
    """Two web processes on one database and one broker, for all tests of this folder."""
    with django_db_blocker.unblock():
        webs = [Web(web_logs / f"web-{number}.log") for number in range(2)]
    try:
        for web in webs:
            web.wait_ready()
        yield webs
    finally:
        for web in webs:
            web.stop()


@pytest.fixture
def web(two_webs) -> Web:
    return two_webs[0]


@pytest.fixture
def start_web(sole_use, transactional_db, web_logs) -> Iterator[Callable[..., Web]]:
    """Start a web process with an environment of its own."""
    with ExitStack() as stack:

        def start(port: int = 0, **environment: str) -> Web:
            one = Web(web_logs / f"web-{free_port()}.log", port, **environment)
            stack.callback(one.stop)
            one.wait_ready()
            return one

        yield start


@pytest.fixture
def log_in(transactional_db) -> Callable[..., str]:
    """Return the cookie of a new session of a user."""

    def log_in(user) -> str:
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"

    return log_in


@pytest.fixture
def view(log_in) -> Iterator[Callable[..., Viewer]]:
    """Open a page in a browser of a user."""
    with ExitStack() as stack:

        def view(web: Web, user, page: str = "", number: str = "", **options) -> Viewer:
            seen = options.pop("seen", None)
            cookie = options.pop("cookie", None) or (log_in(user) if user else "")
            options = {"origin": f"http://127.0.0.1:{web.port}", "compression": None, "max_size": None} | options
            link = connect(
                f"ws://127.0.0.1:{web.port}/ws/", additional_headers={"Cookie": cookie}, close_timeout=1, **options
            )
            viewer = Viewer(stack.enter_context(link))
            return viewer.open(page, number, seen) if page else viewer

        yield view


@pytest.fixture
def touch(transactional_db) -> Callable[..., None]:
    """Commit a change of topics, as an action does last."""

    def touch(changed: dict[str, set[str]]) -> None:
        with transaction.atomic():
            topics.touch(changed)

    return touch


class Broker:
    """A Valkey of a test's own, to be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "v.sock"
        self.url = f"unix://{self.path}?db=0"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        self.path.unlink(missing_ok=True)
        words = ("--port", "0", "--unixsocket", str(self.path), "--dir", str(self.folder), "--save", "")
        self.process = subprocess.Popen([str(find_program()), *words], stdout=subprocess.DEVNULL)
        wait_for(self.path.exists, 5)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def broker(tmp_path_factory) -> Iterator[Broker]:
    one = Broker(tmp_path_factory.mktemp("v"))
    one.start()
    yield one
    one.kill()
