"""Could somebody be reached: the last 24 hours as cells, the last contact, the state. Pure: no Django, no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Final, Literal

Cell = Literal["answered", "reachable", "missed", "outside", "unknown"]
State = Literal["lost", "waiting", "untested", "reachable"]  # in the order in which they want attention
Outcome = Literal["answered", "missed", "waiting", "undelivered"]
DECIDED: Final = ("answered", "missed")

CELLS: Final = 24
HOUR: Final = timedelta(hours=1)
DAY: Final = CELLS * HOUR
PROVEN: Final = timedelta(days=90)  # an answer older than that proves nothing any more


@dataclass(frozen=True, slots=True)
class Event:
    """Somebody was asked and answered, did not, or may still; `channel` is the one that was tried last.

    What no channel took (`undelivered`) says something of us, nothing of the person.
    """

    at: datetime
    outcome: Outcome
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Hours:
    """When a way of reaching somebody is open; both None: all day. The end may lie on the next day."""

    starts: time | None = None
    ends: time | None = None

    def is_open(self, at: time) -> bool:
        if self.starts is None or self.ends is None or self.starts == self.ends:
            return True
        if self.starts < self.ends:
            return self.starts <= at < self.ends
        return at >= self.starts or at < self.ends


def cells(events: Iterable[Event], ways: Sequence[Hours], now: datetime, zone: tzinfo) -> tuple[Cell, ...]:
    """The last 24 hours, the present one last.

    What happened within an hour counts before everything; then the hours of the ways, looked at in the middle of the
    hour; then the newest answer or miss before it, for as long as it proves something.
    """
    known = sorted((event for event in events if event.outcome in DECIDED), key=lambda event: event.at)
    return tuple(_cell(known, ways, now - (CELLS - 1 - place) * HOUR, zone) for place in range(CELLS))


def _cell(known: Sequence[Event], ways: Sequence[Hours], ends: datetime, zone: tzinfo) -> Cell:
    starts = ends - HOUR
    before = [event for event in known if event.at <= ends]
    newest = before[-1] if before else None
    if newest is not None and newest.at > starts:
        return "answered" if newest.outcome == "answered" else "missed"
    middle = (starts + HOUR / 2).astimezone(zone).time()
    if not any(way.is_open(middle) for way in ways):
        return "outside"
    if newest is None or newest.at <= ends - PROVEN:
        return "unknown"
    return "reachable" if newest.outcome == "answered" else "missed"


def state(events: Iterable[Event], now: datetime) -> State:
    """How somebody stands now: who has not answered a call that still waits is neither reached nor lost."""
    recent = sorted((event for event in events if event.at > now - PROVEN), key=lambda event: event.at)
    if any(event.outcome == "waiting" for event in recent):
        return "waiting"
    decided = [event for event in recent if event.outcome in DECIDED]
    if not decided:
        return "untested"
    return "reachable" if decided[-1].outcome == "answered" else "lost"


def last(events: Iterable[Event]) -> Event | None:
    """The newest contact, also one that still waits for an answer."""
    return max(events, key=lambda event: event.at, default=None)


def is_proven(tested_at: datetime | None, now: datetime) -> bool:
    """Tell whether a way was answered lately enough to be relied on."""
    return tested_at is not None and tested_at > now - PROVEN
