"""Hours and overtime by the day, the week and the month; who is asked first to fill a gap."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing import hours
from staffing.hours import Candidate, Doubt, Limit

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 12, 14)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Span:
    starts_at: datetime
    ends_at: datetime


def span(day: int, starts: float, length: float) -> Span:
    """So many hours from an hour of the day; day 0 is the Monday."""
    begins = datetime(2026, 12, 14, tzinfo=ZONE) + timedelta(days=day, hours=starts)
    return Span(begins, begins + length * HOUR)


def tally(*spans: Span, day: date = MONDAY) -> hours.Tally:
    return hours.tally(spans, day=day, zone=ZONE)


def test_five_days_of_eight_hours_are_no_overtime():
    found = tally(*(span(day, 8, 8) for day in range(5)))
    assert (found.week, found.over_week, found.passed) == (40 * HOUR, 0 * HOUR, ())


@pytest.mark.parametrize(
    ("length", "over", "passed"),
    [(9, 1, ()), (9.5, 1.5, (Limit.DAY_USUAL,)), (11, 3, (Limit.DAY_USUAL,)), (12, 4, (Limit.DAY_MOST,))],
)
def test_a_long_day(length, over, passed):
    found = tally(span(0, 8, length))
    assert (found.over_week, found.worst_day, found.passed) == (over * HOUR, over * HOUR, passed)


def test_the_sixth_day_is_overtime_whole():
    found = tally(*(span(day, 8, 8) for day in range(6)))
    assert (found.over_week, found.worst_day) == (8 * HOUR, 8 * HOUR)


def test_two_shifts_on_one_day_are_one_day_and_what_overlaps_counts_once():
    assert tally(span(0, 8, 4), span(0, 14, 6)).over_week == 2 * HOUR
    assert tally(span(0, 8, 8), span(0, 12, 4)).week == 8 * HOUR


def test_a_night_counts_for_the_day_on_which_it_starts():
    sunday_night = span(-1, 22, 10)
    assert tally(sunday_night).week == 0 * HOUR
    assert tally(sunday_night, day=date(2026, 12, 13)).week == 10 * HOUR


def test_more_than_36_hours_in_a_month_are_said():
    twelve = [span(day, 8, 12) for day in (-13, -12, -11, -7, -6, -5, 0, 1, 2, 7)]
    assert tally(*twelve).over_month == 40 * HOUR
    assert Limit.MONTH in tally(*twelve).passed
    assert Limit.MONTH not in tally(*twelve[:9]).passed  # 36 is the limit, not beyond it


def test_a_week_across_the_turn_of_the_month_gives_each_month_its_days():
    days = [span(day, 8, 8) for day in range(14, 20)]  # Monday 28 December to Saturday 2 January
    december, january = tally(*days, day=date(2026, 12, 28)), tally(*days, day=date(2027, 1, 1))
    assert (december.month, december.over_month) == (32 * HOUR, 0 * HOUR)
    assert (january.month, january.over_month) == (16 * HOUR, 8 * HOUR)


week_of_spans = st.lists(st.builds(span, st.integers(0, 13), st.integers(0, 23), st.integers(1, 14)), max_size=12)


@given(week_of_spans)
def test_hours_are_those_during_which_somebody_works(spans):
    found = hours.by_day(spans, ZONE)
    start = datetime(2026, 12, 14, tzinfo=ZONE)
    worked = sum(
        any(one.starts_at <= start + number * HOUR < one.ends_at for one in spans) for number in range(16 * 24)
    )
    assert sum(found.values(), timedelta()) == worked * HOUR


@given(week_of_spans)
def test_usual_hours_stay_within_8_a_day_and_40_a_week(spans):
    days = hours.by_day(spans, ZONE)
    over = hours.overtime(days)
    assert all(0 * HOUR <= over[day] <= days[day] for day in days)
    assert all(days[day] - over[day] <= hours.A_DAY for day in days)
    for monday in (MONDAY, MONDAY + timedelta(days=7)):
        usual = [days[day] - over[day] for day in days if hours.monday(day) == monday]
        assert sum(usual, timedelta()) <= hours.A_WEEK


# --- who is asked first ---------------------------------------------------------------------------------------------

GAP = span(2, 0, 8)


def order(*candidates: Candidate) -> list[int]:
    return [one.person for one in hours.suggest(GAP.starts_at, GAP.ends_at, candidates)]


def test_only_who_is_free_is_suggested():
    busy = Candidate(1, busy=(span(2, 4, 8),))
    assert order(busy, Candidate(2, is_away=True), Candidate(3)) == [3]


def test_reachable_first_then_rested_then_fewest_hours():
    lost = Candidate(1, week=0 * HOUR, is_reachable=False)
    tired = Candidate(2, week=8 * HOUR, busy=(span(1, 16, 8),))
    much, little = Candidate(3, week=32 * HOUR), Candidate(4, week=24 * HOUR)
    assert order(lost, tired, much, little) == [4, 3, 2, 1]


def test_who_holds_the_post_goes_before_who_only_knows_it():
    assert order(Candidate(1, nearness=1), Candidate(2, week=20 * HOUR)) == [2, 1]


@pytest.mark.parametrize(
    ("candidate", "doubts"),
    [
        (Candidate(1), ()),
        (Candidate(1, busy=(span(1, 16, 8),)), (Doubt.IN_A_ROW,)),
        (Candidate(1, busy=(span(2, 8, 8),)), (Doubt.IN_A_ROW,)),
        (Candidate(1, busy=(span(1, 8, 8),)), (Doubt.SHORT_REST,)),
        (Candidate(1, busy=(span(1, 5, 8),)), ()),
        (Candidate(1, week=33 * HOUR), (Doubt.OVER_WEEK,)),
        (Candidate(1, week=32 * HOUR, is_reachable=False), (Doubt.UNREACHABLE,)),
    ],
)
def test_what_speaks_against_somebody_is_said(candidate, doubts):
    (found,) = hours.suggest(GAP.starts_at, GAP.ends_at, [candidate])
    assert found.doubts == doubts
