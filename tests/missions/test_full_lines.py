"""KF-4: fifteen minutes of full lines are the general plan, thirty the major one, and nobody is called in unasked."""

from datetime import timedelta

import pytest

from incident import catalogue, facts, levels, sweep, work
from incident.models import Duty, Entry, Incident, LevelDecision
from incident.readings import Given
from incident.refusals import Invalid
from playbooks import library


def reread(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def opened(incident: Incident, requirement: str) -> list[Duty]:
    return [duty for duty in Duty.objects.filter(incident=incident) if duty.rule.startswith(requirement)]


def test_levels_come_to_the_second(report, now, minutes):
    incident = report("KF-4", facts={"seats_full_minutes": Given(since=now)})
    assert reread(incident).level == ""
    assert reread(incident).reassess_at == now + minutes(15)
    sweep.sweep(now=now + minutes(15) - timedelta(seconds=1))
    assert reread(incident).level == ""
    sweep.sweep(now=now + minutes(15))
    assert reread(incident).level == "general"
    sweep.sweep(now=now + minutes(31))
    assert reread(incident).level == "major"
    decisions = LevelDecision.objects.filter(incident=incident).order_by("id")
    assert [(one.level, one.status, one.at) for one in decisions] == [
        ("general", "passed", now + minutes(15)),
        ("major", "provisional", now + minutes(30)),
    ]
    assert "KF-4.2-05" in decisions[1].basis["clauses"][0]["requirements"]


def test_calling_everybody_in_waits_for_the_supervisor(report, dana, now, minutes):
    incident = report("KF-4", facts={"server_login_failed": True})
    assert reread(incident).level == "major"
    assert opened(incident, "KF-4.2-06") == []
    assert Duty.objects.filter(incident=incident, rule="confirm-level-major", state="open").exists()
    decision = LevelDecision.objects.get(incident=incident, status="provisional")
    levels.confirm(decision_id=decision.pk, actor=dana, now=now + minutes(3))
    assert len(opened(incident, "KF-4.2-06")) == 1
    assert Duty.objects.get(incident=incident, rule="confirm-level-major").state == "done"


def test_what_replaces_a_duty_is_said_by_name(report, now, minutes):
    incident = report("KF-4", facts={"seats_full_minutes": Given(since=now)})
    sweep.sweep(now=now + minutes(31))
    law = library.playbook(incident.playbook_id)
    said = [catalogue.words(entry, law) for entry in Entry.objects.filter(incident=incident, kind="duties_waived")]
    assert any(law.duty("KF-4.2-08").zh in words for words in said)
    assert not any("KF-4" in words for words in said)


def rejected(incident, dana, at) -> None:
    decision = LevelDecision.objects.get(incident=incident, status="provisional")
    levels.reject(decision_id=decision.pk, actor=dana, now=at, reason="仅一台测试服务器")


def test_a_rejected_level_stays_rejected_on_the_same_facts(report, dana, omar, now, minutes):
    incident = report("KF-4", facts={"server_login_failed": True})
    rejected(incident, dana, now + minutes(1))
    assert reread(incident).level == ""
    facts.record(incident_id=incident.pk, actor=omar, now=now + minutes(2), given={"expected_minutes": Given(value=30)})
    sweep.sweep(now=now + minutes(60))
    assert reread(incident).level == ""
    assert not LevelDecision.objects.filter(incident=incident, status="proposed").exists()


def test_a_further_reason_after_a_rejection_is_proposed(report, dana, omar, now, minutes):
    incident = report("KF-4", facts={"server_login_failed": True})
    rejected(incident, dana, now + minutes(1))
    facts.record(
        incident_id=incident.pk, actor=omar, now=now + minutes(2), given={"mass_disconnect": Given(value=True)}
    )
    assert reread(incident).level == ""
    proposal = LevelDecision.objects.get(incident=incident, status="proposed")
    assert proposal.level == "major"
    levels.confirm(decision_id=proposal.pk, actor=dana, now=now + minutes(3))
    assert reread(incident).level == "major"


def test_what_only_the_rejected_level_asked_for_goes_with_it(report, dana, now, minutes):
    incident = report("KF-4", facts={"seats_full_minutes": Given(since=now)})
    sweep.sweep(now=now + minutes(31))
    assert reread(incident).level == "major"
    rejected(incident, dana, now + minutes(32))
    assert reread(incident).level == "general"
    still = Duty.objects.filter(incident=incident, state="open")
    assert not still.filter(rule__startswith="KF-4.2").exists()
    assert not still.filter(rule="KF-3-04").exists()
    assert still.filter(rule="KF-4.1-05").exists()  # replaced by a duty of the rejected level: back again


def test_a_major_level_rejected_at_once_leaves_what_the_rules_give_below(report, dana, now, minutes):
    incident = report("KF-4", facts={"server_login_failed": True, "temporary_maintenance": True})
    assert reread(incident).level == "major"
    rejected(incident, dana, now + minutes(1))
    assert reread(incident).level == "general"


def test_lowering_by_hand_withdraws_what_only_the_higher_level_asked_for(report, dana, now, minutes):
    incident = report("KF-4", facts={"server_login_failed": True})
    levels.set_level(incident_id=incident.pk, actor=dana, now=now + minutes(1), level="general", reason="影响很小")
    assert reread(incident).level == "general"
    assert not Duty.objects.filter(incident=incident, state="open", rule__startswith="KF-4.2").exists()
    assert Duty.objects.filter(incident=incident, state="open", rule__startswith="KF-4.1").exists()


def test_people_change_a_level_only_with_a_reason(report, dana, now, minutes):
    incident = report("KF-4", facts={"temporary_maintenance": True})
    assert reread(incident).level == "general"
    with pytest.raises(Invalid):
        levels.set_level(incident_id=incident.pk, actor=dana, now=now, level="major", reason=" ")
    levels.set_level(incident_id=incident.pk, actor=dana, now=now + minutes(1), level="major", reason="媒体关注")
    assert reread(incident).level == "major"
    running = Duty.objects.filter(incident=incident, rule__startswith="KF-4.1", state="open")
    assert running.exists()  # a higher level keeps running duties


def test_routine_maintenance_is_no_emergency(report):
    incident = report("KF-4", facts={"temporary_maintenance": True, "routine_maintenance": True})
    assert reread(incident).level == ""


def test_progress_is_reported_again_and_again(report, omar, now, minutes):
    incident = report("KF-4", facts={"server_login_failed": True})
    for round_at in (10, 35):
        due = Duty.objects.get(incident=incident, rule="KF-4.2-09", state="open")
        work.complete(duty_id=due.pk, actor=omar, now=now + minutes(round_at), note="已报进展")
    rounds = Duty.objects.filter(incident=incident, rule="KF-4.2-09").order_by("id")
    assert [duty.state for duty in rounds] == ["done", "done", "open"]
    assert rounds[2].plan_due_at == now + minutes(65)
    assert rounds[2].due_kind == "target"
