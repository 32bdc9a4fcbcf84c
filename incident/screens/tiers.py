"""The tiers of support of a running surge: which is in force since when, and when the next is asked for."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from incident import spacing
from incident.models import Incident, LevelDecision
from incident.screens import room_words as say
from incident.screens import strips
from incident.story import minutes
from playbooks import library, rules

if TYPE_CHECKING:
    from incident.screens.board import Board

PROPOSED = LevelDecision.Status.PROPOSED


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier. `since_at` once it was ordered (incident clock), `due_at` when it is asked for at the soonest (wall).

    `is_proposed`: it waits for a person. Neither time: after the tier below was ordered, so many minutes later.
    """

    name: str
    words: str
    is_active: bool
    since_at: datetime | None = None
    is_proposed: bool = False
    due_at: datetime | None = None
    after_minutes: str = ""


@dataclass(frozen=True, slots=True)
class Ladder:
    """The tiers of one incident."""

    number: str
    url: str
    clause: str
    title: str
    tiers: tuple[Tier, ...]


class Ladders:
    """Every running real incident whose levels follow each other at a distance. One query where there is one."""

    def __init__(self, board: "Board") -> None:
        self.board = board

    @cached_property
    def all(self) -> list[Ladder]:
        tiered = [
            (incident, playbook)
            for incident in self.board.in_progress
            if spacing.is_spaced(playbook := library.playbook(incident.playbook_id))
        ]
        if not tiered:
            return []
        decisions: dict[int, list[LevelDecision]] = defaultdict(list)
        for decision in LevelDecision.objects.filter(incident__in=[one.pk for one, _ in tiered]).order_by("id"):
            decisions[decision.incident_id].append(decision)
        return [ladder(incident, playbook, decisions[incident.pk]) for incident, playbook in tiered]


def ladder(incident: Incident, playbook: rules.Playbook, decisions: Sequence[LevelDecision]) -> Ladder:
    """The tiers of one incident out of what was decided."""
    tiers: list[Tier] = []
    levels = sorted(playbook.levels, key=lambda level: level.rank)
    soonest: datetime | None = None  # wall: when the tier before is asked for, for those further up
    for level in levels:
        tier = _tier(incident, playbook, level, decisions, soonest)
        soonest = tier.due_at if tier.due_at else None
        tiers.append(tier)
    rule = levels[0].rules[0] if levels and levels[0].rules else None
    return Ladder(
        number=incident.number,
        url=strips.room_url(incident.number),
        clause=say.pick(rule, "clause") if rule else "",
        title=strips.title(incident, playbook),
        tiers=tuple(tiers),
    )


def _tier(
    incident: Incident, playbook: rules.Playbook, level: rules.Level, decisions: Iterable[LevelDecision],
    below_due_at: datetime | None,
) -> Tier:  # fmt: skip
    name, words = say.pick(level), _task(playbook, level)
    if level.rank <= incident.level_rank:
        since = spacing.ordered_at(decisions, level.key)
        return Tier(name, words, level.rank == incident.level_rank, since_at=since)
    waiting = next((one for one in decisions if one.level == level.key and one.status == PROPOSED), None)
    if waiting is not None:
        return Tier(name, words, False, since_at=waiting.at, is_proposed=True)
    apart = level.spacing_minutes
    if level.rank == incident.level_rank + 1 and incident.reassess_at is not None:
        return Tier(name, words, False, due_at=incident.reassess_at)
    if below_due_at is not None and apart is not None:
        return Tier(name, words, False, due_at=below_due_at + minutes(apart))
    return Tier(name, words, False, after_minutes=say.number(apart) if apart is not None else "")


def _task(playbook: rules.Playbook, level: rules.Level) -> str:
    """What the tier is about: the first duty that it opens, without the tier's name before it."""
    opened = (
        duty
        for duty in playbook.duties
        if duty.opens.event in ("level", "confirmed") and duty.opens.argument == level.key
    )
    duty = next(opened, None)
    if duty is None:
        return ""
    said = say.pick(duty)
    head, mark, rest = said.partition(": " if say.is_english() else "：")
    return rest if mark and head.casefold() in say.pick(level).casefold() else said
