"""Turns the recorded facts of an incident into what the rules read, and a form's input into facts."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from incident.models import Fact
from incident.refusals import Invalid
from playbooks import rules

UNKNOWN = ("", "unknown")
DECIMAL = ("measure", "stopwatch", "countdown")
EXPECTED = "yes"  # of `fact-METRIC-expected`: a forecast, not an observation
SECONDS_PER_UNIT = {"min": 60, "h": 3600}
LONGEST_NUMBER = 40  # characters; "1e-9999999" is short, and long when written out
MOST_DECIMALS = 6
LONGEST_WATCH = timedelta(days=3650)
FIRST_YEAR, LAST_YEAR = 2000, 2100


class Named(Protocol):
    """Anything the plan names in both languages."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


Reader = Callable[[rules.FactSpec, str], rules.Value]


@dataclass(frozen=True)
class Given:
    """One fact as a person gives it; `value` None without `since` means: asked, not known."""

    value: rules.Value = None
    since: datetime | None = None
    expected: bool = False


def current(facts: Iterable[Fact], *, playbook: rules.Playbook, occurred_at: datetime) -> dict[str, rules.Reading]:
    """The newest reading of every metric, with its former values for hold times; `facts` oldest first."""
    by_metric: dict[str, list[Fact]] = {}
    for fact in facts:
        by_metric.setdefault(fact.metric, []).append(fact)
    found = {rules.ELAPSED.metric: rules.Reading(rules.ELAPSED.metric, since=occurred_at)}
    specs = playbook.specs
    for metric, history in by_metric.items():
        if metric in specs:
            found[metric] = _reading(specs[metric], history)
    return found


def _reading(spec: rules.FactSpec, history: list[Fact]) -> rules.Reading:
    newest = history[-1]
    value = typed(spec, newest.value)
    heard_at = newest.heard_at
    if spec.kind == "stopwatch":
        return rules.Reading(
            spec.metric, value, newest.since, newest.expected, stale=heard_at is not None, heard_at=heard_at
        )
    return rules.Reading(
        spec.metric,
        value=value,
        since=None if value is None else newest.since or newest.at,
        expected=newest.expected,
        stale=heard_at is not None,
        heard_at=heard_at,
        earlier=tuple((fact.since or fact.at, typed(spec, fact.value)) for fact in history[:-1]),
    )


def typed(spec: rules.FactSpec, value: Any) -> rules.Value:
    """A stored value in the type of its spec; decimals travel as text."""
    if value is None:
        return None
    return Decimal(str(value)) if spec.kind in DECIMAL else value


def stored(value: rules.Value) -> Any:
    """The JSON form of a value."""
    return format(value, "f") if isinstance(value, Decimal) else value


def parse(
    playbook: rules.Playbook, raw: Mapping[str, str], *, at: datetime, asked_only: bool = False
) -> dict[str, Given]:
    """Read `fact-METRIC` inputs of a form; `at` is the incident's clock. Raises Invalid with one sentence a field.

    A stopwatch is given as minutes (`fact-METRIC`) or as the time it runs since (`fact-METRIC-since`, HH:MM); of a
    countdown that is the time at which so much was left. `fact-METRIC-expected` marks a forecast. Fields that the
    form does not hold are left out of the answer.
    """
    given: dict[str, Given] = {}
    wrong: dict[str, str] = {}
    for spec in playbook.facts:
        if asked_only and not spec.asked:
            continue
        name = f"fact-{spec.metric}"
        text, since = raw.get(name), raw.get(f"{name}-since", "").strip()
        if text is None and not since:
            if asked_only and spec.required:
                wrong[name] = _("请填写“%s”。") % label(spec)
            continue
        try:
            told = _given(spec, (text or "").strip(), since, at)
            given[spec.metric] = replace(told, expected=True) if _is_forecast(spec, raw, told) else told
        except ValueError as reason:
            wrong[name] = str(reason)
            continue
        if spec.required and asked_only and given[spec.metric] == Given():
            wrong[name] = _("请填写“%s”。") % label(spec)
    known = {f"fact-{spec.metric}" for spec in playbook.facts}
    for name in raw:
        if name.startswith("fact-") and name.removesuffix("-since").removesuffix("-expected") not in known:
            wrong[name] = _("这个预案没有“%s”这项情况，请刷新页面后重填。") % name.removeprefix("fact-")
    if wrong:
        raise Invalid(wrong)
    return given


def _is_forecast(spec: rules.FactSpec, raw: Mapping[str, str], told: Given) -> bool:
    """A forecast is a number that somebody expects; what is not known is not expected either."""
    is_marked = raw.get(f"fact-{spec.metric}-expected", "") == EXPECTED
    return is_marked and told.value is not None and spec.kind in ("count", "measure")


def _given(spec: rules.FactSpec, text: str, since: str, at: datetime) -> Given:
    if spec.kind == "stopwatch" and since:
        return Given(since=moment(since, at=at, what=label(spec)))
    if text in UNKNOWN:
        return Given()
    if spec.kind == "time":
        return Given(value=moment(text, at=at, what=label(spec)).isoformat())
    reader = READERS.get(spec.kind)
    if reader is None:
        return Given(value=text[:300])
    value = reader(spec, text)
    if spec.kind == "stopwatch" and isinstance(value, Decimal):
        # A running total is what people say ("full for 12 minutes"): the watch has been running since then.
        seconds = float(value) * SECONDS_PER_UNIT.get(spec.unit, 60)
        if seconds > LONGEST_WATCH.total_seconds():
            raise ValueError(_("“%s”超出合理范围，请核对。") % label(spec))
        return Given(since=at - timedelta(seconds=seconds))
    if spec.kind == "countdown":
        return Given(value=value, since=moment(since, at=at, what=label(spec)) if since else at)
    return Given(value=value)


def _flag(spec: rules.FactSpec, text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(_("“%s”请选择是、否或不清楚。") % label(spec))
    return text == "yes"


def _choice(spec: rules.FactSpec, text: str) -> str:
    if text not in {choice.key for choice in spec.choices}:
        raise ValueError(_("“%s”请从列出的选项中选择。") % label(spec))
    return text


def _number(spec: rules.FactSpec, text: str) -> Decimal | int:
    digits = text.replace(",", "").replace("，", "")
    try:
        number = Decimal(digits if len(digits) <= LONGEST_NUMBER and "_" not in digits else "")
    except InvalidOperation:
        raise ValueError(
            _("“%(what)s”请填数字，单位为%(unit)s。") % {"what": label(spec), "unit": unit(spec)}
        ) from None
    if not _is_plain(number):
        raise ValueError(_("“%s”超出合理范围，请核对。") % label(spec))
    low = spec.minimum if spec.minimum is not None else Decimal(0)
    if number < low or (spec.maximum is not None and number > spec.maximum):
        raise ValueError(_("“%s”超出合理范围，请核对。") % label(spec))
    if spec.kind != "count":
        return number
    if number != number.to_integral_value():
        raise ValueError(_("“%s”请填整数。") % label(spec))
    return int(number)


def _is_plain(number: Decimal) -> bool:
    """Tell whether the number can be written out in a line."""
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MOST_DECIMALS and abs(number) <= 10**12


READERS: dict[str, Reader] = {
    "flag": _flag,
    "choice": _choice,
    "count": _number,
    "measure": _number,
    "stopwatch": _number,
    "countdown": _number,
}


def moment(text: str, *, at: datetime, what: str, may_come: bool = False) -> datetime:
    """A time typed by a person: HH:MM[:SS] of today (of yesterday when that would be ahead), or a full date and time.

    Raises ValueError with a sentence for nonsense and, unless it `may_come`, for the future (a minute of grace for a
    rounded clock).
    """
    zone = timezone.get_default_timezone()
    local = at.astimezone(zone)
    text = unicodedata.normalize("NFKC", text).strip().replace("T", " ")  # input methods write 14：30 and １４:３０
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%H:%M:%S", "%H:%M"):
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is added below
        except ValueError:
            continue
        if form.startswith("%H"):
            found = datetime.combine(local.date(), found.time())
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValueError(_("“%s”超出合理范围，请核对。") % what)
        aware = found.replace(tzinfo=zone)
        if form.startswith("%H") and aware > at + timedelta(hours=12):
            aware -= timedelta(days=1)
        if may_come:
            return aware
        if aware > at + timedelta(minutes=1):
            raise ValueError(_("“%s”在将来，请填已经发生的时间。") % what)
        return min(aware, at)
    raise ValueError(_("“%s”请按 14:30 或 2026-01-31 14:30 的格式填写。") % what)


def label(spec: Named) -> str:
    """The name of a fact, duty or post in the active language."""
    return spec.en if is_english() else spec.zh


def is_english() -> bool:
    return (get_language() or "").startswith("en")


def unit(spec: rules.FactSpec) -> str:
    """The unit of a fact in words."""
    names = {"min": _("分钟"), "h": _("小时"), "": _("个"), "seats": _("席"), "persons": _("人"), "yuan": _("元")}
    return names.get(spec.unit, spec.unit)
