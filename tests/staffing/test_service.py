"""Connection rate, service level, abandonment and occupancy: two decimals, the formula beside them, unknown kept."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing import service
from staffing.models import Queue

BEGINS = datetime(2026, 12, 15, 14, 0, tzinfo=timezone(timedelta(hours=8)))


def counted(minute, **counts):
    return service.Counters(BEGINS + timedelta(minutes=minute), **counts)


def calls(**counts):
    return service.Calls(BEGINS, BEGINS + timedelta(minutes=30), **counts)


@pytest.mark.parametrize(
    ("way", "connected", "in_time", "abandoned"),
    [("all", "71.43", "57.14", "22.86"), ("short_out", "75.76", "60.61", "18.18")],
)
def test_the_measures_by_both_ways_of_counting(way, connected, in_time, abandoned):
    half_hour = calls(offered=140, answered=100, answered_in_time=80, abandoned=32, abandoned_soon=8)
    assert service.connect_rate(half_hour, way).value == Decimal(connected)
    assert service.service_level(half_hour, way).value == Decimal(in_time)
    assert service.abandon_rate(half_hour, way).value == Decimal(abandoned)


@pytest.mark.parametrize("measure", [service.connect_rate, service.service_level, service.abandon_rate])
@pytest.mark.parametrize("way", Queue.Formula.values)
def test_every_figure_says_by_which_formula(measure, way):
    formula = measure(calls(), way).formula
    assert f".{way}." in formula.key
    assert formula.zh
    assert formula.en


@pytest.mark.parametrize(
    ("given_counts", "way"),
    [
        ({"offered": None, "answered": 5}, "all"),
        ({"offered": 5, "answered": None}, "all"),
        ({"offered": 50, "answered": 5}, "short_out"),  # how many hung up at once is not known
    ],
)
def test_unknown_in_unknown_out(given_counts, way):
    assert service.connect_rate(calls(**given_counts), way).value is None


def test_no_calls_is_no_figure_and_is_known():
    figure = service.connect_rate(calls(offered=0, answered=0), "all")
    assert figure.value is None
    assert figure.is_empty
    assert not service.connect_rate(calls(), "all").is_empty


def test_zero_is_not_unknown():
    assert service.connect_rate(calls(offered=4, answered=0), "all").value == Decimal("0.00")


def test_calls_that_waited_from_before_do_not_make_more_than_all():
    assert service.connect_rate(calls(offered=10, answered=12), "all").value == Decimal("100.00")


def test_halves_are_rounded_up():
    assert service.connect_rate(calls(offered=800, answered=1), "all").value == Decimal("0.13")  # 0.125


def test_occupancy_leaves_after_call_work_out_only_where_it_is_not_known():
    whole = service.occupancy(busy=6, wrapping=2, staffed=10)
    assert (whole.value, whole.formula.key) == (Decimal("80.00"), "occupancy.work.1")
    part = service.occupancy(busy=6, wrapping=None, staffed=10)
    assert (part.value, part.formula.key) == (Decimal("60.00"), "occupancy.busy.1")
    assert service.occupancy(busy=None, wrapping=2, staffed=10).value is None
    assert service.occupancy(busy=0, wrapping=0, staffed=0).value is None


def test_the_calls_between_two_readings():
    found = service.between([counted(30, offered=240, answered=170), counted(0, offered=100, answered=70)])
    assert (found.offered, found.answered, found.abandoned) == (140, 100, None)
    assert found.per_hour == 280
    assert service.connect_rate(found, "all").value == Decimal("71.43")


@pytest.mark.parametrize(
    ("rows", "offered", "answered"),
    [
        # midnight, or a restart: what it shows then has come since
        ([(0, 900, 800), (10, 910, 808), (20, 4, 3), (30, 9, 7)], 10 + 4 + 5, 8 + 3 + 4),
        # offered fell, answered did not: it has begun again with it
        ([(0, 100, 2), (10, 3, 3)], 3, 3),
        ([(0, 100, 70), (10, 100, 70)], 0, 0),
        # a reading by hand without counters between two with them
        ([(0, 100, 70), (5, None, None), (10, 104, 71)], 4, 1),
        # not known at one end: not known for this time, which is that of the requests
        ([(0, 100, None), (10, 104, 71)], 4, None),
        ([(0, None, 10), (10, 104, 71), (20, 110, 75)], 6, 4),
        ([(0, None, 10), (10, None, 71)], None, 61),
    ],
)
def test_counters_of_the_day(rows, offered, answered):
    found = service.between(counted(minute, offered=asked, answered=heard) for minute, asked, heard in rows)
    assert (found.offered, found.answered) == (offered, answered)


@pytest.mark.parametrize("rows", [[], [counted(0, offered=3)], [counted(0, answered=1), counted(9, offered=3)]])
def test_one_reading_is_no_stretch(rows):
    assert service.between(rows) is None


def test_the_day_so_far():
    found = service.day_so_far(counted(30, offered=50, answered=40), BEGINS)
    assert (found.begins_at, found.offered, found.answered, found.abandoned) == (BEGINS, 50, 40, None)


@given(steps=st.lists(st.integers(0, 50), min_size=1, max_size=30), restarts=st.sets(st.integers(0, 29)))
def test_calls_are_never_lost_or_doubled_by_a_restart(steps, restarts):
    """As long as something has come since the restart that is less than there was before it."""
    shown, total, rows = 1000, 0, [counted(-1, offered=1000)]
    for place, step in enumerate(steps):
        if place in restarts and step < shown:
            shown = 0
        shown += step
        total += step
        rows.append(counted(place, offered=shown))
    assert service.between(rows).offered == total


@given(
    st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6)
)
def test_a_share_is_a_share(offered, answered, in_time, abandoned, soon):
    half_hour = calls(
        offered=offered, answered=answered, answered_in_time=in_time, abandoned=abandoned, abandoned_soon=soon
    )
    for way in Queue.Formula.values:
        for measure in (service.connect_rate, service.service_level, service.abandon_rate):
            value = measure(half_hour, way).value
            assert value is None or 0 <= value <= 100
            assert value is None or value == value.quantize(Decimal("0.01"))


def test_the_share_that_seats_can_answer_at_most():
    figure = service.carried(7 / 8)
    assert (figure.value, figure.formula.key) == (Decimal("87.50"), "connect.carried.1")
