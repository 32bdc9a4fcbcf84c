"""Counts of the day out of counts since whenever. Pure.

An exchange counts its calls since it, or the queue's statistics, began anew; readings hold the counts of the day so
far. What nobody heard (before a feed first ran, or while it was away and the exchange began anew) is not guessed.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Counted:
    """The calls of a queue that are over. In time: how many of the completed were answered so; None: not said."""

    completed: int
    in_time: int | None
    abandoned: int

    def __add__(self, other: "Counted") -> "Counted":
        in_time = None if self.in_time is None or other.in_time is None else self.in_time + other.in_time
        return Counted(self.completed + other.completed, in_time, self.abandoned + other.abandoned)

    def since(self, before: "Counted") -> "Counted":
        """What came after `before`; all of it, where the counters have begun anew."""
        if self.completed < before.completed or self.abandoned < before.abandoned:
            return self
        in_time = None if self.in_time is None or before.in_time is None else self.in_time - before.in_time
        return Counted(self.completed - before.completed, in_time, self.abandoned - before.abandoned)


NOTHING = Counted(0, 0, 0)


@dataclass(frozen=True)
class Counts:
    """The day's counts as a reading says them."""

    offered: int | None = None
    answered: int | None = None
    answered_in_time: int | None = None
    abandoned: int | None = None


@dataclass(frozen=True)
class Day:
    """One queue's day: what had been heard when it was last looked at."""

    last: Counted
    so_far: Counted = NOTHING

    def heard(self, seen: Counted) -> "Day":
        return Day(seen, self.so_far + seen.since(self.last))

    def new(self) -> "Day":
        """Midnight: counting starts at nothing."""
        return Day(self.last)

    def counts(self, in_call: int) -> Counts:
        """A call is completed when it ends; whoever talks now (`in_call`) has been answered too.

        Those are taken to have been answered in time as often as the others; nothing is said before the first.
        """
        completed, in_time = self.so_far.completed, self.so_far.in_time
        answered = completed + in_call
        soon = None
        if in_time is not None and (completed or not in_call):
            soon = round(min(max(in_time, 0), completed) * answered / completed) if completed else 0
        return Counts(answered + self.so_far.abandoned, answered, soon, self.so_far.abandoned)


def go_on(seen: Counted, *, answered: int | None, in_time: int | None, abandoned: int | None, in_call: int) -> Day:
    """The day at a feed's first look: it goes on from what the newest reading of the same day had said."""
    if answered is None or abandoned is None:
        return Day(seen)
    completed = max(answered - in_call, 0)
    return Day(seen, Counted(completed, None if in_time is None else min(in_time, completed), abandoned))
