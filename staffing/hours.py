"""Hours worked and overtime, and who should be asked first to fill a gap. Pure: no Django, no clock.

Standard hours are 8 a day and 40 a week; overtime beyond 1 hour (3 with special reason) a day or 36 a month is shown,
never enforced. A shift counts for the day on which it starts; standby is no work.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Protocol

HOUR = timedelta(hours=1)
A_DAY, A_WEEK = 8 * HOUR, 40 * HOUR
DAY_USUAL, DAY_MOST, MONTH_MOST = 1 * HOUR, 3 * HOUR, 36 * HOUR
NONE = timedelta()


class Spanned(Protocol):
    """Anything with a half-open span; a shift, say."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


class Limit(StrEnum):
    """A limit of overtime that is passed."""

    DAY_USUAL = "day_usual"  # more than 1 hour over on a day
    DAY_MOST = "day_most"  # more than 3
    MONTH = "month"  # more than 36 in a month


@dataclass(frozen=True, slots=True)
class Tally:
    """Hours of one person in a week and a month; `over_*` is overtime, `worst_day` the most on one day of the week."""

    week: timedelta = NONE
    month: timedelta = NONE
    over_week: timedelta = NONE
    over_month: timedelta = NONE
    worst_day: timedelta = NONE

    @property
    def passed(self) -> tuple[Limit, ...]:
        """Which limits of overtime the plan passes, for showing."""
        day = (Limit.DAY_MOST,) if self.worst_day > DAY_MOST else ()
        day = day or ((Limit.DAY_USUAL,) if self.worst_day > DAY_USUAL else ())
        return (*day, *((Limit.MONTH,) if self.over_month > MONTH_MOST else ()))


def monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def by_day(spans: Iterable[Spanned], zone: tzinfo) -> dict[date, timedelta]:
    """Return the time worked by the day on which each stretch starts; what overlaps counts once."""
    found: dict[date, timedelta] = defaultdict(timedelta)
    until: datetime | None = None
    for span in sorted(spans, key=lambda one: (one.starts_at, one.ends_at)):
        starts_at = span.starts_at if until is None else max(span.starts_at, until)
        if span.ends_at > starts_at:
            found[span.starts_at.astimezone(zone).date()] += span.ends_at - starts_at
            until = span.ends_at
    return dict(found)


def overtime(days: Mapping[date, timedelta]) -> dict[date, timedelta]:
    """Return the overtime of each day: beyond 8 hours, or once the 40 hours of its week are used up."""
    used: dict[date, timedelta] = defaultdict(timedelta)
    found = {}
    for day in sorted(days):
        usual = min(days[day], A_DAY, A_WEEK - used[monday(day)])
        used[monday(day)] += usual
        found[day] = days[day] - usual
    return found


def tally(spans: Iterable[Spanned], *, day: date, zone: tzinfo) -> Tally:
    """Return the hours of the week and the month in which `day` lies.

    Give every shift on duty of that month and of the weeks it touches: a week may begin in the month before.
    """
    days = by_day(spans, zone)
    over = overtime(days)
    week = {one for one in days if monday(one) == monday(day)}
    month = {one for one in days if (one.year, one.month) == (day.year, day.month)}
    return Tally(
        week=sum((days[one] for one in week), NONE),
        month=sum((days[one] for one in month), NONE),
        over_week=sum((over[one] for one in week), NONE),
        over_month=sum((over[one] for one in month), NONE),
        worst_day=max((over[one] for one in week), default=NONE),
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may fill a gap: their shifts nearby, their hours in the week, and whether they can be reached."""

    person: int
    week: timedelta = NONE
    is_reachable: bool = True
    is_away: bool = False
    busy: tuple[Spanned, ...] = ()  # shifts on duty around the gap
    nearness: int = 0  # 0 for who holds the post, more for who only knows it


class Doubt(StrEnum):
    """What speaks against somebody who is free."""

    UNREACHABLE = "unreachable"
    IN_A_ROW = "in_a_row"
    SHORT_REST = "short_rest"
    OVER_WEEK = "over_week"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One way to fill a gap, with the hours of the week as they are without it."""

    person: int
    week: timedelta
    doubts: tuple[Doubt, ...] = ()


def suggest(
    starts_at: datetime, ends_at: datetime, candidates: Iterable[Candidate], *, rest: timedelta = 11 * HOUR
) -> list[Suggestion]:
    """Return who can take the span, best first: free people only; reachable, rested, nearest, then fewest hours."""
    found = []
    for one in candidates:
        if one.is_away or any(span.starts_at < ends_at and starts_at < span.ends_at for span in one.busy):
            continue
        doubts = _doubts(one, starts_at, ends_at, rest)
        found.append(((_weight(doubts), one.nearness, one.week, one.person), Suggestion(one.person, one.week, doubts)))
    return [suggestion for _, suggestion in sorted(found, key=lambda pair: pair[0])]


def _weight(doubts: Sequence[Doubt]) -> tuple[bool, bool, bool]:
    tired = Doubt.IN_A_ROW in doubts or Doubt.SHORT_REST in doubts
    return Doubt.UNREACHABLE in doubts, tired, Doubt.OVER_WEEK in doubts


def _doubts(one: Candidate, starts_at: datetime, ends_at: datetime, rest: timedelta) -> tuple[Doubt, ...]:
    pauses = [starts_at - span.ends_at for span in one.busy if span.ends_at <= starts_at]
    pauses += [span.starts_at - ends_at for span in one.busy if span.starts_at >= ends_at]
    least = min(pauses, default=rest)
    found = [] if one.is_reachable else [Doubt.UNREACHABLE]
    if least < rest:
        found.append(Doubt.SHORT_REST if least else Doubt.IN_A_ROW)
    if one.week + (ends_at - starts_at) > A_WEEK:
        found.append(Doubt.OVER_WEEK)
    return tuple(found)
