"""One incident that cannot be settled is put aside and reported; all others go on, and it comes back by itself."""

import pytest
from django.db import OperationalError, connection

from incident import chain, sweep, telling
from incident.models import Duty, Entry, Heartbeat, Incident
from notices.models import Notice


@pytest.fixture
def three(report):
    return [report("HJ-2", facts={"scope": "all_applications"}) for _ in range(3)]


def corrupt(incident, *, key="no-such-duty"):
    """As a damaged row would be: only SQL can do it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE incident_duty SET rule = %s WHERE incident_id = %s AND rule = 'HJ-2-05'", [key, incident.pk]
        )


def late(incident):
    return Entry.objects.filter(incident=incident, kind="duty_late", data__duty="HJ-2-05").count()


def test_the_others_go_on_and_the_broken_one_is_reported(three, now, minutes, caplog):
    first, broken, last = three
    corrupt(broken)
    done = sweep.sweep(now=now + minutes(6))
    assert (done.settled, done.failed) == (2, 1)
    assert [late(incident) for incident in three] == [1, 0, 1]
    assert f"settling incident {broken.pk} failed" in caplog.text
    beat = Heartbeat.objects.get(name="sweep")
    assert beat.at == now + minutes(6)
    assert "no-such-duty" in beat.last_error
    held = Incident.objects.get(pk=broken.pk)
    assert held.held_until == now + minutes(6) + sweep.HOLD
    assert held.revision == broken.revision  # nothing half-done
    assert chain.broken_at(held) is None

    assert sweep.due(now=now + minutes(6.4)) == []  # left alone for a while
    assert sweep.due(now=now + minutes(6.6)) == [broken.pk]


def test_it_comes_back_at_its_own_time(three, now, minutes):
    _, broken, _ = three
    corrupt(broken)
    sweep.sweep(now=now + minutes(6))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE incident_duty SET rule = 'HJ-2-05' WHERE rule = 'no-such-duty'")
    sweep.sweep(now=now + minutes(7))
    assert late(broken) == 1
    assert Duty.objects.get(incident=broken, rule="HJ-2-05").late_at == now + minutes(5)
    assert Incident.objects.get(pk=broken.pk).held_until is None


def test_troubles_of_a_broken_one_keep_nobody_waiting(three, now, minutes):
    """Nobody answered in all three; the broken one must not stop the sweep's own sign of life."""
    _, broken, _ = three
    corrupt(broken)
    for incident in three:
        Notice.objects.filter(incident=incident).update(trouble_at=now + minutes(5.5))
    done = sweep.sweep(now=now + minutes(6))
    assert done.failed == 1
    assert Heartbeat.objects.get(name="sweep").at == now + minutes(6)
    assert not Notice.objects.filter(trouble_at__isnull=False).exclude(incident=broken).exists()
    unreached = Entry.objects.filter(kind="unreached").values_list("incident_id", flat=True)
    assert set(unreached) == {incident.pk for incident in three} - {broken.pk}


def test_a_deadlock_is_no_fault_of_the_incident(three, now, minutes, monkeypatch):
    def refuse(story):
        raise OperationalError("deadlock detected")

    with monkeypatch.context() as patch:
        patch.setattr(sweep.settle, "settle", refuse)
        assert sweep.sweep(now=now + minutes(6)).failed == 3
    assert not Incident.objects.filter(held_until__isnull=False).exists()
    assert sweep.sweep(now=now + minutes(6)).settled == 3  # at the next tick, not after the pause


@pytest.mark.django_db(transaction=True)
def test_an_incident_that_somebody_holds_is_left_to_them(three, now, minutes, other_connection):
    held, free, _ = three
    Notice.objects.filter(incident=held).update(trouble_at=now + minutes(1))
    with other_connection() as cursor:
        cursor.execute("SELECT 1 FROM incident_incident WHERE id = %s FOR UPDATE", [held.pk])
        done = sweep.sweep(now=now + minutes(6))  # does not wait
        assert telling.take_troubles(held.pk, now=now + minutes(6)) == 0
    assert (done.settled, done.failed) == (2, 0)
    assert (late(held), late(free)) == (0, 1)
    sweep.sweep(now=now + minutes(7))
    assert late(held) == 1
