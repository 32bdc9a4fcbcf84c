"""The what-if panel: inputs for the facts that count, the level they would give and why, and what would follow."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from incident.screens import room_words as say
from planroom import trying
from planroom.screens import playbook as reading_view
from planroom.screens import saying
from playbooks import law, rules, statutory

if TYPE_CHECKING:
    from planroom.trying import Trial

ROOM = Decimal("1.5")  # a slider goes that far beyond the highest threshold
STEPS = 200  # of a slider, at most
SHORTEST = 10  # a scale of a few numbers is quicker typed
WIDEST = Decimal(1000)  # a bound of the plan beyond that is no scale


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Input:
    """One fact to try. `slider_max` 0: no bound to draw a scale from. `is_wanted`: it would settle the level."""

    name: str
    words: str
    help: str
    kind: str
    unit: str
    value: str
    choices: tuple[Choice, ...]
    slider_max: int
    slider_step: int
    is_stopped: bool
    is_wanted: bool
    error: str

    @property
    def metric(self) -> str:
        return self.name.removeprefix(trying.FIELD)

    @property
    def has_many(self) -> bool:
        """More answers than fit beside the words."""
        return len(self.choices) > 3


@dataclass(frozen=True, slots=True)
class Mark:
    """A level as a mark: outline here, for nothing is real."""

    key: str
    words: str
    colour: str
    colour_word: str
    icon: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that is met, or the way into the next level, condition by condition."""

    words: str
    clause: str
    is_site_rule: bool
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    words: str
    post: str
    due: str
    is_target: bool
    clause: str
    is_urgent: bool


@dataclass(frozen=True, slots=True)
class Told:
    post: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict in words, and its consequences."""

    level: Mark
    standing: str
    at_least: Mark | None
    at_most: Mark | None
    settles: str
    reasons: tuple[Reason, ...]
    change_to: Mark | None
    change_at: datetime | None
    change_minutes: int
    next_level: Mark | None
    ways: tuple[Reason, ...]
    unknown: tuple[str, ...]
    notes: tuple[str, ...]
    statutory: str
    opened: tuple[Opened, ...]
    waiting: tuple[Opened, ...]
    forbidden: tuple[str, ...]
    told: tuple[Told, ...]
    outside: tuple[str, ...]
    missing: tuple[str, ...]  # the metrics, as `classify` lists them


Held = Mapping[str, tuple[str, ...]]


def inputs(book: law.Playbook, trial: "Trial", verdict: rules.Verdict) -> tuple[Input, ...]:
    """The fields of the panel."""
    limits = trying.thresholds(book)
    return tuple(_input(spec, trial, limits.get(spec.metric, []), verdict.settles) for spec in trying.asked(book))


def strays(book: law.Playbook, trial: "Trial") -> tuple[str, ...]:
    """What is wrong with the address and has no field to be said beside."""
    shown = {spec.metric for spec in trying.asked(book)}
    return tuple(sentence for metric, sentence in trial.wrong.items() if metric not in shown)


def _input(spec: law.FactSpec, trial: "Trial", limits: list[Decimal], settles: str | None) -> Input:
    typed = trial.raw.get(spec.metric, "")
    highest = _scale(spec, limits)
    return Input(
        name=f"{trying.FIELD}{spec.metric}",
        words=say.pick(spec),
        help=say.pick(spec, "help"),
        kind=spec.kind,
        unit=saying.unit(spec),
        value=typed[: trying.LONGEST_TEXT],
        choices=tuple(Choice(value, words, value == typed) for value, words in _answers(spec)),
        slider_max=highest,
        slider_step=_step(highest),
        is_stopped=bool(trial.raw.get(spec.metric + trying.STOPPED)),
        is_wanted=settles == spec.metric,
        error=trial.wrong.get(spec.metric, ""),
    )


def _answers(spec: law.FactSpec) -> list[tuple[str, str]]:
    if spec.kind == "flag":
        return [("yes", _("是")), ("no", _("否")), ("", _("未报"))]
    if spec.kind == "choice":
        return [*((choice.key, say.pick(choice)) for choice in spec.choices), ("", _("未报"))]
    return []


def _scale(spec: law.FactSpec, limits: list[Decimal]) -> int:
    """How far the slider goes: a little beyond the highest threshold, or to a small bound of the plan."""
    if spec.kind not in ("count", "measure", "stopwatch", "countdown"):
        return 0
    highest = max(limits, default=Decimal(0)) * ROOM
    if spec.maximum is not None and (not highest or spec.maximum < highest):
        highest = spec.maximum if spec.maximum <= max(WIDEST, *limits, Decimal(0)) else highest
    return math.ceil(highest) if highest >= SHORTEST else 0


def _step(highest: int) -> int:
    """1, 2, 5, 10 ... so that the scale has no more steps than a hand can tell apart."""
    step = 1
    for factor in (2, Decimal("2.5"), 2) * 12:
        if highest / step <= STEPS:
            break
        step = int(step * factor)
    return step


def answer(
    book: law.Playbook, trial: "Trial", verdict: rules.Verdict, *, held: Held, trusted: bool, now: datetime
) -> Answer:
    """What the rules say to the facts, and what would follow. No query."""
    levels = {level.key: level for level in book.levels}
    is_range = verdict.at_least != verdict.at_most
    duties = [
        opening for opening in trying.openings(book, verdict, trial.facts, now)
        if trusted or not opening.duty.restricted
    ]  # fmt: skip
    active = [one for one in duties if one.duty.kind != "prohibition"]
    at_once = [one.duty for one in active if not one.waits]
    change = verdict.next_change_at
    return Answer(
        level=mark(levels, verdict.level),
        standing=reading_view.standing(levels[verdict.level]) if verdict.level else "",
        at_least=mark(levels, verdict.at_least) if is_range else None,
        at_most=mark(levels, verdict.at_most) if is_range else None,
        settles=say.pick(book.fact(verdict.settles)) if verdict.settles else "",
        reasons=tuple(_reasons(levels, verdict)),
        change_to=mark(levels, verdict.next_change_to) if change else None,
        change_at=change,
        change_minutes=math.ceil(round((change - now).total_seconds(), 3) / 60) if change else 0,
        next_level=mark(levels, verdict.next_level) if verdict.next_level else None,
        ways=tuple(_ways(levels, verdict)),
        unknown=tuple(_unknown(book, verdict)),
        notes=tuple(say.pick(note) for note in verdict.notes),
        statutory=say.pick(statutory.classify(trial.facts, now).sentence) if book.statutory else "",
        opened=tuple(_opened(book, one.duty) for one in active if not one.waits),
        waiting=tuple(_opened(book, one.duty) for one in active if one.waits),
        forbidden=tuple(say.pick(one.duty) for one in duties if one.duty.kind == "prohibition" and not one.waits),
        told=tuple(_told(book, at_once, held)),
        outside=tuple(_outside(book, at_once)),
        missing=verdict.missing,
    )


def mark(levels: Mapping[str, law.Level], key: str | None) -> Mark:
    """A level by its key; None is no level."""
    if key is None:
        return Mark("", "", "none", _("未定级"), "state-armed")
    level = levels[key]
    return Mark(key, say.pick(level), level.colour, say.colour(level.colour), f"level-{level.colour}")


def _reasons(levels: Mapping[str, law.Level], verdict: rules.Verdict) -> Iterable[Reason]:
    """The rules met, each with the facts that met it."""
    by_rule: dict[str, list[rules.Check]] = {}
    for check in verdict.satisfied:
        by_rule.setdefault(check.rule, []).append(check)
    for rule in levels[verdict.level].rules if verdict.level else ():
        if rule.key in by_rule or rule.key == verdict.rule or not rule.when.terms:
            measures = [_have(check) for check in by_rule.get(rule.key, ()) if check.spec.kind != "flag"]
            yield Reason(
                say.pick(rule), say.pick(rule, "clause"), say.is_site_rule(rule), tuple(dict.fromkeys(measures))
            )


def _have(check: rules.Check) -> str:
    name = say.pick(check.spec)
    if check.have is None:
        return _("%s：未知，按较高级别处理") % name
    return _("%(name)s现为 %(have)s") % {"name": name, "have": saying.value(check.spec, check.have)}


def _ways(levels: Mapping[str, law.Level], verdict: rules.Verdict) -> Iterable[Reason]:
    """The rules of the next level, with the conditions that are still wanting."""
    for rule in levels[verdict.next_level].rules if verdict.next_level else ():
        checks = [check for check in verdict.gaps if check.rule == rule.key and not check.met]
        wanting = tuple(_wanting(check) for check in checks if check.spec.kind not in ("flag", "choice"))
        yield Reason(say.pick(rule), say.pick(rule, "clause"), say.is_site_rule(rule), wanting)


def _wanting(check: rules.Check) -> str:
    words = saying.condition(check.condition, {check.spec.metric: check.spec})
    if check.have is None:
        return words
    return _("%(need)s，现为 %(have)s") % {"need": words, "have": saying.value(check.spec, check.have)}


def _unknown(book: law.Playbook, verdict: rules.Verdict) -> Iterable[str]:
    """What nobody gave; an event that nobody reported has not happened, so flags are left out."""
    specs = book.specs
    return (say.pick(specs[metric]) for metric in verdict.missing if metric in specs and specs[metric].kind != "flag")


def _opened(book: law.Playbook, duty: law.DutyRule) -> Opened:
    return Opened(
        words=say.pick(duty),
        post=saying.post(book, duty.post),
        due=saying.due(duty),
        is_target=duty.minutes is None,
        clause=saying.clause(duty),
        is_urgent=duty.life_safety,
    )


def _told(book: law.Playbook, duties: Iterable[law.DutyRule], held: Held) -> Iterable[Told]:
    """The posts that would be called: those told first, then those with a duty of their own."""
    duties = list(duties)
    named = [duty.post if key == law.HOLDER else key for duty in duties for key in duty.tell if key != law.TOLD]
    own = [duty.post for duty in duties]
    for key in dict.fromkeys([*named, *own]):
        yield Told(saying.post(book, key), held.get(key, ()))


def _outside(book: law.Playbook, duties: Iterable[law.DutyRule]) -> Iterable[str]:
    wanted = dict.fromkeys(key for duty in duties for key in duty.outside)
    parties = {party.key: party for party in book.parties}
    return (saying.party_words(parties[key]) for key in wanted if key in parties)
