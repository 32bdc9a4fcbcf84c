"""Eight people and the sweep at one incident: no deadlock, no gap, nothing done twice."""

import contextlib
import threading
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import connection

from incident import chain, facts, lifecycle, readings, reporting, sweep, telling, timeline, work
from incident.models import Duty, Entry, Fact, Incident
from incident.refusals import Refusal
from notices.models import Notice
from staffing.models import User

pytestmark = pytest.mark.django_db(transaction=True)

HANDS = 8
ROUNDS = 6


def at_once(works):
    """Run each in a thread of its own, all starting together; what they raised, refusals by name."""
    start, raised, lock = threading.Barrier(len(works)), [], threading.Lock()

    def run(job):
        try:
            start.wait(timeout=20)
            job()
        except Exception as reason:
            with lock:
                raised.append(reason)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,), daemon=True) for job in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return raised


@dataclass
class Hands:
    """What people do at one incident, each many times, whatever the others do meanwhile."""

    incident: Incident
    actor: User
    now: datetime

    def tick(self):
        for duty in Duty.objects.filter(incident=self.incident).exclude(kind__in=("prohibition", "decision")):
            with contextlib.suppress(Refusal):  # somebody else was first: an answer, not a fault
                work.complete(duty_id=duty.pk, actor=self.actor, now=self.now)

    def observe(self):
        for place in range(ROUNDS):
            given = {"scope": readings.Given(value=("all_applications", "network")[place % 2])}
            facts.record(incident_id=self.incident.pk, actor=self.actor, now=self.now, given=given)

    def answer(self):
        for notice in Notice.objects.filter(incident=self.incident, kind="duty"):
            telling.acknowledge(notice_id=notice.pk, actor=self.actor, by=str(self.actor), via="screen", now=self.now)

    def tell(self):
        for place in range(ROUNDS):
            timeline.note(incident_id=self.incident.pk, actor=self.actor, now=self.now, text=f"第 {place} 条")

    def look(self):
        for place in range(ROUNDS):
            sweep.sweep(now=self.now - timedelta(seconds=ROUNDS - place))


def test_ticks_facts_answers_and_the_sweep_at_once(report, omar, dana, now, minutes):
    incident = report("HJ-2", facts={"scope": "all_applications"})
    one, two = (Hands(incident, actor, now + minutes(6)) for actor in (omar, dana))
    raised = at_once([one.tick, two.tick, one.observe, two.observe, one.answer, two.answer, one.tell, two.look])
    assert raised == []
    assert_whole(incident)
    done = Counter(entry.data["duty"] for entry in Entry.objects.filter(incident=incident, kind="duty_done"))
    assert set(done.values()) == {1}
    assert Entry.objects.filter(incident=incident, kind="note").count() == ROUNDS
    acknowledged = Entry.objects.filter(incident=incident, kind="acknowledged")
    assert acknowledged.count() == Notice.objects.filter(incident=incident, state="acknowledged").count() > 0
    lateness = Counter(entry.data["duty"] for entry in Entry.objects.filter(incident=incident, kind="duty_late"))
    assert set(lateness.values()) <= {1}
    assert Fact.objects.filter(incident=incident).count() <= 1 + 2 * ROUNDS


def test_two_who_press_the_same_button(report, omar, dana, now, minutes):
    incident = report("HJ-2", facts={"scope": "all_applications"})

    def press(who):
        lifecycle.take(incident_id=incident.pk, actor=who, now=now + minutes(1), seen=incident.revision)

    raised = at_once([lambda: press(omar), lambda: press(dana)] * (HANDS // 2))
    assert len(raised) == HANDS - 1
    assert all(isinstance(reason, Refusal) for reason in raised), raised
    assert Entry.objects.filter(incident=incident, kind="taken").count() == 1
    assert_whole(incident)


def test_a_form_sent_eight_times_is_one_incident(report, omar, callcentre, law, now):
    key = uuid.uuid4()
    numbers = []

    def send():
        numbers.append(
            reporting.report(
                actor=omar, now=now, client_key=key, site_id=callcentre.pk, playbook_id=law("HJ-2").id,
                facts={"scope": readings.Given(value="all_applications")},
            ).number
        )  # fmt: skip

    assert at_once([send] * HANDS) == []
    assert len(set(numbers)) == 1
    assert Incident.objects.count() == 1


def test_eight_reports_at_once_are_numbered_without_a_gap(report, now):
    assert at_once([lambda: report("HJ-2", facts={"scope": "all_applications"})] * HANDS) == []
    running = sorted(int(number.rsplit("-")[-1]) for number in Incident.objects.values_list("number", flat=True))
    assert running == list(range(1, HANDS + 1))
    for incident in Incident.objects.all():
        assert_whole(incident)


def test_merging_both_ways_at_once(report, dana, now, minutes):
    one, other = (report("HJ-2", facts={"scope": "all_applications"}) for _ in range(2))

    def merge(gone, stays):
        lifecycle.merge(incident_id=gone.pk, actor=dana, now=now + minutes(1), into=stays.number)

    raised = at_once([lambda: merge(one, other), lambda: merge(other, one)])
    assert len(raised) == 1
    assert isinstance(raised[0], Refusal)
    assert sorted(Incident.objects.values_list("state", flat=True)) == ["cancelled", "reported"]
    for incident in Incident.objects.all():
        assert_whole(incident)


def assert_whole(incident):
    """Numbers without gaps, the chain whole."""
    incident = Incident.objects.get(pk=incident.pk)
    numbers = list(Entry.objects.filter(incident=incident).order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, incident.entries_count + 1))
    assert chain.broken_at(incident) is None
