"""The reading view of one playbook: its clock, its cards, its levels with their rules, and all that stands beside."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from incident.screens import room_words as say
from planroom.screens import cards as action
from planroom.screens import saying
from playbooks import law

MOST_LINES = 2  # of a clock step; the rest are counted
HOUR, DAY = 60, 1440
AT_ONCE = ("call", "notification", "report", "acknowledgement")


@dataclass(frozen=True, slots=True)
class ClockStep:
    """One moment of the plan's clock; `note` says from when, or that it is the site's own target."""

    amount: str
    unit: str
    note: str
    lines: tuple[str, ...]
    more: int
    is_target: bool


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One way into a level. `terms` are the conditions as the console tests them, joined by `joint`."""

    words: str
    joint: str
    terms: tuple[str, ...]
    clause: str
    ids: tuple[str, ...]
    is_site_rule: bool
    gap: str


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level with its rules, how it comes in force, and what it opens."""

    key: str
    words: str
    colour: str
    colour_word: str
    standing: str
    note: str
    spacing: str
    is_site_rule: bool
    rules: tuple[RuleRow, ...]
    opens: tuple[str, ...]

    @property
    def icon(self) -> str:
        return f"level-{self.colour}"


@dataclass(frozen=True, slots=True)
class Remark:
    """A note of the plan."""

    words: str
    clause: str
    ids: tuple[str, ...]
    is_restricted: bool
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class FormRow:
    """A form that the playbook asks for, with the names of its items."""

    key: str
    words: str
    items: tuple[str, ...]
    is_ledger: bool
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Party:
    words: str
    number: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything on the page. `is_hidden`: the playbook is restricted, and nothing of it but its name is shown."""

    book: law.Playbook
    is_hidden: bool
    clock: tuple[ClockStep, ...]
    cards: tuple[action.Card, ...]
    prohibitions: tuple[action.Step, ...]
    levels: tuple[LevelRow, ...]
    principles: tuple[Remark, ...]
    safety: tuple[Remark, ...]
    gaps: tuple[Remark, ...]
    reference: tuple[Remark, ...]
    forms: tuple[FormRow, ...]
    parties: tuple[Party, ...]

    @property
    def steps(self) -> int:
        return sum(len(card.steps) for card in self.cards)

    @property
    def safety_count(self) -> int:
        return len(self.safety)

    @property
    def rules(self) -> int:
        return sum(len(level.rules) for level in self.levels)


def build(book: law.Playbook, *, trusted: bool, held: Mapping[str, tuple[str, ...]] | None) -> Reading:
    """The page of a playbook for a reader; `held` are the holders of its posts. No query."""
    if book.restricted and not trusted:
        return Reading(book, True, (), (), (), (), (), (), (), (), (), ())
    by_kind: dict[str, list[Remark]] = {}
    for note in book.notes:
        by_kind.setdefault(note.kind, []).append(_remark(note, trusted=trusted))
    seen = [duty for duty in book.duties if trusted or not duty.restricted]
    return Reading(
        book=book,
        is_hidden=False,
        clock=tuple(clock(book, seen)),
        cards=action.cards(book, trusted=trusted, held=held),
        prohibitions=action.prohibitions(book, trusted=trusted),
        levels=tuple(_level(book, level, seen) for level in sorted(book.levels, key=lambda level: level.rank)),
        principles=tuple(by_kind.get("principle", ())),
        safety=tuple(by_kind.get("safety", ())),
        gaps=(*by_kind.get("gap", ()), *_rule_gaps(book)),
        reference=tuple(by_kind.get("reference", ())),
        forms=tuple(_form(form) for form in forms(book, trusted=trusted)),
        parties=tuple(Party(saying.party_name(party), party.number) for party in parties(book)),
    )


def forms(book: law.Playbook, *, trusted: bool) -> tuple[law.Form, ...]:
    """The forms of a playbook that the reader may have; one that only restricted duties write is restricted too."""
    if trusted:
        return book.forms
    writers: dict[str, list[law.DutyRule]] = {}
    for duty in book.duties:
        writers.setdefault(duty.form, []).append(duty)
    return tuple(
        form for form in book.forms if form.key not in writers or any(not duty.restricted for duty in writers[form.key])
    )


def parties(book: law.Playbook) -> Iterator[law.Party]:
    """The parties outside that this playbook names, in the plan's order."""
    named = {key for duty in book.duties for key in duty.outside}
    return (party for party in book.parties if party.key in named)


def clock(book: law.Playbook, duties: Iterable[law.DutyRule]) -> Iterator[ClockStep]:
    """The moments of the plan in order: at once, then every number; what the site set itself is marked."""
    acting = [duty for duty in duties if duty.kind != "prohibition"]
    at_once = [duty for duty in acting if _is_at_once(duty)]
    if at_once:
        at_once.sort(key=lambda duty: not duty.life_safety)
        yield _clock_step("0", _("分"), _("立即"), at_once, is_target=False)
    found: dict[tuple[Decimal, bool, str], list[law.DutyRule]] = {}
    for duty in acting:
        amount = duty.minutes if duty.minutes is not None else duty.target_minutes
        if amount:
            is_target = duty.minutes is None  # the site's own are told together, whatever starts them
            found.setdefault((amount, is_target, "" if is_target else _from(duty, book)), []).append(duty)
    for (amount, is_target, start), same in sorted(found.items(), key=lambda item: item[0]):
        same.sort(key=lambda duty: not duty.life_safety)
        yield _clock_step(*amount_words(amount), _("内部目标") if is_target else start, same, is_target=is_target)


def _is_at_once(duty: law.DutyRule) -> bool:
    timed = duty.minutes is not None or duty.target_minutes is not None
    if duty.minutes is not None and not duty.minutes:
        return True
    return not timed and duty.opens.event == "report" and (duty.life_safety or duty.kind in AT_ONCE)


def _from(duty: law.DutyRule, book: law.Playbook) -> str:
    """From when a deadline runs, where that is not the report or the start."""
    if duty.opens.event in ("level", "confirmed"):
        return saying.opens(law_only_event(duty), book)
    return {"restore": _("恢复后"), "end": _("结束后"), "relapse": _("复发后"), "take": _("接手后")}.get(
        duty.opens.event, ""
    )


def law_only_event(duty: law.DutyRule) -> law.DutyRule:
    """The duty without the condition beside its event, for a short "from when"."""
    if duty.opens.when is None:
        return duty
    trigger = law.Trigger(duty.opens.event, duty.opens.argument, only=duty.opens.only)
    return law.DutyRule(duty.key, (), duty.kind, duty.post, duty.zh, duty.en, trigger)


def amount_words(minutes: Decimal) -> tuple[str, str]:
    """Plan minutes as a figure and its unit: 90 minutes, 2 hours, 30 days."""
    if minutes >= DAY and not minutes % DAY:
        return say.number(minutes / DAY), _("天")
    if minutes >= 2 * HOUR and not minutes % HOUR:
        return say.number(minutes / HOUR), _("小时")
    return say.number(minutes), _("分")


def _clock_step(amount: str, unit: str, note: str, duties: list[law.DutyRule], *, is_target: bool) -> ClockStep:
    lines = tuple(say.pick(duty) for duty in duties)
    return ClockStep(amount, unit, note, lines[:MOST_LINES], max(0, len(lines) - MOST_LINES), is_target)


def _level(book: law.Playbook, level: law.Level, duties: list[law.DutyRule]) -> LevelRow:
    opened = [
        duty
        for duty in duties
        if duty.opens.event in ("level", "confirmed")
        and duty.opens.argument == level.key
        and duty.kind != "prohibition"
    ]
    return LevelRow(
        key=level.key,
        words=say.pick(level),
        colour=level.colour,
        colour_word=say.colour(level.colour),
        standing=standing(level),
        note=say.pick(level, "note"),
        spacing=_("距下一级命令至少 %s 分钟") % say.number(level.spacing_minutes) if level.spacing_minutes else "",
        is_site_rule=level.site_rule,
        rules=tuple(_rule(rule, book) for rule in level.rules),
        opens=tuple(say.pick(duty) for duty in opened),
    )


def standing(level: law.Level) -> str:
    """How a decision of the level comes into force."""
    return {
        "confirmed": _("条件成立即生效"),
        "provisional": _("立即生效，待主管确认"),
        "proposed": _("由系统提出，主管决定后生效"),
    }[level.starts]


def _rule(rule: law.Rule, book: law.Playbook) -> RuleRow:
    specs = book.specs
    terms = tuple(
        saying.group(term, specs) if isinstance(term, law.Group) else saying.condition(term, specs)
        for term in rule.when.terms
    )
    return RuleRow(
        words=say.pick(rule),
        joint=(_("且") if rule.when.mode == "all" else _("或")) if len(terms) > 1 else "",
        terms=terms,
        clause=say.pick(rule, "clause"),
        ids=rule.requirements,
        is_site_rule=say.is_site_rule(rule),
        gap=say.pick(rule, "gap"),
    )


def _rule_gaps(book: law.Playbook) -> Iterator[Remark]:
    """The holes that rules close upward, with the clause beside."""
    said: set[str] = set()
    for level in book.levels:
        for rule in level.rules:
            gap = say.pick(rule, "gap")
            if gap and gap not in said:
                said.add(gap)
                yield Remark(gap, say.pick(rule, "clause"), rule.requirements, False, False)


def _remark(note: law.Note, *, trusted: bool) -> Remark:
    hidden = note.restricted and not trusted
    return Remark(
        words="" if hidden else say.pick(note),
        clause="" if hidden else say.pick(note, "clause"),
        ids=note.requirements,
        is_restricted=note.restricted,
        is_hidden=hidden,
    )


def _form(form: law.Form) -> FormRow:
    return FormRow(form.key, say.pick(form), tuple(say.pick(item) for item in form.items), form.rows, form.requirements)
