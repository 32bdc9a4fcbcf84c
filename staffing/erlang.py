"""How many seats a queue needs: Erlang C, pure arithmetic without a clock, safe for thousands of seats.

The model: callers arrive at random, wait in order, and nobody hangs up. So it says a little too much where many do.
"""

import math
from dataclasses import dataclass

MOST_SEATS = 20_000  # no room has more; a search ends here


@dataclass(frozen=True, slots=True)
class Load:
    """What arrives: calls in an hour, and how long one takes with its after-call work, in seconds."""

    calls_per_hour: float
    handle_seconds: float

    def __post_init__(self) -> None:
        if not (self.calls_per_hour >= 0 and self.handle_seconds > 0):
            raise ValueError("calls must not be negative, and handling must take time")

    @property
    def erlangs(self) -> float:
        """The traffic: how many calls are being handled at once on average."""
        return self.calls_per_hour * self.handle_seconds / 3600


@dataclass(frozen=True, slots=True)
class Outlook:
    """What so many seats give. Every figure is None where the queue is unstable: it would grow without end.

    `waits`: the share that has to wait at all; `level`: the share answered within the asked time; `asa`: mean wait of
    all in seconds; `occupancy`: the share of seats busy. `carried`: the share of calls that the seats can handle at
    most, 1 where the queue is stable.
    """

    seats: int
    is_stable: bool
    waits: float | None
    level: float | None
    asa: float | None
    occupancy: float | None
    carried: float


@dataclass(frozen=True, slots=True)
class Target:
    """So large a share (0 to 1) answered within so many seconds: 80/20 is `Target(0.8, 20)`."""

    level: float
    within_seconds: float


def waiting(seats: int, erlangs: float) -> float:
    """Erlang C: the probability that a caller has to wait; 1 where the queue is unstable."""
    if erlangs <= 0:
        return 0.0 if seats > 0 else 1.0
    if seats <= erlangs:
        return 1.0
    return _waits(_blocked(seats, erlangs), seats, erlangs)


def outlook(load: Load, seats: int, within_seconds: float) -> Outlook:
    """What `seats` give under the load."""
    if seats < 0 or within_seconds < 0:
        raise ValueError("neither seats nor seconds can be negative")
    return _outlook(load, seats, within_seconds, waiting(seats, load.erlangs))


def needed(load: Load, target: Target) -> int | None:
    """The fewest seats that meet the target; None where none do (nobody can promise that no one ever waits)."""
    if target.level >= 1:
        return None
    traffic = load.erlangs
    seats = max(1, math.floor(traffic) + 1)  # the fewest that are stable
    if seats > MOST_SEATS:
        return None
    blocked = _blocked(seats, traffic)
    while seats <= MOST_SEATS:
        level = _outlook(load, seats, target.within_seconds, _waits(blocked, seats, traffic)).level
        if level is not None and level >= target.level:
            return seats
        seats += 1
        blocked = _next(blocked, seats, traffic)
    return None


def more(load: Load, seats: int, target: Target) -> int | None:
    """How many seats to add to those there are; 0 where they do, None where no number does."""
    enough = needed(load, target)
    return None if enough is None else max(0, enough - seats)


def table(load: Load, around: range, within_seconds: float) -> tuple[Outlook, ...]:
    """The outlook for each number of seats in a range."""
    return tuple(outlook(load, seats, within_seconds) for seats in around)


def _blocked(seats: int, erlangs: float) -> float:
    """Erlang B by its recursion, which only multiplies numbers between 0 and 1: nothing overflows."""
    blocked = 1.0
    for seat in range(1, seats + 1):
        blocked = _next(blocked, seat, erlangs)
    return blocked


def _next(blocked: float, seat: int, erlangs: float) -> float:
    offered = erlangs * blocked
    return offered / (seat + offered)


def _waits(blocked: float, seats: int, erlangs: float) -> float:
    """Erlang C from Erlang B, for a stable queue."""
    return seats * blocked / (seats - erlangs * (1 - blocked))


def _outlook(load: Load, seats: int, within: float, waits: float) -> Outlook:
    traffic = load.erlangs
    if seats <= traffic or seats == 0:
        return Outlook(seats, False, None, None, None, None, seats / traffic if traffic else 0.0)
    spare = seats - traffic
    return Outlook(
        seats=seats,
        is_stable=True,
        waits=waits,
        level=1 - waits * math.exp(-spare * within / load.handle_seconds),
        asa=waits * load.handle_seconds / spare,
        occupancy=traffic / seats,
        carried=1.0,
    )
