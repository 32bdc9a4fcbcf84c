"""What a new line of a form is filled with before anybody types: from the incident, its facts and its duties."""

from collections.abc import Callable
from datetime import date, datetime

from django.utils.translation import gettext as _

from incident import clock, items, readings, veil
from incident.models import Duty, Fact, Incident
from incident.screens import room_words as say
from incident.screens import strips
from playbooks import law, library, statutory, truth

MOST_DONE = 40  # duties named as done


def proposed(incident: Incident, form: law.Form, now: datetime, since: date) -> dict[str, str]:
    """The text of each item that is known already, by item. Two queries at most."""
    told: dict[str, str] = {}
    facts = _facts(incident) if any(item.fact or item.source == "statutory" for item in form.items) else {}
    at = clock.at(incident, now)
    for item in form.items:
        value = ""
        if item.fact:
            value = _fact(item, law_of(incident), facts, at)
        elif item.source:
            value = _source(item, incident, facts, at)
        elif item.minimum_days is not None:
            first = items.earliest(item, since)
            value = first.isoformat() if first else ""
        if value:
            told[item.key] = value
    return told


def law_of(incident: Incident) -> law.Playbook:
    return library.playbook(incident.playbook_id)


def statutory_words(playbook: law.Playbook, facts: dict[str, law.Reading], at: datetime) -> str:
    """The class of decree 493 in a word; "not determined" while something is unknown."""
    if not playbook.statutory:
        return ""
    found = statutory.classify(facts, at)
    if found.key is None:
        return _("不构成") if found.at_most is None else _("尚不能确定")
    return say.pick(found)


def _facts(incident: Incident) -> dict[str, law.Reading]:
    rows = Fact.objects.filter(incident=incident).order_by("id")
    return readings.current(rows, playbook=law_of(incident), occurred_at=incident.occurred_at)


def _source(item: law.Item, incident: Incident, facts: dict[str, law.Reading], at: datetime) -> str:
    moments = {"occurred": incident.occurred_at, "reported": incident.reported_at, "restored": incident.restored_at}
    if item.source in moments:
        return _moment(item, moments[item.source])
    playbook = law_of(incident)
    names: dict[str, Callable[[], str]] = {
        "site": lambda: say.pick(incident.site),
        "place": lambda: incident.place,
        "title": lambda: strips.title(incident, playbook),
        "playbook": lambda: say.pick(playbook),
        "level": lambda: strips.level_name(playbook, incident.level),
        "statutory": lambda: statutory_words(playbook, facts, at),
        "done": lambda: _done(incident),
    }
    found = names[item.source]()
    return found[: items.MOST.get(item.kind, 0)] if item.kind in items.MOST else ""


def _moment(item: law.Item, moment: datetime | None) -> str:
    if moment is None:
        return ""
    form = items.DAY_FORM if item.kind == "date" else items.TIME_FORM
    return f"{moment.astimezone(clock.ZONE):{form}}"


def _done(incident: Incident) -> str:
    """The duties done, with their times; restricted ones are left out: records go on paper."""
    playbook = law_of(incident)
    found = Duty.objects.filter(incident=incident, state=Duty.State.DONE).exclude(kind="prohibition")
    lines = []
    for duty in found.order_by("done_at", "id")[:MOST_DONE]:
        rule = strips.duty_rule(playbook, duty.rule)
        if rule is None or duty.done_at is None or rule.restricted:
            continue
        lines.append(f"{duty.done_at.astimezone(clock.ZONE):%H:%M} {say.pick(rule)}")
    return "" if playbook.restricted else "\n".join(lines)


def _fact(item: law.Item, playbook: law.Playbook, facts: dict[str, law.Reading], at: datetime) -> str:
    spec, reading = playbook.specs.get(item.fact), facts.get(item.fact)
    if spec is None or reading is None or veil.is_hidden(playbook):
        return ""
    value: law.Value = reading.value
    if spec.kind == "stopwatch":
        value = truth.elapsed(reading, spec, at)
    elif spec.kind == "countdown":
        value = truth.remaining(reading, spec, at)
    return "" if value is None else _as_text(item, spec, value)


def _as_text(item: law.Item, spec: law.FactSpec, value: law.Value) -> str:
    """A fact's value as the input of an item of that kind takes it."""
    if item.kind == "check":
        return "yes" if value is True else ""
    if item.kind == "number":
        return "" if isinstance(value, bool | str) else say.number(value).replace(",", "")
    if item.kind == "choice":
        return str(value) if value in {choice.key for choice in item.choices} else ""
    if item.kind in ("time", "date"):
        return _moment(item, datetime.fromisoformat(value)) if spec.kind == "time" and isinstance(value, str) else ""
    return say.value(spec, value)[: items.MOST[item.kind]]
