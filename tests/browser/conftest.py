"""One Chromium and one web process for all tests of this folder; every person has a browser of his own."""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect, sync_playwright

from incident import clock, exercises
from incident.models import Incident
from tests.webs import Web

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
QUIET_SECONDS = 5.0
_left_out: list[str] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without Chromium every test that drives one is skipped, wherever it lives."""
    if CHROMIUM:
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium"))
            _left_out.append(item.nodeid)


def pytest_terminal_summary(terminalreporter) -> None:
    """Say it where nobody can overlook it, and name what was not tested."""
    if not _left_out:
        return
    terminalreporter.section(f"browser tests LEFT OUT: no Chromium ({len(_left_out)} tests)", red=True, bold=True)
    terminalreporter.write_line("Not tested, as no Chromium was found (install it, or name it by CHROMIUM=):")
    for name in _left_out:
        terminalreporter.write_line(f"  {name}")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Ends with this folder: a later test may want an event loop of its own in this thread."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright runs a loop in this thread
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            yield browser
            browser.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="package")
def server(sole_use, django_db_blocker, tmp_path_factory) -> Iterator[Web]:
    """The console as it runs, on the database of the tests."""
    with django_db_blocker.unblock():
        web = Web(tmp_path_factory.mktemp("browser") / "web.log")
    try:
        web.wait_ready()
        yield web
    finally:
        web.stop()


@pytest.fixture
def start_server(sole_use, transactional_db, tmp_path) -> Iterator[Callable[[int], Web]]:
    """Start a web process that a test may stop; at a port, to come back where it was."""
    with ExitStack() as stack:

        def start(port: int = 0) -> Web:
            web = Web(tmp_path / "web.log", port)
            stack.callback(web.stop)
            web.wait_ready()
            return web

        yield start


class Person:
    """Somebody at a browser. What the browser complains of fails the test, unless the test foresaw it."""

    def __init__(self, context: BrowserContext, base: str, name: str) -> None:
        self.context, self.base, self.name = context, base, name
        self.complaints: list[str] = []
        self.foreseen: list[str] = ["htmx:(afterRequest|sendAbort)"]  # a newer request took the place of an older one
        context.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " (event) => console.error('CSP', event.violatedDirective, event.blockedURI))"
        )
        context.on("page", self._listen)
        self.page = context.new_page()
        self.page.set_default_timeout(10000)

    def _listen(self, page: Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} {message.location.get('url', '')}")

    def foresees(self, *patterns: str) -> None:
        """Name what the browser will rightly complain of, such as an answer 409."""
        self.foreseen.extend(patterns)

    def unforeseen(self) -> list[str]:
        return [said for said in self.complaints if not any(re.search(one, said) for one in self.foreseen)]

    def open(self, path: str) -> Response | None:
        """Go to a page and wait until it is live."""
        response = self.page.goto(self.base + path)
        if self.page.locator("#live-seen").count():
            self.is_live()
        return response

    def room(self, incident: Incident) -> None:
        self.open(f"/incidents/{incident.number}/")

    def is_live(self, seconds: float = 10) -> None:
        expect(self.page.locator("html")).to_have_attribute("data-link", "on", timeout=seconds * 1000)

    def open_deaf(self, path: str) -> None:
        """Go to a page that hears nothing: its socket leads nowhere."""
        self.page.route_web_socket(re.compile("/ws/"), lambda socket: None)
        self.page.goto(self.base + path)

    def tab(self, path: str) -> "Person":
        """A second tab of the same person."""
        other = Person.__new__(Person)
        other.__dict__.update(self.__dict__)
        other.page = self.context.new_page()
        other.page.set_default_timeout(10000)
        other.open(path)
        return other

    def mark(self) -> None:
        """Leave a mark that a reload would wipe out."""
        self.page.evaluate("document.body.dataset.same = 'yes'")

    def was_not_reloaded(self) -> None:
        assert self.page.evaluate("document.body.dataset.same") == "yes"

    def focused(self) -> str:
        return self.page.evaluate("document.activeElement.id || document.activeElement.name || ''")


@pytest.fixture
def at_browser(chromium, server, transactional_db) -> Iterator[Callable[..., Person]]:
    """Sit a user down at a browser of his own, signed in; None is a stranger. Other options go to the context."""
    with ExitStack() as stack:
        seated: list[Person] = []

        def sit(user, *, language: str = "", base: str = "", **options) -> Person:
            if user is not None and language:
                user.language = language
                user.save(update_fields=["language"])
            options = {"viewport": DESKTOP, "locale": "en-GB" if language == "en" else "zh-CN"} | options
            context = chromium.new_context(**options)
            stack.callback(context.close)
            person = Person(context, base or f"http://127.0.0.1:{server.port}", str(user))
            if user is not None:
                context.add_cookies(
                    [{"name": settings.SESSION_COOKIE_NAME, "value": _session(user), "url": person.base}]
                )
            seated.append(person)
            return person

        yield sit
        for person in seated:
            assert person.unforeseen() == [], person.name
    _let_it_finish()


def _let_it_finish() -> None:
    """Wait until the web process has answered what closed pages had asked: emptying tables beside it may deadlock."""
    until = time.monotonic() + QUIET_SECONDS
    while time.monotonic() < until and _busy():
        time.sleep(0.05)


def _busy() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND state <> 'idle')"
        )
        return bool(cursor.fetchone()[0])


def _session(user) -> str:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def move_on() -> Callable[[Incident, float], None]:
    """Move an exercise on by plan minutes."""

    def move_on(incident: Incident, minutes: float) -> None:
        exercises.fast_forward(incident_id=incident.pk, minutes=minutes, now=clock.wall_now())

    return move_on
