"""Why a level, in words: the same sentences in the room, in the timeline, on paper and in the record.

A verdict is frozen into plain data when something is decided, and said in the reader's language out of that data.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from incident import clock, readings
from incident.readings import label
from playbooks import rules

Frozen = dict[str, Any]
MOST_SHORT = 3  # distances to the next level that are told


def freeze(
    playbook: rules.Playbook,
    verdict: rules.Verdict,
    change: tuple[datetime | None, str | None] | None = None,
) -> Frozen:
    """The verdict for the record: facts used, what is missing, notes, and the way to the next level.

    `change`: when and to what the level changes by itself, where that is not the verdict's own word.
    """
    change_at, change_to = change or (verdict.next_change_at, verdict.next_change_to)
    return {
        "verdict": verdict.level,
        "verdict_rank": playbook.level(verdict.level).rank if verdict.level else 0,
        "at_least": verdict.at_least,
        "at_most": verdict.at_most,
        "missing": list(verdict.missing),
        "settles": verdict.settles,
        "used": [
            {
                "metric": reading.metric,
                "value": str(reading.value) if reading.value is not None else None,
                "since": reading.since.isoformat() if reading.since else None,
                "expected": reading.expected,
            }
            for reading in verdict.used
        ],
        # The words of a restricted plan stay in the plan.
        "notes": [] if playbook.restricted else [{"zh": note.zh, "en": note.en} for note in verdict.notes],
        "clauses": [
            {"zh": clause.zh, "en": clause.en, "requirements": list(clause.requirements)} for clause in verdict.clauses
        ],
        "plan_version": playbook.version_number,
        "change_at": change_at.isoformat() if change_at and change_to else None,
        "change_to": change_to if change_at else None,
        "short": _short(verdict),
        "next_level": verdict.next_level,
    }


def _short(verdict: rules.Verdict) -> list[dict[str, Any]]:
    """How far numbers that stand are from the next level; what runs by itself is told by its time."""
    found = []
    for check in verdict.gaps:
        need, have = check.need, check.have
        if check.met is not False or isinstance(need, bool | str) or isinstance(have, bool | str) or have is None:
            continue
        if check.condition.op in ("at_least", "more_than") and isinstance(need, int | Decimal):
            amount = Decimal(need) - Decimal(have)
            found.append(
                {"metric": check.metric, "amount": format(amount, "f"), "over": check.condition.op[:4] == "more"}
            )
    return found


def say(playbook: rules.Playbook, frozen: Mapping[str, Any]) -> tuple[str, ...]:
    """The sentences, in the active language. Data of an older shape says what it holds."""
    return tuple(sentence for part in PARTS for sentence in part(playbook, frozen) if sentence)


def clauses(playbook: rules.Playbook, frozen: Mapping[str, Any]) -> Iterator[str]:
    """By which clause of which version."""
    found = _("；").join(dict.fromkeys(_both(clause) for clause in frozen.get("clauses", ())))
    version = frozen.get("plan_version")
    if found:
        yield _("依据：%(clauses)s（预案第 %(version)s 版）") % {"clauses": found, "version": version}
    elif version:
        yield _("预案第 %s 版") % version


def used(playbook: rules.Playbook, frozen: Mapping[str, Any]) -> Iterator[str]:
    """On which facts, since when."""
    told = [_fact(playbook, fact) for fact in frozen.get("used", ())]
    if told:
        yield _("情况：%s") % _("；").join(told)


def notes(playbook: rules.Playbook, frozen: Mapping[str, Any]) -> Iterator[str]:
    """What the plan leaves open, and how it was closed."""
    return (_both(note) for note in frozen.get("notes", ()))


def unknown(playbook: rules.Playbook, frozen: Mapping[str, Any]) -> Iterator[str]:
    """What nobody has given; an event that nobody reported has not happened, so flags are left out."""
    specs = playbook.specs
    names = [
        label(specs[metric]) for metric in frozen.get("missing", ()) if metric in specs and specs[metric].kind != "flag"
    ]
    if names:
        yield _("尚不知道：%s") % _("、").join(names)


def settles(playbook: rules.Playbook, frozen: Mapping[str, Any]) -> Iterator[str]:
    """The one fact that would close the range."""
    spec = playbook.specs.get(frozen.get("settles") or "")
    if spec is not None:
        yield _("知道“%s”即可确定") % label(spec)


def forecast(playbook: rules.Playbook, frozen: Mapping[str, Any]) -> Iterator[str]:
    """What becomes of the level by itself."""
    if not frozen.get("change_at"):
        return
    at = datetime.fromisoformat(frozen["change_at"]).astimezone(clock.ZONE)
    yield _("如无变化，%(at)s 升为“%(name)s”") % {"at": f"{at:%H:%M}", "name": _level(playbook, frozen["change_to"])}


def short(playbook: rules.Playbook, frozen: Mapping[str, Any]) -> Iterator[str]:
    """How far numbers that stand are from the next level."""
    name = _level(playbook, frozen.get("next_level") or "")
    for gap in list(frozen.get("short", ()))[:MOST_SHORT]:
        spec = playbook.specs.get(gap["metric"])
        if spec is None or not name:
            continue
        told = {"name": name, "fact": label(spec), "amount": _amount(spec, Decimal(gap["amount"]))}
        if gap.get("over"):
            yield _("距“%(name)s”：%(fact)s还须超过 %(amount)s") % told
        else:
            yield _("距“%(name)s”：%(fact)s还差 %(amount)s") % told


PARTS = (clauses, used, notes, unknown, settles, forecast, short)


def _fact(playbook: rules.Playbook, fact: Mapping[str, Any]) -> str:
    spec = playbook.specs.get(fact["metric"])
    name = label(spec) if spec else str(fact["metric"])
    if fact.get("expected"):
        name = _("预计%s") % name
    since = datetime.fromisoformat(fact["since"]).astimezone(clock.ZONE) if fact.get("since") else None
    if fact.get("value") is None:
        return _("%(name)s自 %(time)s 起") % {"name": name, "time": f"{since:%H:%M:%S}"} if since else name
    text = _("%(name)s：%(value)s") % {"name": name, "value": _value(spec, fact["value"])}
    return _("%(text)s（自 %(time)s 起）") % {"text": text, "time": f"{since:%H:%M:%S}"} if since else text


def _value(spec: rules.FactSpec | None, told: str) -> str:
    if told in ("True", "False"):
        return _("是") if told == "True" else _("否")
    if spec is None:
        return told
    if spec.kind == "choice":
        return next((label(choice) for choice in spec.choices if choice.key == told), told)
    return f"{told} {readings.unit(spec)}".strip() if spec.kind in ("count", *readings.DECIMAL) else told


def _amount(spec: rules.FactSpec, amount: Decimal) -> str:
    rounded = amount.quantize(Decimal("0.1")).normalize()
    return f"{rounded:f} {readings.unit(spec)}".strip()


def _level(playbook: rules.Playbook, key: str) -> str:
    return next((label(level) for level in playbook.levels if level.key == key), "")


def _both(words: Mapping[str, Any]) -> str:
    return str(words["en"] if readings.is_english() else words["zh"])
