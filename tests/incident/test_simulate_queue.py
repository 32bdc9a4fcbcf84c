"""`manage.py simulate_queue`: a past made up, an afternoon that goes on, and what it refuses."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from incident.management.commands import simulate_queue
from incident.models import Incident, Summons
from staffing import tokens
from staffing.models import Queue, Reading
from tests import rosters


@pytest.fixture
def hotline(online) -> Queue:
    Queue.objects.all().delete()
    return rosters.queue(online, "hotline", source="push", seats=30, starts="auto")


@pytest.fixture
def simulate(hotline, capsys):
    def run(**given) -> str:
        call_command("simulate_queue", **{"site": "online", "queue": "hotline", "minutes": 0.001} | given)
        return capsys.readouterr().out

    return run


def test_the_demo_begins_with_eighteen_minutes_of_full_seats_and_the_plan_runs(simulate, hotline, now):
    said = simulate(backfill=21)
    assert "252 readings of the last 21 min" in said
    assert "the afternoon is over" in said
    hotline.refresh_from_db()
    assert 17 * 60 < (now - hotline.full_since).total_seconds() < 20 * 60
    assert Reading.objects.filter(queue=hotline, source="simulated").count() == 253
    assert Incident.objects.get().level == "general"


def test_the_same_seed_is_the_same_past(simulate, hotline):
    columns = ("staffed", "busy", "waiting", "offered", "answered", "abandoned")

    def past() -> list[tuple[int, ...]]:
        simulate(backfill=10, seed=5)
        found = list(Reading.objects.order_by("at").values_list(*columns))
        Reading.objects.all().delete()
        return found[:-1]

    assert past() == past()


def test_agents_join_when_they_were_told_to(simulate, hotline):
    simulate(backfill=10, seats=10, join="4:2,8:3")
    seen = list(Reading.objects.order_by("at").values_list("staffed", flat=True))
    assert [seen[0], seen[60], seen[110]] == [10, 12, 15]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"queue": "nowhere"}, "site online has no queue nowhere"),
        ({"join": "soon"}, "minute:how many"),
        ({"peak": 0.1}, "the load rises"),
        ({"to": "ftp://x", "token": "t"}, "http:// or https://"),
        ({"to": "http://127.0.0.1:9/"}, "needs --token"),
        ({"to": "http://127.0.0.1:9/", "token": "t", "backfill": 1}, "cannot be reached"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(simulate, given, words):
    with pytest.raises(CommandError, match=words):
        simulate(**given)
    assert not Reading.objects.exists()


@pytest.mark.parametrize("minutes", ["soon", "-1", "100000", "1h"])
def test_so_many_minutes_there_are_not(hotline, minutes):
    with pytest.raises(CommandError, match="no number of minutes"):
        call_command("simulate_queue", "--site=online", "--queue=hotline", f"--minutes={minutes}")


def test_a_queue_that_an_exchange_feeds_is_left_alone(simulate, hotline):
    Queue.objects.update(source="ami")
    with pytest.raises(CommandError, match="fed by an exchange"):
        simulate()


def test_what_intake_refuses_is_said(simulate, monkeypatch):
    monkeypatch.setattr(simulate_queue, "SOURCE", "two\nlines")
    with pytest.raises(CommandError, match="source"):
        simulate()


class _Console(BaseHTTPRequestHandler):
    """Hands what is pushed to the real view, and can be told to fail first."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(body)
        status, said = self.server.answers.pop(0) if self.server.answers else (200, {"accepted": 1, "refused": 0})
        answer = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def console():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Console)
    server.bodies, server.answers = [], []
    server.url = f"http://127.0.0.1:{server.server_port}/api/seats/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_is_pushed_is_what_the_console_takes(simulate, console, online, ada, now):
    simulate(to=console.url, token="seats_x", backfill=2)
    assert not Reading.objects.exists()
    _token, secret = tokens.make(online, "示例推送", ada, now)
    for body in console.bodies:
        answer = Client().post(
            "/api/seats/", body, content_type="application/json", headers={"Authorization": f"Bearer {secret}"}
        )
        assert (answer.status_code, answer.json()["refused"]) == (200, 0)
    assert Reading.objects.count() == 25


@pytest.mark.parametrize(
    ("answer", "words"),
    [((401, {"error": "令牌不对"}), "answered 401"), ((200, {"refused": 1, "errors": ["at"]}), "refused 1 readings")],
)
def test_a_push_that_is_refused_ends_it(simulate, console, answer, words):
    console.answers.append(answer)
    with pytest.raises(CommandError, match=words):
        simulate(to=console.url, token="seats_x")


def test_a_console_that_is_busy_is_tried_again(simulate, console):
    console.answers.append((429, {"error": "later"}))
    assert "the afternoon is over" in simulate(to=console.url, token="seats_x")


def test_who_was_called_in_and_has_come_sits_down(hotline, report, online, now):
    came = simulate_queue._arrivals(hotline.site_id, now)
    assert came() == 0
    incident = report("KF-4")
    for offer, state in (("come", "arrived"), ("extend", "arrived"), ("come", "on_the_way")):
        person = rosters.person(online, f"示例{offer}{state}")
        times = {"told_at": now, "arrived_at": now if state == "arrived" else None}
        Summons.objects.create(incident=incident, person=person, name=person.name, offer=offer, state=state, **times)
    assert came() == 1  # who stays on was at the seats before
    assert simulate_queue._arrivals(None, now)() == 0
