"""Every boundary of a threshold: reached exactly, one step before, one step after."""

from datetime import timedelta
from decimal import Decimal

import pytest

from playbooks.law import Condition, FactSpec, Group, Reading
from playbooks.rules import decide, truth
from tests.rules.law_samples import (
    HEAT,
    HEAT_LEVELS,
    SEAT_LEVELS,
    SEATS,
    T0,
    after,
    facts,
    running,
    specs,
    stopwatch,
    when,
)

TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("now", "level", "change_at", "change_to"),
    [
        (T0, None, after(15), "general"),
        (after(14, 59), None, after(15), "general"),
        (after(15) - TICK, None, after(15), "general"),
        (after(15), "general", after(30), "major"),
        (after(29, 59), "general", after(30), "major"),
        (after(30) - TICK, "general", after(30), "major"),
        (after(30), "major", None, None),
        (after(600), "major", None, None),
    ],
)
def test_a_running_stopwatch_reaches_its_thresholds_to_the_tick(now, level, change_at, change_to):
    verdict = decide(SEAT_LEVELS, SEATS, facts(running("full_minutes")), now)
    assert (verdict.level, verdict.at_least, verdict.at_most) == (level, level, level)
    assert (verdict.next_change_at, verdict.next_change_to) == (change_at, change_to)


@pytest.mark.parametrize(
    ("minutes", "level"),
    [("0", None), ("14.99", None), ("15", "general"), ("29.999", "general"), ("30", "major"), ("31", "major")],
)
def test_a_stopped_stopwatch_counts_by_its_number_and_never_moves(minutes, level):
    verdict = decide(SEAT_LEVELS, SEATS, facts(Reading("full_minutes", Decimal(minutes))), after(10_000))
    assert verdict.level == level
    assert verdict.next_change_at is None


@pytest.mark.parametrize(
    ("op", "have", "need", "value"),
    [
        ("at_least", 2, 2, True),
        ("at_least", 1, 2, False),
        ("more_than", 2, 2, False),
        ("more_than", 3, 2, True),
        ("less_than", 2, 2, False),
        ("less_than", 1, 2, True),
        ("at_most", 2, 2, True),
        ("at_most", 3, 2, False),
        ("is", 2, 2, True),
        ("is_not", 2, 2, False),
    ],
)
def test_every_comparison_of_a_count(op, have, need, value):
    got = truth(
        Group(terms=(Condition("people", op, Decimal(need)),)),
        specs(FactSpec("people", "count")),
        facts(Reading("people", have)),
        T0,
    )
    assert got.value is value


@pytest.mark.parametrize(
    ("op", "at_threshold", "turns"),
    [
        ("at_least", True, after(60)),
        ("more_than", False, after(60) + TICK),
        ("less_than", False, after(60)),
        ("at_most", True, after(60) + TICK),
    ],
)
@pytest.mark.parametrize("unit", ["min", "h"])
def test_a_running_stopwatch_turns_where_its_operator_says(op, at_threshold, turns, unit):
    group = Group(terms=(when("full", op, 60 if unit == "min" else 1),))
    clock = specs(stopwatch("full", unit=unit))
    started = truth(group, clock, facts(running("full")), T0)
    assert started.next_change_at == turns
    assert truth(group, clock, facts(running("full")), after(60)).value is at_threshold
    assert truth(group, clock, facts(running("full")), turns).value is not started.value
    assert truth(group, clock, facts(running("full")), turns - TICK).value is started.value


def test_truth_dates_itself_at_the_moment_it_came_true():
    group = Group("any", (when("full_minutes", "at_least", 15), when("maintenance", "is", True)))
    assert truth(group, SEATS, facts(running("full_minutes")), after(40)).since == after(15)
    both = facts(running("full_minutes"), Reading("maintenance", True, since=after(3)))
    assert truth(group, SEATS, both, after(40)).since == after(3)
    together = Group("all", group.terms)
    assert truth(together, SEATS, both, after(40)).since == after(15)
    assert truth(together, SEATS, both, after(14)).since is None


@pytest.mark.parametrize(
    ("since", "now", "value", "change_at"),
    [
        (T0, after(9, 59), False, after(10)),
        (T0, after(10), True, None),
        (T0, after(11), True, None),
        (None, after(11), None, None),
    ],
)
def test_a_hold_time_runs_from_since(since, now, value, change_at):
    group = Group(terms=(when("waiting", "at_least", 20, hold_minutes=Decimal(10)),))
    got = truth(group, specs(FactSpec("waiting", "count")), facts(Reading("waiting", 25, since=since)), now)
    assert (got.value, got.next_change_at) == (value, change_at)
    assert got.since == (after(10) if value else None)


def test_a_hold_time_runs_on_through_a_change_of_value_that_still_meets_it():
    group = Group(terms=(when("waiting", "at_least", 20, hold_minutes=Decimal(10)),))
    spec = specs(FactSpec("waiting", "count"))
    through = Reading("waiting", 30, since=after(8), earlier=((T0, 25),))
    broken = Reading("waiting", 30, since=after(8), earlier=((T0, 25), (after(5), 10)))
    assert truth(group, spec, facts(through), after(10)).value is True
    assert truth(group, spec, facts(broken), after(10)).next_change_at == after(18)


def test_a_strict_length_is_reached_one_tick_after_its_number():
    standing = facts(Reading("drop_pct", 55), running("affected_minutes"), Reading("expected_minutes", 30))
    assert decide(HEAT_LEVELS, HEAT, standing, after(60)).level is None
    verdict = decide(HEAT_LEVELS, HEAT, standing, after(60) + TICK)
    assert (verdict.level, verdict.next_change_at) == ("II", after(120) + TICK)
    assert decide(HEAT_LEVELS, HEAT, standing, after(120)).level == "II"
    assert decide(HEAT_LEVELS, HEAT, standing, after(120) + TICK).level == "I"
