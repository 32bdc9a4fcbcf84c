"""Gaps and strains of a roster: who is missing where, who is planned twice, who rests too little. Pure: no Django.

Spans are half open: the start belongs to them, the end does not. Whoever is away counts nowhere.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

REST = timedelta(hours=11)  # between two shifts of one person


@dataclass(frozen=True, slots=True)
class Turn:
    """A post on one kind of shift of one day, with the number of people it needs."""

    post: int
    kind: int
    day: date
    starts_at: datetime
    ends_at: datetime
    needed: int
    standby: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """A person planned on a post; standby is reachable, not present."""

    id: int
    post: int
    person: int
    starts_at: datetime
    ends_at: datetime
    standby: bool = False
    is_override: bool = False


@dataclass(frozen=True, slots=True)
class Away:
    """A person on leave."""

    person: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of a turn on which the same people are missing; `away`: planned there, but on leave."""

    turn: Turn
    starts_at: datetime
    ends_at: datetime
    missing: int
    away: tuple[int, ...] = ()

    @property
    def is_partial(self) -> bool:
        """Only a part of the turn lacks people."""
        return (self.starts_at, self.ends_at) != (self.turn.starts_at, self.turn.ends_at)


class Trouble(StrEnum):
    """What is wrong between two shifts of one person."""

    DOUBLE = "double"  # on two posts or shifts at once
    STANDBY = "standby"  # on call while on duty elsewhere
    IN_A_ROW = "in_a_row"  # two shifts without a break
    SHORT_REST = "short_rest"  # less than REST between them


@dataclass(frozen=True, slots=True)
class Strain:
    """Two shifts of one person that do not go together; `between` is the overlap, or the break."""

    kind: Trouble
    person: int
    first: Work
    second: Work
    between: timedelta


@dataclass(frozen=True, slots=True)
class Leave:
    """Who is away when, for one question after another."""

    spans: Mapping[int, Sequence[Away]] = field(default_factory=dict)

    @classmethod
    def of(cls, away: Iterable[Away]) -> "Leave":
        found: dict[int, list[Away]] = defaultdict(list)
        for one in away:
            found[one.person].append(one)
        return cls(found)

    def during(self, person: int, starts_at: datetime, ends_at: datetime) -> list[Away]:
        """The absences of a person that touch the span."""
        return [one for one in self.spans.get(person, ()) if overlaps(one, starts_at, ends_at)]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Shifts in order of their start, so that those of a moment are found without looking at all of a year."""

    work: Sequence[Work]
    starts: Sequence[datetime]
    longest: timedelta

    @classmethod
    def of(cls, work: Iterable[Work]) -> "Shelf":
        ordered = sorted(work, key=lambda one: one.starts_at)
        longest = max((one.ends_at - one.starts_at for one in ordered), default=timedelta())
        return cls(ordered, [one.starts_at for one in ordered], longest)

    def during(self, starts_at: datetime, ends_at: datetime) -> list[Work]:
        """The shifts that share a moment with the span."""
        first = bisect_left(self.starts, starts_at - self.longest)
        return [one for one in self.work[first : bisect_left(self.starts, ends_at)] if one.ends_at > starts_at]


EMPTY = Shelf((), (), timedelta())


def overlaps(span: Work | Away | Turn, starts_at: datetime, ends_at: datetime) -> bool:
    """Tell whether two half-open spans share a moment."""
    return span.starts_at < ends_at and starts_at < span.ends_at


def gaps(turns: Iterable[Turn], work: Iterable[Work], away: Iterable[Away] = ()) -> list[Gap]:
    """Return where too few people are planned, in order of time; neighbouring stretches of equal lack are one gap."""
    by_post: dict[tuple[int, bool], list[Work]] = defaultdict(list)
    for one in work:
        by_post[one.post, one.standby].append(one)
    shelves = {key: Shelf.of(own) for key, own in by_post.items()}
    leave = Leave.of(away)
    found = [gap for turn in turns for gap in _gaps_of(turn, shelves.get((turn.post, turn.standby), EMPTY), leave)]
    return sorted(found, key=lambda gap: (gap.starts_at, gap.turn.starts_at, gap.turn.post, gap.turn.kind))


def _gaps_of(turn: Turn, shelf: Shelf, leave: Leave) -> list[Gap]:
    here = shelf.during(turn.starts_at, turn.ends_at)
    gone = {one.id: leave.during(one.person, turn.starts_at, turn.ends_at) for one in here}
    found: list[Gap] = []
    for starts_at, ends_at in _stretches(turn, [*here, *(span for spans in gone.values() for span in spans)]):
        there = [one for one in here if overlaps(one, starts_at, ends_at)]
        away = [one for one in there if any(overlaps(span, starts_at, ends_at) for span in gone[one.id])]
        missing = turn.needed - present(there, away)
        if missing <= 0:
            continue
        people = tuple(sorted({one.person for one in away}))
        last = found[-1] if found else None
        if last and (last.ends_at, last.missing, last.away) == (starts_at, missing, people):
            found[-1] = Gap(turn, last.starts_at, ends_at, missing, people)
        else:
            found.append(Gap(turn, starts_at, ends_at, missing, people))
    return found


def present(there: Iterable[Work], away: Iterable[Work]) -> int:
    """Return how many people stand on a post at one moment: `there` is planned, `away` those of them on leave.

    Whoever stands in takes somebody's place: first that of one on leave, then that of one who is there. Only where
    nobody is planned does a stand-in add to the number.
    """
    lost = {one.id for one in away}
    planned, here, standing_in = set(), set(), set()
    for one in there:
        if one.is_override:
            standing_in |= {one.person} if one.id not in lost else set()
        else:
            planned.add(one.person)
            here |= {one.person} if one.id not in lost else set()
    more = standing_in - here
    displaced = min(max(len(more) - len(planned - here), 0), len(here))
    return len(here) + len(more) - displaced


def _stretches(turn: Turn, spans: Iterable[Work | Away]) -> list[tuple[datetime, datetime]]:
    """The turn cut wherever somebody comes or goes."""
    cuts = {turn.starts_at, turn.ends_at}
    for span in spans:
        cuts |= {moment for moment in (span.starts_at, span.ends_at) if turn.starts_at < moment < turn.ends_at}
    ordered = sorted(cuts)
    return list(zip(ordered, ordered[1:], strict=False))


def strains(work: Iterable[Work], *, rest: timedelta = REST) -> list[Strain]:
    """Return who is planned twice at once or rests too little, worst kinds first, then in order of time."""
    by_person: dict[int, list[Work]] = defaultdict(list)
    for one in work:
        by_person[one.person].append(one)
    found = [strain for own in by_person.values() for strain in _strains_of(own, rest)]
    order = {kind: place for place, kind in enumerate(Trouble)}
    return sorted(found, key=lambda one: (order[one.kind], one.second.starts_at, one.person, one.first.id))


def _strains_of(own: list[Work], rest: timedelta) -> list[Strain]:
    if len(own) < 2:
        return []
    own = sorted(own, key=lambda one: (one.starts_at, one.ends_at, one.id))
    found = list(_clashes(own))
    last: Work | None = None  # the shift on duty that ends last so far
    for one in (one for one in own if not one.standby):
        if last is not None and one.starts_at >= last.ends_at and one.starts_at - last.ends_at < rest:
            pause = one.starts_at - last.ends_at
            found.append(Strain(Trouble.SHORT_REST if pause else Trouble.IN_A_ROW, one.person, last, one, pause))
        if last is None or one.ends_at > last.ends_at:
            last = one
    return found


def _clashes(own: Sequence[Work]) -> Iterable[Strain]:
    """Pairs that share a moment. On call for two posts at once is no clash: one telephone serves both."""
    for place, first in enumerate(own):
        for second in own[place + 1 :]:
            if second.starts_at >= first.ends_at:
                break
            shared = min(first.ends_at, second.ends_at) - second.starts_at
            if not (first.standby or second.standby):
                yield Strain(Trouble.DOUBLE, first.person, first, second, shared)
            elif first.standby != second.standby:
                yield Strain(Trouble.STANDBY, first.person, first, second, shared)
