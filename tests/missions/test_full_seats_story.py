"""The seats fill up: an exchange is heard, the plan starts by itself, people come, the seats are free, it is closed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client

from incident import chain, clock, sweep
from incident.models import Duty, Incident, LevelDecision, Summons
from incident.models.incident import State
from notices import links
from staffing.models import Contact, Person, Queue, Shift
from tests import rosters
from tests.ami_server import FakeAsterisk
from tests.hands import HTMX, Hand
from tests.listening import Listening
from tests.missions.test_every_playbook import confirm_levels, do_all

MINUTE, STEP = timedelta(minutes=1), timedelta(seconds=10)
SEATS = [f"a{number}" for number in range(1, 7)]


class Afternoon:
    """The telephone, the console and its clock; time passes look by look."""

    def __init__(self, exchange: FakeAsterisk, listening: Listening, now: datetime) -> None:
        self.exchange, self.listening, self.begun_at, self.now = exchange, listening, now, now

    def until(self, minutes: float) -> None:
        """Go on to so many minutes after the beginning; the exchange is looked at, the sweep sweeps."""
        while self.now < self.begun_at + minutes * MINUTE:
            self.now += STEP
            self.listening.look(self.now)
            sweep.sweep(now=self.now)

    def at(self, minutes: float) -> datetime:
        return self.begun_at + minutes * MINUTE


@pytest.fixture
def afternoon(online, now, monkeypatch) -> Iterator[Afternoon]:
    Queue.objects.all().delete()
    rosters.queue(online, "hotline", source="ami", outside_name="support", seats=len(SEATS), starts="auto")
    with FakeAsterisk() as exchange:
        exchange.queue("support", *SEATS)
        with Listening(exchange) as listening:
            found = Afternoon(exchange, listening, now)
            exchange.clock = lambda: found.now.timestamp()
            monkeypatch.setattr(clock, "wall_now", lambda: found.now)  # for the pages
            yield found


@pytest.fixture
def agents(online, now) -> dict[str, list[Person]]:
    """Six are on shift for an hour more, four have been off since yesterday."""
    floor = rosters.vacant(rosters.post(online, "cs_agent"))
    made: dict[str, list[Person]] = {"on": [], "off": []}
    for group, count, begin in (("on", 6, -7), ("off", 4, -30)):
        for number in range(count):
            person = rosters.person(online, f"示例座席{group}{number}")
            Contact.objects.create(person=person, channel="email", address=f"{group}{number}@example.invalid")
            rosters.shift(floor, person, now + timedelta(hours=begin), hours=8)
            made[group].append(person)
    return made


def call_in(supervisor: Hand, incident: Incident, requirement: str, by: datetime, *waves: str) -> list[Summons]:
    """Call people in for a duty of the plan by its form, as many as the plan says; who was asked at once."""
    duty = Duty.objects.get(incident=incident, rule=requirement, state="open")
    path = f"/incidents/{incident.number}/call-outs/new/"
    page = supervisor.dialog(f"{path}?duty={duty.pk}")
    form = page.values | {"by_at": f"{by.astimezone(clock.ZONE):%H:%M}", "wait": "600", "waves": list(waves)}
    answer = supervisor.client.post(path, form, headers=HTMX)
    assert answer.status_code in (204, 303), answer.content.decode()
    return list(Summons.objects.filter(call_out__duty=duty).order_by("id"))


def say(one: Summons, **pressed: str) -> None:
    """Press a button behind the link of the message that asked."""
    answer = Client().post(links.path(one.notice, 0), pressed)
    assert answer.status_code == 200, answer.content.decode()


def levels(incident: Incident) -> list[tuple[str, str, datetime]]:
    return list(LevelDecision.objects.filter(incident=incident).order_by("id").values_list("level", "status", "at"))


def test_from_the_first_busy_seat_to_the_closed_file(afternoon, agents, online, omar, dana):
    lead, supervisor = Hand(omar), Hand(dana)
    exchange = afternoon.exchange

    # Calm, then every seat is busy and callers wait.
    afternoon.until(2)
    assert Queue.objects.get().newest["busy"] == 0
    exchange.fill("support")
    for waited in (40, 20, 5):
        exchange.join("support", waited=waited)
    afternoon.until(2.5)
    full_at = Queue.objects.get().full_since
    assert full_at == afternoon.at(2) + STEP

    # 15:00: the general plan starts by itself, dated to the second, with the readings that prove it.
    afternoon.until(17)
    assert not Incident.objects.exists()
    afternoon.until(17.5)
    incident = Incident.objects.get()
    assert (incident.site, incident.level, incident.state) == (online, "general", State.REPORTED)
    assert levels(incident) == [("general", "confirmed", full_at + 15 * MINUTE)]
    assert incident.samples.filter(queue__key="hotline", busy=6, staffed=6).count() >= 15 * 6
    lead.step(incident, "take")

    # One more agent, and those on shift stay longer.
    (one,) = call_in(supervisor, incident, "KF-4.1-03", afternoon.at(35), "standby", "off_shift", "reserve")
    say(one, come="8")
    for stays in call_in(supervisor, incident, "KF-4.1-04", afternoon.at(35), "extend"):
        say(stays, do="come")
    on_shift = Shift.objects.filter(person__in=agents["on"], ends_at__gt=afternoon.now + 90 * MINUTE)
    assert on_shift.values("person").distinct().count() == 6
    afternoon.until(26)
    say(one, do="arrive")
    exchange.add("support", "a7")
    afternoon.until(26.5)  # a free seat for a moment: tolerated
    exchange.leave("support")
    exchange.fill("support")
    afternoon.until(32)
    assert Incident.objects.get().level == "general"
    assert Queue.objects.get().full_since == full_at

    # 30:00: the same incident is major at once; everybody is called in when the supervisor has confirmed.
    afternoon.until(32.5)
    assert levels(incident)[1] == ("major", "provisional", full_at + 30 * MINUTE)
    assert not Duty.objects.filter(incident=incident, rule="KF-4.2-06").exists()
    confirm_levels(Incident.objects.get(), supervisor)
    assert Incident.objects.get().level == "major"
    everybody = call_in(supervisor, incident, "KF-4.2-06", afternoon.at(50), "standby", "off_shift", "reserve")
    assert len(everybody) >= 3
    for coming in everybody:
        say(coming, come="12")
    for number, coming in enumerate(everybody, 8):
        afternoon.until(33 + number)
        say(coming, do="arrive")
        exchange.add("support", f"a{number}")
    arrived = Summons.objects.filter(incident=incident, state="arrived").exclude(offer="extend")
    assert arrived.count() == 1 + len(everybody)

    # Controlled: the queue empties, seats are free, and stay so.
    while exchange.queues["support"].callers:
        exchange.leave("support")
    for seat in SEATS:
        exchange.hang_up("support", seat)
    afternoon.until(48)
    queue = Queue.objects.get()
    assert (queue.full_since, queue.newest["waiting"]) == (None, 0)
    assert queue.newest["busy"] < queue.newest["staffed"] == 7 + len(everybody)

    # Worked off, restored, ended, closed: by the pages.
    do_all(incident, lead, supervisor)
    lead.step(incident, "restore")
    do_all(incident, lead, supervisor)
    supervisor.step(incident, "declare_end")
    do_all(incident, lead, supervisor)
    supervisor.step(incident, "close")
    incident = Incident.objects.get()
    assert incident.state == State.CLOSED
    assert chain.broken_at(incident) is None
    assert incident.samples.exists()

    # And nothing else happened: calm seats start nothing again.
    afternoon.until(55)
    assert Incident.objects.count() == 1
    assert afternoon.listening.said == [f"connected to {afternoon.exchange.user}@127.0.0.1:{exchange.port}"]
