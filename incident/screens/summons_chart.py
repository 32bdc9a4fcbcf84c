"""How a call-out fills: who has promised, is on the way and is there over time, as lines in percent."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from incident.models import CallOut, Summons
from staffing.callouts import State

SHORTEST = timedelta(minutes=10)
TICKS = 4


@dataclass(frozen=True, slots=True)
class Tick:
    """A label of an axis; `x` or `y` in percent of the plot."""

    place: str
    words: str
    at: datetime | None = None
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines as points of a box 100 wide and 100 high; what the eye reads off is in `table` too."""

    promised: str
    on_the_way: str
    arrived: str
    now_x: str
    by_x: str
    quota_y: str
    times: tuple[Tick, ...]
    counts: tuple[Tick, ...]
    table: tuple[tuple[datetime, int, int, int], ...]  # moment, promised, on the way, there
    starts_at: datetime
    ends_at: datetime


Moments = list[tuple[datetime, int]]


def build(call_out: CallOut, people: Sequence[Summons], at: datetime) -> Chart:
    """From the beginning until now, or until the people are wanted, whichever is later."""
    starts = call_out.opened_at
    last = call_out.closed_at or at
    ends = max(last, call_out.by_at, starts + SHORTEST)
    promised, under_way, arrived = (_moments(people, begun) for begun in (_promised, _set_out, _there))
    most = max(call_out.quota, *(_peak(moments) for moments in (promised, under_way, arrived)))

    def x(moment: datetime) -> float:
        return 100 * (min(max(moment, starts), ends) - starts) / (ends - starts)

    def line(moments: Moments) -> str:
        return _steps(moments, x, most, until=min(last, ends))

    return Chart(
        promised=line(promised),
        on_the_way=line(under_way),
        arrived=line(arrived),
        now_x=_percent(x(last)),
        by_x=_percent(x(call_out.by_at)),
        quota_y=_percent(100 - 100 * call_out.quota / most),
        times=tuple(_times(starts, ends, x)),
        counts=tuple(_counts(most)),
        table=tuple(_table(promised, under_way, arrived)),
        starts_at=starts,
        ends_at=ends,
    )


def _promised(one: Summons) -> datetime | None:
    return one.acknowledged_at or one.set_out_at or one.arrived_at


def _set_out(one: Summons) -> datetime | None:
    return one.set_out_at or one.arrived_at


def _there(one: Summons) -> datetime | None:
    return one.arrived_at


def _moments(people: Iterable[Summons], begun: Callable[[Summons], datetime | None]) -> Moments:
    """When the count goes up and down: whoever cannot come any more, or did not, is taken off again."""
    found: Moments = []
    for one in people:
        since = begun(one)
        if since is None:
            continue
        found.append((since, 1))
        if one.ended_at is not None and one.state != State.ARRIVED:
            found.append((max(since, one.ended_at), -1))
    return sorted(found)


def _peak(moments: Moments) -> int:
    count = most = 0
    for _moment, change in moments:
        count += change
        most = max(most, count)
    return most


def _steps(moments: Moments, x: Callable[[datetime], float], most: int, *, until: datetime) -> str:
    """A stair: level until the next moment, then up or down."""
    count, points = 0, ["0,100"]
    for moment, change in moments:
        place = x(moment)
        points.append(f"{place:.1f},{_height(count, most):.1f}")
        count += change
        points.append(f"{place:.1f},{_height(count, most):.1f}")
    points.append(f"{x(until):.1f},{_height(count, most):.1f}")
    return " ".join(points)


def _height(count: int, most: int) -> float:
    return 100 - 100 * count / most


def _times(starts: datetime, ends: datetime, x: Callable[[datetime], float]) -> Iterable[Tick]:
    span = (ends - starts) / TICKS
    for number in range(TICKS + 1):
        moment = starts + span * number
        anchor = "start" if number == 0 else "end" if number == TICKS else "middle"
        yield Tick(_percent(x(moment)), "", moment, anchor)


def _counts(most: int) -> Iterable[Tick]:
    for count in sorted({0, most // 2, most}):
        yield Tick(f"{_height(count, most):.1f}", str(count))


def _table(promised: Moments, under_way: Moments, arrived: Moments) -> Iterable[tuple[datetime, int, int, int]]:
    """The counts after each moment at which one of them changed."""
    for moment in sorted({moment for moments in (promised, under_way, arrived) for moment, _change in moments}):
        counts = [sum(change for at, change in moments if at <= moment) for moments in (promised, under_way, arrived)]
        yield moment, counts[0], counts[1], counts[2]


def _percent(value: float) -> str:
    return f"{value:.1f}%"
