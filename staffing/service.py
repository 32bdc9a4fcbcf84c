"""How well a queue answers: connection rate, service level, abandonment, occupancy; each with the formula it follows.

Pure. What is not known stays unknown: a figure without its numbers has no value.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Final, Literal

Way = Literal["all", "short_out"]  # the two of `Queue.Formula`
HUNDREDTH = Decimal("0.01")
COUNTED: Final = ("offered", "answered", "answered_in_time", "abandoned", "abandoned_soon")


@dataclass(frozen=True, slots=True)
class Formula:
    """How a figure was worked out. `key` names measure, way of counting and version; both go with every figure."""

    key: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A share in percent with two decimals, its formula and its two numbers; `value` None: not known, or no calls."""

    value: Decimal | None
    formula: Formula
    part: int | None = None
    whole: int | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing was asked for in that time, which is known."""
        return self.whole == 0


@dataclass(frozen=True, slots=True)
class Counters:
    """The counts of the day so far as one reading has them; None: not known."""

    at: datetime
    offered: int | None = None
    answered: int | None = None
    answered_in_time: int | None = None
    abandoned: int | None = None
    abandoned_soon: int | None = None


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of a stretch of time; None: not known."""

    begins_at: datetime
    ends_at: datetime
    offered: int | None = None
    answered: int | None = None
    answered_in_time: int | None = None
    abandoned: int | None = None
    abandoned_soon: int | None = None

    @property
    def minutes(self) -> float:
        return (self.ends_at - self.begins_at).total_seconds() / 60

    @property
    def per_hour(self) -> float | None:
        """Calls in an hour, at the pace of this stretch."""
        return self.offered * 60 / self.minutes if self.offered is not None and self.minutes else None


CONNECTED: Final = {
    "all": Formula(
        "connect.all.1", "接听数 ÷ 全部人工请求（含排队中挂断）", "answered ÷ all requests, those who hung up included"
    ),
    "short_out": Formula(
        "connect.short_out.1",
        "接听数 ÷（人工请求 − 短时放弃）",
        "answered ÷ (requests - those who hung up within the time)",
    ),
}
IN_TIME: Final = {
    "all": Formula("level.all.1", "限时内接听数 ÷ 全部人工请求", "answered within the time ÷ all requests"),
    "short_out": Formula(
        "level.short_out.1",
        "限时内接听数 ÷（人工请求 − 短时放弃）",
        "answered within the time ÷ (requests - those who hung up within it)",
    ),
}
ABANDONED: Final = {
    "all": Formula("abandon.all.1", "排队中放弃数 ÷ 全部人工请求", "abandoned in the queue ÷ all requests"),
    "short_out": Formula(
        "abandon.short_out.1",
        "（放弃数 − 短时放弃）÷（人工请求 − 短时放弃）",
        "(abandoned - within the time) ÷ (requests - within the time)",
    ),
}
OCCUPIED: Final = {
    "work": Formula(
        "occupancy.work.1",
        "（通话 + 话后处理）÷ 在席未示忙",
        "(talking + after-call work) ÷ staffed and not paused",
    ),
    "busy": Formula(
        "occupancy.busy.1",
        "通话 ÷ 在席未示忙（话后处理不清楚，未计入）",
        "talking ÷ staffed and not paused; after-call work not known, left out",
    ),
}
CARRIED: Final = Formula(
    "connect.carried.1",
    "座席数 ÷ 话务量（最多 100%）：座席最多能接的份额",
    "seats ÷ traffic, at most 100 %: the share the seats can answer at most",
)


def between(readings: Iterable[Counters]) -> Calls | None:
    """The calls between two readings, out of counters of the day; None with less than two readings.

    The stretch runs from the first reading that knows how many calls were offered to the last one, so that all counts
    are of the same time: one not known at both ends is not known. A counter that falls has begun again (midnight, a
    restart): what it shows then has come since.
    """
    rows = sorted(readings, key=lambda row: row.at)
    rows = [row for row in rows if row.offered is not None] or rows
    if len(rows) < 2:
        return None
    return Calls(rows[0].at, rows[-1].at, **{name: _grown(rows, name) for name in COUNTED})


def day_so_far(row: Counters, midnight: datetime) -> Calls:
    """The calls of the day as the newest reading counts them."""
    return Calls(midnight, row.at, **{name: getattr(row, name) for name in COUNTED})


def connect_rate(calls: Calls, way: Way) -> Figure:
    """接通率: answered out of the requests."""
    return _share(calls.answered, _requests(calls, way), CONNECTED[way])


def service_level(calls: Calls, way: Way) -> Figure:
    """Answered within the queue's seconds, out of the requests."""
    return _share(calls.answered_in_time, _requests(calls, way), IN_TIME[way])


def abandon_rate(calls: Calls, way: Way) -> Figure:
    """Hung up while waiting, out of the requests."""
    gave_up = calls.abandoned
    if way == "short_out":
        gave_up = _minus(calls.abandoned, calls.abandoned_soon)
    return _share(gave_up, _requests(calls, way), ABANDONED[way])


def occupancy(*, busy: int | None, wrapping: int | None, staffed: int | None) -> Figure:
    """Seats at work out of those ready for it. Where after-call work is not known the formula says so."""
    if busy is None or wrapping is None:
        return _share(busy, staffed, OCCUPIED["busy"])
    return _share(busy + wrapping, staffed, OCCUPIED["work"])


def carried(share: float) -> Figure:
    """The connection rate that so many seats can reach at most (`erlang.Outlook.carried`)."""
    return Figure(_rounded(Decimal(str(share)) * 100), CARRIED)


def _requests(calls: Calls, way: Way) -> int | None:
    return calls.offered if way == "all" else _minus(calls.offered, calls.abandoned_soon)


def _minus(whole: int | None, part: int | None) -> int | None:
    return None if whole is None or part is None else max(0, whole - part)


def _share(part: int | None, whole: int | None, formula: Formula) -> Figure:
    """Never above 100 %: a call that came before the stretch may be answered in it."""
    if part is None or not whole:
        return Figure(None, formula, part, whole)
    return Figure(_rounded(min(Decimal(100), Decimal(part) * 100 / whole)), formula, part, whole)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(HUNDREDTH, ROUND_HALF_UP)


def _grown(rows: Sequence[Counters], name: str) -> int | None:
    """How far one counter went; where any counter of a reading fell, all of them had begun again."""
    last: int | None = getattr(rows[0], name)
    if last is None or getattr(rows[-1], name) is None:
        return None
    grown, begun_again = 0, False
    for before, row in pairwise(rows):
        begun_again = begun_again or _fell(before, row)
        value: int | None = getattr(row, name)
        if value is None:
            continue
        grown += value if begun_again or value < last else value - last
        last, begun_again = value, False
    return grown


def _fell(before: Counters, after: Counters) -> bool:
    pairs = [(getattr(before, name), getattr(after, name)) for name in COUNTED]
    return any(was is not None and now is not None and now < was for was, now in pairs)
