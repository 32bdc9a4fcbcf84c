"""The plan of some days as pure values: what is needed, who is planned, who is away, and what the days are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from staffing import coverage, workdays
from staffing.models import Absence, Need, Shift, ShiftKind

ZONE = timezone.get_default_timezone()
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the pure functions are asked with. `work` reaches a day beyond both ends, for rests and nights."""

    first: date
    last: date
    turns: list[coverage.Turn]
    work: list[coverage.Work]
    away: list[coverage.Away]
    days: dict[date, workdays.Known]

    def gaps(self) -> list[coverage.Gap]:
        return coverage.gaps(self.turns, self.work, self.away)


def midnight(day: date) -> datetime:
    """The moment at which a day of the sites begins."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def span(kind: ShiftKind, day: date) -> tuple[datetime, datetime]:
    """From when to when the shift of a day lasts; one that ends at or before its start ends on the next day."""
    starts_at = datetime.combine(day, kind.starts, tzinfo=ZONE)
    ends = day + DAY if kind.ends <= kind.starts else day
    return starts_at, datetime.combine(ends, kind.ends, tzinfo=ZONE)


def touching(starts_at: datetime, ends_at: datetime) -> RawSQL:
    """A condition on shifts that share a moment with the span; it uses the index of spans."""
    return RawSQL(  # noqa: S611 - both parameters are bound
        "tstzrange(staffing_shift.starts_at, staffing_shift.ends_at, '[)') && tstzrange(%s, %s, '[)')",
        [starts_at, ends_at],
        output_field=BooleanField(),
    )


def shifts(site_id: int, starts_at: datetime, ends_at: datetime) -> "QuerySet[Shift]":
    """The shifts of the site that share a moment with the span."""
    return Shift.objects.filter(touching(starts_at, ends_at), post__site_id=site_id, removed_at__isnull=True)


def needs(site_id: int) -> "QuerySet[Need]":
    return Need.objects.filter(post__site_id=site_id, count__gt=0).select_related("kind")


def turns(wanted: Iterable[Need], days: Iterable[workdays.Known]) -> list[coverage.Turn]:
    """What is needed on these days; a need of workdays alone goes by the calendar, where it is known."""
    wanted = list(wanted)
    return [
        coverage.Turn(need.post_id, need.kind_id, day.day, *span(need.kind, day.day), need.count, need.kind.standby)
        for day in days
        for need in wanted
        if (not need.weekdays or day.day.isoweekday() in need.weekdays) and (day.is_worked or not need.workdays_only)
    ]


def work(rows: Iterable[Sequence[Any]]) -> list[coverage.Work]:
    """Rows of id, post, person, start, end, standby, override."""
    return [coverage.Work(*row) for row in rows]


WORK = ("id", "post_id", "person_id", "starts_at", "ends_at", "standby", "is_override")


def absences(site_id: int, starts_at: datetime, ends_at: datetime) -> "QuerySet[Absence]":
    """Who of the site is away at some moment of the span."""
    return Absence.objects.filter(person__site_id=site_id, starts_at__lt=ends_at, ends_at__gt=starts_at)


def away(rows: Iterable[Absence]) -> list[coverage.Away]:
    return [coverage.Away(row.person_id, row.starts_at, row.ends_at) for row in rows]


def gather(site_id: int, first: date, last: date) -> Plan:
    """The plan from the first to the last day, both included. Four queries.

    Shifts of people who have left since count no more.
    """
    starts_at, ends_at = midnight(first - DAY), midnight(last + 2 * DAY)
    days = workdays.calendar(first, last)
    found = shifts(site_id, starts_at, ends_at).filter(person__is_active=True)
    return Plan(
        first=first,
        last=last,
        turns=turns(needs(site_id), days.values()),
        work=work(found.values_list(*WORK)),
        away=away(absences(site_id, starts_at, ends_at)),
        days=days,
    )


def in_week(week: date) -> Q:
    """Shifts that begin in the week of that Monday."""
    return Q(starts_at__gte=midnight(week), starts_at__lt=midnight(week + WEEK))


def later(moment: datetime, days: int) -> datetime:
    """The same time of day so many days later."""
    return moment.astimezone(ZONE) + timedelta(days=days)  # arithmetic of one zone is that of its wall clock
