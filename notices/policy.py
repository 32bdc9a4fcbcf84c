"""What happens next on a ladder: try again, climb, wait for an answer, or give up. Pure: no Django, no clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b

TRIES = 3  # on a rung that has another above it: somebody else must hear of it soon
LAST_TRIES = 30  # on the last rung: about half an hour of a mail server that is down
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=1)
SPARE_TRIES = 3  # begun and never ended: senders that were killed, not the fault of the message
LAST_WAIT = timedelta(minutes=1)  # at least this long for an answer from the last person


class State(StrEnum):
    """The states delivery may leave a notice in; the same words as `Notice.State`."""

    QUEUED = "queued"
    ACCEPTED = "accepted"
    EXHAUSTED = "exhausted"


class Outcome(StrEnum):
    """How one try ended; the same words as `Attempt.Outcome`."""

    ACCEPTED = "accepted"
    FAILED = "failed"
    REFUSED = "refused"
    HELD = "held"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a notice stands. `attempts` counts the tries begun on the present rung, the present one included;
    `waits` holds for each rung how long its person has to answer, `people` whose rung it is (empty: all one's)."""

    notice_id: int
    state: State
    rung: int
    attempts: int
    accepted_at: datetime | None
    wants_answer: bool
    waits: tuple[timedelta, ...]
    people: tuple[str, ...] = ()

    @property
    def is_last(self) -> bool:
        return self.rung + 1 >= len(self.waits)

    @property
    def tries(self) -> int:
        return LAST_TRIES if self.is_last else TRIES


@dataclass(frozen=True, kw_only=True)
class Step:
    """What to write back. `due_at` None: nothing left to do; `is_trouble`: the incident must learn of it;
    `passes_over`: the person of the rung that is left should have answered, and another one is asked, or nobody."""

    state: State
    rung: int
    attempts: int
    accepted_at: datetime | None
    due_at: datetime | None
    is_trouble: bool = False
    passes_over: bool = False


def due(standing: Standing, now: datetime) -> Step | None:
    """The step of a notice that has come due, or None: try the present rung.

    A wait that ended without an answer climbs. So does a rung whose tries were all begun and never came back: a
    message that kills its sender must not do so for ever.
    """
    if standing.rung >= len(standing.waits):
        return _exhausted(standing)
    if standing.accepted_at is not None:
        return _climb(standing, now)
    if standing.attempts > standing.tries + SPARE_TRIES:
        return _climb(standing, now)
    return None


def tried(standing: Standing, outcome: Outcome, now: datetime) -> Step:
    """The step after one try on the present rung that ended at `now`."""
    if outcome in (Outcome.ACCEPTED, Outcome.HELD):
        return _wait(standing, now)
    if outcome is Outcome.REFUSED:
        return _climb(standing, now)
    if standing.attempts >= standing.tries:
        return _climb(standing, now)
    return Step(
        state=standing.state,
        rung=standing.rung,
        attempts=standing.attempts,
        accepted_at=None,
        due_at=now + pause(standing.notice_id, standing.attempts),
        # The last rung goes on trying, but the incident hears of it as early as any other rung would be left.
        is_trouble=standing.is_last and standing.attempts == TRIES,
    )


def pause(notice_id: int, attempt: int) -> timedelta:
    """Doubling pauses with a spread of a quarter each way; the same notice and attempt give the same pause."""
    plain = min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(attempt - 1, 10)))
    digest = blake2b(f"{notice_id}:{attempt}".encode(), digest_size=2).digest()
    return plain * (0.75 + int.from_bytes(digest) / 0xFFFF / 2)


def _wait(standing: Standing, now: datetime) -> Step:
    wait = standing.waits[standing.rung]
    if standing.is_last:
        wait = max(wait, LAST_WAIT)
    return Step(
        state=State.ACCEPTED,
        rung=standing.rung,
        attempts=standing.attempts,
        accepted_at=now,
        due_at=now + wait if standing.wants_answer else None,
    )


def _climb(standing: Standing, now: datetime) -> Step:
    if standing.is_last:
        return _exhausted(standing)
    passes = _belongs_to_another(standing, standing.rung + 1)
    return Step(
        state=standing.state,
        rung=standing.rung + 1,
        attempts=0,
        accepted_at=None,
        due_at=now,
        is_trouble=passes,
        passes_over=passes,
    )


def _belongs_to_another(standing: Standing, rung: int) -> bool:
    return bool(standing.people) and standing.people[rung] != standing.people[standing.rung]


def _exhausted(standing: Standing) -> Step:
    return Step(
        state=State.EXHAUSTED,
        rung=standing.rung,
        attempts=standing.attempts,
        accepted_at=standing.accepted_at,
        due_at=None,
        is_trouble=True,
        passes_over=standing.wants_answer and standing.rung < len(standing.waits),
    )
