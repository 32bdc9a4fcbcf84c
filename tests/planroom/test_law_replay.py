"""Past incidents run once more: by the same law they go as they went, by a draft the difference is told."""

import json
import time
import uuid
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from incident import facts, levels, lifecycle, reporting, sweep
from incident.models import Duty, Incident, LevelDecision
from incident.readings import Given
from planroom import past, replay
from playbooks import library, planfile, storing
from staffing.models import Site
from tests.planroom.law_texts import PLAN, edited, with_duty


def read(text):
    found = planfile.read(text)
    assert found.mistakes == ()
    return found.document


@pytest.fixture
def plan(world, now):
    """The sample plan in force at the call centre."""
    Site.objects.filter(key="callcentre").update(plans=["HJ", "TP"])
    return storing.publish(storing.draft(read(PLAN), now=now), by=None, now=now).plan


@pytest.fixture
def happen(plan, omar, dana, now, minutes):
    """An incident of the sample plan: full from the report on, over after a while."""

    def make(over_after=45.0, since=0.0, mode="real", **more):
        given = {"full_minutes": Given(since=now - minutes(since))} | more
        incident = reporting.report(
            actor=omar, now=now, client_key=uuid.uuid4(), site_id=Site.objects.get(key="callcentre").pk,
            playbook_id=library.find("TP", "TP-1").id, facts=given, mode=mode,
        )  # fmt: skip
        for minute in (15, 30):
            if minute < over_after:
                sweep.sweep(now=now + minutes(minute))
        lifecycle.cancel(incident_id=incident.pk, actor=dana, now=now + minutes(over_after), reason="练习结束")
        return Incident.objects.get(pk=incident.pk)

    return make


def one(incident, new, old=PLAN):
    (history,) = past.histories([incident])
    return replay.run(history, read(old).playbooks[0], read(new).playbooks[0])


def steps(course):
    return [(rise.level.key, rise.at) for rise in course.levels]


def test_by_the_same_law_nothing_changes_and_it_goes_as_it_went(happen, now, minutes):
    incident = happen()
    outcome = one(incident, PLAN)
    assert not outcome.differs
    assert steps(outcome.old) == [("general", now + minutes(15)), ("major", now + minutes(30))]
    recorded = LevelDecision.objects.filter(incident=incident).order_by("id").values_list("level", "at")
    assert steps(outcome.old) == list(recorded)
    assert {duty.rule.key for duty in outcome.old.duties} == set(
        Duty.objects.filter(incident=incident).values_list("rule", flat=True)
    )


def test_a_lower_threshold_brings_the_level_sooner(happen, now, minutes):
    outcome = one(happen(), edited(("at_least: 30", "at_least: 20")))
    assert outcome.levels_differ
    assert steps(outcome.new) == [("general", now + minutes(15)), ("major", now + minutes(20))]
    ((was, would),) = outcome.moved
    assert (was.at, would.at) == (now + minutes(30), now + minutes(20))
    assert would.due_at == now + minutes(30)


def test_levels_that_keep_their_distance(happen, now, minutes):
    """Both conditions hold from the report on; the higher level waits for its distance from the lower one."""
    spaced = edited(
        (
            "colour: orange\n        starts: confirmed",
            "colour: orange\n        starts: proposed\n        spacing_minutes: 20",
        )
    )
    outcome = one(happen(since=60), spaced)
    assert steps(outcome.old) == [("major", now)]
    assert steps(outcome.new) == [("general", now), ("major", now + minutes(20))]


def test_a_watch_that_the_report_would_start(happen, now, minutes):
    new = edited(
        (
            "{metric: persons, kind: count, zh: 人数, en: Persons}",
            "{metric: out_minutes, kind: stopwatch, unit: min, zh: 失控时长, en: Out of hand for, from_report: yes}",
        ),
        ("{fact: full_minutes, at_least: 30}", "{fact: out_minutes, at_least: 12}"),
    )
    assert steps(one(happen(), new).new) == [("major", now + minutes(12))]


def test_a_level_that_would_not_have_come(happen):
    outcome = one(happen(), edited(("at_least: 30", "at_least: 50")))
    assert [rise.level.key for rise in outcome.new.levels] == ["general"]
    assert [duty.rule.key for duty in outcome.removed] == ["TP-1-02"]


def test_another_deadline_and_another_duty(happen):
    new = with_duty("opens: {event: done, duty: TP-1-01}").replace("minutes: 5", "minutes: 2")
    outcome = one(happen(), new)
    assert not outcome.levels_differ and outcome.added == ()  # TP-1-01 was never done
    ((was, would),) = outcome.moved
    assert was.due_at - would.due_at == timedelta(minutes=3)


def test_late_duties_by_the_record(happen):
    """TP-1-01 was never done: what its lateness opens in the draft would have opened."""
    outcome = one(happen(), with_duty("opens: {event: late, duty: TP-1-01}"))
    assert [duty.rule.key for duty in outcome.added] == ["TP-1-09"]


def test_facts_come_in_their_order(happen, plan, omar, dana, now, minutes):
    incident = reporting.report(
        actor=omar, now=now, client_key=uuid.uuid4(), site_id=Site.objects.get(key="callcentre").pk,
        playbook_id=library.find("TP", "TP-1").id, facts={},
    )  # fmt: skip
    facts.record(incident_id=incident.pk, actor=omar, now=now + minutes(4), given={"smoke": Given(value=True)})
    lifecycle.cancel(incident_id=incident.pk, actor=dana, now=now + minutes(9), reason="误报")
    new = with_duty("opens: {event: facts, when: {all: [{fact: smoke, is: yes}]}}\nminutes: 1")
    outcome = one(Incident.objects.get(pk=incident.pk), new)
    assert [(duty.rule.key, duty.at) for duty in outcome.added] == [("TP-1-09", now + minutes(4))]


def test_a_playbook_that_the_draft_has_no_more(happen):
    (history,) = past.histories([happen()])
    outcome = replay.run(history, read(PLAN).playbooks[0], None)
    assert outcome.differs and outcome.new is None


def test_what_the_draft_does_not_touch_is_not_run(happen, plan):
    happen()
    same = edited(("zh: 示例预案", "zh: 新示例预案"))
    found = past.replayed(past.over(plan, None), read(PLAN), read(same))
    assert (found.total, found.same_law, found.outcomes) == (1, 1, ())


def test_exercises_too_and_only_what_is_over_and_only_at_those_sites(happen, plan, callcentre, online, report):
    happen(mode="exercise")
    happen()
    assert len(past.over(plan, None)) == 2
    assert past.over(plan, [online.pk]) == []
    assert len(past.over(plan, [callcentre.pk])) == 2


def test_the_record_of_a_shipped_plan_is_met(report, dana, now, minutes):
    """KF-4 as it ran, with a person confirming the level: the replay opens the same duties at the same moments."""
    incident = report("KF-4", facts={"seats_full_minutes": Given(since=now)})
    sweep.sweep(now=now + minutes(16))
    sweep.sweep(now=now + minutes(31))
    decision = LevelDecision.objects.filter(incident=incident, status="provisional").first()
    if decision is not None:
        levels.confirm(decision_id=decision.pk, actor=dana, now=now + minutes(33))
    lifecycle.cancel(incident_id=incident.pk, actor=dana, now=now + minutes(40), reason="误报")
    (history,) = past.histories([Incident.objects.get(pk=incident.pk)])
    course = replay.course(history, library.playbook(incident.playbook_id))
    recorded = {
        duty.rule: duty.opened_at
        for duty in Duty.objects.filter(incident=incident)
        if not duty.rule.startswith("confirm-level-")
    }
    assert {duty.rule.key: duty.at for duty in course.duties} == recorded


def test_two_hundred_incidents_in_two_seconds(happen, plan):
    first = happen()
    (history,) = past.histories([first])
    old, new = read(PLAN).playbooks[0], read(edited(("at_least: 30", "at_least: 20"))).playbooks[0]
    begun = time.monotonic()
    assert all(replay.run(history, old, new).differs for _ in range(200))
    assert time.monotonic() - begun < 2


def test_the_command(happen, plan, now, capsys):
    incident = happen()
    draft = storing.draft(read(edited(("at_least: 30", "at_least: 20"))), now=now)
    call_command("replay", "TP", draft=draft.number, json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["incidents"] == 1
    (different,) = said["different"]
    assert different["number"] == incident.number
    assert [step["level"] for step in different["levels"]["after"]] == ["general", "major"]
    call_command("replay", "TP", draft=draft.number)
    assert incident.number in capsys.readouterr().out


@pytest.mark.parametrize(("key", "number"), [("XX", 1), ("TP", 77)])
def test_a_plan_or_version_that_is_not_there(plan, key, number):
    with pytest.raises(CommandError) as refused:
        call_command("replay", key, draft=number)
    assert refused.value.returncode == 2
