"""What is known: every fact of the playbook with its value, source and time, and the inputs to change it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from incident import readings
from incident.models import Fact
from incident.screens import room_words as say
from incident.screens.room_rows import Rows
from playbooks import rules


@dataclass(frozen=True, slots=True)
class Choice:
    key: str
    words: str


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact. `since_wall`: a stopwatch runs, and the browser shows for how long. `raw` are the inputs' values."""

    metric: str
    words: str
    help: str
    kind: str
    unit: str
    value: str  # in words; empty: nobody reported it
    since: datetime | None
    since_wall: datetime | None
    is_known: bool
    is_expected: bool
    is_wanted: bool  # the one fact that would settle the level
    source: str
    at: datetime | None
    reason: str
    choices: tuple[Choice, ...]
    raw: str
    raw_since: str


@dataclass(frozen=True, slots=True)
class Facts:
    rows: tuple[FactRow, ...]
    known: int
    can_change: bool

    @property
    def total(self) -> int:
        return len(self.rows)


def build(rows: Rows) -> Facts:
    newest = {fact.metric: fact for fact in rows.facts}
    found = tuple(
        row(spec, newest.get(spec.metric), shift=rows.incident.clock_shift, wanted=rows.verdict.settles or "")
        for spec in rows.playbook.facts
    )
    return Facts(
        rows=found,
        known=sum(one.is_known for one in found),
        can_change=rows.incident.is_running and "incident.work" in rows.verbs,
    )


def row(spec: rules.FactSpec, fact: Fact | None, *, shift: timedelta = timedelta(0), wanted: str = "") -> FactRow:
    """One fact as it stands; `shift` is that of the incident's clock, `wanted` the metric that settles the level."""
    value = readings.typed(spec, fact.value) if fact else None
    since = fact.since if fact and spec.kind == "stopwatch" and value is None else None
    known = fact is not None and (value is not None or since is not None)
    return FactRow(
        metric=spec.metric,
        words=say.pick(spec),
        help=say.pick(spec, "help"),
        kind=spec.kind,
        unit=readings.unit(spec) if spec.kind in ("count", "measure", "stopwatch") else "",
        value=_value(spec, fact, value),
        since=since,
        since_wall=since - shift if since else None,
        is_known=known,
        is_expected=bool(fact and fact.expected),
        is_wanted=wanted == spec.metric,
        source=_source(fact),
        at=fact.at if fact else None,
        reason=fact.reason if fact else "",
        choices=_choices(spec),
        raw=_raw(spec, value),
        raw_since=timezone.localtime(since).strftime("%Y-%m-%d %H:%M") if since else "",
    )


def _value(spec: rules.FactSpec, fact: Fact | None, value: rules.Value) -> str:
    if fact is None:
        return ""
    if spec.kind == "time" and isinstance(value, str):
        return timezone.localtime(datetime.fromisoformat(value)).strftime("%m-%d %H:%M")
    return say.value(spec, value)


def _source(fact: Fact | None) -> str:
    if fact is None:
        return ""
    if fact.source == "person":
        return str(fact.by) if fact.by else _("值班台")
    return fact.source


def _choices(spec: rules.FactSpec) -> tuple[Choice, ...]:
    if spec.kind == "flag":
        return (Choice("yes", _("是")), Choice("no", _("否")), Choice("", _("不清楚")))
    if spec.kind == "choice":
        return (*(Choice(choice.key, say.pick(choice)) for choice in spec.choices), Choice("", _("不清楚")))
    return ()


def _raw(spec: rules.FactSpec, value: rules.Value) -> str:
    if value is None:
        return ""
    if spec.kind == "flag":
        return "yes" if value else "no"
    if spec.kind == "time" and isinstance(value, str):
        return timezone.localtime(datetime.fromisoformat(value)).strftime("%Y-%m-%d %H:%M")
    return str(readings.stored(value))
