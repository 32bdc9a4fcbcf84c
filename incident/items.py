"""The items of a form: read from what was typed, put into words, and filled from what is known already."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from incident import clock, readings
from incident.readings import label
from incident.refusals import Invalid
from playbooks import law

MOST = {"text": 300, "long": 2000, "phone": 40}  # characters
LARGEST = Decimal(10) ** 12
DAY_FORM, TIME_FORM = "%Y-%m-%d", "%Y-%m-%d %H:%M"
PHONE = re.compile(r"\+?[0-9][0-9 \-()]{2,24}(?:[#*x转][0-9]{1,6})?")
OPEN_DIGITS = 4  # of a phone number at its end; and three at its start, where it is long enough

Data = dict[str, Any]


def name(item: law.Item) -> str:
    """The input of an item."""
    return f"item-{item.key}"


def read(form: law.Form, raw: Mapping[str, str], *, at: datetime, before: Mapping[str, Any], since: date) -> Data:
    """What was typed, by item; empty ones are left out. `before`: the version it starts from, kept where unchanged.

    `at` is the incident's clock; minimum days of a date count from `since`. Raises Invalid, one sentence a field.
    """
    data: Data = {}
    wrong: dict[str, str] = {}
    for item in form.items:
        typed = _plain(raw.get(name(item), ""), item.kind)
        if item.kind != "check" and typed and typed == text(item, before.get(item.key)):
            data[item.key] = before[item.key]
            continue
        try:
            value = READERS[item.kind](item, typed, at) if typed else None
            if item.kind == "date" and value is not None:
                _check_days(item, value, since)
        except ValueError as reason:
            wrong[name(item)] = str(reason)
            continue
        if value not in (None, "", False):
            data[item.key] = value
    if wrong:
        raise Invalid(wrong)
    return data


def missing(form: law.Form, data: Mapping[str, Any]) -> tuple[law.Item, ...]:
    """The required items that the data does not hold."""
    return tuple(item for item in form.items if item.required and not is_given(data, item.key))


def is_given(data: Mapping[str, Any], key: str) -> bool:
    """Whether the item was filled in; a number of zero is."""
    return data.get(key) not in (None, "", False)


def text(item: law.Item, value: Any) -> str:
    """A stored value as its input shows it."""
    if value in (None, "", False):
        return ""
    if item.kind == "check":
        return "yes"
    if item.kind == "time":
        return f"{datetime.fromisoformat(value).astimezone(clock.ZONE):{TIME_FORM}}"
    return str(value)


def words(item: law.Item, value: Any) -> str:
    """A stored value for reading: choices by name, phones masked."""
    if item.kind == "check":
        return _("是") if value else _("否")
    if value in (None, ""):
        return ""
    if item.kind == "phone":
        return masked(str(value))
    if item.kind == "choice":
        return next((label(choice) for choice in item.choices if choice.key == value), str(value))
    return text(item, value)


def masked(number: str) -> str:
    """138****1234."""
    digits = "".join(letter for letter in number if letter.isdigit())
    if len(digits) < OPEN_DIGITS + 3:
        return "****" + digits[-1:]
    return f"{digits[: max(0, min(3, len(digits) - 8))]}****{digits[-OPEN_DIGITS:]}"


def shared(form: law.Form, data: Mapping[str, Any]) -> Data:
    """The data as it may leave the editing dialog: phones masked."""
    phones = {item.key for item in form.items if item.kind == "phone"}
    return {key: masked(str(value)) if key in phones and value else value for key, value in data.items()}


def digest(data: Mapping[str, Any]) -> str:
    """The SHA-256 of the data, which the timeline holds instead of the data."""
    said = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def earliest(item: law.Item, since: date) -> date | None:
    """The first day that a date with minimum days may be; it is also what the form proposes."""
    return None if item.minimum_days is None else since + timedelta(days=item.minimum_days)


def _plain(typed: str, kind: str) -> str:
    """Without control characters, which no database and no printer takes; a long text keeps its lines."""
    kept = "\n" if kind == "long" else ""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in lines if char in kept or unicodedata.category(char)[0] != "C").strip()


def _check_days(item: law.Item, value: str, since: date) -> None:
    first = earliest(item, since)
    if first is not None and date.fromisoformat(value) < first:
        raise ValueError(
            _("“%(what)s”最早为 %(day)s（至少 %(days)d 天）。")
            % {"what": label(item), "day": first.isoformat(), "days": item.minimum_days}
        )


def _text(item: law.Item, typed: str, at: datetime) -> str:
    if len(typed) > MOST[item.kind]:
        raise ValueError(_("“%(what)s”最多 %(most)d 字。") % {"what": label(item), "most": MOST[item.kind]})
    return typed


def _number(item: law.Item, typed: str, at: datetime) -> str:
    digits = unicodedata.normalize("NFKC", typed).replace(",", "").replace(" ", "")
    try:
        number = Decimal(digits if len(digits) <= readings.LONGEST_NUMBER and "_" not in digits else "")
    except InvalidOperation:
        raise ValueError(_("“%s”请填数字。") % label(item)) from None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -readings.MOST_DECIMALS or not 0 <= number <= LARGEST:
        raise ValueError(_("“%s”超出合理范围，请核对。") % label(item))
    return format(number, "f")


def _check(item: law.Item, typed: str, at: datetime) -> bool:
    if typed not in ("yes", "no"):
        raise ValueError(_("“%s”只能勾选或不勾选。") % label(item))
    return typed == "yes"


def _time(item: law.Item, typed: str, at: datetime) -> str:
    return readings.moment(typed, at=at, what=label(item), may_come=True).isoformat()


def _date(item: law.Item, typed: str, at: datetime) -> str:
    try:
        day = date.fromisoformat(unicodedata.normalize("NFKC", typed).replace("/", "-").replace(".", "-"))
    except ValueError:
        raise ValueError(_("“%s”请按 2026-01-31 的格式填写日期。") % label(item)) from None
    if not readings.FIRST_YEAR <= day.year <= readings.LAST_YEAR:
        raise ValueError(_("“%s”超出合理范围，请核对。") % label(item))
    return day.isoformat()


def _choice(item: law.Item, typed: str, at: datetime) -> str:
    if typed not in {choice.key for choice in item.choices}:
        raise ValueError(_("“%s”请从列出的选项中选择。") % label(item))
    return typed


def _phone(item: law.Item, typed: str, at: datetime) -> str:
    number = unicodedata.normalize("NFKC", typed)
    if not PHONE.fullmatch(number):
        raise ValueError(_("“%s”请填电话号码：数字，可带 + 和 -。") % label(item))
    return number


READERS: dict[str, Callable[[law.Item, str, datetime], Any]] = {
    "text": _text,
    "long": _text,
    "number": _number,
    "check": _check,
    "time": _time,
    "date": _date,
    "choice": _choice,
    "phone": _phone,
}
