"""What is known: every fact of the playbook with its value, source and time, and the inputs to change it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from incident import measures, observing, readings, veil
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
    ends_wall: datetime | None  # a countdown runs out then
    heard_at: datetime | None  # the source has been silent since
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
    is_hidden: bool  # for hall staff only, and this reader is not
    known: int
    can_change: bool

    @property
    def total(self) -> int:
        return len(self.rows)


def build(rows: Rows) -> Facts:
    newest = {fact.metric: fact for fact in rows.facts}
    is_hidden = veil.is_hidden(rows.playbook)
    found = (
        ()
        if is_hidden
        else tuple(
            row(spec, newest.get(spec.metric), shift=rows.incident.clock_shift, wanted=rows.verdict.settles or "")
            for spec in rows.playbook.facts
        )
    )
    return Facts(
        rows=found,
        is_hidden=is_hidden,
        known=sum(one.is_known for one in found),
        can_change=rows.incident.is_running and "incident.work" in rows.verbs,
    )


def row(
    spec: rules.FactSpec,
    fact: Fact | None,
    *,
    shift: timedelta = timedelta(0),
    wanted: str = "",
    at: datetime | None = None,
) -> FactRow:
    """One fact as it stands; `shift` is that of the incident's clock, `wanted` the metric that settles the level.

    `at`: for the input of a countdown, what is left of it then.
    """
    value = readings.typed(spec, fact.value) if fact else None
    since = fact.since if fact and spec.kind == "stopwatch" and value is None else None
    known = fact is not None and (value is not None or since is not None)
    heard_at = fact.heard_at if fact else None
    ends = runs_out(spec, fact) if fact and heard_at is None else None
    return FactRow(
        metric=spec.metric,
        words=say.pick(spec),
        help=say.pick(spec, "help"),
        kind=spec.kind,
        unit=readings.unit(spec) if spec.kind in ("count", *readings.DECIMAL) else "",
        value=_stood(spec, fact, since) if heard_at and since else _value(spec, fact, value),
        since=since if heard_at is None else None,
        since_wall=since - shift if since else None,
        ends_wall=ends - shift if ends else None,
        heard_at=heard_at,
        is_known=known,
        is_expected=bool(fact and fact.expected),
        is_wanted=wanted == spec.metric,
        source=_source(fact),
        at=fact.at if fact else None,
        reason=fact.reason if fact else "",
        choices=_choices(spec),
        raw=_left(spec, fact, at) if ends and at else _raw(spec, value),
        raw_since=timezone.localtime(since).strftime("%Y-%m-%d %H:%M") if since else "",
    )


def forecasts(playbook: rules.Playbook) -> frozenset[str]:
    """The metrics of which the plan counts what is expected, too."""
    found = (rules.conditions(rule.when) for level in playbook.levels for rule in level.rules)
    return frozenset(one.metric for terms in found for one in terms if one.counts_expected)


def runs_out(spec: rules.FactSpec, fact: Fact) -> datetime | None:
    """When nothing is left of a countdown, on the incident's clock; None for every other fact."""
    value = readings.typed(spec, fact.value)
    if spec.kind != "countdown" or not isinstance(value, Decimal) or fact.since is None:
        return None
    seconds = float(value) * readings.SECONDS_PER_UNIT.get(spec.unit, 60)
    return fact.since + timedelta(seconds=seconds)


def _left(spec: rules.FactSpec, fact: Fact | None, at: datetime) -> str:
    """Whole units left of a countdown."""
    ends = runs_out(spec, fact) if fact else None
    seconds = max(0.0, (ends - at).total_seconds()) if ends else 0.0
    return str(int(seconds / readings.SECONDS_PER_UNIT.get(spec.unit, 60)))


def _stood(spec: rules.FactSpec, fact: Fact | None, since: datetime) -> str:
    """What a stopwatch shows whose source has gone silent."""
    if fact is None or fact.heard_at is None:
        return ""
    return say.clock_span(fact.heard_at - since)


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
    if fact.source == observing.SYSTEM:
        return _("系统")
    if fact.source.startswith(measures.SOURCE):
        return _("座席数据 %s") % fact.source.removeprefix(measures.SOURCE)
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
