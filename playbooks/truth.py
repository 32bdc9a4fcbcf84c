"""Whether a condition holds: three-valued truth over typed facts at one moment, and when it will change by itself."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import Final, NamedTuple

from playbooks.law import EXPECTED, Condition, FactSpec, Group, Reading, Value

# The smallest step of the clock: "more than 120 minutes" is first true one tick after 120 minutes.
TICK: Final = timedelta(microseconds=1)
_UNIT_MICROSECONDS: Final = {"min": 60_000_000, "h": 3_600_000_000}
_ORDERINGS: Final = {"at_least": ge, "more_than": gt, "less_than": lt, "at_most": le}

Specs = Mapping[str, FactSpec]
Facts = Mapping[str, Reading]


class Truth(NamedTuple):
    """Whether something holds at one moment; `value` None is unknown.

    `presumed`: acted upon, because it holds or because only an expected value that the plan counts was not given.
    `since`: the moment it became true; None when it is not true or nobody said since when.
    `flips`: future moments at which a term may change; `next_change_at`: the first at which `value` does change
    (filled by `truth` only).
    """

    value: bool | None
    presumed: bool
    since: datetime | None = None
    flips: tuple[datetime, ...] = ()
    next_change_at: datetime | None = None


UNKNOWN: Final = Truth(None, False)
PRESUMED: Final = Truth(None, True)
FALSE: Final = Truth(False, False)


def truth(group: Group, specs: Specs, facts: Facts, now: datetime) -> Truth:
    """Whether the group holds now, since exactly when, and when that changes if nothing else is reported."""
    current = group_truth(group, specs, facts, now)
    for moment in sorted(set(current.flips)):
        if group_truth(group, specs, facts, moment).value is not current.value:
            return Truth(current.value, current.presumed, current.since, current.flips, moment)
    return current


def group_truth(group: Group, specs: Specs, facts: Facts, now: datetime) -> Truth:
    """`truth` without the look ahead."""
    parts = [
        group_truth(term, specs, facts, now) if isinstance(term, Group) else condition_truth(term, specs, facts, now)
        for term in group.terms
    ]
    if len(parts) == 1:
        return parts[0]
    value = join(group.mode, [part.value for part in parts])
    presumed = (all if group.mode == "all" else any)(part.presumed for part in parts)
    flips = tuple(moment for part in parts for moment in part.flips)
    since = None
    if value:
        starts = [part.since for part in parts if part.value and part.since is not None]
        if starts:
            since = max(starts) if group.mode == "all" else min(starts)
    return Truth(value, presumed, since, flips)


def join(mode: str, values: Iterable[bool | None]) -> bool | None:
    """Kleene's and (`all`) or or (`any`): unknown wins only where no term decides."""
    deciding = mode == "any"
    known = True
    for value in values:
        if value is deciding:
            return deciding
        known = known and value is not None
    return (not deciding) if known else None


def condition_truth(condition: Condition, specs: Specs, facts: Facts, now: datetime) -> Truth:
    """Whether one condition holds; a metric the playbook does not declare is unknown."""
    spec = specs.get(condition.metric)
    if spec is None:
        return UNKNOWN
    if spec.kind == "stopwatch":
        return _stopwatch(condition, spec, facts, now)
    if spec.kind == "countdown":
        return _countdown(condition, spec, facts.get(condition.metric), now)
    return _plain(condition, spec, facts.get(condition.metric), now)


def elapsed(reading: Reading | None, spec: FactSpec, now: datetime) -> Decimal | None:
    """What a stopwatch shows, in its unit; None where nobody started it or a stale one never said."""
    if reading is None or reading.expected:
        return None
    if reading.value is not None:
        return _number(reading.value)
    end = reading.heard_at if reading.stale else now
    if reading.since is None or end is None:
        return None
    return Decimal((end - reading.since) // TICK) / _UNIT_MICROSECONDS.get(spec.unit, _UNIT_MICROSECONDS["min"])


def remaining(reading: Reading | None, spec: FactSpec, now: datetime) -> Decimal | None:
    """What a countdown shows, in its unit, below zero once it has run out; None where nobody said how much is left."""
    if reading is None or reading.expected:
        return None
    left = _number(reading.value)
    end = reading.heard_at if reading.stale else now
    if left is None or reading.since is None or end is None:
        return left
    return left - Decimal((end - reading.since) // TICK) / _UNIT_MICROSECONDS.get(spec.unit, _UNIT_MICROSECONDS["min"])


def _stopwatch(condition: Condition, spec: FactSpec, facts: Facts, now: datetime) -> Truth:
    reading = facts.get(condition.metric)
    observed = _observed(condition, spec, reading, now)
    if not condition.counts_expected or observed.value:
        return observed
    total = expected_total(condition, spec, facts)
    if total is None:
        return Truth(None, True, None, observed.flips)
    if compare(condition.op, total, condition.value):
        return Truth(True, True, _forecast_since(condition.metric, facts), observed.flips)
    return observed


def expected_total(condition: Condition, spec: FactSpec, facts: Facts) -> Decimal | None:
    """The expected length from the start in the stopwatch's unit, or None where nobody gave one."""
    reading = facts.get(condition.metric)
    if reading is not None and reading.expected:
        return _number(reading.value)
    forecast = facts.get(EXPECTED)
    minutes = None if forecast is None else _number(forecast.value)
    if minutes is None:
        return None
    return minutes * _UNIT_MICROSECONDS["min"] / _UNIT_MICROSECONDS.get(spec.unit, _UNIT_MICROSECONDS["min"])


def _forecast_since(metric: str, facts: Facts) -> datetime | None:
    reading = facts.get(metric)
    if reading is None or not reading.expected:
        reading = facts.get(EXPECTED)
    return None if reading is None else reading.since


def _observed(condition: Condition, spec: FactSpec, reading: Reading | None, now: datetime) -> Truth:
    shown = elapsed(reading, spec, now)
    if shown is None or reading is None:
        return UNKNOWN
    if reading.value is not None or reading.stale:
        value = compare(condition.op, shown, condition.value)
        return UNKNOWN if value is None else Truth(value, value)
    if condition.op not in _ORDERINGS or reading.since is None:
        return UNKNOWN
    turns = _turning_point(condition, spec, reading.since)
    if turns is None:
        return UNKNOWN
    rising = condition.op in ("at_least", "more_than")
    value = (now >= turns) is rising
    since = (turns if rising else reading.since) if value else None
    return Truth(value, value, since, (turns,) if now < turns else ())


def _countdown(condition: Condition, spec: FactSpec, reading: Reading | None, now: datetime) -> Truth:
    shown = remaining(reading, spec, now)
    if shown is None or reading is None or condition.op not in _ORDERINGS:
        return UNKNOWN
    if reading.stale or reading.since is None:
        value = compare(condition.op, shown, condition.value)
        return UNKNOWN if value is None else Truth(value, value)
    left, need = _number(reading.value), _number(condition.value)
    if left is None or need is None:
        return UNKNOWN
    falling = condition.op in ("less_than", "at_most")
    turns = _later(reading.since, _length(left - need, spec.unit, condition.op in ("less_than", "at_least")))
    if turns is None:
        return UNKNOWN
    value = (now >= turns) is falling
    since = (max(turns, reading.since) if falling else reading.since) if value else None
    return Truth(value, value, since, (turns,) if now < turns else ())


def _turning_point(condition: Condition, spec: FactSpec, start: datetime) -> datetime | None:
    """The first moment at which a running stopwatch's comparison is no longer what it was at the start."""
    need = _number(condition.value)
    if need is None:
        return None
    return _later(start, _length(need, spec.unit, condition.op in ("more_than", "at_most")))


@lru_cache(maxsize=4096)
def _length(number: Decimal, unit: str, strictly: bool) -> timedelta | None:
    """A number of units as a length, one tick longer where it must be exceeded; None beyond any calendar."""
    microseconds = number * _UNIT_MICROSECONDS.get(unit, _UNIT_MICROSECONDS["min"])
    try:
        return timedelta(microseconds=math.floor(microseconds) + strictly)
    except OverflowError:
        return None


def _plain(condition: Condition, spec: FactSpec, reading: Reading | None, now: datetime) -> Truth:
    unknown = PRESUMED if condition.counts_expected else UNKNOWN
    if reading is not None and reading.expected and not condition.counts_expected:
        reading = None
    if reading is None:
        return _unreported(condition, spec, unknown)
    value = None if reading.value is None else compare(condition.op, reading.value, condition.value)
    if value is None:
        return unknown
    if not value:
        return FALSE
    start = _held_since(condition, reading)
    if not condition.hold_minutes or reading.expected:
        return Truth(True, True, start)
    return _held(condition, reading, start, now)


def _unreported(condition: Condition, spec: FactSpec, unknown: Truth) -> Truth:
    """Events are noticed: a flag nobody reported is no, and a choice that may stay open is none of its choices."""
    if spec.kind == "flag":
        value = compare(condition.op, False, condition.value)
    elif spec.kind == "choice" and not spec.required:
        value = condition.op == "is_not"
    else:
        return unknown
    return unknown if value is None else Truth(value, value)


def _held(condition: Condition, reading: Reading, start: datetime | None, now: datetime) -> Truth:
    if start is None:
        return UNKNOWN
    reached = _later(start, _length(condition.hold_minutes, "min", False))
    if reached is None:
        return FALSE
    end = (reading.heard_at or start) if reading.stale else now
    if end >= reached:
        return Truth(True, True, reached)
    return Truth(False, False, None, () if reading.stale else (reached,))


def _held_since(condition: Condition, reading: Reading) -> datetime | None:
    """The start of the unbroken run of values that meet the condition, ending with the present one."""
    start = reading.since
    for since, value in reversed(reading.earlier):
        if value is None or not compare(condition.op, value, condition.value):
            break
        start = since
    return start


def compare(op: str, have: Value, need: object) -> bool | None:
    """One comparison; None where the operator does not fit the values."""
    if op == "one_of":
        return have in need if isinstance(need, tuple) else None
    if op in ("is", "is_not"):
        if isinstance(have, bool) is not isinstance(need, bool):
            return None
        return (have == need) is (op == "is")
    left, right = _number(have), _number(need)
    if left is None or right is None:
        return None
    return bool(_ORDERINGS[op](left, right))


def _number(value: object) -> Decimal | None:
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, int) and not isinstance(value, bool):
        number = Decimal(value)
    else:
        return None
    # Beyond any measure a plan may know; keeps arithmetic on hostile input cheap and finite.
    return number if number.is_finite() and number.adjusted() < 30 else None


def _later(start: datetime, length: timedelta | None) -> datetime | None:
    """None beyond the end of the calendar: such a moment never comes."""
    if length is None:
        return None
    try:
        return start + length
    except OverflowError:
        return None
