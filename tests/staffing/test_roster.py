"""Who holds a post at a moment: half-open spans, order, composite posts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing import roster
from staffing.roster import Seat

NOON = datetime(2026, 12, 15, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


def seat(person: int, post: str = "lead", rank: int = 0, start: int = 0, end: int | None = None) -> Seat:
    return Seat(post, person, rank, NOON + start * HOUR, None if end is None else NOON + end * HOUR)


@pytest.mark.parametrize(
    ("at", "held"),
    [
        (NOON - TICK, False),
        (NOON, True),
        (NOON + HOUR - TICK, True),
        (NOON + HOUR, False),
    ],
)
def test_start_belongs_to_the_span_and_end_does_not(at, held):
    assert roster.is_held(seat(1, end=1), at) is held


def test_open_end_holds_for_ever():
    assert roster.is_held(seat(1), NOON + 100_000 * HOUR)


def test_hand_over_leaves_no_gap_and_no_double():
    shifts = [seat(1, end=8), seat(2, start=8, end=16)]
    assert [found.person_id for found in roster.on_post(["lead"], shifts, NOON + 8 * HOUR - TICK)] == [1]
    assert [found.person_id for found in roster.on_post(["lead"], shifts, NOON + 8 * HOUR)] == [2]


@pytest.mark.parametrize(
    ("stands_for", "expected"),
    [
        ({}, ("a",)),
        ({"a": ["b", "c"]}, ("a", "b", "c")),
        ({"a": ["b", "c"], "b": ["d"]}, ("a", "b", "d", "c")),
        ({"a": ["b"], "b": ["a"]}, ("a", "b")),
        ({"a": ["a"]}, ("a",)),
        ({"a": ["b", "c"], "b": ["c"]}, ("a", "b", "c")),
    ],
)
def test_expand(stands_for, expected):
    assert roster.expand("a", stands_for) == expected


def test_first_holders_of_all_posts_come_before_any_deputy():
    seats = [seat(1, "manager"), seat(2, "manager", rank=1), seat(3, "supervisor"), seat(4, "supervisor", rank=1)]
    found = roster.on_post(["leadership", "manager", "supervisor"], seats, NOON)
    assert [one.person_id for one in found] == [1, 3, 2, 4]


def test_a_person_on_two_posts_is_named_once_at_the_better_rank():
    seats = [seat(1, "manager", rank=1), seat(1, "supervisor"), seat(2, "manager")]
    found = roster.on_post(["manager", "supervisor"], seats, NOON)
    assert [(one.person_id, one.post) for one in found] == [(2, "manager"), (1, "supervisor")]


spans = st.builds(
    seat,
    person=st.integers(1, 5),
    post=st.sampled_from(["a", "b", "c"]),
    rank=st.integers(0, 3),
    start=st.integers(-5, 5),
    end=st.none() | st.integers(6, 12),
)


@given(st.lists(spans, max_size=12), st.integers(-6, 13))
def test_everyone_present_is_named_exactly_once_in_order_of_rank(seats, hours):
    at = NOON + hours * HOUR
    found = roster.on_post(["a", "b"], seats, at)
    present = {one.person_id for one in seats if one.post in ("a", "b") and roster.is_held(one, at)}
    assert {one.person_id for one in found} == present
    assert len(found) == len(present)
    assert [one.rank for one in found] == sorted(one.rank for one in found)


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=4)))
def test_expansion_ends_and_repeats_nothing(stands_for):
    found = roster.expand("a", stands_for)
    assert found[0] == "a"
    assert len(found) == len(set(found))
