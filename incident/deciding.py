"""Decides levels by the rules, as facts and time change, and brings a decision into force."""

from datetime import datetime

from incident import chain, clock, confirming, grounds, opening, spacing
from incident.models import Duty, LevelDecision
from incident.story import LEVEL, Story
from playbooks import rules

Status = LevelDecision.Status
IN_FORCE = (Status.PROVISIONAL, Status.CONFIRMED)

# Every region that shows the level in some way.
SHOWS_LEVEL = LEVEL | {"live-next-deadline"}


def assess(story: Story, *, at: datetime) -> None:
    """Ask the rules at `at` (incident clock): raise or propose a level where they ask for more, open what facts open.

    The system never lowers a level. Where a person decided otherwise on the same clauses it stays silent; on further
    clauses it proposes.
    """
    answer = rules.classify(story.playbook, story.readings(), at)
    asked, starts = _asked(story, answer, at=at), None
    if asked is not None:
        starts = _starts(story, asked)
    if asked is not None and starts is not None:
        with story.as_system():
            _decide(story, asked, at=at, starts=starts)
    opening.emit_facts(story, at=at)
    arm(story, answer, at=at)


def arm(story: Story, answer: rules.Verdict, *, at: datetime) -> None:
    """Set the moment at which the rules must be asked again."""
    change_at, change_to = next_change(story, answer, at=at)
    following = change_at if change_to is not None else None
    duty_change = opening.next_facts_change(story, at=at)
    moments = [moment for moment in (following, duty_change) if moment is not None and moment > at]
    story.incident.reassess_at = clock.wall(story.incident, min(moments)) if moments else None


def next_change(story: Story, answer: rules.Verdict, *, at: datetime) -> tuple[datetime | None, str | None]:
    """When and to what the level changes by itself, the distance between levels kept; not what is proposed already."""
    since = spacing.ordered_at(story.decisions, story.incident.level)
    moment, to = spacing.change(story.playbook, answer, rank=story.incident.level_rank, since=since, at=at)
    asked = {decision.level for decision in story.decisions if decision.status == Status.PROPOSED}
    return (None, None) if to in asked else (moment, to)


def _asked(story: Story, answer: rules.Verdict, *, at: datetime) -> rules.Verdict | None:
    """The verdict as far as it may be asked for now; None where the level above must wait for its time."""
    if not spacing.is_spaced(story.playbook) or answer.level is None:
        return answer
    incident = story.incident
    since = spacing.ordered_at(story.decisions, incident.level)
    allowed = spacing.step(story.playbook, answer, rank=incident.level_rank, since=since, at=at).level
    if allowed is None:
        return None
    return spacing.narrowed(story.playbook, answer, allowed, story.readings(), at)


def _after(
    story: Story, answer: rules.Verdict, level: rules.Level, *, at: datetime
) -> tuple[datetime | None, str | None]:
    """What follows once the level is in force, if it is at once."""
    return spacing.change(story.playbook, answer, rank=level.rank, since=at, at=at)


def raise_to(story: Story, level: str, *, at: datetime, because: rules.DutyRule) -> None:
    """A late duty raises the level, as the plan says."""
    if story.playbook.level(level).rank <= story.incident.level_rank:
        return
    answer = rules.Verdict(
        level=level,
        at_least=level,
        at_most=level,
        rule=because.key,
        clauses=(rules.Clause(because.clause_zh, because.clause_en, because.requirements, because.site_rule),),
    )
    _decide(story, answer, at=at)


def _starts(story: Story, answer: rules.Verdict) -> Status | None:
    """How the verdict comes into force; None where it asks for no more than what stands or was decided."""
    if answer.level is None:
        return None
    level = story.playbook.level(answer.level)
    if level.rank <= story.incident.level_rank:
        return None
    starts = Status(level.starts)
    said = {(clause.zh, clause.requirements) for clause in answer.clauses}
    for decision in story.decisions:
        if decision.status == Status.PROPOSED and decision.rank >= level.rank:
            return None
        by_person = decision.made_by_id is not None or decision.status == Status.REJECTED
        if by_person and decision.basis.get("verdict_rank", 0) >= level.rank:
            if said <= {(clause["zh"], tuple(clause["requirements"])) for clause in decision.basis["clauses"]}:
                return None
            starts = Status.PROPOSED
    return starts


def _decide(story: Story, answer: rules.Verdict, *, at: datetime, starts: Status | None = None) -> None:
    """Record the system's decision and bring it into force: as the level says, unless `starts` says otherwise."""
    level = story.playbook.level(str(answer.level))
    rule = next((rule for rule in level.rules if rule.key == answer.rule), None)
    clause = answer.clauses[0] if answer.clauses else rules.Clause(level.zh, level.en)
    decision = LevelDecision(
        incident=story.incident,
        level=level.key,
        rank=level.rank,
        status=starts or Status(level.starts),
        rule=answer.rule or "",
        clause_zh=clause.zh,
        clause_en=clause.en,
        basis=grounds.freeze(story.playbook, answer, _after(story, answer, level, at=at))
        | {"starts": starts or level.starts},
        at=at,
        recorded_at=story.now,
    )
    since = answer.since.isoformat() if answer.since else None
    restricted = story.playbook.restricted  # its words are told from the plan, never from the record
    before = story.incident.level
    proposed = [other for other in story.decisions if other.status == Status.PROPOSED]
    for other in proposed:
        leave(story, other, Status.PASSED)
    story.add_decision(decision)
    kind = "level_proposed" if decision.status == Status.PROPOSED else "level_set"
    requirements = [requirement for clause in answer.clauses for requirement in clause.requirements]
    chain.write(
        story,
        kind,
        at=at,
        clause=clause.zh,
        level=level.key,
        before=before,
        status=decision.status,
        rule=decision.rule,
        rule_zh="" if restricted else rule.zh if rule else level.zh,
        rule_en="" if restricted else rule.en if rule else level.en,
        clause_en=clause.en,
        requirements=requirements,
        since=since,
        plan_version=story.playbook.version_number,
        grounds=decision.basis,
    )
    if decision.status != Status.CONFIRMED:
        duty = opening.open_duty(story, _confirm_rule(story, level.key), at=at)
        opening.announce(story, [duty] if duty else [], at=at)
    if decision.status in IN_FORCE:
        bring_into_force(story, decision, at=at)


def bring_into_force(story: Story, decision: LevelDecision, *, at: datetime) -> None:
    """Make the decision's level the incident's, and open what the level opens."""
    level = story.playbook.level(decision.level)
    for other in story.decisions:
        if other is not decision and other.status in IN_FORCE and other.pk != decision.pk:
            leave(story, other, Status.PASSED)
    lowered = level.rank < story.incident.level_rank
    _put(story, level)
    if spacing.is_spaced(story.playbook) and story.incident.is_running:
        story.incident.reassess_at = story.now  # the next level counts from here: the rules are asked again at once
    if lowered:
        _step_down(story, at=at)
    opening.emit(story, "level", at=at, argument=level.key)
    if decision.status == Status.CONFIRMED:
        opening.emit(story, "confirmed", at=at, argument=level.key)


def fall_back(story: Story, rejected: LevelDecision) -> None:
    """After a rejection: the level decided before, else what the rules give below the rejected one, else none."""
    at = story.at
    earlier = [decision for decision in story.decisions if decision.status in (Status.PASSED, Status.CONFIRMED)]
    if earlier:
        newest = earlier[-1]
        newest.status = Status.CONFIRMED
        story.change_decision(newest)
        _put(story, story.playbook.level(newest.level))
        _step_down(story, at=at)
        opening.emit(story, "level", at=at, argument=newest.level)
        return
    _put(story, None)
    _step_down(story, at=at)
    below = [level for level in story.playbook.levels if level.rank < rejected.rank]
    answer = rules.decide(below, story.playbook.specs, story.readings(), at)
    if answer.level is not None:
        with story.as_system():
            _decide(story, answer, at=at)


def _put(story: Story, level: rules.Level | None) -> None:
    incident = story.incident
    incident.level = level.key if level else ""
    incident.level_rank = level.rank if level else 0
    incident.level_colour = level.colour if level else "none"
    story.touch(SHOWS_LEVEL)


def _step_down(story: Story, *, at: datetime) -> None:
    """The level is lower than it was: what only the higher one asked for is no longer needed."""
    rank, playbook = story.incident.level_rank, story.playbook
    asked = {
        rule.key
        for rule in playbook.duties
        if rule.opens.event in ("level", "confirmed") and playbook.level(rule.opens.argument).rank > rank
    }
    with story.as_system():
        needless = [duty for duty in story.open_duties() if duty.rule in asked]
        opening.waive(story, needless, at=at, reason=opening.LEVEL_DOWN)


def _confirm_rule(story: Story, level: str) -> rules.DutyRule:
    rule = confirming.rule(story.playbook, confirming.key(level))
    if rule is None:
        raise KeyError(level)
    return rule


def leave(story: Story, decision: LevelDecision, status: Status, reason: str = "") -> None:
    """Leave a decision behind; the duty to confirm it goes with it."""
    decision.status = status
    decision.settled_at = story.at
    decision.settled_by, decision.settled_reason = story.actor if not story.settling else None, reason
    story.change_decision(decision)
    if status == Status.PASSED:
        key = confirming.key(decision.level)
        overtaken = [duty for duty in story.open_duties() if duty.rule == key]
        opening.waive(story, overtaken, at=story.at, reason="lapsed:level")


def confirmed_duty(story: Story, level: str) -> None:
    for duty in story.open_duties():
        if duty.rule == confirming.key(level):
            duty.state, duty.done_at, duty.due_at = Duty.State.DONE, story.at, None
            duty.done_by, duty.done_name = story.actor, str(story.actor)
            story.change_duty(duty)
