"""Why the incident has its level: what decided it, what is unknown, what is missing for the next one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from incident import grounds, veil
from incident.models import LevelDecision
from incident.screens import room_words as say
from incident.screens.room_head import LevelMark, level_mark
from incident.screens.room_rows import Rows
from playbooks import rules, statutory

UNIT_MINUTES = {"min": 1, "h": 60}


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that is met: its words, clause, and the facts that met it."""

    words: str
    clause: str
    is_site_rule: bool
    measure: str


@dataclass(frozen=True, slots=True)
class Gap:
    """One condition of the next level. `percent` of the way; `due_wall`: met by itself at that moment."""

    words: str
    have: str
    is_met: bool
    percent: int | None
    due_wall: datetime | None


@dataclass(frozen=True, slots=True)
class Way:
    """One rule of the next level."""

    words: str
    clause: str
    is_all: bool
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Pending:
    """A decision that waits for a person: proposed (not in force) or provisional (in force)."""

    id: int
    level: LevelMark
    is_proposed: bool
    at: datetime
    clause: str


@dataclass(frozen=True, slots=True)
class Past:
    """A decision, for the record."""

    level: LevelMark
    status: str
    at: datetime
    by: str
    reason: str
    clause: str
    grounds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Why:
    level: LevelMark
    since: datetime | None
    reasons: tuple[Reason, ...]
    by_person: str  # who set it, when a person did
    person_reason: str
    asked: LevelMark | None  # what the rules say now, where that is not the level in force
    at_least: LevelMark | None
    at_most: LevelMark | None
    unknown: str
    short: tuple[str, ...]  # how far numbers that stand are from the next level
    forecast: str
    plan_version: int
    grounds: tuple[str, ...]  # on what the level in force was decided, as the timeline has it
    statutory: str  # the class of decree 493, in words; empty where the playbook does not ask for it
    settles: str  # metric of the one fact that would settle it
    settles_words: str
    next_level: LevelMark | None
    ways: tuple[Way, ...]
    triggers: str  # rules of the next level that hang on a single yes or no
    change_to: LevelMark | None
    change_at: datetime | None
    change_wall: datetime | None
    pending: tuple[Pending, ...]
    past: tuple[Past, ...]
    notes: tuple[str, ...]
    plan_gaps: tuple[rules.Note, ...]
    can_decide: bool
    is_running: bool


def build(rows: Rows) -> Why:
    """Why the level. For readers from whom the plan keeps its words: the level, its clause and its decisions."""
    found = _whole(rows)
    if not veil.is_hidden(rows.playbook):
        return found
    reasons = tuple(replace(reason, measure="") for reason in found.reasons)
    return replace(found, reasons=reasons, ways=(), triggers="", unknown="", short=(), settles="", statutory="")


def _whole(rows: Rows) -> Why:
    verdict, incident = rows.verdict, rows.incident
    force = _in_force(rows)
    by_person = bool(force and force.made_by_id)
    is_open_range = verdict.at_least != verdict.at_most
    ways, triggers = _ways(rows)
    change_at, change_to = rows.change
    now = grounds.freeze(rows.playbook, verdict, rows.change)
    return Why(
        level=level_mark(rows, incident.level),
        since=force.at if force else None,
        reasons=tuple(_reasons(rows)),
        by_person=str(force.made_by) if force and by_person else "",
        person_reason=_own_words(rows, force) if force and by_person else "",
        asked=level_mark(rows, verdict.level or "") if (verdict.level or "") != incident.level else None,
        at_least=level_mark(rows, verdict.at_least or "") if is_open_range else None,
        at_most=level_mark(rows, verdict.at_most or "") if is_open_range else None,
        unknown=next(grounds.unknown(rows.playbook, now), ""),
        short=_standing(rows, now) if incident.is_running else (),
        forecast=next(grounds.forecast(rows.playbook, now), ""),
        plan_version=rows.playbook.version_number,
        grounds=grounds.say(rows.playbook, force.basis) if force and not veil.is_hidden(rows.playbook) else (),
        statutory=_statutory(rows),
        settles=verdict.settles or "",
        settles_words=say.pick(rows.playbook.fact(verdict.settles)) if verdict.settles else "",
        next_level=level_mark(rows, verdict.next_level) if verdict.next_level else None,
        ways=ways,
        triggers=_("；").join(triggers),
        change_to=level_mark(rows, change_to) if change_to else None,
        change_at=change_at,
        change_wall=rows.wall(change_at) if change_at else None,
        pending=tuple(_pending(rows)),
        past=tuple(_past(rows, force)),
        notes=tuple(say.pick(note) for note in verdict.notes),
        plan_gaps=tuple(note for note in rows.playbook.notes if note.kind == "gap"),
        can_decide=incident.is_running and "incident.decide" in rows.verbs,
        is_running=incident.is_running,
    )


def _standing(rows: Rows, now: grounds.Frozen) -> tuple[str, ...]:
    """How far numbers that stand are from the next level; what runs has its own clock beside its condition."""
    running = {metric for metric, one in rows.readings.items() if one.value is None and one.since and not one.stale}
    still = [gap for gap in now["short"] if gap["metric"] not in running]
    return tuple(grounds.short(rows.playbook, now | {"short": still}))


def _statutory(rows: Rows) -> str:
    """The accident class of decree 493, kept apart from the plan's own level."""
    if not rows.playbook.statutory:
        return ""
    return say.pick(statutory.classify(rows.readings, rows.judged_at).sentence)


def _in_force(rows: Rows) -> LevelDecision | None:
    """The decision that set the level in force; the newest of that level that nobody rejected."""
    usable = ("provisional", "confirmed")
    return next(
        (
            decision
            for decision in reversed(rows.decisions)
            if decision.status in usable and decision.level == rows.incident.level
        ),
        None,
    )


def _reasons(rows: Rows) -> Iterable[Reason]:
    """The rules met now, each with the readings that met it."""
    by_rule: dict[str, list[rules.Check]] = {}
    for check in rows.verdict.satisfied:
        by_rule.setdefault(check.rule, []).append(check)
    level = next((level for level in rows.playbook.levels if level.key == rows.verdict.level), None)
    for rule in level.rules if level else ():
        if rule.key in by_rule or rule.key == rows.verdict.rule or not rule.when.terms:
            measures = [_measure(check) for check in by_rule.get(rule.key, ())]
            measure = _("；").join(filter(None, measures))
            yield Reason(say.pick(rule), say.pick(rule, "clause"), say.is_site_rule(rule), measure)


def _measure(check: rules.Check) -> str:
    if check.spec.kind == "flag":
        return ""
    name = say.pick(check.spec)
    if check.have is None:
        return _("%s：未知，按较高级别处理") % name
    return _("%(name)s现为 %(have)s") % {"name": name, "have": say.value(check.spec, check.have)}


def _ways(rows: Rows) -> tuple[tuple[Way, ...], list[str]]:
    """Rules of the next level with something to measure, and the words of those that are one yes or no."""
    level = next((level for level in rows.playbook.levels if level.key == rows.verdict.next_level), None)
    ways, triggers = [], []
    for rule in level.rules if level else ():
        checks = [check for check in rows.verdict.gaps if check.rule == rule.key]
        if all(check.spec.kind in ("flag", "choice") and not check.condition.hold_minutes for check in checks):
            triggers.append(say.pick(rule))
            continue
        gaps = tuple(_gap(rows, check) for check in checks)
        ways.append(Way(say.pick(rule), say.pick(rule, "clause"), rule.when.mode == "all", gaps))
    return tuple(ways), triggers


def _gap(rows: Rows, check: rules.Check) -> Gap:
    return Gap(
        words=say.condition(check.spec, check.condition),
        have=say.value(check.spec, check.have),
        is_met=bool(check.met),
        percent=_percent(check),
        due_wall=_reached(rows, check),
    )


def _percent(check: rules.Check) -> int | None:
    """How far along a number is; None where there is no "along"."""
    need, have = check.need, check.have
    if check.condition.op not in ("at_least", "more_than") or isinstance(need, bool | str | tuple) or need is None:
        return None
    if isinstance(have, bool | str) or have is None or not Decimal(str(need)):
        return 0
    return max(0, min(100, int(Decimal(have) / Decimal(str(need)) * 100)))


def _reached(rows: Rows, check: rules.Check) -> datetime | None:
    """When a running stopwatch will have met its condition (wall)."""
    reading = rows.readings.get(check.metric)
    if check.met or check.spec.kind != "stopwatch" or reading is None or reading.since is None or reading.stale:
        return None
    if check.condition.op not in ("at_least", "more_than") or not isinstance(check.need, int | Decimal):
        return None
    minutes = Decimal(check.need) * UNIT_MINUTES.get(check.spec.unit, 1)
    moment = rows.wall(reading.since) + timedelta(minutes=float(minutes))
    return moment if moment > rows.now and rows.incident.is_running else None


def _pending(rows: Rows) -> Iterable[Pending]:
    for decision in rows.decisions:
        if decision.status in ("proposed", "provisional") and rows.incident.is_running:
            yield Pending(
                id=decision.pk,
                level=level_mark(rows, decision.level),
                is_proposed=decision.status == "proposed",
                at=decision.at,
                clause=say.pick(decision, "clause"),
            )


def _past(rows: Rows, force: LevelDecision | None) -> Iterable[Past]:
    for decision in reversed(rows.decisions):
        if decision is not force and decision.status not in ("proposed", "provisional"):
            yield _record(rows, decision)


def decisions(rows: Rows) -> list[Past]:
    """Every decision, oldest first."""
    return [_record(rows, decision) for decision in rows.decisions]


def _record(rows: Rows, decision: LevelDecision) -> Past:
    by = decision.settled_by or decision.made_by
    return Past(
        level=level_mark(rows, decision.level),
        status=status_words(decision.status),
        at=decision.settled_at or decision.at,
        by=str(by) if by else _("系统"),
        reason=_own_words(rows, decision),
        clause=say.pick(decision, "clause"),
        grounds=() if veil.is_hidden(rows.playbook) else grounds.say(rows.playbook, decision.basis),
    )


def _own_words(rows: Rows, decision: LevelDecision) -> str:
    """Why a person decided so; left out where the plan is for hall staff only."""
    said = decision.settled_reason or decision.reason
    return _("受限内容") if said and veil.is_hidden(rows.playbook) else said


def status_words(status: str) -> str:
    """Where a decision stands, in words."""
    return {
        "proposed": _("待决定"),
        "provisional": _("已生效，待确认"),
        "confirmed": _("已确认"),
        "rejected": _("已否决"),
        "passed": _("已被取代"),
    }.get(status, status)
