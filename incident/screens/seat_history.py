"""What was measured of one queue lately, thinned out to one reading a minute, and the figures that follow from it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.db.models.functions import TruncMinute
from django.utils.timezone import localtime

from staffing import service
from staffing.models import Queue, Reading

WINDOW = timedelta(hours=2)
AHEAD = timedelta(minutes=40)  # the chart goes on beyond now, to the marks that are still to come
STEP = timedelta(minutes=10)
WEEK = timedelta(days=7)
RECENT = timedelta(minutes=30)
COLUMNS = ("at", "staffed", "busy", "wrapping", "waiting", *service.COUNTED)


@dataclass(frozen=True, slots=True)
class Point:
    """One reading; None: not known."""

    at: datetime
    staffed: int | None
    busy: int | None
    wrapping: int | None
    waiting: int | None
    counters: service.Counters

    @property
    def occupancy(self) -> float | None:
        """Busy seats out of those staffed, 0 to 1; a queue with callers and nobody staffed is full."""
        if self.staffed is None or self.busy is None:
            return None
        if self.staffed == 0:
            return 1.0 if self.waiting else None
        return min(1.0, self.busy / self.staffed)


@dataclass(frozen=True, slots=True)
class Rate:
    """A figure and the calls it is of; `is_day`: since midnight, as the last half hour does not tell."""

    figure: service.Figure
    calls: service.Calls | None
    is_day: bool = False

    @property
    def minutes(self) -> int:
        return round(self.calls.minutes) if self.calls else 0


class History:
    """The last two hours of a queue, and the same time a week ago. One query, made when first asked."""

    def __init__(self, queue: Queue, now: datetime) -> None:
        self.queue, self.now = queue, now
        self.begins_at = _floor(now - WINDOW)
        self.ends_at = self.begins_at + WINDOW + AHEAD

    @cached_property
    def _points(self) -> list[Point]:
        lately = Q(at__gte=self.begins_at, at__lte=self.now)
        before = Q(at__gte=self.begins_at - WEEK, at__lte=self.ends_at - WEEK)
        rows = (
            Reading.objects.filter(lately | before, queue=self.queue)
            .annotate(minute=TruncMinute("at"))
            .order_by("minute", "-at")
            .distinct("minute")
            .values_list("minute", *COLUMNS)
        )
        return [_point(row) for row in rows]

    @cached_property
    def points(self) -> list[Point]:
        return [point for point in self._points if point.at >= self.begins_at]

    @cached_property
    def a_week_ago(self) -> list[Point]:
        return [point for point in self._points if point.at < self.begins_at]

    @property
    def free_since(self) -> datetime | None:
        """When a seat became free after the last fullness of the window; None where it was not full in it."""
        later: datetime | None = None
        for point in reversed(self.points):
            if point.occupancy is None:
                continue
            if point.occupancy >= 1:
                return later
            later = point.at
        return None

    @cached_property
    def calls(self) -> service.Calls | None:
        """The calls of the last half hour, as far as the counters tell."""
        since = self.now - RECENT
        return service.between(point.counters for point in self.points if point.at >= since)

    @cached_property
    def day(self) -> service.Calls | None:
        """The calls of today so far, by the newest reading that counts them."""
        counted = [point for point in self.points if point.counters.offered is not None]
        midnight = localtime(self.now).replace(hour=0, minute=0, second=0, microsecond=0)
        if not counted or counted[-1].at < midnight:
            return None
        return service.day_so_far(counted[-1].counters, midnight)

    @cached_property
    def connected(self) -> Rate:
        return self._rate(service.connect_rate)

    @cached_property
    def in_time(self) -> Rate:
        return self._rate(service.service_level)

    @cached_property
    def abandoned(self) -> Rate:
        return self._rate(service.abandon_rate)

    @cached_property
    def occupied(self) -> service.Figure:
        """The mean occupancy of the last half hour, after-call work included where it is known."""
        since = self.now - RECENT
        lately = [point for point in self.points if point.at >= since and point.busy is not None and point.staffed]
        knows_work = bool(lately) and all(point.wrapping is not None for point in lately)
        return service.occupancy(
            busy=_sum(point.busy for point in lately),
            wrapping=_sum(point.wrapping for point in lately) if knows_work else None,
            staffed=_sum(point.staffed for point in lately),
        )

    def _rate(self, measure: Callable[[service.Calls, service.Way], service.Figure]) -> Rate:
        """Of the last half hour; of the day where that says nothing and the day does."""
        way: service.Way = "short_out" if self.queue.formula == Queue.Formula.SHORT_OUT else "all"
        unknown = service.Calls(self.now, self.now)
        lately = measure(self.calls or unknown, way)
        if lately.value is None and self.day is not None:
            today = measure(self.day, way)
            if today.value is not None:
                return Rate(today, self.day, is_day=True)
        return Rate(lately, self.calls)


def _floor(moment: datetime) -> datetime:
    local = localtime(moment)
    return local.replace(minute=local.minute // 10 * 10, second=0, microsecond=0)


def _sum(values: Iterable[int | None]) -> int | None:
    numbers = [value for value in values if value is not None]
    return sum(numbers) if numbers else None


def _point(row: tuple[Any, ...]) -> Point:
    _minute, at, staffed, busy, wrapping, waiting, *counts = row
    return Point(at, staffed, busy, wrapping, waiting, service.Counters(at, *counts))
