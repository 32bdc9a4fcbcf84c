"""Small levels and facts that the rule tables share; shaped like the plans, without their words."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from playbooks.law import Choice, Condition, FactSpec, Group, Level, Reading, Rule

T0 = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


def after(minutes=0, seconds=0, microseconds=0):
    return T0 + timedelta(minutes=minutes, seconds=seconds, microseconds=microseconds)


def stopwatch(metric="full_minutes", unit="min"):
    return FactSpec(metric, "stopwatch", unit=unit)


def specs(*items):
    return {item.metric: item for item in items}


def when(metric, op, value, **extra):
    return Condition(metric, op, Decimal(value) if isinstance(value, int) and value is not True else value, **extra)


def rule(key, *terms, mode="all"):
    return Rule(key, f"条 {key}", f"clause {key}", (f"X-{key}",), Group(mode, tuple(terms)), key, key)


def level(key, rank, *rules):
    return Level(key, rank, "blue", "confirmed", key, key, rules=rules)


def facts(*readings):
    return {reading.metric: reading for reading in readings}


def running(metric, since=T0, **extra):
    return Reading(metric, since=since, **extra)


# Two levels by one stopwatch and flags: the shape of saturated seats.
SEATS = specs(
    stopwatch("full_minutes"),
    FactSpec("maintenance", "flag"),
    FactSpec("routine", "flag"),
    FactSpec("login_failed", "flag"),
    FactSpec("problem", "choice", choices=(Choice("a", "甲", "A"), Choice("b", "乙", "B"))),
)
SEAT_LEVELS = (
    level(
        "general",
        1,
        rule("g1", when("maintenance", "is", True), when("routine", "is_not", True)),
        rule("g2", when("full_minutes", "at_least", 15)),
    ),
    level(
        "major",
        2,
        rule("m1", when("login_failed", "is", True), when("problem", "one_of", ("a",)), mode="any"),
        rule("m2", when("full_minutes", "at_least", 30)),
    ),
)

# Two levels by a share and a length, strict and counting what is expected: the shape of a heating outage.
HEAT = specs(
    FactSpec("drop_pct", "measure", unit="%"),
    stopwatch("affected_minutes"),
    FactSpec("expected_minutes", "measure", unit="min"),
    FactSpec("limited", "flag"),
)
HEAT_LEVELS = (
    level(
        "II",
        1,
        rule("ii", when("drop_pct", "at_least", 20), when("affected_minutes", "more_than", 60, counts_expected=True)),
        rule("ii-limited", when("limited", "is", True)),
    ),
    level(
        "I",
        2,
        rule("i", when("drop_pct", "at_least", 50), when("affected_minutes", "more_than", 120, counts_expected=True)),
    ),
)
