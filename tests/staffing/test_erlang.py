"""Erlang C: the reference figures, an independent sum, what must always hold, and queues that are not stable."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing import erlang

REFERENCE = erlang.Load(calls_per_hour=120, handle_seconds=240)  # 8 erlangs
TABLE = [
    # seats, waits, level in 20 s, mean wait, occupancy
    (9, 0.6533, 39.9, 157, 88.9),
    (10, 0.4092, 65.4, 49, 80.0),
    (11, 0.2450, 80.9, 19.6, 72.7),
    (12, 0.1398, 90.0, 8.4, 66.7),
]


@pytest.mark.parametrize(("seats", "waits", "level", "asa", "occupancy"), TABLE)
def test_reference_figures(seats, waits, level, asa, occupancy):
    found = erlang.outlook(REFERENCE, seats, 20)
    assert found.is_stable
    assert found.waits == pytest.approx(waits, abs=0.00005)
    assert found.level * 100 == pytest.approx(level, abs=0.05)
    assert found.asa == pytest.approx(asa, abs=0.5 if asa >= 40 else 0.05)
    assert found.occupancy * 100 == pytest.approx(occupancy, abs=0.05)


@pytest.mark.parametrize("seats", [0, 1, 7, 8])
def test_as_many_seats_as_traffic_or_fewer_give_no_figure(seats):
    found = erlang.outlook(REFERENCE, seats, 20)
    assert not found.is_stable
    assert (found.waits, found.level, found.asa, found.occupancy) == (None, None, None, None)
    assert found.carried == seats / 8


def test_two_more_for_eighty_in_twenty():
    target = erlang.Target(0.8, 20)
    assert erlang.needed(REFERENCE, target) == 11
    assert erlang.more(REFERENCE, 9, target) == 2
    assert erlang.more(REFERENCE, 8, target) == 3  # not stable now, and still answered
    assert erlang.more(REFERENCE, 14, target) == 0


def test_nobody_can_promise_that_no_one_waits():
    assert erlang.needed(REFERENCE, erlang.Target(1, 20)) is None
    assert erlang.more(REFERENCE, 9, erlang.Target(1.0, 20)) is None


def test_without_a_call_one_seat_is_enough():
    nothing = erlang.Load(0, 240)
    assert erlang.needed(nothing, erlang.Target(0.99, 0)) == 1
    found = erlang.outlook(nothing, 1, 0)
    assert (found.waits, found.level, found.asa, found.occupancy) == (0, 1, 0, 0)
    assert not erlang.outlook(nothing, 0, 20).is_stable


@pytest.mark.parametrize(
    ("calls", "handle"), [(-1, 240), (math.nan, 240), (120, 0), (120, -3), (120, math.nan)], ids=str
)
def test_a_load_that_cannot_be_is_refused(calls, handle):
    with pytest.raises(ValueError, match="must"):
        erlang.Load(calls, handle)


@pytest.mark.parametrize("seats", [5000, 9000, 20000])
def test_thousands_of_seats_give_sound_figures(seats):
    load = erlang.Load(calls_per_hour=(seats - 40) * 10, handle_seconds=360)
    found = erlang.outlook(load, seats, 20)
    assert found.is_stable
    assert 0 < found.waits < 1
    assert 0 < found.level < 1
    assert math.isfinite(found.asa)
    assert erlang.needed(load, erlang.Target(0.8, 20)) <= seats


def test_more_than_any_room_holds_is_not_searched_for():
    assert erlang.needed(erlang.Load(1_000_000, 3600), erlang.Target(0.8, 20)) is None


def exactly(seats: int, erlangs: Fraction) -> Fraction:
    """Erlang C as its definition has it: a ratio of sums of powers over factorials, without rounding."""
    term, below = Fraction(1), Fraction(0)
    for place in range(seats):
        below += term
        term = term * erlangs / (place + 1)
    above = term * seats / (seats - erlangs)
    return above / (below + above)


@given(
    seats=st.integers(1, 120),
    share=st.fractions(min_value=Fraction(1, 1000), max_value=Fraction(999, 1000), max_denominator=1000),
)
def test_the_recursion_agrees_with_the_definition(seats, share):
    traffic = seats * share
    assert erlang.waiting(seats, float(traffic)) == pytest.approx(float(exactly(seats, traffic)), rel=1e-9)


def by_logarithms(seats: int, erlangs: float) -> float:
    """The same sum by logarithms of the gamma function, for numbers that no fraction can hold."""
    logs = [place * math.log(erlangs) - math.lgamma(place + 1) for place in range(seats)]
    last = seats * math.log(erlangs) - math.lgamma(seats + 1) + math.log(seats / (seats - erlangs))
    top = max(*logs, last)
    return math.exp(last - top) / (math.fsum(math.exp(one - top) for one in logs) + math.exp(last - top))


@given(seats=st.integers(200, 4000), share=st.floats(0.5, 0.9999))
def test_it_agrees_for_thousands_of_seats_too(seats, share):
    assert erlang.waiting(seats, seats * share) == pytest.approx(
        by_logarithms(seats, seats * share), rel=1e-7, abs=1e-12
    )


LOADS = st.builds(erlang.Load, st.floats(1, 20_000), st.floats(5, 1800))


@given(load=LOADS, spare=st.integers(1, 40), within=st.floats(0, 120))
def test_one_seat_more_is_never_worse(load, spare, within):
    seats = math.floor(load.erlangs) + spare
    here, there = erlang.outlook(load, seats, within), erlang.outlook(load, seats + 1, within)
    assert there.waits <= here.waits
    assert there.level >= here.level
    assert there.asa <= here.asa
    assert there.occupancy < here.occupancy


@given(load=LOADS, level=st.floats(0.01, 0.995), within=st.floats(0, 120))
def test_what_is_needed_is_enough_and_one_less_is_not(load, level, within):
    enough = erlang.needed(load, erlang.Target(level, within))
    assert erlang.outlook(load, enough, within).level >= level
    fewer = erlang.outlook(load, enough - 1, within)
    assert not fewer.is_stable or fewer.level < level
