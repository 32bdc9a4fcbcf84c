"""Opens, lapses and replaces duties as the events of an incident happen."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from incident import chain, clock, confirming, observing
from incident.models import Duty
from incident.readings import Given
from incident.story import Story, minutes
from playbooks import law, rules

# What may happen more than once in an incident; its duties open each time. All others open at most once.
RECURRING = ("restore", "relapse", "end")

# Why a duty of a higher level is waived when the level goes down; it may open again.
LEVEL_DOWN = "lapsed:level_down"


def emit(story: Story, event: law.Event, *, at: datetime, argument: str = "") -> list[Duty]:
    """Something happened: open the duties that answer to it, and waive those that it makes needless.

    Returns what was opened. One entry names them all.
    """
    _lapse(story, event, at=at)
    opened = [
        duty
        for rule in story.playbook.duties
        if _answers(story, rule, event, argument, at) and (duty := open_duty(story, rule, at=at)) is not None
    ]
    announce(story, opened, at=at)
    return opened


def emit_facts(story: Story, *, at: datetime) -> list[Duty]:
    """Open the duties whose condition over the facts holds now, each at the moment it came true."""
    waiting = _waiting_for_facts(story)
    if not waiting:
        return []
    facts = story.readings()
    opened = []
    for rule in waiting:
        truth = rules.truth(rule.opens.when or rules.ALWAYS, story.playbook.specs, facts, at)
        if truth.value and (duty := open_duty(story, rule, at=max(truth.since or at, story.incident.reported_at))):
            opened.append(duty)
    announce(story, opened, at=at)
    return opened


def next_facts_change(story: Story, *, at: datetime) -> datetime | None:
    """The next moment at which a duty opens by itself if nothing is reported."""
    facts = story.readings()
    changes = [
        rules.truth(rule.opens.when or rules.ALWAYS, story.playbook.specs, facts, at).next_change_at
        for rule in _waiting_for_facts(story)
    ]
    return min((change for change in changes if change is not None), default=None)


def open_duty(
    story: Story, rule: rules.DutyRule, *, at: datetime, anchor: datetime | None = None, again: bool = False
) -> Duty | None:
    """Open one duty; None where it is open already or had its turn. `again`: a rhythm, the next round of it."""
    if not again and _opened(story, rule):
        return None
    incident = story.incident
    at = max(at, incident.reported_at)
    anchor = anchor or {"opened": at, "occurred": incident.occurred_at, "reported": incident.reported_at}[rule.anchor]
    amount = rule.minutes if rule.minutes is not None else rule.target_minutes
    if again:
        amount = rule.every_minutes
    due = anchor + minutes(amount) if amount is not None else None
    kind = Duty.DueKind.NONE if due is None else Duty.DueKind.PLAN if rule.minutes is not None else Duty.DueKind.TARGET
    duty = Duty(
        incident=incident,
        rule=rule.key,
        kind=rule.kind,
        post=rule.post,
        order=rule.order,
        gate=rule.gate or "",
        life_safety=rule.life_safety,
        opened_at=at,
        anchor_at=anchor,
        due_kind=kind,
        plan_due_at=due,
        due_at=clock.wall(incident, due) if due else None,
        past_when_recorded=bool(due and due < at),
    )
    story.add_duty(duty)
    for key in rule.replaces:
        for other in [duty for duty in story.open_duties() if duty.rule == key]:
            waive(story, [other], at=at, reason=f"replaced:{rule.key}")
    return duty


def announce(story: Story, opened: list[Duty], *, at: datetime) -> None:
    """Write one entry for duties just opened, and call the people they concern."""
    if not opened:
        return
    with story.as_system():
        chain.write(story, "duties_opened", at=at, duties=[duty.rule for duty in opened])
    by_post: dict[str, list[Duty]] = {}
    for duty in opened:
        rule = story_rule(story, duty.rule)
        posts = [duty.post if recipient == rules.HOLDER else recipient for recipient in rule.tell]
        if duty.kind == "notification" and posts and set(posts) <= story.actor_posts:
            # Whoever reports need not be told what he reports.
            finish(story, duty, by=str(story.actor), note="word:told_self")
            continue
        for post in posts:
            story.call(post, "recovered" if post == rules.TOLD else "duty", at=at, duties=(duty,))
        if duty.kind != "prohibition" and rules.HOLDER not in rule.tell:
            by_post.setdefault(duty.post, []).append(duty)
    for post, duties in by_post.items():
        story.call(post, "duty", at=at, duties=tuple(duties), own=True)


def finish(
    story: Story, duty: Duty, *, by: str, at: datetime | None = None, note: str = "", choice: str = "", via: str = "",
    kind: str = "duty_done", **more: Any,
) -> None:  # fmt: skip
    """Mark a duty done in the story, with what follows from it. `kind`: of its entry; `more`: what that says too."""
    rule = story_rule(story, duty.rule)
    duty.state = Duty.State.DONE
    duty.done_at, duty.due_at = at or story.at, None
    duty.done_by, duty.done_name = story.actor, by[:80]
    duty.note, duty.choice = note, choice
    story.change_duty(duty)
    chain.write(
        story,
        kind,
        at=duty.done_at,
        clause=rule.clause_zh,
        clause_en=rule.clause_en,
        duty=duty.rule,
        post=duty.post,
        by=by,
        via=via,
        note=note,
        choice=choice,
        late=duty.late_at is not None,
        **more,
    )
    if choice and rule.fact:
        observing.write(story, {rule.fact: _as_fact(story, rule.fact, choice)})
        # The rules are asked again when the story settles: at once.
        story.incident.reassess_at = story.now
    emit(story, "done", at=story.at, argument=duty.rule)
    if rule.every_minutes is not None and story.incident.restored_at is None:
        again = open_duty(story, rule, at=story.at, again=True)
        announce(story, [again] if again else [], at=story.at)


def waive(story: Story, duties: Iterable[Duty], *, at: datetime, reason: str, by_system: bool = True) -> None:
    """Close duties that are no longer needed. `reason` is free text, or `word:argument` of the catalogue."""
    keys = []
    for duty in duties:
        duty.state = Duty.State.WAIVED
        duty.done_at, duty.note, duty.due_at = max(at, duty.opened_at), reason, None
        duty.done_by = None if by_system else story.actor
        duty.done_name = "" if by_system else str(story.actor)
        story.change_duty(duty)
        keys.append(duty.rule)
    if keys:
        chain.write(story, "duties_waived", at=at, duties=keys, reason=reason)


def answers_needed(rule: rules.DutyRule, told: int) -> int:
    """How many of those told must confirm; never more than were told."""
    if rule.answers == "all":
        return told
    return min(1 if rule.answers == "any" else int(rule.answers), told)


def story_rule(story: Story, key: str) -> rules.DutyRule:
    """The rule behind a duty: of the playbook, or the console's own for confirming a level."""
    return confirming.rule(story.playbook, key) or story.playbook.duty(key)


def _lapse(story: Story, event: law.Event, *, at: datetime) -> None:
    lapsed = [
        duty for duty in story.open_duties() if duty.late_at is None and story_rule(story, duty.rule).lapses_on == event
    ]
    with story.as_system():
        waive(story, lapsed, at=at, reason=f"lapsed:{event}")


def _waiting_for_facts(story: Story) -> list[rules.DutyRule]:
    return [
        rule
        for rule in story.playbook.duties
        if rule.opens.event == "facts" and not _is_over_for(story, rule) and not _opened(story, rule)
    ]


def _is_over_for(story: Story, rule: rules.DutyRule) -> bool:
    """A duty that lapses on recovery no longer opens once service is back."""
    return rule.lapses_on == "restore" and story.incident.restored_at is not None


def _opened(story: Story, rule: rules.DutyRule) -> bool:
    """Whether the rule has had its turn. Duties of recurring events, and those lapsed, may open again."""
    earlier = [duty for duty in story.duties if duty.rule == rule.key]
    if not earlier:
        return False
    newest = earlier[-1]
    if newest.state == Duty.State.OPEN:
        return True
    again = rule.opens.event in RECURRING or newest.note.startswith("lapsed:") or _is_back(story, newest)
    return not again


def _is_back(story: Story, duty: Duty) -> bool:
    """Whether the duty that replaced this one was itself withdrawn."""
    kind, _colon, key = duty.note.partition(":")
    successors = [other for other in story.duties if other.rule == key] if kind == "replaced" else []
    return bool(successors) and successors[-1].note == LEVEL_DOWN


def _answers(story: Story, rule: rules.DutyRule, event: law.Event, argument: str, at: datetime) -> bool:
    opens = rule.opens
    if opens.event != event or not _argument_fits(story, opens, event, argument):
        return False
    if _is_over_for(story, rule):
        return False
    if opens.when is None:
        return True
    return bool(rules.truth(opens.when, story.playbook.specs, story.readings(), at).value)


def _argument_fits(story: Story, opens: rules.Trigger, event: law.Event, argument: str) -> bool:
    if event not in ("level", "confirmed"):
        return opens.argument in ("", argument)
    asked, reached = story.playbook.level(opens.argument), story.playbook.level(argument)
    return asked.rank == reached.rank if opens.only else asked.rank <= reached.rank


def _as_fact(story: Story, metric: str, choice: str) -> Given:
    spec = story.playbook.fact(metric)
    if spec.kind == "flag":
        return Given(value={"yes": True, "no": False}.get(choice))
    return Given(value=choice if choice in {option.key for option in spec.choices} else None)
