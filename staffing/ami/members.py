"""What an exchange says of its queues, as numbers of seats and callers. Pure: no clock, no database, no network.

A QueueSummary does not do: it counts a paused seat as logged in, and "nobody available" may mean that all are paused.
So the members of each queue are counted one by one (../shared/domain.md 2.1).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from staffing.ami import daily


class Status(IntEnum):
    """The device states of a member, as Asterisk numbers them."""

    UNKNOWN = 0
    NOT_INUSE = 1
    INUSE = 2
    BUSY = 3
    INVALID = 4
    UNAVAILABLE = 5
    RINGING = 6
    RINGINUSE = 7
    ONHOLD = 8


ABSENT = frozenset({Status.INVALID, Status.UNAVAILABLE})
OCCUPIED = frozenset({Status.INUSE, Status.BUSY, Status.RINGING, Status.RINGINUSE, Status.ONHOLD})


@dataclass(frozen=True)
class Member:
    """One seat of one queue."""

    status: int | None  # None: the exchange says nothing that we understand
    is_paused: bool
    is_in_call: bool
    wraps_until: int | None  # by the exchange's clock, seconds since 1970; None: it does not say

    @property
    def is_absent(self) -> bool:
        return self.status in ABSENT

    @property
    def is_staffed(self) -> bool:
        return not self.is_absent and not self.is_paused

    @property
    def is_busy(self) -> bool:
        return self.is_in_call or self.status in OCCUPIED


@dataclass(frozen=True)
class Measured:
    """One queue at one moment. None: not known, which is not zero."""

    name: str
    staffed: int | None
    busy: int | None
    paused: int | None
    wrapping: int | None
    waiting: int
    longest_wait: int | None  # seconds
    in_call: int  # members talking to a caller of this queue
    counted: daily.Counted | None
    in_time_seconds: int | None  # the exchange's own idea of answering in time


def measure(rows: Iterable[Mapping[str, str]], *, clock: float) -> dict[str, Measured]:
    """The rows of one QueueStatus as one measurement a queue, by the exchange's names.

    `clock`: the exchange's time in seconds since 1970, to tell whose after-call work is not over.
    """
    params: dict[str, Mapping[str, str]] = {}
    members: dict[str, list[Member]] = {}
    waits: dict[str, list[int | None]] = {}
    for row in rows:
        queue, event = row.get("queue", ""), row.get("event", "")
        if event == "QueueParams":
            params[queue] = row
        elif event == "QueueMember":
            members.setdefault(queue, []).append(member(row))
        elif event == "QueueEntry":
            waits.setdefault(queue, []).append(_number(row, "wait"))
    return {
        name: _measured(name, row, members.get(name, []), waits.get(name, []), clock) for name, row in params.items()
    }


def member(row: Mapping[str, str]) -> Member:
    """One QueueMember. Before Asterisk 13 there is no InCall: then the device's state alone says who is busy."""
    wraps, ended = _number(row, "wrapuptime"), _number(row, "lastcall")
    return Member(
        status=_number(row, "status"),
        is_paused=row.get("paused", "0") not in ("0", ""),
        is_in_call=row.get("incall") == "1",
        wraps_until=ended + wraps if wraps and ended is not None else None,
    )


def _measured(
    name: str, params: Mapping[str, str], members: list[Member], waits: list[int | None], clock: float
) -> Measured:
    staffed = [one for one in members if one.is_staffed]
    busy = sum(one.is_busy for one in staffed)
    known = all(one.status is not None for one in members)
    wrapping = [one for one in staffed if not one.is_busy and one.wraps_until is not None and one.wraps_until > clock]
    known_waits = [wait for wait in waits if wait is not None]
    return Measured(
        name=name,
        staffed=len(staffed) if known else None,
        busy=busy if known else None,
        paused=sum(one.is_paused and not one.is_absent for one in members) if known else None,
        wrapping=len(wrapping) if known and any(one.wraps_until is not None for one in members) else None,
        waiting=len(waits),
        longest_wait=max(known_waits) if known_waits else (None if waits else 0),
        in_call=sum(one.is_in_call for one in members),
        counted=_counted(params),
        in_time_seconds=_number(params, "servicelevel"),
    )


def _counted(params: Mapping[str, str]) -> daily.Counted | None:
    completed, abandoned = _number(params, "completed"), _number(params, "abandoned")
    if completed is None or abandoned is None:
        return None
    return daily.Counted(completed, _share(params.get("servicelevelperf", ""), completed), abandoned)


def _share(percent: str, of: int) -> int | None:
    """A percentage with one decimal place, as calls: exact up to a thousand calls, within 0.05 % beyond."""
    try:
        share = float(percent)
    except ValueError:
        return None
    return round(of * share / 100) if 0 <= share <= 100 else None


def _number(row: Mapping[str, str], key: str) -> int | None:
    """A count as the exchange writes it; None for what is no number or below zero."""
    text = row.get(key, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None
