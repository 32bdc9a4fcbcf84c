"""Relapse, reopen, cancel and merge: nothing is left open, everyone told is told, nothing is deleted."""

import uuid

import pytest

from incident import facts, lifecycle, telling, timeline, work
from incident.models import Duty, Entry, Incident
from incident.models.incident import State
from incident.refusals import AlreadyDone, Invalid, NotNow, Stale
from notices.models import Notice


def reread(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def restored(incident, omar, now, minutes):
    lifecycle.take(incident_id=incident.pk, actor=omar, now=now)
    lifecycle.restore(incident_id=incident.pk, actor=omar, now=now + minutes(3))


def test_restored_in_time_needs_no_sixty_minute_decision(report, omar, now, minutes):
    incident = report("HJ-2")
    restored(incident, omar, now, minutes)
    assert Duty.objects.get(incident=incident, rule="HJ-2-08").state == "waived"


def test_a_relapse_starts_lapsed_clocks_anew(report, omar, now, minutes):
    incident = report("HJ-2")
    restored(incident, omar, now, minutes)
    lifecycle.relapse(incident_id=incident.pk, actor=omar, now=now + minutes(20), reason="又登录不了")
    again = Duty.objects.get(incident=incident, rule="HJ-2-08", state="open")
    assert again.plan_due_at == now + minutes(80)
    assert not Duty.objects.filter(incident=incident, rule="HJ-2-14", state="open").exists()
    lifecycle.restore(incident_id=incident.pk, actor=omar, now=now + minutes(30))
    assert Duty.objects.filter(incident=incident, rule="HJ-2-14").count() == 2


def test_the_end_names_what_is_missing(report, omar, dana, now, minutes):
    incident = report("HJ-2")
    restored(incident, omar, now, minutes)
    with pytest.raises(NotNow) as refusal:
        lifecycle.declare_end(incident_id=incident.pk, actor=dana, now=now + minutes(4))
    assert len(refusal.value.missing) >= 3
    assert reread(incident).state == State.RECOVERING


def test_cancelling_tells_everyone_and_leaves_nothing_open(report, dana, now, minutes):
    incident = report("HJ-2")
    told = set(Notice.objects.filter(incident=incident).values_list("person", flat=True))
    lifecycle.cancel(incident_id=incident.pk, actor=dana, now=now + minutes(1), reason="误触")
    assert not Duty.objects.filter(incident=incident, state="open").exists()
    assert not Duty.objects.filter(incident=incident, due_at__isnull=False).exists()
    again = Notice.objects.filter(incident=incident, kind="cancelled")
    assert set(again.values_list("person", flat=True)) == told
    first = Notice.objects.filter(incident=incident).exclude(kind="cancelled")
    assert set(first.values_list("state", flat=True)) == {"cancelled"}


def test_a_twin_is_merged_and_points_at_the_other(report, dana, now, minutes):
    first, second = report("HJ-2"), report("HJ-2")
    lifecycle.merge(incident_id=second.pk, actor=dana, now=now + minutes(1), into=first.number)
    second = reread(second)
    assert (second.state, second.merged_into_id) == (State.CANCELLED, first.pk)
    assert Entry.objects.filter(incident=first, kind="twin", data__number=second.number).exists()
    assert not Duty.objects.filter(incident=second, state="open").exists()
    with pytest.raises(Invalid):
        lifecycle.merge(incident_id=first.pk, actor=dana, now=now + minutes(2), into="INC-000000-99")


def test_a_second_submit_is_the_first_incident(report):
    key = uuid.uuid4()
    assert report("HJ-2", client_key=key).pk == report("HJ-2", client_key=key).pk
    assert Incident.objects.count() == 1


def test_two_people_press_the_same_button(report, omar, dana, now, minutes):
    incident = report("HJ-2")
    duty = Duty.objects.get(incident=incident, rule="HJ-2-05")
    work.complete(duty_id=duty.pk, actor=omar, now=now + minutes(1), note="电话已报")
    with pytest.raises(AlreadyDone) as refusal:
        work.complete(duty_id=duty.pk, actor=dana, now=now + minutes(2))
    assert str(omar) in str(refusal.value)
    assert Entry.objects.filter(incident=incident, kind="duty_done", data__duty="HJ-2-05").count() == 1


def test_a_stale_page_is_refused(report, omar, dana, now, minutes):
    incident = report("HJ-2")
    seen = reread(incident).revision
    lifecycle.take(incident_id=incident.pk, actor=omar, now=now, seen=seen)
    with pytest.raises(Stale):
        lifecycle.cancel(incident_id=incident.pk, actor=dana, now=now, reason="误触", seen=seen)


def test_work_of_others_does_not_make_a_form_stale(report, omar, dana, now, minutes):
    incident = report("HJ-2")
    seen = reread(incident).revision
    work.complete(duty_id=Duty.objects.get(incident=incident, rule="HJ-2-03").pk, actor=omar, now=now + minutes(1))
    timeline.note(incident_id=incident.pk, actor=omar, now=now + minutes(1), text="网关已重启")
    at = now + minutes(6)  # a deadline has gone by as well
    lifecycle.cancel(incident_id=incident.pk, actor=dana, now=at, reason="误触", seen=seen)
    assert reread(incident).state == State.CANCELLED


def test_a_level_that_changed_makes_a_form_stale(report, omar, dana, now, minutes):
    incident = report("HJ-2", facts={"scope": "some_seats"})
    seen = reread(incident).revision
    given = {"scope": facts.Given(value="all_applications")}
    facts.record(incident_id=incident.pk, actor=omar, now=now + minutes(1), given=given)
    with pytest.raises(Stale):
        lifecycle.cancel(incident_id=incident.pk, actor=dana, now=now + minutes(2), reason="误触", seen=seen)


def test_of_two_who_take_the_second_learns_who_was_first(report, omar, dana, now, minutes):
    incident = report("HJ-2")
    seen = reread(incident).revision
    lifecycle.take(incident_id=incident.pk, actor=omar, now=now + minutes(1), seen=seen)
    with pytest.raises(AlreadyDone) as refusal:
        lifecycle.take(incident_id=incident.pk, actor=dana, now=now + minutes(2), seen=seen)
    assert str(omar) in str(refusal.value)
    assert Entry.objects.filter(incident=incident, kind="taken").count() == 1


def test_a_second_answer_learns_who_was_first(report, dana, now, minutes):
    incident = report("HJ-2")
    notice = Notice.objects.filter(incident=incident).first()
    telling.acknowledge(notice_id=notice.pk, actor=None, by="示例主管B", via="link", now=now)
    answer = telling.acknowledge(notice_id=notice.pk, actor=dana, by=str(dana), via="screen", now=now + minutes(1))
    assert (answer.by, answer.at) == ("示例主管B", now)
    assert Entry.objects.filter(incident=incident, kind="acknowledged").count() == 1


def test_a_closed_incident_never_reopens(report, dana, now):
    incident = report("HJ-2")
    lifecycle.cancel(incident_id=incident.pk, actor=dana, now=now, reason="误触")
    for step in (lifecycle.reopen, lifecycle.relapse):
        with pytest.raises(NotNow):
            step(incident_id=incident.pk, actor=dana, now=now, reason="再来")
    after = report("HJ-2", follows=incident.number)
    assert after.follows_id == incident.pk
