"""How many SQL statements an action and a page may cost: a constant number, whatever the plan and whatever is live."""

import socket
import threading
import time
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from incident import sweep
from incident.models import Incident
from staffing import hours, planned
from staffing.models import Edition, Need
from tests import crowds, rosters

REPORT = 25
# Twelve; two for the seats (the queues with their plans, two hours of the fullest one); two for who is on (the sites
# with their needs, the shifts with who has not answered).
DASHBOARD = 16
PAGE = 30  # desk, room and list: what they have is a fixed number, not a small one
PLANS = {"HJ-2": "callcentre", "KF-4": "online", "HJ-5.1": "callcentre"}


def statements(act):
    """What `act` says to the database. The test's own savepoints stand for BEGIN and COMMIT and are counted once."""
    with CaptureQueriesContext(connection) as caught:
        act()
    said = [query["sql"] for query in caught.captured_queries]
    return [sql for sql in said if not sql.startswith("RELEASE")]


@pytest.fixture
def form(law, request):
    """The desk's form as a browser sends it."""

    def fill(key):
        site = request.getfixturevalue(PLANS[key])
        playbook = law(key)
        facts = {f"fact-{spec.metric}": _answer(spec) for spec in playbook.facts if spec.asked}
        return {"client_key": str(uuid.uuid4()), "site": site.pk, "playbook": playbook.id, **facts}

    return fill


def _answer(spec):
    if spec.kind == "choice":
        return spec.choices[0].key
    return {"flag": "no", "count": "1", "measure": "1", "stopwatch": "1"}.get(spec.kind, "")


def many(report, count):
    for place in range(count):
        report(("HJ-2", "HJ-5.1")[place % 2])


@pytest.mark.parametrize("key", PLANS)
def test_reporting_as_an_action(key, report):
    report(key)  # a process reads the law once
    said = statements(lambda: report(key))
    assert len(said) <= REPORT + 6, "\n".join(said)  # the fixture asks for plan and site first


@pytest.mark.parametrize("key", PLANS)
def test_reporting_over_http(key, form, client, omar):
    client.force_login(omar)
    client.post("/desk/", form(key))
    answers = []
    filled = form(key)
    said = statements(lambda: answers.append(client.post("/desk/", filled)))
    assert answers[0].status_code == 303, answers[0].content.decode()[:2000]
    assert len(said) <= REPORT, f"{len(said)} statements\n" + "\n".join(sql[:150] for sql in said)


def test_reporting_costs_the_same_for_every_plan_and_the_hundredth_time(form, client, omar, report):
    client.force_login(omar)
    counts = {}
    for round_ in ("first", "later"):
        for key in PLANS:
            client.post("/desk/", form(key))
            filled = form(key)
            counts[key, round_] = len(statements(lambda filled=filled: client.post("/desk/", filled)))
        many(report, 12)
    assert max(counts.values()) - min(counts.values()) <= 2, counts  # a plan without facts or levels saves its inserts


@pytest.mark.parametrize(("path", "most"), [("/dashboard/", DASHBOARD), ("/desk/", PAGE), ("/incidents/", PAGE)])
def test_a_page_costs_the_same_with_three_and_with_thirty(path, most, client, dana, report):
    client.force_login(dana)
    counts = []
    for count in (3, 27):
        many(report, count)
        client.get(path)
        counts.append(len(statements(lambda: client.get(path))))
    assert counts[0] == counts[1] <= most, counts


@pytest.mark.parametrize(
    ("path", "most"),
    [("/playbooks/", 12), ("/playbooks/HJ/", 16), ("/playbooks/HJ/HJ-2/", 18), ("/playbooks/HJ/HJ-2/card/", 10)],
)
def test_reading_a_plan_costs_the_same_whatever_is_live(path, most, client, dana, report):
    """The law comes from the shelf of the process; what is asked for is who, where, and the top bar."""
    client.force_login(dana)
    counts = []
    for count in (1, 9):
        many(report, count)
        client.get(path)
        counts.append(len(statements(lambda: client.get(path))))
    assert counts[0] == counts[1] <= most, counts


WEEK = 15


def test_a_week_of_the_roster_costs_the_same_for_two_people_and_for_two_thousand(client, dana, callcentre, now):
    """With gaps to suggest somebody for, overtime to add up, a swap that waits and an edition: all that it can ask."""
    client.force_login(dana)
    post = rosters.post(callcentre, "guard")
    Need.objects.create(post=post, kind=rosters.kind(callcentre))
    hand = [rosters.person(callcentre, name) for name in ("示例安保F", "示例安保V")]
    for day in range(7):
        rosters.shift(post, hand[0], now + timedelta(days=day), 12)
    monday = hours.monday(now.astimezone(planned.ZONE).date())
    Edition.objects.create(site=callcentre, week=monday, number=1, by_name="示例主管B", at=now)
    counts = []
    for people in (2, 2000):
        if people > len(hand):
            crowds.fill(callcentre, now, people=people, days=21)
        client.get("/roster/?site=callcentre")
        begun = time.monotonic()
        counts.append(len(statements(lambda: client.get("/roster/?site=callcentre"))))
        assert time.monotonic() - begun < 5  # a guard against loops over loops; bench/roster.py measures
    assert max(counts) <= WEEK, counts


def test_a_room_costs_the_same_however_much_has_happened(client, dana, report, now, minutes):
    client.force_login(dana)
    incident = report("HJ-2", facts={"scope": "all_applications"})
    path = f"/incidents/{incident.number}/"
    client.get(path)
    early = len(statements(lambda: client.get(path)))
    sweep.sweep(now=now + minutes(61))
    late = len(statements(lambda: client.get(path)))
    assert abs(late - early) <= 1
    assert late <= PAGE, late


def test_settling_many_costs_the_same_for_each(report, now, minutes):
    """Each in a transaction of its own; nothing is asked again for each duty."""
    report("HJ-2", facts={"scope": "all_applications"})
    sweep.sweep(now=now + minutes(5.5))
    many(report, 4)
    one = len(statements(lambda: sweep.sweep(now=now + minutes(6))))
    assert one <= 6 + 4 * 20, one


@pytest.mark.django_db(transaction=True)
def test_no_broker_is_waited_for(form, client, omar):
    """Dead, or alive and silent: whoever reports does not notice."""
    client.force_login(omar)
    client.post("/desk/", form("HJ-2"))
    usual = min(_seconds(lambda: client.post("/desk/", form("HJ-2"))) for _ in range(3))
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)  # takes the connection and never answers
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        layer = {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [url]}}}
        with override_settings(CHANNEL_LAYERS=layer, REDIS_URL=url, CELERY_BROKER_URL=url):
            away = min(_seconds(lambda: client.post("/desk/", form("HJ-2"))) for _ in range(3))
    assert Incident.objects.count() == 7
    assert away < usual + 0.25


def test_no_request_opens_a_connection_to_the_broker(form, client, omar, monkeypatch):
    """The thread that answers the request speaks to the database only."""
    client.force_login(omar)
    opened = []
    mine, connect = threading.get_ident(), socket.socket.connect

    def noted(self, address):
        if threading.get_ident() == mine:
            opened.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    assert client.post("/desk/", form("HJ-2")).status_code == 303
    assert client.get("/dashboard/").status_code == 200
    assert opened == []


def _seconds(act):
    begun = time.monotonic()
    act()
    return timedelta(seconds=time.monotonic() - begun).total_seconds()
