"""Decides the level of an incident: facts and a moment in, a verdict with clause, reasons and next change out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from playbooks import reasons
from playbooks.law import (
    ALWAYS,
    ELAPSED,
    EXPECTED,
    HOLDER,
    TOLD,
    Choice,
    Clause,
    Condition,
    DutyRule,
    Effect,
    FactSpec,
    Group,
    Level,
    Note,
    Playbook,
    Post,
    Reading,
    Rule,
    Trigger,
    Value,
    Words,
)
from playbooks.reasons import Check, Survey, conditions, is_known, metrics
from playbooks.truth import Truth, group_truth, truth

__all__ = [
    "ALWAYS",
    "ELAPSED",
    "EXPECTED",
    "HOLDER",
    "TOLD",
    "Check",
    "Choice",
    "Clause",
    "Condition",
    "DutyRule",
    "Effect",
    "FactSpec",
    "Group",
    "Level",
    "Note",
    "Playbook",
    "Post",
    "Reading",
    "Rule",
    "Trigger",
    "Truth",
    "Value",
    "Verdict",
    "Words",
    "classify",
    "conditions",
    "decide",
    "is_known",
    "metrics",
    "truth",
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the console would set now, and why.

    `at_least` and `at_most` bound `level` over everything unknown; None is "no level". `rule` is the first rule met
    of that level, `clauses` those of all its rules met, `since` when the first of them came true. `missing` lists
    every metric the levels ask for that nobody gave; `settles` the one that would close the range. At
    `next_change_at`, if nothing is reported, the level becomes `next_change_to`. `gaps`: what the next higher level
    asks for, condition by condition.
    """

    level: str | None
    at_least: str | None
    at_most: str | None
    rule: str | None = None
    clauses: tuple[Clause, ...] = ()
    since: datetime | None = None
    used: tuple[Reading, ...] = ()
    satisfied: tuple[Check, ...] = ()
    missing: tuple[str, ...] = ()
    settles: str | None = None
    next_change_at: datetime | None = None
    next_change_to: str | None = None
    next_level: str | None = None
    gaps: tuple[Check, ...] = ()
    notes: tuple[Words, ...] = ()
    presumed: bool = False


def classify(playbook: Playbook, facts: Mapping[str, Reading], now: datetime) -> Verdict:
    """`decide` for a whole playbook."""
    return decide(playbook.levels, playbook.specs, facts, now)


def decide(
    levels: Iterable[Level], specs: Mapping[str, FactSpec], facts: Mapping[str, Reading], now: datetime
) -> Verdict:
    """The level that the facts give at `now`; pure, and blind to the order in which facts were entered."""
    ladder = sorted(levels, key=lambda level: level.rank)
    keys = [None, *(level.key for level in ladder)]
    current = _survey(ladder, specs, facts, now)
    met = [(rule, answer) for rule, answer in current.answers.get(current.level, ()) if answer.presumed]
    following = ladder[current.level] if current.level < len(ladder) else None
    checks = reasons.Checks(specs, facts, now)
    change_at, change_to = _next_change(ladder, specs, facts, current)
    satisfied = tuple(
        check
        for rule, _ in met
        for check in checks.of(ladder[current.level - 1], rule)
        if check.met or (check.met is None and check.condition.counts_expected)
    )
    starts = [answer.since for _, answer in met if answer.since is not None]
    return Verdict(
        level=keys[current.level],
        at_least=keys[current.at_least],
        at_most=keys[current.at_most],
        rule=met[0][0].key if met else None,
        clauses=tuple(rule.clause for rule, _ in met),
        since=min(starts, default=None),
        used=reasons.used(satisfied, facts),
        satisfied=satisfied,
        missing=reasons.missing(ladder, specs, facts),
        settles=reasons.settles(ladder, checks, current),
        next_change_at=change_at,
        next_change_to=keys[change_to],
        next_level=following.key if following else None,
        gaps=tuple(check for rule in following.rules for check in checks.of(following, rule)) if following else (),
        notes=reasons.notes(ladder, current, facts, [rule for rule, _ in met], satisfied),
        presumed=current.level > current.at_least,
    )


def _survey(ladder: list[Level], specs: Mapping[str, FactSpec], facts: Mapping[str, Reading], now: datetime) -> Survey:
    level = at_least = at_most = 0
    answers: dict[int, list[tuple[Rule, Truth]]] = {}
    for step, candidate in enumerate(ladder, start=1):
        answers[step] = [(rule, group_truth(rule.when, specs, facts, now)) for rule in candidate.rules]
        for _, answer in answers[step]:
            if answer.presumed:
                level = step
            if answer.value:
                at_least = step
            if answer.value is not False:
                at_most = step
    return Survey(level, at_least, at_most, answers)


def _next_change(
    ladder: list[Level], specs: Mapping[str, FactSpec], facts: Mapping[str, Reading], current: Survey
) -> tuple[datetime | None, int]:
    """Truth only changes at a flip, so the first flip with another level is the exact moment."""
    flips = {moment for rules in current.answers.values() for _, answer in rules for moment in answer.flips}
    for moment in sorted(flips):
        level = _level_at(moment, ladder, specs, facts, current)
        if level != current.level:
            return moment, level
    return None, 0


def _level_at(
    moment: datetime, ladder: list[Level], specs: Mapping[str, FactSpec], facts: Mapping[str, Reading], current: Survey
) -> int:
    """The level at a later moment; a rule without a flip is then what it is now."""
    for step in range(len(ladder), 0, -1):
        for rule, answer in current.answers[step]:
            later = group_truth(rule.when, specs, facts, moment) if answer.flips else answer
            if later.presumed:
                return step
    return 0
