"""One fact as a person types it (`55`, `55%`, `2h`, `yes`, `since:14:05`) to a reading of its kind."""

import re
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final

from playbooks.law import FactSpec, Reading, Value

_QUANTITY: Final = re.compile(r"(-?\d{1,15}(?:\.\d{1,6})?)\s*(\D*)")
_SINCE: Final = "since:"
_UNKNOWN: Final = ("unknown", "?", "未知")
_YES: Final = ("yes", "true", "1", "是", "有")
_NO: Final = ("no", "false", "0", "否", "无")
_UNIT_WORDS: Final = {
    "minutes": "min",
    "minute": "min",
    "分钟": "min",
    "分": "min",
    "hours": "h",
    "hour": "h",
    "小时": "h",
    "元": "yuan",
    "percent": "%",
    "人": "persons",
    "person": "persons",
}
_TIMES_YUAN: Final = {"万元": Decimal(10_000), "亿元": Decimal(100_000_000)}
_MINUTES: Final = {"min": Decimal(1), "h": Decimal(60)}


class BadFact(ValueError):
    """The text is no value of that fact; the two arguments say why, in Chinese and in English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.zh, self.en = zh, en

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


def parse(spec: FactSpec, text: str, *, now: datetime) -> Reading:
    """The reading that the text gives. Raises BadFact."""
    text = text.strip()
    if text.lower() in _UNKNOWN:
        return Reading(spec.metric)
    if text.startswith(_SINCE):
        return _running(spec, _moment(spec, text.removeprefix(_SINCE), now))
    if spec.kind == "flag":
        return Reading(spec.metric, _flag(spec, text))
    if spec.kind == "choice":
        return Reading(spec.metric, _choice(spec, text))
    if spec.kind == "text":
        return Reading(spec.metric, text)
    if spec.kind == "time":
        return Reading(spec.metric, since=_moment(spec, text, now))
    if spec.kind == "countdown":
        return Reading(spec.metric, _quantity(spec, text), since=now)
    return Reading(spec.metric, _quantity(spec, text))


def _running(spec: FactSpec, since: datetime) -> Reading:
    """A stopwatch runs from then, a yes/no is yes from then; of anything else "since" does not say how much."""
    if spec.kind in ("stopwatch", "time"):
        return Reading(spec.metric, since=since)
    if spec.kind == "flag":
        return Reading(spec.metric, True, since=since)
    raise BadFact(f"{spec.metric} 需要一个值，不能只写 since", f"{spec.metric} needs a value, not only since when")


def _flag(spec: FactSpec, text: str) -> bool:
    word = text.lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise BadFact(
        f"{spec.metric} 应为 yes、no 或 unknown，不是“{text}”", f"{spec.metric} is yes, no or unknown, not {text!r}"
    )


def _choice(spec: FactSpec, text: str) -> str:
    keys = [choice.key for choice in spec.choices]
    if text in keys:
        return text
    raise BadFact(
        f"{spec.metric} 应为 {'、'.join(keys)} 之一，不是“{text}”",
        f"{spec.metric} is one of {', '.join(keys)}, not {text!r}",
    )


def _quantity(spec: FactSpec, text: str) -> Value:
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise BadFact(f"{spec.metric} 应为数字，不是“{text}”", f"{spec.metric} is a number, not {text!r}")
    number = Decimal(match[1]) * _factor(spec, match[2].strip())
    if number < (spec.minimum or 0) or (spec.maximum is not None and number > spec.maximum):
        raise BadFact(f"{spec.metric} 的值 {text} 超出范围", f"{spec.metric}: {text} is out of range")
    if spec.kind != "count":
        return number
    if number != int(number):
        raise BadFact(f"{spec.metric} 应为整数，不是“{text}”", f"{spec.metric} is a whole number, not {text!r}")
    return int(number)


def _factor(spec: FactSpec, written: str) -> Decimal:
    unit, own = _unit(written), _unit(spec.unit)
    if not unit or unit == own:
        return Decimal(1)
    if own == "yuan" and written in _TIMES_YUAN:
        return _TIMES_YUAN[written]
    if unit in _MINUTES and own in _MINUTES:
        return _MINUTES[unit] / _MINUTES[own]
    raise BadFact(
        f"{spec.metric} 的单位应为 {spec.unit or '无'}，不是“{written}”",
        f"{spec.metric} is given in {spec.unit or 'no unit'}, not in {written!r}",
    )


def _unit(written: str) -> str:
    return _UNIT_WORDS.get(written.lower(), written.lower())


def _moment(spec: FactSpec, text: str, now: datetime) -> datetime:
    """An ISO time, or HH:MM[:SS] of the last 24 hours, in the zone of `now`."""
    try:
        if "T" not in text and "-" not in text:
            moment = datetime.combine(now.date(), time.fromisoformat(text), tzinfo=now.tzinfo)
            return moment if moment <= now else moment - timedelta(days=1)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadFact(f"{spec.metric} 的时间“{text}”无法识别", f"{spec.metric}: {text!r} is not a time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
