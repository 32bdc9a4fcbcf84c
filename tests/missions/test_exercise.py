"""An exercise runs on the same engine, moved on by hand, and is marked everywhere."""

import pytest

from incident import exercises, lifecycle
from incident.models import Duty, Entry, Incident
from incident.refusals import NotNow
from notices.models import Notice


def test_moving_on_gives_what_waiting_would(report, now, minutes):
    waited = report("HJ-2", mode="exercise", facts={"scope": "all_applications"})
    exercises.fast_forward(incident_id=waited.pk, minutes=61, now=now)
    late = dict(Duty.objects.filter(incident=waited, late_at__isnull=False).values_list("rule", "late_at"))
    assert late["HJ-2-05"] == now + minutes(5)
    assert late["HJ-2-07"] == now + minutes(10)
    assert late["HJ-2-08"] == now + minutes(60)
    assert Entry.objects.filter(incident=waited, kind="fast_forward").exists()
    assert waited.number.startswith("EXE-")
    assert set(Notice.objects.filter(incident=waited).values_list("mode", flat=True)) == {"exercise"}


def test_armed_clocks_are_derived_again(report, now, minutes):
    incident = report("HJ-2", mode="exercise", facts={"scope": "all_applications"})
    exercises.fast_forward(incident_id=incident.pk, minutes=2, now=now)
    armed = Duty.objects.get(incident=incident, rule="HJ-2-05")
    assert (armed.plan_due_at, armed.due_at) == (now + minutes(5), now + minutes(3))


def test_a_real_incident_is_never_moved(report, now):
    incident = report("HJ-2")
    with pytest.raises(NotNow):
        exercises.fast_forward(incident_id=incident.pk, minutes=5, now=now)
    assert Incident.objects.get(pk=incident.pk).clock_shift.total_seconds() == 0


def test_a_finished_exercise_is_not_moved(report, dana, now):
    incident = report("HJ-2", mode="exercise")
    lifecycle.cancel(incident_id=incident.pk, actor=dana, now=now, reason="练习取消")
    with pytest.raises(NotNow):
        exercises.fast_forward(incident_id=incident.pk, minutes=5, now=now)
