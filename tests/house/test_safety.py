"""What a stranger, or one who belongs elsewhere, may try: odd characters, old pages, many passwords at once."""

import os
import subprocess
import sys
import threading

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from console import processes
from staffing import attempts
from staffing.models import LoginAttempt

pytestmark = pytest.mark.django_db

NULL = "a\0b"


@pytest.fixture
def asked(omar, client):
    """A browser of omar's that shows the page of an error instead of raising it."""
    quiet = Client(raise_request_exception=False)
    quiet.force_login(omar)
    return quiet


@pytest.mark.parametrize(
    "address",
    ["/incidents/%00/", "/a/%00/", "/incidents/?q=%00", "/incidents/?playbook=%00", "/inbox/?number=%00", "/?%00=1"],
)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_null_character_in_an_address_is_refused(asked, address, headers):
    answer = asked.get(address, headers=headers)
    assert answer.status_code == 400
    assert "U+0000" in answer.content.decode()


@pytest.mark.parametrize("field", ["title", "place", "reporter", "follows", "q", "playbook", "client_key"])
def test_a_null_character_in_a_report_is_refused(asked, field):
    answer = asked.post("/desk/", {"site": "1", field: NULL})
    assert answer.status_code == 400
    assert "U+0000" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "args", "field"),
    [
        ("room-note", (), "text"),
        ("room-note", (), "key"),
        ("room-correct", (1,), "text"),
        ("room-facts", (), "reason"),
        ("room-step", ("merge",), "into"),
        ("room-step", ("cancel",), "reason"),
    ],
)
def test_a_null_character_in_a_room_is_refused_and_nothing_is_written(asked, dana, report, name, args, field):
    incident = report("HJ-2", facts={"scope": "all_applications"})
    asked.force_login(dana)
    answer = asked.post(reverse(name, args=[incident.number, *args]), {field: NULL, "text": "x"} | {field: NULL})
    assert answer.status_code == 400
    before = incident.entries_count
    incident = type(incident).objects.get(pk=incident.pk)
    assert incident.entries_count == before


def test_a_null_character_in_a_cookie_is_refused(db):
    stranger = Client(raise_request_exception=False, headers={"Cookie": 'sessionid="\\000abcdefghijk"'})
    assert stranger.get("/login/").status_code == 400
    assert stranger.get("/desk/").status_code == 400


@pytest.mark.parametrize(
    "address", ["/desk/", "/dashboard/", "/incidents/", "/inbox/", "/me/", "/desk/mine/", "/live/"]
)
def test_the_way_back_after_signing_out_shows_nothing(client, omar, address):
    client.force_login(omar)
    assert "no-store" in client.get(address)["Cache-Control"]


def test_passwords_tried_all_at_once_leave_threads_to_the_shift(client, omar):
    held = [attempts.AT_ONCE.acquire(blocking=False) for _ in range(4)]
    try:
        answer = client.post("/login/", {"username": "omar", "password": "omar-demo"})
        assert all(held)
        assert answer.status_code == 503
        assert answer["Retry-After"]
        assert not LoginAttempt.objects.exists()
    finally:
        for _ in held:
            attempts.AT_ONCE.release()
    assert client.post("/login/", {"username": "omar", "password": "wrong"}).status_code == 401
    assert isinstance(attempts.AT_ONCE, type(threading.BoundedSemaphore()))
    assert attempts.AT_ONCE.acquire(blocking=False)  # given back by the failed try
    attempts.AT_ONCE.release()


@pytest.mark.parametrize(
    ("environment", "believed"),
    [({}, False), ({"BASE_URL": "https://console.example"}, True), ({"FORWARDED_ALLOW_IPS": "10.0.0.1"}, True)],
)
def test_only_a_known_proxy_says_where_somebody_comes_from(monkeypatch, tmp_path, environment, believed):
    """Otherwise one who guesses passwords is a new address with every try."""
    for name in ("BASE_URL", "FORWARDED_ALLOW_IPS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    words = processes.argv("web", host="127.0.0.1", port=1, home=tmp_path)
    assert ("--no-proxy-headers" not in words) is believed


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "True"), ("0.0.0.0", "False"), ("192.0.2.1", "False")])
def test_error_pages_with_source_are_for_this_machine_alone(host, shown):
    environment = os.environ | {"DEBUG": "1", "HOST": host, "SECRET_KEY": "x"}
    words = [sys.executable, "-c", "from console import settings; print(settings.DEBUG)"]
    done = subprocess.run(words, env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == shown


def test_the_server_has_limits(tmp_path):
    words = processes.argv("web", host="127.0.0.1", port=1, home=tmp_path)
    limits = dict(zip(words, words[1:], strict=False))
    assert limits["--http"] == "console.protocol:ImpatientProtocol"
    assert int(limits["--ws-max-size"]) <= 8192
    assert 2000 < int(limits["--limit-concurrency"]) <= 5000
