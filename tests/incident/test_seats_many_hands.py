"""Readings, people and the sweep at once: one incident comes of it, nobody waits for ever, nothing is lost."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from incident import chain, clock, proof, saturation, sweep, timeline
from incident.models import Entry, Incident, Sample
from staffing.models import Reading, User
from tests import rosters

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)
QUEUES = ("one", "two", "three")


def rows(queue, start, count, step=5):
    return [
        {"queue": queue, "at": (start + place * step * SECOND).isoformat(), "staffed": 4, "busy": 4, "waiting": 1}
        for place in range(count)
    ]


def together(*acts):
    """Run them at once, each with a connection of its own; what they raise is raised here."""
    failed, ready = [], threading.Barrier(len(acts))

    def run(act):
        try:
            ready.wait()
            act()
        except Exception as reason:
            failed.append(reason)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not [thread for thread in threads if thread.is_alive()], "somebody still waits"
    assert failed == []


def test_three_queues_cross_at_the_same_moment(online, now):
    for key in QUEUES:
        rosters.queue(online, key, starts="auto")
        saturation.receive(online.pk, rows(key, now, 180), now=now + 895 * SECOND, source="test")
    at = now + 900 * SECOND
    send = [lambda key=key: saturation.receive(online.pk, rows(key, at, 1), now=at, source="test") for key in QUEUES]
    together(*send, lambda: sweep.sweep(now=at), lambda: sweep.sweep(now=at))
    incident = Incident.objects.get()
    assert incident.reported_at == at
    assert chain.broken_at(incident) is None


def test_a_running_incident_is_worked_on_while_readings_pour_in(online, now):
    for key in QUEUES:
        rosters.queue(online, key, starts="auto")
        saturation.receive(online.pk, rows(key, now, 181), now=now + 900 * SECOND, source="test")
    incident = Incident.objects.get()
    start = now + 905 * SECOND

    def pour(key):
        for place in range(20):
            moment = start + place * 5 * SECOND
            saturation.receive(online.pk, rows(key, moment, 1), now=moment, source="test")

    def work():
        omar = User.objects.get(username="omar")
        for place in range(15):
            timeline.note(incident_id=incident.pk, actor=omar, now=clock.wall_now(), text=f"第 {place} 笔")

    def watch():
        for place in range(20):
            sweep.sweep(now=start + place * 5 * SECOND)

    together(*(lambda key=key: pour(key) for key in QUEUES), work, watch)
    incident = Incident.objects.get()
    assert Entry.objects.filter(incident=incident, kind="note").count() == 15
    assert Reading.objects.count() == 3 * 201
    assert Sample.objects.filter(queue_name="示例热线").count() >= 201
    assert chain.broken_at(incident) is None
    assert proof.broken(incident) == []
