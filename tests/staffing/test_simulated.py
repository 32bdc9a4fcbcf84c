"""The floor that does not exist: the same afternoon for the same seed, and numbers that fit together."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing import erlang, saturation
from staffing.simulated import Floor, Habits, Load

RISE = Load(starts_at=120, ends_at=2400)


def afternoon(seed: int, *, seats: int = 12, load: Load = RISE, minutes: int = 60, joins=()) -> list[dict[str, int]]:
    floor = Floor(seats=seats, load=load, seed=seed)
    readings = []
    for second in range(0, minutes * 60, 5):
        floor.run(second)
        for at, now_seated in joins:
            if at <= second < at + 5:
                floor.seat(now_seated)
        readings.append(floor.reading())
    return readings


def test_the_same_seed_is_the_same_afternoon():
    assert afternoon(7) == afternoon(7)
    assert afternoon(7) != afternoon(8)


def longest_full(readings: list[dict[str, int]]) -> timedelta:
    """By the console's own timer, which tolerates a seat that is free for a moment."""
    start = datetime(2026, 3, 2, 14, tzinfo=UTC)
    course, longest = saturation.Course(), timedelta()
    for index, row in enumerate(readings):
        at = start + timedelta(seconds=5 * index)
        measured = saturation.Reading(at, row["staffed"], row["busy"], row["waiting"])
        course = saturation.fold(course, [measured], saturation.Limits())
        longest = max(longest, saturation.view(course.head, at, saturation.Limits()).full_for or timedelta())
    return longest


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("seats", [12, 34])
def test_a_rising_load_fills_the_seats_for_more_than_half_an_hour_and_lets_go(seed, seats):
    readings = afternoon(seed, seats=seats, minutes=70)
    assert longest_full(readings) > timedelta(minutes=30)
    free = [reading["busy"] < reading["staffed"] for reading in readings]
    assert any(free[:24]) and any(free[-60:])


def test_more_seats_make_the_queue_shorter():
    without = afternoon(3)[400]["waiting"]
    assert afternoon(3, joins=[(900, 24)])[400]["waiting"] < without


@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 60))
def test_numbers_fit_together(seed, seats, later):
    before = 0
    for reading in afternoon(seed, seats=seats, minutes=15, joins=[(300, later)]):
        assert 0 <= reading["busy"] <= reading["staffed"]
        assert reading["offered"] == reading["answered"] + reading["abandoned"] + reading["waiting"]
        assert reading["answered_in_time"] <= reading["answered"]
        assert reading["abandoned_soon"] <= reading["abandoned"]
        assert (reading["longest_wait"] > 0) <= (reading["waiting"] > 0)
        assert reading["offered"] >= before
        before = reading["offered"]


def test_a_calm_floor_answers_as_the_formula_says():
    """With patience beyond measure it is the queue of Erlang C; a long day comes close to it."""
    calm = Load(starts_at=1e9, ends_at=1e9, calm=0.8, peak=0.8)
    floor = Floor(seats=10, load=calm, seed=1, habits=Habits(patience=1e9))
    floor.run(3_000_000)
    found = floor.answered_in_time / floor.answered
    assert found == pytest.approx(erlang.outlook(erlang.Load(120, 240), 10, 20).level, abs=0.02)


@pytest.mark.parametrize("wrong", [{"calm": 0}, {"calm": 3}, {"ends_at": 0}, {"slope": 0}])
def test_a_load_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="load"):
        Load(**{"starts_at": 1, "ends_at": 2} | wrong)
    with pytest.raises(ValueError, match="seat"):
        Floor(seats=0, load=RISE, seed=1)
