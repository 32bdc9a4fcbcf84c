"""How long the seats of a queue have been full: readings in, a timer out; it tolerates dips and stands in silence.

Pure. A reading stands until the next one. Seats are full while every staffed seat is busy, or while callers wait and
nobody is staffed. A free seat is a dip: the timer runs on through it, and is reset only when seats have been free and
the queue empty for as long as the queue tolerates. Where nothing was heard for longer than the queue's patience, the
silent stretch counts neither as full nor as free: the beginning is moved on by it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

Kind = Literal["full", "pressed", "free"]

# A reading that comes later than its successors by less than this still counts in its place.
REORDER: Final = timedelta(minutes=5)
TICK: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the queue tolerates: a free seat for so long, silence for so long."""

    dip: timedelta = timedelta(seconds=60)
    stale: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured at one moment; None is not known, and not zero."""

    at: datetime
    staffed: int | None
    busy: int | None
    waiting: int | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What the readings up to `heard_at` say.

    `full_since` has been moved on by every silent stretch, `run_at` is when the run really began. `dip_since`: seats
    have been free and the queue empty since then. `is_full`: every seat was busy in the last reading. `broke_at`: up
    to then the timer ran on, as far as anybody could know; silence moved it, or a dip ended it.
    """

    heard_at: datetime | None = None
    full_since: datetime | None = None
    run_at: datetime | None = None
    dip_since: datetime | None = None
    is_full: bool = False
    broke_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """The state now, and two older ones from which it can be worked out anew when a reading comes late."""

    head: State = State()
    mark: State = State()
    base: State = State()


@dataclass(frozen=True, slots=True)
class View:
    """The seats at a moment. `full_for` stands while `is_stale`; `due_at`: look again then, if nothing is heard."""

    heard_at: datetime | None
    full_since: datetime | None
    run_at: datetime | None
    dip_since: datetime | None
    is_full: bool
    is_stale: bool
    full_for: timedelta | None
    broke_at: datetime | None
    due_at: datetime | None

    @property
    def known_at(self) -> datetime | None:
        """The moment up to which the timer counts: the last reading while nothing is heard, else none but now."""
        return self.heard_at if self.is_stale else None


def kind(reading: Reading) -> Kind | None:
    """Full, free, or pressed: a seat is free while callers still wait. None where it is not known."""
    if reading.staffed is None or reading.busy is None:
        return None
    if reading.staffed == 0:
        return "full" if reading.waiting else "free"
    if reading.busy >= reading.staffed:
        return "full"
    return "pressed" if reading.waiting else "free"


def fold(course: Course, readings: Iterable[Reading], limits: Limits) -> Course:
    """Carry the course on by readings that are all later than what was heard; in any order."""
    for reading in sorted(readings, key=lambda one: one.at):
        course = _remembered(course, step(course.head, reading, limits))
    return course


def late_from(course: Course, readings: Iterable[Reading]) -> bool:
    """Whether one of the readings belongs before what was heard, yet after what is settled."""
    heard, settled = course.head.heard_at, course.base.heard_at
    return heard is not None and any(
        one.at <= heard and (settled is None or one.at > settled) and kind(one) is not None for one in readings
    )


def settled_at(course: Course) -> datetime | None:
    """Nothing up to this moment changes the timer any more."""
    return course.base.heard_at


def refold(course: Course, readings: Iterable[Reading], limits: Limits) -> Course:
    """Work the course out anew from what is settled; `readings`: all that are known since then."""
    settled = course.base.heard_at
    start = Course(course.base, course.base, course.base)
    return fold(start, (one for one in readings if settled is None or one.at > settled), limits)


def step(state: State, reading: Reading, limits: Limits) -> State:
    """One reading later."""
    now, found = reading.at, kind(reading)
    if found is None or (state.heard_at is not None and now <= state.heard_at):
        return state
    state = _through(state, now, limits)
    state = replace(state, heard_at=now, is_full=found == "full")
    if found == "full":
        if state.full_since is None:
            return replace(state, full_since=now, run_at=now, dip_since=None)
        return replace(state, dip_since=None)
    if state.full_since is None:
        return state
    if found == "pressed":
        return replace(state, dip_since=None)
    return _cleared(replace(state, dip_since=state.dip_since or now), now, limits)


def _through(state: State, now: datetime, limits: Limits) -> State:
    """The state held up to `now`: silence moves what runs, a dip that lasted long enough ends the run."""
    if state.heard_at is None or state.full_since is None:
        return state
    silent = now - state.heard_at
    if silent > limits.stale:
        return replace(
            state,
            full_since=state.full_since + silent,
            broke_at=state.heard_at + limits.stale,
            dip_since=None if state.dip_since is None else state.dip_since + silent,
        )
    return _cleared(state, now, limits)


def _cleared(state: State, now: datetime, limits: Limits) -> State:
    if state.dip_since is None or now - state.dip_since < limits.dip:
        return state
    return replace(state, full_since=None, run_at=None, dip_since=None, broke_at=state.dip_since + limits.dip)


def _remembered(course: Course, head: State) -> Course:
    """Keep a state of at least so long ago, so that late readings find their place."""
    if head is course.head or head.heard_at is None:
        return course
    if course.mark.heard_at is None or head.heard_at - course.mark.heard_at >= REORDER:
        return Course(head, head, course.mark)
    return replace(course, head=head)


def view(state: State, now: datetime, limits: Limits) -> View:
    """The seats at `now`: fresh data run on, silence stands at what was heard last."""
    is_stale = state.heard_at is not None and now - state.heard_at > limits.stale
    if not is_stale:
        state = _cleared(state, now, limits)
    end = state.heard_at if is_stale and state.heard_at is not None else now
    return View(
        heard_at=state.heard_at,
        full_since=state.full_since,
        run_at=state.run_at,
        dip_since=state.dip_since,
        is_full=state.is_full and state.full_since is not None,
        is_stale=is_stale,
        full_for=None if state.full_since is None else max(end - state.full_since, timedelta(0)),
        broke_at=end + limits.stale if is_stale else state.broke_at,
        due_at=None if is_stale else next_due(state, limits),
    )


def next_due(state: State, limits: Limits) -> datetime | None:
    """When the seats must be looked at again if nothing is heard: a dip has lasted, or silence has."""
    if state.heard_at is None:
        return None
    stale = state.heard_at + limits.stale + TICK
    return stale if state.dip_since is None else min(stale, state.dip_since + limits.dip)
