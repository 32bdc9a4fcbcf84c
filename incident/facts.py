"""What people observe: facts recorded and corrected, and the time of the event corrected; each re-decides at once."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from incident import acting, chain, clock, deciding, moments, observing, running, settle, writing
from incident.models import Duty, Incident
from incident.readings import Given, label, parse, typed
from incident.refusals import Invalid
from incident.story import DUTIES, FACTS, HEAD, Story
from playbooks import rules

if TYPE_CHECKING:
    from staffing.models import User

__all__ = ["Given", "correct_time", "fall_silent", "label", "parse", "record"]


def record(*, incident_id: int, actor: "User", now: datetime, given: dict[str, Given], reason: str = "") -> Incident:
    """Record observations; unchanged ones are left alone. Level and duties follow at once. Raises NotNow, Invalid."""
    with acting.act(incident_id, actor=actor, now=now, verb="incident.work") as story:
        running.need(story)
        unknown = set(given) - set(story.playbook.specs)
        if unknown or rules.ELAPSED.metric in given:
            raise Invalid({f"fact-{metric}": _("这个预案没有“%s”这项情况。") % metric for metric in sorted(unknown)})
        changed = {metric: value for metric, value in given.items() if _differs(story, metric, value)}
        if changed:
            observing.write(story, changed, reason=reason.strip()[:200])
            deciding.assess(story, at=story.at)
        return story.incident


def _differs(story: Story, metric: str, given: Given) -> bool:
    newest = next((fact for fact in reversed(story.facts) if fact.metric == metric), None)
    if newest is None:
        return given != Given()
    spec = story.playbook.fact(metric)
    return (typed(spec, newest.value), newest.since if given.since else None, newest.expected) != (
        given.value,
        given.since,
        given.expected,
    ) or (spec.kind in ("stopwatch", "countdown") and newest.since != given.since)


def fall_silent(*, incident_id: int, metric: str, heard_at: datetime, source: str, now: datetime) -> Incident:
    """A source has not been heard since `heard_at` (incident clock): its timers stand there until it speaks again.

    Nothing is reset and nothing runs on. A metric that nobody gave, or that is silent already, is left alone.
    """
    with transaction.atomic():
        story = Story(incident=acting.locked(incident_id), actor=None, now=now)
        settle.settle(story)
        newest = next((fact for fact in reversed(story.facts) if fact.metric == metric), None)
        if newest is not None and newest.heard_at is None and story.incident.is_running:
            spec = story.playbook.fact(metric)
            stood = Given(value=typed(spec, newest.value), since=newest.since, expected=newest.expected)
            observing.write(story, {metric: stood}, heard_at=min(heard_at, story.at), source=source)
            deciding.assess(story, at=story.at)
        writing.save(story)
        return story.incident


def correct_time(
    *, incident_id: int, actor: "User", now: datetime, occurred_at: datetime, reason: str, seen: int | None = None
) -> Incident:
    """Correct when it began, with a reason: open clocks count anew; what was late stays late. Raises Invalid."""
    with acting.act(incident_id, actor=actor, now=now, verb="incident.decide", seen=seen) as story:
        running.need(story)
        moments.check(story, occurred_at, field="occurred_at")
        if not reason.strip():
            raise Invalid({"reason": _("更正时间必须写明理由。")})
        incident = story.incident
        before = incident.occurred_at
        if occurred_at > incident.reported_at:
            raise Invalid({"occurred_at": _("发生时间不能晚于报告时间。")})
        if occurred_at == before:
            raise Invalid({"occurred_at": _("与现在记录的时间相同。")})
        incident.occurred_at = occurred_at
        for duty in story.open_duties():
            if duty.anchor_at == before and duty.late_at is None and _anchor(story, duty) == "occurred":
                _move(duty, by=occurred_at - before, incident=incident)
                story.change_duty(duty)
        story.touch(HEAD, DUTIES, FACTS)
        chain.write(
            story,
            "time_corrected",
            before=before.isoformat(),
            after=occurred_at.isoformat(),
            reason=reason.strip()[:300],
        )
        deciding.assess(story, at=story.at)
        return incident


def _anchor(story: Story, duty: Duty) -> str:
    return next((rule.anchor for rule in story.playbook.duties if rule.key == duty.rule), "opened")


def _move(duty: Duty, *, by: timedelta, incident: Incident) -> None:
    duty.anchor_at += by
    if duty.plan_due_at is not None:
        duty.plan_due_at += by
        duty.due_at = clock.wall(incident, duty.plan_due_at)
        duty.past_when_recorded = duty.plan_due_at < duty.opened_at
