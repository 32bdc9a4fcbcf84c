"""The action cards of the room: duties by post, open ones first, with what each can be answered with."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from incident import opening, records, veil, work
from incident.models import Duty, Signature
from incident.screens import room_words as say
from incident.screens.room_clocks import Timer, needs_form, timer
from incident.screens.room_rows import Rows
from notices.models import Notice
from playbooks import rules


@dataclass(frozen=True, slots=True)
class Told:
    """Where one notice of a duty stands: who was told, and who answered."""

    person: str
    mark: str  # late, lost, or empty once answered or withdrawn
    words: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Task:
    """One duty as a row."""

    id: int
    kind: str
    words: str
    detail: str
    clause: str
    is_site_rule: bool
    state: str  # open, done, waived
    timer: Timer | None
    life_safety: bool
    who: str  # who did it
    done_at: datetime | None
    note: str
    choice: str
    told: tuple[Told, ...]
    to_tell: str  # whom a notification names
    holder_id: int | None
    decision_id: int | None  # the level decision that this duty is about
    needs_form: bool
    gate: str
    number: str  # of a call
    signed: tuple[str, ...]  # who signed, while more are needed
    to_sign: int
    needed: int  # so many of those told must confirm, where that is neither one nor everybody; 0 otherwise
    confirmed: int
    calls_out: bool  # people may be called in for it

    @property
    def is_call(self) -> bool:
        return self.kind == "call"

    @property
    def is_open(self) -> bool:
        return self.state == Duty.State.OPEN

    @property
    def is_decision(self) -> bool:
        return self.kind == "decision"


@dataclass(frozen=True, slots=True)
class Card:
    """The duties of one post."""

    post: str
    words: str
    holder: str
    tasks: tuple[Task, ...]
    done: int

    @property
    def total(self) -> int:
        return len(self.tasks)


@dataclass(frozen=True, slots=True)
class Actions:
    cards: tuple[Card, ...]
    urgent: tuple[Task, ...]  # life safety: first, and whoever is nearest does them
    prohibitions: tuple[Task, ...]
    safety_notes: tuple[rules.Note, ...]
    done: int
    total: int
    can_work: bool
    can_decide: bool

    @property
    def open(self) -> int:
        return self.total - self.done


def build(rows: Rows) -> Actions:
    tasks = [(duty, _task(rows, duty)) for duty in rows.duties]
    plain = [(duty, task) for duty, task in tasks if task.kind != "prohibition"]
    urgent = [task for duty, task in plain if duty.life_safety and task.is_open]
    others = [(duty, task) for duty, task in plain if not (duty.life_safety and task.is_open)]
    running = rows.incident.is_open
    return Actions(
        cards=tuple(_cards(rows, others)),
        urgent=tuple(urgent),
        prohibitions=tuple(task for _, task in tasks if task.kind == "prohibition"),
        safety_notes=tuple(note for note in rows.playbook.notes if note.kind == "safety"),
        done=sum(not task.is_open for _, task in plain),
        total=len(plain),
        can_work=running and "incident.work" in rows.verbs,
        can_decide=running and "incident.decide" in rows.verbs,
    )


def whole(rows: Rows) -> list[Card]:
    """Every duty by post, urgent ones among them; prohibitions apart."""
    return _cards(rows, [(duty, _task(rows, duty)) for duty in rows.duties if duty.kind != "prohibition"])


def _cards(rows: Rows, tasks: Iterable[tuple[Duty, Task]]) -> list[Card]:
    """Posts in the order of their first duty; a card with open work comes before one without."""
    by_post: dict[str, list[tuple[Duty, Task]]] = {}
    for duty, task in tasks:
        by_post.setdefault(duty.post, []).append((duty, task))
    cards = [
        Card(
            post=post,
            words=rows.post(post),
            holder=next((duty.holder for duty, _ in reversed(held) if duty.holder), ""),
            tasks=tuple(sorted((task for _, task in held), key=_place)),
            done=sum(not task.is_open for _, task in held),
        )
        for post, held in by_post.items()
    ]
    return sorted(cards, key=lambda card: card.done == card.total)


def _place(task: Task) -> tuple[bool, bool, float]:
    """Open before closed; within the open, clocks first, the nearest first."""
    due = task.timer.wall.timestamp() if task.timer and task.is_open else 0.0
    return not task.is_open, task.is_open and not due, due


def _task(rows: Rows, duty: Duty) -> Task:
    rule = rows.rule(duty)
    choices = rule.choices if rule else ()
    decision_id = rows.pending.get(duty.rule)
    signed = _signed(rows, duty, rule)
    told = rows.told.get(duty.pk, ())
    return Task(
        id=duty.pk,
        kind=duty.kind,
        words=rows.duty_words(duty),
        detail=say.pick(rule, "detail") if rule else "",
        clause=say.pick(rule, "clause") if rule else "",
        is_site_rule=say.is_site_rule(rule),
        state=duty.state,
        timer=timer(rows, duty),
        life_safety=duty.life_safety,
        who=duty.done_name or (_("系统") if duty.state != Duty.State.OPEN else ""),
        done_at=duty.done_at,
        note=_("受限内容") if duty.note and veil.is_hidden(rows.playbook, rule) else rows.reason(duty.note),
        choice=_outcome(duty, choices),
        told=tuple(_told(rows, notice) for notice in told),
        to_tell=_to_tell(rows, rule),
        holder_id=duty.holder_user_id,
        decision_id=decision_id,
        needs_form=decision_id is None and needs_form(rule),
        gate=duty.gate,
        number=_number(rows, rule),
        signed=tuple(one.name for one in signed),
        calls_out=bool(rule and rule.calls_out and duty.state == Duty.State.OPEN and rows.incident.is_running),
        to_sign=rule.signers - len(signed) if rule and rule.signers > 1 and duty.state == Duty.State.OPEN else 0,
        needed=_needed(rule, len(told)) if duty.state == Duty.State.OPEN else 0,
        confirmed=sum(notice.state == Notice.State.ACKNOWLEDGED for notice in told),
    )


def _needed(rule: rules.DutyRule | None, told: int) -> int:
    if rule is None or not told or not rule.answers.isdigit():
        return 0
    return opening.answers_needed(rule, told)


def _outcome(duty: Duty, choices: tuple[rules.Choice, ...]) -> str:
    """How a decision or a call ended, in words."""
    if duty.kind == "call" and duty.choice:
        return _("已拨打") if duty.choice == work.CALLED else _("不需要拨打")
    return next((say.pick(choice) for choice in choices if choice.key == duty.choice), "")


def _number(rows: Rows, rule: rules.DutyRule | None) -> str:
    if rule is None or rule.kind != "call":
        return ""
    return next((party.number for party in rows.playbook.parties if party.key in rule.outside), "")


def _signed(rows: Rows, duty: Duty, rule: rules.DutyRule | None) -> list[Signature]:
    if rule is None or rule.signers < 2 or duty.state != Duty.State.OPEN:
        return []
    return records.signed(rows.signatures, duty, records.edition(rows.records, rule.form))


def _to_tell(rows: Rows, rule: rules.DutyRule | None) -> str:
    if rule is None:
        return ""
    names = {rules.TOLD: _("此前通知过的每一位"), rules.HOLDER: ""}
    found = [names.get(post, "") if post in names else rows.post(post) for post in rule.tell]
    if rule.kind != "call":
        found += [say.pick(party) for party in rows.playbook.parties if party.key in rule.outside]
    return _("、").join(name for name in found if name)


def is_undelivered(rows: Rows, notice: Notice) -> bool:
    """No channel has taken it, though it was tried."""
    return notice.state == Notice.State.QUEUED and bool(rows.deliveries.get(notice.pk))


def is_lost(rows: Rows, notice: Notice) -> bool:
    """Nobody has been reached, or nobody answered on any channel."""
    return notice.state == Notice.State.EXHAUSTED or is_undelivered(rows, notice)


def notice_words(rows: Rows, notice: Notice) -> str:
    """Where a notice stands, in words."""
    if is_undelivered(rows, notice):
        return _("未送达")
    return {
        Notice.State.QUEUED: _("待发"),
        Notice.State.ACCEPTED: _("待确认"),
        Notice.State.ACKNOWLEDGED: _("已确认"),
        Notice.State.EXHAUSTED: _("无人确认"),
        Notice.State.CANCELLED: _("已撤回"),
    }.get(Notice.State(notice.state), notice.state)


def _told(rows: Rows, notice: Notice) -> Told:
    answered = notice.acknowledged_at
    return Told(
        person=notice.acknowledged_by or notice.person,
        mark="" if answered or notice.state == Notice.State.CANCELLED else "lost" if is_lost(rows, notice) else "late",
        words=notice_words(rows, notice),
        at=rows.shown(answered) if answered else None,
    )
