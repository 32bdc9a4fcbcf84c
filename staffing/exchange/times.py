"""Dates and times as people and spreadsheets write them; all of them in the zone of the sites."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _

DAY = timedelta(days=1)
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - day 0 of spreadsheets: a date of the wall, not a moment
FIRST, LAST = 20_000, 80_000  # days of 1954 and 2119: a number between them is a date
YEARS = range(2000, 2100)
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_TIME = re.compile(r"(\d{1,2})\s*[:：时点]\s*(\d{1,2})?\s*分?(?:[:：](\d{1,2})(?:\.0+)?)?")
_NUMBER = re.compile(r"\d+(\.\d+)?")

Day = TypeVar("Day", date, datetime)
Written = datetime | date | time | timedelta


def written(value: object) -> Written:
    """A date, a time, or both, without a zone; a span of 24 hours is the end of a day. Raises ValueError."""
    if isinstance(value, datetime):
        return _checked(value.replace(tzinfo=None, microsecond=0))
    if isinstance(value, timedelta):
        return _span(value)
    if isinstance(value, date | time):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _serial(float(value))
    return _from_text(unicodedata.normalize("NFKC", str(value)).strip())


def aware(moment: datetime) -> datetime:
    """The moment in the zone of the sites."""
    return moment.replace(tzinfo=timezone.get_default_timezone())


def shown(moment: datetime) -> str:
    """2026-12-15 16:00 in the zone of the sites."""
    return timezone.localtime(moment, timezone.get_default_timezone()).strftime("%Y-%m-%d %H:%M")


def joined(day: date, at: time | timedelta) -> datetime:
    """The moment of a day."""
    if isinstance(at, timedelta):
        return aware(datetime.combine(day, time()) + at)
    return aware(datetime.combine(day, at))


def _from_text(text: str) -> Written:
    if _NUMBER.fullmatch(text):
        return _serial(float(text))
    found = _DATE.match(text)
    rest = text[found.end() :].lstrip(" T,") if found else text
    day = _day(found, text) if found else None
    if not rest and day:
        return day
    at = _TIME.fullmatch(rest)
    if at is None:
        raise ValueError(_unread(text))
    moment = _time(at, text)
    if day is None:
        return moment
    if isinstance(moment, timedelta):
        return datetime.combine(day, time()) + moment
    return datetime.combine(day, moment)


def _day(found: re.Match[str], text: str) -> date:
    year, month, day = (int(part) for part in found.groups())
    try:
        return _checked(date(year, month, day))
    except ValueError as error:
        if year not in YEARS:
            raise
        raise ValueError(_("没有“%s”这一天。") % text) from error


def _time(found: re.Match[str], text: str) -> time | timedelta:
    hour, minute, second = (int(part or 0) for part in found.groups())
    if (hour, minute, second) == (24, 0, 0):
        return DAY
    try:
        return time(hour, minute, second)
    except ValueError as error:
        raise ValueError(_("没有“%s”这个时刻。") % text) from error


def _span(span: timedelta) -> Written:
    """What a spreadsheet shows as [h]:mm: a time of the day, or 24:00 for its end."""
    if timedelta() <= span < DAY:
        return (EPOCH + timedelta(seconds=round(span.total_seconds()))).time()
    if span == DAY:
        return DAY
    raise ValueError(_unread(str(span)))


def _serial(number: float) -> Written:
    """A day of a spreadsheet as a number: the whole part counts days, the rest is the time."""
    if 0 <= number < 1:
        return (EPOCH + timedelta(seconds=round(number * 86400))).time()
    if number == 1:
        return DAY
    if not FIRST <= number < LAST:
        raise ValueError(_unread(f"{number:g}"))
    moment = EPOCH + timedelta(seconds=round(number * 86400))
    return moment.date() if number == int(number) else moment


def _checked(day: Day) -> Day:
    if day.year not in YEARS:
        raise ValueError(_("年份 %d 不对，请核对。") % day.year)
    return day


def _unread(text: str) -> str:
    return _("“%s”不是日期或时间，请写成 2026-12-15 16:00。") % text
