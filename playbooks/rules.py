"""Decides the level of an incident: facts and a moment in, a verdict with clause, reasons and next change out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

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
from playbooks.truth import Truth, condition_truth, elapsed, expected_total, group_truth, join, truth

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
    "decide",
    "truth",
]


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a rule beside what is known: `have` None is unknown, `met` None is undecided."""

    level: str
    rule: str
    spec: FactSpec
    condition: Condition
    have: Value
    met: bool | None
    since: datetime | None

    @property
    def metric(self) -> str:
        return self.condition.metric

    @property
    def need(self) -> object:
        return self.condition.value


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
    raise NotImplementedError
