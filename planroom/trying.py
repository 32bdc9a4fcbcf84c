"""What if: facts as typed in an address to the readings of the rules. No incident is opened, nothing is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from incident.screens import room_words as say
from planroom.screens import saying
from playbooks import factinput, law, reasons, rules, statutory

FIELD = "fact-"
STOPPED = "-stopped"
MINUTES = {"min": 1, "h": 60}
LONGEST = timedelta(days=3650)
LONGEST_TEXT = 60


@dataclass(frozen=True, slots=True)
class Trial:
    """What was typed, read: `wrong` holds a sentence for each field that could not be; the rest still counts."""

    raw: Mapping[str, str]
    facts: dict[str, law.Reading]
    wrong: dict[str, str]


def read(book: law.Playbook, query: Mapping[str, str], *, now: datetime) -> Trial:
    """The facts of an address, each as `manage.py classify --fact` would read it.

    A stopwatch typed as a number is taken to run on, as it does in an incident, unless `fact-METRIC-stopped` is set.
    """
    raw = {name.removeprefix(FIELD): text.strip() for name, text in query.items() if name.startswith(FIELD)}
    specs = book.specs
    facts: dict[str, law.Reading] = {}
    wrong: dict[str, str] = {}
    for name, text in raw.items():
        metric = name.removesuffix(STOPPED)
        if metric not in specs:
            wrong[metric] = _("这个预案没有“%s”这项情况，请刷新页面后重填。") % metric[:LONGEST_TEXT]
        elif metric == name and text:
            try:
                facts[metric] = _reading(specs[metric], text, now, runs=not raw.get(metric + STOPPED))
            except factinput.BadFact:
                wrong[metric] = sentence(specs[metric])
            except OverflowError:
                wrong[metric] = _("“%s”超出合理范围，请核对。") % say.pick(specs[metric])
    return Trial(raw, facts, wrong)


def _reading(spec: law.FactSpec, text: str, now: datetime, *, runs: bool) -> law.Reading:
    """Raises BadFact for what is no value of the fact, OverflowError for a watch that ran for more than ten years."""
    reading = factinput.parse(spec, text, now=now)
    if spec.kind != "stopwatch" or reading.value is None or not runs:
        return reading
    length = timedelta(microseconds=int(Decimal(str(reading.value)) * MINUTES.get(spec.unit, 1) * 60_000_000))
    if length > LONGEST:
        raise OverflowError(text)
    return law.Reading(spec.metric, since=now - length)


def sentence(spec: law.FactSpec) -> str:
    """What the fact takes, said beside its field."""
    what = say.pick(spec)
    if spec.kind in ("flag", "choice"):
        return _("“%s”请从列出的选项中选择。") % what
    values = {
        "what": what,
        "unit": saying.unit(spec),
        "low": say.number(spec.minimum or 0),
        "high": say.number(spec.maximum) if spec.maximum is not None else "",
    }
    if spec.kind == "count":
        if spec.maximum is not None:
            return _("“%(what)s”请填 %(low)s 到 %(high)s 的整数，单位为%(unit)s。") % values
        return _("“%(what)s”请填不小于 %(low)s 的整数，单位为%(unit)s。") % values
    if spec.maximum is not None:
        return _("“%(what)s”请填 %(low)s 到 %(high)s 的数字，单位为%(unit)s。") % values
    return _("“%(what)s”请填不小于 %(low)s 的数字，单位为%(unit)s。") % values


def groups(book: law.Playbook) -> Iterator[law.Group]:
    """Every group of conditions that a level or a duty of the playbook hangs on."""
    for level in book.levels:
        for rule in level.rules:
            yield rule.when
    for duty in book.duties:
        if duty.opens.when is not None:
            yield duty.opens.when


def asked(book: law.Playbook) -> list[law.FactSpec]:
    """The facts that make a difference, in the plan's order; what runs by itself comes last."""
    specs = book.specs
    read_by_rules = {metric for group in groups(book) for metric in reasons.metrics(group, specs)}
    if book.statutory:
        read_by_rules |= {spec.metric for spec in statutory.FACTS}
    found = [spec for spec in book.facts if spec.metric in read_by_rules and spec.kind not in ("text", "time")]
    return [*found, *([law.ELAPSED] if law.ELAPSED.metric in read_by_rules else [])]


def thresholds(book: law.Playbook) -> dict[str, list[Decimal]]:
    """The numbers that conditions compare each metric with."""
    found: dict[str, list[Decimal]] = {}
    for group in groups(book):
        for condition in reasons.conditions(group):
            need = condition.value
            if isinstance(need, int | Decimal) and not isinstance(need, bool):
                found.setdefault(condition.metric, []).append(Decimal(need))
    return found


@dataclass(frozen=True, slots=True)
class Opening:
    """A duty that the facts would open. `waits`: only after a person has confirmed or decided the level."""

    duty: law.DutyRule
    waits: bool


def openings(
    book: law.Playbook, verdict: rules.Verdict, facts: Mapping[str, law.Reading], now: datetime
) -> list[Opening]:
    """The duties that would be open on reporting these facts now, in the plan's order; replaced ones left out."""
    level = book.level(verdict.level) if verdict.level else None
    found = [
        Opening(duty, waits)
        for duty in book.duties
        if (waits := _waits(book, duty, level)) is not None and _holds(book, duty, facts, now)
    ]
    replaced = {key for opening in found if not opening.waits for key in opening.duty.replaces}
    return [opening for opening in found if opening.duty.key not in replaced]


def _waits(book: law.Playbook, duty: law.DutyRule, level: law.Level | None) -> bool | None:
    """None: the duty does not open. False: at once. True: once a person has confirmed or decided."""
    event = duty.opens.event
    if event in ("report", "facts"):
        return False
    if event not in ("level", "confirmed") or level is None:
        return None
    asked_for = book.level(duty.opens.argument)
    fits = asked_for.rank == level.rank if duty.opens.only else asked_for.rank <= level.rank
    if not fits:
        return None
    return level.starts == "proposed" or (event == "confirmed" and level.starts != "confirmed")


def _holds(book: law.Playbook, duty: law.DutyRule, facts: Mapping[str, law.Reading], now: datetime) -> bool:
    if duty.opens.when is None:
        return True
    return bool(rules.truth(duty.opens.when, book.specs, facts, now).value)
