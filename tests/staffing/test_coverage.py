"""Gaps and strains of a roster: half-open spans, leave, standby, stand-ins; a second way of counting agrees."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing import coverage
from staffing.coverage import Away, Trouble, Turn, Work

ZONE = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2026, 12, 15, tzinfo=ZONE)
GUARD, LEAD = 1, 2


def at(hour: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


def turn(starts: float, ends: float, needed: int = 1, post: int = GUARD, standby: bool = False) -> Turn:
    return Turn(post, 7, date(2026, 12, 15), at(starts), at(ends), needed, standby)


def work(person: int, starts: float, ends: float, post: int = GUARD, **more) -> Work:
    return Work(more.pop("id", person), post, person, at(starts), at(ends), **more)


def away(person: int, starts: float, ends: float) -> Away:
    return Away(person, at(starts), at(ends))


def spans(found):
    hours = lambda moment: (moment - MIDNIGHT) / timedelta(hours=1)  # noqa: E731
    return [(hours(gap.starts_at), hours(gap.ends_at), gap.missing) for gap in found]


@pytest.mark.parametrize(
    ("planned", "absent", "expected"),
    [
        ([], [], [(16, 24, 1)]),
        ([work(1, 16, 24)], [], []),
        ([work(1, 8, 16)], [], [(16, 24, 1)]),  # half open: who goes at 16 is not there at 16
        ([work(1, 16, 20)], [], [(20, 24, 1)]),
        ([work(1, 18, 20)], [], [(16, 18, 1), (20, 24, 1)]),
        ([work(1, 16, 20), work(2, 20, 24)], [], []),
        ([work(1, 0, 48)], [], []),
        ([work(1, 16, 24, post=LEAD)], [], [(16, 24, 1)]),
        ([work(1, 16, 24, standby=True)], [], [(16, 24, 1)]),  # reachable is not present
        ([work(1, 16, 24)], [away(1, 0, 48)], [(16, 24, 1)]),
        ([work(1, 16, 24)], [away(1, 20, 22)], [(20, 22, 1)]),
        ([work(1, 16, 24)], [away(1, 0, 16), away(1, 24, 30)], []),
        ([work(1, 16, 24)], [away(2, 0, 48)], []),
        ([work(1, 16, 24), work(1, 18, 22, id=9, is_override=True)], [], []),
    ],
)
def test_a_post_that_needs_one(planned, absent, expected):
    assert spans(coverage.gaps([turn(16, 24)], planned, absent)) == expected


def test_a_gap_names_who_is_on_leave_and_whether_it_is_the_whole_turn():
    whole, part = coverage.gaps(
        [turn(0, 8), turn(16, 24)], [work(1, 0, 8), work(2, 16, 24)], [away(1, 0, 8), away(2, 20, 24)]
    )
    assert (whole.away, whole.is_partial) == ((1,), False)
    assert (part.away, part.is_partial) == ((2,), True)


def test_where_three_are_needed_each_lack_is_counted():
    planned = [work(1, 8, 16), work(2, 8, 12), work(3, 10, 16)]
    assert spans(coverage.gaps([turn(8, 16, 3)], planned)) == [(8, 10, 1), (12, 16, 1)]


def test_standby_is_covered_by_standby_alone():
    called = turn(16, 24, standby=True)
    assert spans(coverage.gaps([called], [work(1, 16, 24)])) == [(16, 24, 1)]
    assert coverage.gaps([called], [work(1, 16, 24, standby=True)]) == []


@pytest.mark.parametrize(
    ("regular", "on_leave", "standing_in", "count"),
    [
        ((1, 2), (), (), 2),
        ((1, 2), (), (3,), 2),  # takes the place of one who is there
        ((1, 2), (1,), (3,), 2),  # takes the place of the one on leave
        ((1,), (1,), (3,), 1),
        ((), (), (3,), 1),
        ((1,), (), (3, 4), 2),
        ((1, 2), (3,), (3,), 2),  # the stand-in is away too
        ((1, 2), (), (2,), 2),  # stands in where planned anyway
    ],
)
def test_a_stand_in_takes_a_place(regular, on_leave, standing_in, count):
    there = [work(person, 8, 16) for person in regular]
    there += [work(person, 8, 16, id=100 + person, is_override=True) for person in standing_in]
    gone = [one for one in there if one.person in on_leave]
    assert coverage.present(there, gone) == count


def troubles(*planned):
    return [(one.kind, one.first.id, one.second.id) for one in coverage.strains(planned)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((8, 16), (16, 24), Trouble.IN_A_ROW),
        ((8, 16), (15, 23), Trouble.DOUBLE),
        ((8, 16), (8, 16), Trouble.DOUBLE),
        ((0, 24), (8, 9), Trouble.DOUBLE),
        ((8, 16), (18, 24), Trouble.SHORT_REST),
        ((8, 16), (26.9, 34), Trouble.SHORT_REST),
        ((8, 16), (27, 34), None),
    ],
)
def test_two_shifts_of_one_person(first, second, expected):
    found = troubles(work(1, *first, id=1), work(1, *second, post=LEAD, id=2))
    assert found == ([] if expected is None else [(expected, 1, 2)])


def test_on_call_is_no_work_but_does_not_go_with_duty_elsewhere():
    on_call, on_duty = work(1, 8, 20, standby=True, id=1), work(1, 16, 24, post=LEAD, id=2)
    assert troubles(on_call, on_duty) == [(Trouble.STANDBY, 1, 2)]
    assert troubles(on_call, work(1, 8, 20, post=LEAD, standby=True, id=3)) == []
    assert troubles(on_call, work(1, 20, 24, id=4)) == []


def test_other_people_do_not_matter():
    assert troubles(work(1, 8, 16), work(2, 8, 16)) == []


hours = st.integers(0, 30)
span = st.tuples(hours, hours).filter(lambda pair: pair[0] < pair[1])
people = st.integers(1, 4)
plans = st.lists(st.builds(lambda who, when, over: (who, *when, over), people, span, st.booleans()), max_size=6)
leaves = st.lists(st.builds(lambda who, when: away(who, *when), people, span), max_size=3)


@given(plans, leaves, st.integers(1, 3), span)
def test_hour_by_hour_counting_finds_the_same_gaps(plan, absent, needed, when):
    planned = [
        work(who, starts, ends, id=number, is_override=over) for number, (who, starts, ends, over) in enumerate(plan)
    ]
    wanted = turn(*when, needed)
    found = coverage.gaps([wanted], planned, absent)
    for hour in range(30):
        moment = at(hour)
        there = [one for one in planned if one.starts_at <= moment < one.ends_at]
        gone = [
            one for one in there if any(a.person == one.person and a.starts_at <= moment < a.ends_at for a in absent)
        ]
        inside = wanted.starts_at <= moment < wanted.ends_at
        lack = max(needed - coverage.present(there, gone), 0) if inside else 0
        said = [gap.missing for gap in found if gap.starts_at <= moment < gap.ends_at]
        assert said == ([lack] if lack else [])


@given(plans, leaves, st.integers(1, 3), span)
def test_gaps_lie_in_their_turn_apart_and_in_order(plan, absent, needed, when):
    planned = [work(who, starts, ends, id=number) for number, (who, starts, ends, _) in enumerate(plan)]
    wanted = turn(*when, needed)
    found = coverage.gaps([wanted], planned, absent)
    assert all(wanted.starts_at <= gap.starts_at < gap.ends_at <= wanted.ends_at for gap in found)
    assert all(one.ends_at <= other.starts_at for one, other in zip(found, found[1:], strict=False))
    assert all(0 < gap.missing <= needed for gap in found)


@given(plans, leaves, st.integers(1, 3), span, people)
def test_one_more_person_never_makes_it_worse(plan, absent, needed, when, who):
    planned = [work(one, starts, ends, id=number) for number, (one, starts, ends, _) in enumerate(plan)]
    wanted = turn(*when, needed)
    lack = lambda work: sum(((gap.ends_at - gap.starts_at) * gap.missing for gap in work), timedelta())  # noqa: E731
    before = lack(coverage.gaps([wanted], planned, absent))
    after = lack(coverage.gaps([wanted], [*planned, work(who, *when, id=99)], absent))
    assert after <= before


@given(plans)
def test_every_overlap_on_duty_is_a_double_booking_and_nothing_else_is(plan):
    planned = [work(who, starts, ends, id=number) for number, (who, starts, ends, _) in enumerate(plan)]
    pairs = {
        frozenset((one.id, other.id))
        for one in planned
        for other in planned
        if one.id < other.id
        and one.person == other.person
        and coverage.overlaps(one, other.starts_at, other.ends_at)
    }  # fmt: skip
    found = [s for s in coverage.strains(planned) if s.kind == Trouble.DOUBLE]
    assert {frozenset((s.first.id, s.second.id)) for s in found} == pairs
    assert len(found) == len(pairs)
