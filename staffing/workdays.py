"""Which days are worked: public holidays and the working weekends that pay for them, as far as they are known.

The library ends with the last year the State Council has announced and raises beyond it; the table `Day` goes first
and fills what is missing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import chinese_calendar

from staffing.models import Day


class Sort(StrEnum):
    """What a day is."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"  # a weekend that is worked, for a holiday
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Known:
    """One day: `zh` and `en` name the holiday, or the one that is paid for; empty on ordinary days."""

    day: date
    sort: Sort
    zh: str = ""
    en: str = ""

    @property
    def is_known(self) -> bool:
        return self.sort != Sort.UNKNOWN

    @property
    def is_worked(self) -> bool:
        """Whether the day is worked; where the holidays are not known, Monday to Friday are taken for it."""
        if self.sort == Sort.UNKNOWN:
            return self.day.weekday() < 5
        return self.sort in (Sort.WORKDAY, Sort.MAKEUP)


def calendar(first: date, last: date) -> dict[date, Known]:
    """Return every day from `first` to `last`, both included. One query."""
    own = {day.date: day for day in Day.objects.filter(date__range=(first, last))}
    return known(first, last, own)


def known(first: date, last: date, own: Mapping[date, Any]) -> dict[date, Known]:
    """The same without asking: `own` holds what the table says (`kind`, `zh`, `en`) of some days."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return {day: _own(day, own[day]) if day in own else announced(day) for day in days}


def announced(day: date) -> Known:
    """What the State Council announced for the day; unknown beyond the years of the library, which never fails."""
    try:
        is_off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return Known(day, Sort.UNKNOWN)
    is_weekend = day.weekday() >= 5
    if name is None:
        return Known(day, Sort.WEEKEND if is_off else Sort.WORKDAY)
    if not is_off and not is_weekend:
        return Known(day, Sort.WORKDAY)
    return Known(day, Sort.HOLIDAY if is_off else Sort.MAKEUP, _chinese(name), name)


def unknown_years(days: Iterable[Known]) -> list[int]:
    """The years of which some of these days are unknown, in order."""
    return sorted({one.day.year for one in days if not one.is_known})


def _own(day: date, row: Any) -> Known:
    is_weekend = day.weekday() >= 5
    if row.kind == Day.Kind.HOLIDAY:
        named = bool(row.zh or row.en)
        return Known(day, Sort.HOLIDAY if named or not is_weekend else Sort.WEEKEND, row.zh, row.en or row.zh)
    return Known(day, Sort.MAKEUP if is_weekend else Sort.WORKDAY, row.zh, row.en or row.zh)


def _chinese(name: str) -> str:
    return next((one.chinese for one in chinese_calendar.Holiday if one.value == name), name)
