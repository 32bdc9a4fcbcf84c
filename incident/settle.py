"""Brings an incident up to date: everything due up to now is applied, in due order, each dated at its due time.

The one function through which time acts. It runs under the incident's row lock: first in every action, and in the
sweep for incidents that nobody touches, so the same story gives the same decisions at any speed.
"""

from dataclasses import dataclass
from datetime import datetime

from incident import chain, clock, deciding, following, opening, summoning
from incident.models import CallOut, Duty
from incident.story import Story
from playbooks import rules

# No plan has a chain this long; a rule that feeds itself must not hold the lock for ever.
MOST_STEPS = 500


@dataclass(frozen=True)
class Due:
    """Something whose time has come; `duty` and `call_out` empty: the rules must be asked again.

    `follows`: not the duty's own time, but that of what should have followed a confirmation.
    """

    at: datetime
    duty: Duty | None = None
    follows: bool = False
    call_out: CallOut | None = None


class TooManySteps(RuntimeError):
    """Settling did not come to rest."""


def settle(story: Story, *, until: datetime | None = None) -> int:
    """Apply all that is due at the story's time; how many steps that took. After the end only duties fall due.

    `until` (incident clock): an earlier moment, where something is to be written that was so from then on.
    """
    if not story.incident.is_open:
        return 0
    until = until or story.at
    for steps in range(MOST_STEPS):
        due = _next(story, until)
        if due is None:
            return steps
        with story.as_system():
            _apply(story, due)
    raise TooManySteps(story.incident.number)


def _next(story: Story, until: datetime) -> Due | None:
    """The earliest thing due up to `until` (incident clock); a level before a lateness of the same moment."""
    candidates: list[tuple[datetime, int, int, Due]] = []
    reassess = story.incident.reassess_at
    if reassess is not None and (moment := clock.at(story.incident, reassess)) <= until:
        candidates.append((moment, 0, 0, Due(moment)))
    for place, duty in enumerate(story.duties):
        if duty.due_at is not None and duty.plan_due_at is not None and duty.plan_due_at <= until:
            candidates.append((duty.plan_due_at, 1, place, Due(duty.plan_due_at, duty)))
        if duty.follow_at is not None and (moment := clock.at(story.incident, duty.follow_at)) <= until:
            candidates.append((moment, 3, place, Due(moment, duty, follows=True)))
    for place, call_out in enumerate(story.call_outs):
        if call_out.due_at is not None and (moment := clock.at(story.incident, call_out.due_at)) <= until:
            candidates.append((moment, 2, place, Due(moment, call_out=call_out)))
    return min(candidates, key=lambda found: found[:3])[3] if candidates else None


def _apply(story: Story, due: Due) -> None:
    if due.call_out is not None:
        summoning.tick(story, due.call_out, at=due.at)
        return
    if due.duty is None:
        story.incident.reassess_at = None
        if story.incident.is_running:
            deciding.assess(story, at=due.at)
        return
    if due.follows:
        following.expire(story, due.duty, at=due.at)
        return
    _late(story, due.duty)


def _late(story: Story, duty: Duty) -> None:
    """The duty's time has passed with the duty open: said once, with what the plan says follows."""
    moment = duty.plan_due_at
    if moment is None:
        return
    duty.late_at, duty.due_at = moment, None
    story.change_duty(duty)
    rule = opening.story_rule(story, duty.rule)
    chain.write(
        story,
        "duty_late",
        at=moment,
        clause=rule.clause_zh,
        clause_en=rule.clause_en,
        duty=duty.rule,
        post=duty.post,
        holder=duty.holder,
        due_kind=duty.due_kind,
        past_when_recorded=duty.past_when_recorded,
    )
    for effect in rule.on_late:
        _effect(story, rule, duty, effect, moment)
    opening.emit(story, "late", at=moment, argument=duty.rule)


def _effect(story: Story, rule: rules.DutyRule, duty: Duty, effect: rules.Effect, at: datetime) -> None:
    if effect.kind == "tell":
        story.call(effect.argument, "told_late", at=at, duties=(duty,))
    elif effect.kind == "open":
        opened = opening.open_duty(story, story.playbook.duty(effect.argument), at=at)
        opening.announce(story, [opened] if opened else [], at=at)
    else:
        deciding.raise_to(story, effect.argument, at=at, because=rule)
