"""Levels that follow each other at a distance: tier 2 is asked for so many minutes after tier 1 was ordered."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from incident.models import LevelDecision
from incident.story import minutes
from playbooks import rules

Status = LevelDecision.Status


@dataclass(frozen=True)
class Step:
    """What a verdict may ask for now, and when it may ask for more. `level` None: nothing above what is in force."""

    level: rules.Level | None
    later: rules.Level | None = None
    later_at: datetime | None = None


def step(playbook: rules.Playbook, verdict: rules.Verdict, *, rank: int, since: datetime | None, at: datetime) -> Step:
    """The highest level up to the verdict's that may be asked for at `at`, one spaced level at a time.

    `rank` is that of the level in force, `since` when it was ordered. Pure.
    """
    if verdict.level is None:
        return Step(None)
    wanted = playbook.level(verdict.level).rank
    ladder = sorted((one for one in playbook.levels if rank < one.rank <= wanted), key=lambda one: one.rank)
    allowed: rules.Level | None = None
    for level in ladder:
        if level.spacing_minutes is None or (rank == 0 and level.rank == _lowest(playbook)):
            allowed = level
            continue
        if allowed is not None or since is None:
            return Step(allowed)  # the level below is ordered first, and its time counts from then
        due = since + minutes(level.spacing_minutes)
        return Step(level) if at >= due else Step(None, level, due)
    return Step(allowed)


def narrowed(
    playbook: rules.Playbook, verdict: rules.Verdict, level: rules.Level, facts: dict[str, rules.Reading], at: datetime
) -> rules.Verdict:
    """The verdict as if the levels above this one did not exist: its own clauses and reasons."""
    if verdict.level == level.key:
        return verdict
    below = [one for one in playbook.levels if one.rank <= level.rank]
    found = rules.decide(below, playbook.specs, facts, at)
    return found if found.level == level.key else replace(verdict, level=level.key)


def ordered_at(decisions: Iterable[LevelDecision], level: str) -> datetime | None:
    """When the level in force was ordered: set, or for a proposal, agreed to. None where nobody decided it."""
    standing = [one for one in decisions if one.level == level and one.status in (Status.PROVISIONAL, Status.CONFIRMED)]
    if not standing:
        return None
    newest = standing[-1]
    was_proposed = newest.basis.get("starts") == Status.PROPOSED
    return newest.settled_at if was_proposed and newest.settled_at else newest.at


def is_spaced(playbook: rules.Playbook) -> bool:
    return any(level.spacing_minutes is not None for level in playbook.levels)


def change(
    playbook: rules.Playbook, verdict: rules.Verdict, *, rank: int, since: datetime | None, at: datetime
) -> tuple[datetime | None, str | None]:
    """When and to what the level changes if nothing is reported, the distance between levels kept."""
    if not is_spaced(playbook):
        return verdict.next_change_at, verdict.next_change_to
    now = step(playbook, verdict, rank=rank, since=since, at=at)
    if now.later is not None:
        return now.later_at, now.later.key
    moment, to = verdict.next_change_at, verdict.next_change_to
    if moment is None or to is None or playbook.level(to).rank <= rank:
        return moment, to
    then = step(playbook, replace(verdict, level=to), rank=rank, since=since, at=moment)
    if then.later is not None:
        return then.later_at, then.later.key
    return moment, then.level.key if then.level else to


def _lowest(playbook: rules.Playbook) -> int:
    return min(level.rank for level in playbook.levels)
