"""What is written down late is late, says so, and stays so."""

import pytest

from incident import facts, work
from incident.models import Duty, Entry, Incident
from incident.refusals import Invalid


def duty(incident: Incident, key: str) -> Duty:
    return Duty.objects.get(incident=incident, rule=key)


def test_an_incident_recorded_after_its_deadlines_opens_them_late(report, now, minutes):
    incident = report("HJ-2", occurred_at=now - minutes(20), facts={"scope": "all_applications"})
    late = duty(incident, "HJ-2-05")
    assert (late.late_at, late.past_when_recorded) == (now - minutes(15), True)
    assert duty(incident, "HJ-2-07").late_at == now - minutes(10)
    assert duty(incident, "HJ-2-07-tell").opened_at == now  # nothing opens before it was known
    assert duty(incident, "HJ-2-08").late_at is None
    entry = Entry.objects.get(incident=incident, kind="duty_late", data__duty="HJ-2-05")
    assert (entry.at, entry.data["past_when_recorded"]) == (now - minutes(15), True)


def test_correcting_the_time_moves_open_clocks_and_leaves_lateness(report, dana, now, minutes):
    incident = report("HJ-2", occurred_at=now - minutes(6), facts={"scope": "all_applications"})
    assert duty(incident, "HJ-2-05").late_at == now - minutes(1)
    facts.correct_time(
        incident_id=incident.pk, actor=dana, now=now, occurred_at=now - minutes(2), reason="值班电话录音为准"
    )
    assert duty(incident, "HJ-2-05").late_at == now - minutes(1)
    assert duty(incident, "HJ-2-07").plan_due_at == now + minutes(8)
    assert duty(incident, "HJ-2-07").due_at == now + minutes(8)
    entry = Entry.objects.get(incident=incident, kind="time_corrected")
    assert entry.data["reason"] == "值班电话录音为准"


def test_a_correction_backwards_can_make_a_duty_late(report, dana, now, minutes):
    incident = report("HJ-2", facts={"scope": "all_applications"})
    facts.correct_time(
        incident_id=incident.pk, actor=dana, now=now + minutes(1), occurred_at=now - minutes(5), reason="监控记录"
    )
    assert duty(incident, "HJ-2-05").late_at == now


def test_the_future_is_refused(report, dana, now, minutes):
    with pytest.raises(Invalid) as refusal:
        report("HJ-2", occurred_at=now + minutes(3))
    assert set(refusal.value.fields) == {"occurred_at"}
    incident = report("HJ-2")
    with pytest.raises(Invalid):
        facts.correct_time(incident_id=incident.pk, actor=dana, now=now, occurred_at=now + minutes(1), reason="x")


def test_done_earlier_is_recorded_but_lateness_is_not_undone(report, omar, now, minutes):
    incident = report("HJ-2", facts={"scope": "all_applications"})
    done = work.complete(
        duty_id=duty(incident, "HJ-2-05").pk, actor=omar, now=now + minutes(7), done_at=now + minutes(4), note="电话"
    )
    assert (done.done_at, done.late_at) == (now + minutes(4), now + minutes(5))
