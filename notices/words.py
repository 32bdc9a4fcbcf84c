"""The words of a notice in the recipient's language, out of the data frozen with it; missing data never fails."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from string import Formatter
from typing import Any, TypedDict

from notices.catalogue import CATALOGUE, EXERCISE_LINES, LABELS, OTHER, PREFIXES, Kind, Phrase

SHANGHAI = timezone(timedelta(hours=8))  # no summer time since 1991
SUBJECT_LIMIT = 120
VALUE_LIMIT = 500
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_COLOURS = {
    "red": Phrase("红色", "red"),
    "orange": Phrase("橙色", "orange"),
    "yellow": Phrase("黄色", "yellow"),
    "blue": Phrase("蓝色", "blue"),
}


class Data(TypedDict, total=False):
    """What the incident gives; every item may be missing. Times are ISO 8601 with offset, on the incident's clock."""

    number: str  # of the incident
    path: str  # of the incident's page, /incidents/NUMBER/
    title_zh: str
    title_en: str
    site_zh: str
    site_en: str
    place: str
    at: str  # the moment this notice tells of: began, level set, restored, cancelled
    post_zh: str  # the post that is told
    post_en: str
    duty_zh: str
    duty_en: str
    due: str  # of the duty
    late_post_zh: str  # kind told_late: whose duty is late
    late_post_en: str
    late_person: str
    level_zh: str
    level_en: str
    colour: str  # red, orange, yellow, blue
    clause_zh: str
    clause_en: str
    reason: str  # a person's own words: why cancelled, why the level changed
    offer_zh: str  # kind call_out: what is asked, "stay on until 17:00"
    offer_en: str
    overtime_zh: str  # what it adds up to
    overtime_en: str
    limits_zh: str  # where it passes a limit: what the law says
    limits_en: str
    into_number: str  # kind merged: the incident that goes on
    into_title_zh: str
    into_title_en: str


@dataclass(frozen=True, kw_only=True)
class Words:
    """A notice in words. `subject` starts with the mark of an exercise or drill; every text is one line."""

    language: str
    prefix: str
    subject: str
    number: str
    title: str
    what: str
    due: str
    lines: tuple[str, ...]
    ask: str


def render(*, kind: str, data: Mapping[str, Any], language: str, mode: str) -> Words:
    """The words of one notice. An unknown kind, language or mode gets safe ones, and so does broken data."""
    in_english = str(language).lower().startswith("en")
    entry = CATALOGUE.get(kind, OTHER)
    values = _values(data if isinstance(data, Mapping) else {}, in_english)
    prefix = _pick(PREFIXES.get(mode, PREFIXES["drill"]), in_english)
    lines = [_fill(phrase, values, in_english) for phrase in (*EXERCISE_LINES.get(mode, ()), *entry.lines, *LABELS)]
    return Words(
        language="en" if in_english else "zh-hans",
        prefix=prefix.strip(),
        subject=prefix + _short(_first(entry.subjects, values, in_english)),
        number=values.get("number", ""),
        title=values.get("title", ""),
        what=_first(_what(entry), values, in_english),
        due=values.get("due", ""),
        lines=tuple(line for line in lines if line),
        ask=_pick(entry.ask, in_english),
    )


def _what(entry: Kind) -> tuple[Phrase, ...]:
    return (*entry.what, *OTHER.what)


def _first(phrases: tuple[Phrase, ...], values: Mapping[str, str], in_english: bool) -> str:
    """The first phrase whose every field is there."""
    for phrase in phrases:
        text = _fill(phrase, values, in_english)
        if text:
            return text
    return _pick(OTHER.subjects[-1], in_english)


def _fill(phrase: Phrase, values: Mapping[str, str], in_english: bool) -> str:
    """The phrase with its fields filled, or nothing when one is missing."""
    pattern = _pick(phrase, in_english)
    fields = [name for _, name, _, _ in Formatter().parse(pattern) if name]
    return pattern.format_map(values) if all(values.get(name) for name in fields) else ""


def _short(subject: str) -> str:
    return subject if len(subject) <= SUBJECT_LIMIT else subject[: SUBJECT_LIMIT - 1] + "…"


def _pick(phrase: Phrase, in_english: bool) -> str:
    return phrase.en if in_english else phrase.zh


def _values(data: Mapping[str, Any], in_english: bool) -> dict[str, str]:
    """Data in one language: `title_zh`/`title_en` become `title`, times become words, everything becomes one line."""
    own, other = ("_en", "_zh") if in_english else ("_zh", "_en")
    values = {}
    for suffix in (other, own):  # the other language first: better foreign words than none
        for name, value in data.items():
            if str(name).endswith(suffix) and one_line(value):
                values[str(name).removesuffix(suffix)] = one_line(value)
    for name in ("number", "place", "late_person", "reason", "into_number"):
        values[name] = one_line(data.get(name))
    for name in ("at", "due"):
        values[name] = _moment(data.get(name), in_english)
    colour = _COLOURS.get(str(data.get("colour")))
    values["colour"] = _pick(colour, in_english) if colour else ""
    return values


def one_line(value: object) -> str:
    """Text without line breaks, control or direction characters, and of bounded length."""
    if value is None or isinstance(value, (dict, list, bytes)):
        return ""
    plain = "".join(
        " " if unicodedata.category(char)[0] == "C" or char in "\u2028\u2029" else char for char in str(value)
    )
    return " ".join(plain.split())[:VALUE_LIMIT]


def _moment(value: object, in_english: bool) -> str:
    """`11月23日 18:05` or `23 Nov 18:05 Beijing time`; nothing when it is no time."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return ""
    if moment.tzinfo is not None:
        moment = moment.astimezone(SHANGHAI)
    if in_english:
        return f"{moment.day} {_MONTHS[moment.month - 1]} {moment:%H:%M} Beijing time"
    return f"{moment.month}月{moment.day}日 {moment:%H:%M}"
