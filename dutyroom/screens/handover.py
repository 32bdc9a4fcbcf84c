"""Handovers of a site: those that run with what is to be taken, and the last ones that are over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _

from dutyroom.screens import handover_record
from dutyroom.screens.handover_record import Record
from incident import clock, handover, veil
from incident.models import Duty, Handover, HandoverItem
from incident.screens import room_words as say
from incident.screens import strips
from playbooks import rules
from staffing import directory, rights
from staffing.models import Person, Post, Site

if TYPE_CHECKING:
    from staffing.models import User

PAST = 20
LINGERS = timedelta(hours=2)  # one with everything taken is still shown for so long, for both to sign
State = HandoverItem.State


@dataclass(frozen=True, slots=True)
class Item:
    """An incident or a duty to be taken; its deadline is on the wall clock."""

    id: int
    number: str
    url: str
    words: str
    note: str
    colour: str  # of an incident's level; empty for a duty
    level: str
    clock: str  # armed, soon, breached or late; empty without a deadline
    due_at: datetime | None
    state: str
    outcome: str
    at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state == State.OPEN

    @property
    def level_icon(self) -> str:
        return "state-armed" if self.colour == "none" else f"level-{self.colour}"


@dataclass(frozen=True, slots=True)
class Group:
    """An incident with the duties that are handed over with it."""

    head: Item
    duties: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One handover as this person sees it."""

    id: int
    post: str
    shift_at: datetime
    from_name: str
    to_name: str
    opened_at: datetime
    window_ends_at: datetime
    clock: str
    signed_from_at: datetime | None
    signed_to_at: datetime | None
    note: str
    groups: tuple[Group, ...]
    left: int
    total: int
    record: Record
    may_take: bool
    may_note: bool
    may_sign: bool
    mark: str  # changes whenever what is shown of it does

    @property
    def is_gap(self) -> bool:
        return not self.to_name


@dataclass(frozen=True, slots=True)
class Past:
    """A line of the list."""

    id: int
    post: str
    shift_at: datetime
    from_name: str
    to_name: str
    taken: int
    passed: int
    is_signed: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """What the two buttons offer: the posts that hand over, and the people who could take over."""

    posts: tuple[tuple[str, str], ...]
    people: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Screen:
    running: tuple[Shown, ...]
    past: tuple[Past, ...]
    opening: Opening | None

    @property
    def mark(self) -> str:
        return "-".join(one.mark for one in self.running) or "none"


def build(user: "User", site: Site, now: datetime) -> Screen:
    """The whole page."""
    rows = list(Handover.objects.filter(site=site).order_by("-shift_at", "-id")[: PAST + 5])
    running = [row for row in rows if row.due_at is not None or _lingers(row, now)]
    names = directory.post_names(site.pk)
    return Screen(
        running=tuple(one(user, row, now, names) for row in reversed(running)),
        past=tuple(_past(rows, running, names))[:PAST],
        opening=_opening(user, site, [row.post for row in rows if row.due_at is not None], names),
    )


def one(
    user: "User", row: Handover, now: datetime, names: dict[str, tuple[str, str]] | None = None, *, paper: bool = False
) -> Shown:
    """One handover; for paper without the restricted words of any plan."""
    names = directory.post_names(row.site_id) if names is None else names
    cleared = rights.is_allowed(user, veil.VERB, row.site_id)

    def book(playbook_id: int) -> rules.Playbook:
        return (veil.for_export if paper else veil.for_viewer)(playbook_id, cleared=cleared)

    items = list(row.items.select_related("incident", "duty").order_by("incident_id", "duty_id", "id"))
    groups = tuple(_groups(items, book, now))
    left = sum(item.state == State.OPEN for item in items)
    works = rights.is_allowed(user, rights.WORK, row.site_id)
    decides = rights.is_allowed(user, rights.DECIDE, row.site_id)
    signs = (user.pk == row.from_user_id and not row.signed_from_at) or (
        user.pk == row.to_user_id and not row.signed_to_at and not left
    )
    states = "".join(item.state[0] for item in items)
    return Shown(
        id=row.pk,
        post=_name(names, row.post),
        shift_at=row.shift_at,
        from_name=row.from_name,
        to_name=row.to_name,
        opened_at=row.opened_at,
        window_ends_at=row.window_ends_at,
        clock=strips.due_state(row.window_ends_at, now) if row.due_at else "",
        signed_from_at=row.signed_from_at,
        signed_to_at=row.signed_to_at,
        note=row.note,
        groups=groups,
        left=left,
        total=len(items),
        record=handover_record.build(row.record, book, names),
        may_take=bool(left) and handover.may_take(row, user, now),
        may_note=works and not row.signed_from_at and (decides or user.pk == row.from_user_id),
        may_sign=works and signs,
        mark=f"{row.pk}{states}{bool(row.signed_from_at):d}{bool(row.signed_to_at):d}{len(row.note)}{bool(row.due_at):d}",
    )


def _lingers(row: Handover, now: datetime) -> bool:
    signed = row.signed_from_at and row.signed_to_at
    return not signed and row.window_ends_at + LINGERS > now


def _groups(items: list[HandoverItem], book: "handover_record.Books", now: datetime) -> Iterable[Group]:
    by_incident: dict[int, list[HandoverItem]] = {}
    for item in items:
        by_incident.setdefault(item.incident_id, []).append(item)
    for rows in by_incident.values():
        head = next((row for row in rows if row.duty_id is None), None)
        if head is None:
            continue
        duties = (_duty(row, row.duty, book, now) for row in rows if row.duty is not None)
        yield Group(_incident(head, book), tuple(sorted(duties, key=_place)))


def _place(item: Item) -> tuple[bool, bool, float, int]:
    return not item.is_open, item.due_at is None, item.due_at.timestamp() if item.due_at else 0.0, item.id


def _incident(row: HandoverItem, book: "handover_record.Books") -> Item:
    incident = row.incident
    playbook = book(incident.playbook_id)
    return Item(
        id=row.pk,
        number=incident.number,
        url=strips.room_url(incident.number),
        words=strips.title(incident, playbook),
        note=incident.place,
        colour=incident.level_colour,
        level=strips.level_name(playbook, incident.level) or _("未定级"),
        clock="",
        due_at=None,
        state=row.state,
        outcome=_outcome(row),
        at=row.at,
    )


def _duty(row: HandoverItem, duty: Duty, book: "handover_record.Books", now: datetime) -> Item:
    incident = row.incident
    rule = strips.duty_rule(book(incident.playbook_id), duty.rule)
    due = clock.wall(incident, duty.plan_due_at) if duty.plan_due_at and duty.state == Duty.State.OPEN else None
    return Item(
        id=row.pk,
        number=incident.number,
        url=f"{strips.room_url(incident.number)}#task-{duty.pk}",
        words=say.pick(rule) if rule else duty.rule,
        note=strips.clause(rule),
        colour="",
        level="",
        clock=strips.due_state(due, now) if due else "",
        due_at=due,
        state=row.state,
        outcome=_outcome(row),
        at=row.at,
    )


def _outcome(row: HandoverItem) -> str:
    if row.state == State.TAKEN:
        return _("%s 已接手") % row.by_name
    if row.state == State.PASSED:
        return _("已转值班主管 %s") % row.by_name if row.by_name else _("无人可转，请打电话")
    return _("已完成，无须接手") if row.state == State.GONE else ""


def _name(names: dict[str, tuple[str, str]], key: str) -> str:
    zh, en = names.get(key, (key, key))
    return (en if say.is_english() else zh) or key


def _past(rows: list[Handover], running: list[Handover], names: dict[str, tuple[str, str]]) -> Iterable[Past]:
    over = [row for row in rows if row not in running]
    counts: dict[int, list[str]] = {}
    for handover_id, state in HandoverItem.objects.filter(handover__in=over).values_list("handover_id", "state"):
        counts.setdefault(handover_id, []).append(state)
    for row in over:
        states = counts.get(row.pk, [])
        yield Past(
            id=row.pk,
            post=_name(names, row.post),
            shift_at=row.shift_at,
            from_name=row.from_name,
            to_name=row.to_name,
            taken=states.count(State.TAKEN),
            passed=states.count(State.PASSED),
            is_signed=bool(row.signed_from_at and row.signed_to_at),
        )


def _opening(user: "User", site: Site, busy: list[str], names: dict[str, tuple[str, str]]) -> Opening | None:
    """The buttons, for whoever works here and where a post hands over whose handover does not run."""
    if not rights.is_allowed(user, rights.WORK, site.pk):
        return None
    posts = Post.objects.filter(site=site, hands_over=True).exclude(key__in=busy).order_by("pk")
    keys = tuple((key, _name(names, key)) for key in posts.values_list("key", flat=True))
    may = Q(user__memberships__site=site, user__is_active=True)
    people = Person.objects.filter(may, site=site, is_active=True).exclude(user=user).order_by("name", "pk").distinct()
    return Opening(keys, tuple(people.values_list("pk", "name"))) if keys else None
