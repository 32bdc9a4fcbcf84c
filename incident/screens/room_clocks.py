"""The deadlines of the room: the next one, the table of all, and the rail they are drawn on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from incident.models import Duty
from incident.screens import room_facts
from incident.screens import room_words as say
from incident.screens.room_rows import Rows
from incident.screens.strips import SOON
from playbooks import rules

SHOWN = 8  # rows of the table before the fold
LABEL_UNIT = 1.0  # width of one letter of a rail label, in percent of the rail; a Han character counts twice
MARGIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Timer:
    """One clock. `at` is on the incident's clock and shown; the `wall` pair is what the browser counts with."""

    at: datetime
    wall: datetime
    from_wall: datetime
    state: str  # armed, soon, breached while it runs; met, late, waived afterwards
    is_target: bool
    result: str = ""  # "迟 01:10", once it no longer runs

    @property
    def is_running(self) -> bool:
        return self.state in ("armed", "soon", "breached")

    @property
    def total_seconds(self) -> int:
        return max(1, int((self.wall - self.from_wall).total_seconds()))


@dataclass(frozen=True, slots=True)
class Deadline:
    """A row of the table: a duty with a clock, or a level that will change by itself."""

    id: str
    words: str
    who: str
    clause: str
    timer: Timer
    duty: Duty | None = None
    done_at: datetime | None = None
    is_site_rule: bool = False
    is_countdown: bool = False  # what is left of something, not a duty


@dataclass(frozen=True, slots=True)
class Next:
    """The most urgent deadline, with the duty's own action."""

    deadline: Deadline
    detail: str
    minutes: str
    used_seconds: int
    needs_form: bool  # a decision or telling people asks for words before it is done
    button: str
    decision_id: int | None  # the level decision that the duty is about


@dataclass(frozen=True, slots=True)
class Mark:
    """A point on the rail; `x` in percent, `label` empty where there is no room for it."""

    x: float
    kind: str
    label: str
    title: str
    is_low: bool
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Rail:
    """The rail from `starts_wall` to `ends_wall`; the browser moves the mark of now."""

    starts_wall: datetime
    ends_wall: datetime
    now_x: float
    elapsed_x: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Deadlines:
    next: Next | None
    shown: tuple[Deadline, ...]
    folded: tuple[Deadline, ...]
    running: int
    met: int
    late: int
    rail: Rail | None

    @property
    def total(self) -> int:
        return len(self.shown) + len(self.folded)


def timer(rows: Rows, duty: Duty) -> Timer | None:
    """The clock of a duty; None for a stopwatch, which has none."""
    if duty.plan_due_at is None:
        return None
    state, result = _outcome(duty, rows.at)
    wall, start = rows.wall(duty.plan_due_at), rows.wall(duty.anchor_at)
    if state == "open":
        state = running_state(wall, rows.now)
    is_target = duty.due_kind == Duty.DueKind.TARGET
    return Timer(duty.plan_due_at, wall, start, state, is_target, result)


def running_state(wall: datetime, now: datetime) -> str:
    """What the page's own clock will say."""
    if now >= wall:
        return "breached"
    return "soon" if wall - now <= SOON else "armed"


def _outcome(duty: Duty, at: datetime) -> tuple[str, str]:
    due = duty.plan_due_at
    if duty.state == Duty.State.OPEN or due is None or duty.done_at is None:
        return "open", ""
    if duty.past_when_recorded:
        return "late", _("录入时已过")
    if duty.state == Duty.State.WAIVED:
        return ("late", _("曾超时，已免除")) if duty.late_at else ("waived", _("已免除"))
    span = say.clock_span(duty.done_at - due)
    if duty.late_at is not None or duty.done_at > due:
        return "late", _("迟 %s") % span
    return "met", _("早 %s") % span


def build(rows: Rows) -> Deadlines:
    every = sorted(_deadlines(rows), key=lambda deadline: deadline.timer.at)
    running = [deadline for deadline in every if deadline.timer.is_running]
    past = [deadline for deadline in reversed(every) if not deadline.timer.is_running]
    ordered = sorted(running, key=_urgency) + past
    kept = max(SHOWN, len(running))
    return Deadlines(
        next=_next(rows, [deadline for deadline in ordered if deadline.duty and deadline.timer.is_running]),
        shown=tuple(ordered[:kept]),
        folded=tuple(ordered[kept:]),
        running=sum(deadline.timer.state != "breached" for deadline in running),
        met=sum(deadline.timer.state == "met" for deadline in every),
        late=sum(deadline.timer.state in ("late", "breached") and not deadline.is_countdown for deadline in every),
        rail=_rail(rows, every, ordered[0] if running else None),
    )


def _urgency(deadline: Deadline) -> tuple[int, datetime]:
    """A plan deadline that has passed comes first, an internal target that has passed comes last."""
    rank = 1
    if deadline.timer.state == "breached":
        rank = 2 if deadline.timer.is_target else 0
    return rank, deadline.timer.at


def _deadlines(rows: Rows) -> Iterator[Deadline]:
    for duty in rows.duties:
        clock = timer(rows, duty)
        if clock is None:
            continue
        rule = rows.rule(duty)
        yield Deadline(
            id=f"duty-{duty.pk}",
            words=rows.duty_words(duty),
            who=" · ".join(filter(None, (rows.post(duty.post), duty.holder))),
            clause=say.pick(rule, "clause") if rule else "",
            timer=clock,
            duty=duty,
            done_at=duty.done_at if duty.state == Duty.State.DONE else None,
            is_site_rule=say.is_site_rule(rule),
        )
    change = _level_change(rows)
    if change is not None:
        yield change
    yield from _countdowns(rows)


def _countdowns(rows: Rows) -> Iterator[Deadline]:
    """What runs out by itself, such as the battery of the UPS, beside the duties while the incident runs."""
    newest = {fact.metric: fact for fact in rows.facts}
    for spec in rows.playbook.facts:
        fact = newest.get(spec.metric)
        ends = room_facts.runs_out(spec, fact) if fact and fact.heard_at is None else None
        if fact is None or fact.since is None or ends is None or not rows.incident.is_running:
            continue
        wall = rows.wall(ends)
        running = Timer(ends, wall, rows.wall(fact.since), running_state(wall, rows.now), is_target=True)
        yield Deadline(f"fact-{spec.metric}", _("%s还有") % say.pick(spec), "", "", running, is_countdown=True)


def _level_change(rows: Rows) -> Deadline | None:
    """The level that the facts will reach by themselves, as a row beside the duties."""
    incident, (moment, to) = rows.incident, rows.change
    if moment is None or to is None or not incident.is_running:
        return None
    level = rows.playbook.level(to)
    if level.rank <= incident.level_rank:
        return None
    wall = rows.wall(moment)
    start = rows.wall(incident.occurred_at)
    words = _("如无变化，级别升为“%s”") % say.pick(level)
    clause = _clause_of_change(rows, level)
    state = running_state(wall, rows.now)
    clock = Timer(moment, wall, start, state, False)
    return Deadline("level-change", words, "", say.pick(clause) if clause else "", clock)


def _clause_of_change(rows: Rows, level: rules.Level) -> rules.Clause | None:
    moment, _to = rows.change
    if moment is None:
        return None
    there = rules.classify(rows.playbook, rows.readings, moment)
    return there.clauses[0] if there.clauses and there.level == level.key else None


def _next(rows: Rows, running: Sequence[Deadline]) -> Next | None:
    if not running or running[0].duty is None:
        return None
    deadline = running[0]
    rule = rows.rule(deadline.duty) if deadline.duty else None
    length = rule.minutes or rule.target_minutes if rule else None
    used = int((rows.now - deadline.timer.from_wall).total_seconds())
    return Next(
        deadline=deadline,
        detail=say.pick(rule, "detail") if rule else "",
        minutes=say.minutes(length) if length is not None else "",
        used_seconds=max(0, min(used, deadline.timer.total_seconds)),
        needs_form=needs_form(rule),
        button=done_words(rule),
        decision_id=rows.pending.get(deadline.duty.rule) if deadline.duty else None,
    )


def needs_form(rule: rules.DutyRule | None) -> bool:
    """Whether a bare tick is not enough: something is asked, or whom one told."""
    return is_asked(rule) or tells(rule)


def is_asked(rule: rules.DutyRule | None) -> bool:
    """Whether the duty asks something: a choice, a form, a signature beside others, or how a call ended."""
    return bool(rule and (rule.choices or rule.form or rule.signers > 1 or rule.kind == "call"))


def tells(rule: rules.DutyRule | None) -> bool:
    """Whether the duty is to tell people of the roster, who may have been reached by telephone."""
    return bool(rule and rule.kind == "notification" and rule.tell)


def done_words(rule: rules.DutyRule | None) -> str:
    """What the button that fulfils a duty says."""
    if rule is None:
        return _("完成")
    if rule.kind == "call":
        return _("已拨打或不需要")
    if rule.form:
        return _("填写记录")
    if rule.choices:
        return _("作出决定")
    if rule.signers > 1:
        return _("签字")
    return _("已用电话告知") if tells(rule) else _("完成")


def _rail(rows: Rows, every: Sequence[Deadline], nearest: Deadline | None) -> Rail | None:
    """From the occurrence to the last clock; labels alternate above and below and give way where they would touch."""
    if not every:
        return None
    incident = rows.incident
    start = min(rows.wall(incident.occurred_at), rows.wall(incident.reported_at), every[0].timer.from_wall)
    stop = rows.wall(incident.closed_at or rows.at)
    end = max(stop, *(deadline.timer.wall for deadline in every)) + MARGIN
    start -= MARGIN
    total = (end - start).total_seconds()

    def percent(moment: datetime) -> float:
        return round(min(100.0, max(0.0, (moment - start).total_seconds() / total * 100)), 2)

    now_x = percent(stop)
    points = [
        (percent(rows.wall(incident.occurred_at)), "is-met", _("发生"), incident.occurred_at),
        (percent(rows.wall(incident.reported_at)), "is-met", _("报告"), incident.reported_at),
    ]
    points += [
        (percent(deadline.timer.wall), _mark_kind(deadline, nearest), deadline.words, deadline.timer.at)
        for deadline in sorted(every, key=lambda deadline: deadline.timer.is_target)
    ]
    return Rail(start, end, now_x, percent(rows.wall(incident.occurred_at)), tuple(_labelled(points, now_x)))


def _mark_kind(deadline: Deadline, nearest: Deadline | None) -> str:
    if deadline is nearest and deadline.timer.state != "breached":
        return "is-next"
    return {"met": "is-met", "late": "is-late", "breached": "is-late", "waived": "is-met"}.get(deadline.timer.state, "")


def _labelled(points: list[tuple[float, str, str, datetime]], now_x: float) -> Iterator[Mark]:
    """Two lanes; the lower one keeps a gap for the word "now". Important marks choose first."""
    taken: dict[bool, list[tuple[float, float]]] = {False: [], True: [(now_x - 4, now_x + 4)]}
    marks: list[Mark] = []
    order = sorted(points, key=lambda point: (point[1] != "is-next", point[1] != "is-late"))
    for x, kind, words, moment in order:
        at = timezone.localtime(moment).strftime("%H:%M")
        text = f"{at} {_short(words)}"
        label, is_low, anchor = "", False, "middle"
        for lane in (False, True):
            low, high, where = _extent(x, text)
            if all(high <= left or low >= right for left, right in taken[lane]):
                taken[lane].append((low, high))
                label, is_low, anchor = text, lane, where
                break
        marks.append(Mark(x, kind, label, f"{at} {words}", is_low, anchor))
    # Painted in this order: where marks lie upon each other, the next deadline and what is late stay in sight.
    yield from sorted(marks, key=lambda mark: (mark.kind == "is-next", mark.kind == "is-late", mark.x))


def _short(words: str) -> str:
    limit = 16 if words.isascii() else 8
    return words if len(words) <= limit else words[: limit - 1] + "…"


def _extent(x: float, text: str) -> tuple[float, float, str]:
    width = sum(1 if letter.isascii() else 2 for letter in text) * LABEL_UNIT
    if x < width / 2:
        return x, x + width, "start"
    if x + width / 2 > 100:
        return x - width, x, "end"
    return x - width / 2, x + width / 2, "middle"
