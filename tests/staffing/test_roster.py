"""Who holds a post at a moment: half-open spans, order, composite posts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing import roster
from staffing.roster import Away, Seat

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


def names(places) -> list[tuple[int, str, str]]:
    return [(place.seat.person_id, place.post, place.up) for place in places]


def shift(person: int, start: int, end: int, post: str = "lead", source: str = roster.SHIFT) -> Seat:
    return Seat(post, person, 0, NOON + start * HOUR, NOON + end * HOUR, source)


def test_stand_in_then_shift_then_appointed_then_deputy():
    seats = [seat(1, rank=1), seat(2), shift(3, -1, 7), shift(4, 0, 1, source=roster.OVERRIDE)]
    assert [one.person_id for one in roster.on_post(["lead"], seats, NOON)] == [4, 3, 2, 1]
    assert [one.person_id for one in roster.on_post(["lead"], seats, NOON + HOUR)] == [3, 2, 1]
    assert [one.person_id for one in roster.on_post(["lead"], seats, NOON + 7 * HOUR)] == [2, 1]


def test_who_is_away_holds_nothing_from_the_first_to_the_last_moment():
    seats, away = [seat(1, start=-5), seat(2, rank=1, start=-5)], [Away(1, NOON, NOON + HOUR)]
    assert [one.person_id for one in roster.on_post(["lead"], seats, NOON - TICK, away)] == [1, 2]
    assert [one.person_id for one in roster.on_post(["lead"], seats, NOON, away)] == [2]
    assert [one.person_id for one in roster.on_post(["lead"], seats, NOON + HOUR - TICK, away)] == [2]
    assert [one.person_id for one in roster.on_post(["lead"], seats, NOON + HOUR, away)] == [1, 2]


def answering(post, seats, stands_for=None, next_post=None, away=()):
    return names(roster.answering(post, seats, NOON, stands_for=stands_for or {}, next_post=next_post or {}, away=away))


def test_calls_are_passed_on_when_the_post_has_been_asked_through():
    seats = [seat(1), seat(2, rank=1), seat(3, "manager")]
    assert answering("lead", seats, next_post={"lead": "manager"}) == [
        (1, "lead", ""), (2, "lead", ""), (3, "lead", "manager"),
    ]  # fmt: skip


def test_a_vacant_post_is_answered_by_the_next_and_the_one_after():
    seats = [seat(3, "head")]
    assert answering("lead", seats, next_post={"lead": "manager", "manager": "head"}) == [(3, "lead", "head")]


def test_of_a_composite_post_each_part_is_passed_on_for_itself():
    seats = [seat(1, "a"), seat(2, "b"), seat(3, "up")]
    found = answering("both", seats, stands_for={"both": ["a", "b"]}, next_post={"a": "up", "b": "up"})
    assert found == [(1, "a", ""), (2, "b", ""), (3, "a", "up"), (3, "b", "up")]


def test_a_ring_of_next_posts_ends():
    assert roster.chain("a", {"a": "b", "b": "c", "c": "a"}) == ("b", "c")
    assert roster.chain("a", {"a": "a"}) == ()
    assert roster.chain("a", {"a": "b", "b": "c", "c": "b"}) == ("b", "c")


@given(
    st.lists(spans, max_size=12),
    st.dictionaries(st.sampled_from("abc"), st.sampled_from("abc")),
    st.lists(st.builds(lambda person, start: Away(person, NOON + start * HOUR, NOON + (start + 2) * HOUR),
             st.integers(1, 5), st.integers(-3, 3)), max_size=4),
)  # fmt: skip
def test_nobody_is_asked_twice_for_a_post_and_nobody_who_is_away(seats, next_post, away):
    found = answering("a", seats, next_post=next_post, away=away)
    assert len({(person, post) for person, post, _ in found}) == len(found)
    gone = {one.person_id for one in away if roster.is_held(one, NOON)}
    assert not gone & {person for person, _, _ in found}
    own = [up for _, _, up in found]
    assert own == sorted(own, key=bool)  # who is passed on comes last
