"""A floor of seats that does not exist: callers come, wait, are served or give up. For demos and drills. Pure.

A small discrete-event model: arrivals are Poisson with a rate that rises and falls, service and patience are
exponential, callers are taken in the order in which they came. The same seed gives the same afternoon. Seconds count
from the model's own zero, which may lie before its start: a past can be made up first.
"""

import heapq
import math
import random
from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Load:
    """How the load goes: calm, a rise to the peak, the peak, and a fall; in erlangs for each seat at the start."""

    starts_at: float  # second at which it begins to rise
    ends_at: float  # and at which it begins to fall
    slope: float = 120.0  # seconds from calm to peak
    calm: float = 0.6
    peak: float = 2.0

    def __post_init__(self) -> None:
        if not (0 < self.calm <= self.peak and self.starts_at <= self.ends_at and self.slope > 0):
            raise ValueError("the load rises from calm to peak, and ends after it has begun")

    def at(self, second: float) -> float:
        rising = min(max((second - self.starts_at) / self.slope, 0.0), 1.0)
        falling = min(max((second - self.ends_at) / self.slope, 0.0), 1.0)
        return self.calm + (self.peak - self.calm) * (rising - falling)


@dataclass(frozen=True)
class Habits:
    """How callers and agents are; in seconds."""

    handling: float = 240.0  # talk and after-call work, on average
    patience: float = 180.0  # before a waiting caller gives up, on average
    in_time: float = 20.0  # answered within this is in time
    soon: float = 5.0  # who gives up within this hardly called


@dataclass
class _Caller:
    came_at: float
    gives_up_at: float
    is_gone: bool = False


@dataclass
class Floor:
    """The seats and who waits for them, up to `second`."""

    seats: int
    load: Load
    seed: int
    habits: Habits = field(default_factory=Habits)
    second: float = 0.0
    paused: int = 0
    offered: int = 0
    answered: int = 0
    answered_in_time: int = 0
    abandoned: int = 0
    abandoned_soon: int = 0

    def __post_init__(self) -> None:
        if self.seats < 1:
            raise ValueError("a floor has at least one seat")
        self._random = random.Random(self.seed)  # noqa: S311 - a model, no secret
        self._served = self.seats  # the load is in erlangs for each of the seats at the start
        self._ends: list[float] = []  # when each call that is being served ends
        self._queue: deque[_Caller] = deque()
        self._next = self._arrival(self.second)
        for _ in range(min(self.seats, round(self.load.at(self.second) * self.seats))):
            self._serve(self.second)

    @property
    def busy(self) -> int:
        return len(self._ends)

    @property
    def waiting(self) -> int:
        return sum(not one.is_gone for one in self._queue)

    def run(self, until: float) -> None:
        """Let everything happen up to a second, in its order."""
        while True:
            upcoming = min(self._next, self._ends[0] if self._ends else math.inf, self._first_to_give_up())
            if upcoming > until:
                break
            self.second = upcoming
            if upcoming == self._next:
                self._arrive()
            elif self._ends and upcoming == self._ends[0]:
                heapq.heappop(self._ends)
            else:
                self._give_up()
            self._take()
        self.second = max(self.second, until)

    def seat(self, seats: int) -> None:
        """So many are at their seats from now on. Who talks goes on talking, also where seats are taken away."""
        self.seats = max(seats, 1)
        self._take()

    def reading(self) -> dict[str, int]:
        """The floor as a reading; the counts are those since the model began."""
        waits = [self.second - one.came_at for one in self._queue if not one.is_gone]
        return {
            "staffed": max(self.seats, self.busy),
            "busy": self.busy,
            "paused": self.paused,
            "waiting": len(waits),
            "longest_wait": int(max(waits, default=0.0)),
            "offered": self.offered,
            "answered": self.answered,
            "answered_in_time": self.answered_in_time,
            "abandoned": self.abandoned,
            "abandoned_soon": self.abandoned_soon,
        }

    def _arrival(self, after: float) -> float:
        """When the next caller comes: drawn at the highest rate, and kept as often as the rate of that moment asks."""
        most = self.load.peak * self._served / self.habits.handling
        second = after
        while True:
            second += self._random.expovariate(most)
            if self._random.random() * self.load.peak <= self.load.at(second):
                return second

    def _arrive(self) -> None:
        self.offered += 1
        self._queue.append(_Caller(self.second, self.second + self._random.expovariate(1 / self.habits.patience)))
        self._next = self._arrival(self.second)

    def _take(self) -> None:
        """Free seats take who has waited longest."""
        while self._queue and (self._queue[0].is_gone or self.busy < self.seats):
            caller = self._queue.popleft()
            if not caller.is_gone:
                self.answered += 1
                self.answered_in_time += self.second - caller.came_at <= self.habits.in_time
                self._serve(self.second)

    def _serve(self, second: float) -> None:
        heapq.heappush(self._ends, second + self._random.expovariate(1 / self.habits.handling))

    def _first_to_give_up(self) -> float:
        return min((one.gives_up_at for one in self._queue if not one.is_gone), default=math.inf)

    def _give_up(self) -> None:
        caller = min((one for one in self._queue if not one.is_gone), key=lambda one: one.gives_up_at)
        caller.is_gone = True
        self.abandoned += 1
        self.abandoned_soon += self.second - caller.came_at <= self.habits.soon
