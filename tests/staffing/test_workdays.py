"""Public holidays and the weekends worked for them; beyond the announced years nothing is made up, nothing breaks."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing import workdays
from staffing.models import Day
from staffing.workdays import Sort

LAST = 2026  # the last year announced when the library was pinned


@pytest.mark.parametrize(
    ("day", "sort", "zh", "en"),
    [
        (date(2026, 10, 1), Sort.HOLIDAY, "国庆节", "National Day"),
        (date(2026, 2, 14), Sort.MAKEUP, "春节", "Spring Festival"),  # a Saturday that is worked
        (date(2026, 11, 23), Sort.WORKDAY, "", ""),
        (date(2026, 11, 21), Sort.WEEKEND, "", ""),
        (date(2004, 1, 1), Sort.HOLIDAY, "元旦", "New Year's Day"),
        (date(2027, 1, 1), Sort.UNKNOWN, "", ""),
        (date(2003, 10, 1), Sort.UNKNOWN, "", ""),
    ],
)
def test_what_a_day_is(day, sort, zh, en):
    assert workdays.announced(day) == workdays.Known(day, sort, zh, en)


@given(st.dates(date(2004, 1, 1), date(2040, 12, 31)))
def test_every_day_of_four_decades_has_an_answer(day):
    found = workdays.announced(day)
    assert found.is_known == (day.year <= LAST)
    weekend = day.weekday() >= 5
    assert found.is_worked or weekend or found.sort == Sort.HOLIDAY
    assert not found.is_worked or not weekend or found.sort == Sort.MAKEUP
    assert bool(found.zh) == bool(found.en) == (found.sort in (Sort.HOLIDAY, Sort.MAKEUP))


@given(st.dates(date(2004, 1, 1), date(2040, 12, 31)), st.sampled_from(list(Day.Kind)))
def test_what_the_table_says_goes_first(day, kind):
    found = workdays.known(day, day, {day: SimpleNamespace(kind=kind, zh="", en="")})[day]
    assert found.is_known
    assert found.is_worked == (kind == Day.Kind.WORKDAY)


def test_a_holiday_of_the_table_keeps_its_name_on_a_weekend():
    saturday = date(2027, 10, 2)
    row = SimpleNamespace(kind=Day.Kind.HOLIDAY, zh="国庆节", en="")
    assert workdays.known(saturday, saturday, {saturday: row})[saturday] == workdays.Known(
        saturday, Sort.HOLIDAY, "国庆节", "国庆节"
    )


def test_the_years_without_data_are_named():
    days = workdays.known(date(2026, 12, 28), date(2027, 1, 3), {}).values()
    assert workdays.unknown_years(days) == [2027]


def test_a_week_is_one_query(db, django_assert_num_queries):
    first = date(2026, 12, 28)
    Day.objects.create(date=date(2027, 1, 1), kind=Day.Kind.HOLIDAY, zh="元旦", en="New Year's Day")
    with django_assert_num_queries(1):
        week = workdays.calendar(first, first + timedelta(days=6))
    assert len(week) == 7
    assert week[date(2027, 1, 1)].sort == Sort.HOLIDAY
    assert week[date(2027, 1, 2)].sort == Sort.UNKNOWN
