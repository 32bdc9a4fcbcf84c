"""Editions of a week: publishing says who must hear of it; a week is copied into the next one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from auditlog.models import LogEntry
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from staffing import planned, shifts
from staffing.models import Absence, Edition, Person, Shift, Site, User
from staffing.shifts import Outdated, Refused

REASON = 200


@dataclass(frozen=True, slots=True)
class Changed:
    """Somebody whose shifts of the week are others than in the edition before; `now`: those they have."""

    person_id: int
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """An edition and whom it concerns."""

    edition: Edition
    concerned: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class Copied:
    """How many shifts the next week got, and which found no place."""

    count: int
    left_out: tuple[Shift, ...]


def latest(site_id: int, week: date) -> Edition | None:
    """The newest edition of the week. One query."""
    return Edition.objects.filter(site_id=site_id, week=week).order_by("-number").first()


def changed_since(site_id: int, week: date, edition: Edition | None) -> "QuerySet[Shift]":
    """Shifts of the week that were written, changed or taken away since the edition."""
    found = Shift.objects.filter(planned.in_week(week), post__site_id=site_id)
    if edition is None:
        return found.filter(removed_at__isnull=True)
    return found.filter(changed_at__gt=edition.at)


def publish(*, site_id: int, week: date, seen: int, reason: str, actor: User, now: datetime) -> Published:
    """Publish the week; with gaps only with a reason. `seen`: the edition that the page showed, 0 for none.

    Needs a transaction; locks the site's row against a second one.
    """
    Site.objects.select_for_update(no_key=True).get(pk=site_id)
    before = latest(site_id, week)
    number = before.number if before else 0
    if number != seen:
        raise Outdated({"week": _("这一周刚刚发布过第 %d 版，未作任何改动。") % number})
    changed = list(changed_since(site_id, week, before).values_list("person_id", flat=True))
    if before is not None and not changed:
        raise Refused({"week": _("自第 %d 版以来没有改动，不必再发布。") % number})
    plan = planned.gather(site_id, week, week + planned.WEEK - planned.DAY)
    lacking = len([gap for gap in plan.gaps() if gap.ends_at > now])
    if lacking and not reason.strip():
        raise Refused({"reason": _("还有 %d 处缺岗。带着缺岗发布须写明理由。") % lacking})
    edition = Edition.objects.create(
        site_id=site_id,
        week=week,
        number=number + 1,
        by=actor,
        by_name=str(actor)[:80],
        at=now,
        gaps=lacking,
        reason=reason.strip()[:REASON] if lacking else "",
    )
    return Published(edition, _concerned(site_id, week, changed))


def _concerned(site_id: int, week: date, people: Iterable[int]) -> tuple[Changed, ...]:
    wanted = sorted(set(people))
    theirs: dict[int, list[Shift]] = defaultdict(list)
    rows = Shift.objects.filter(
        planned.in_week(week), post__site_id=site_id, person_id__in=wanted, removed_at__isnull=True
    )
    for shift in rows.select_related("post", "kind").order_by("starts_at", "pk"):
        theirs[shift.person_id].append(shift)
    return tuple(Changed(person_id, tuple(theirs[person_id])) for person_id in wanted)


def copy(*, site_id: int, week: date, actor: User, now: datetime) -> Copied:
    """Plan the next week as this one. What finds no place there is left out: leave, people who left, or a clash.

    Stand-ins and calls to come belong to their day and are not copied. Needs a transaction; locks the people.
    """
    source = Shift.objects.filter(
        planned.in_week(week), post__site_id=site_id, removed_at__isnull=True, is_override=False
    ).exclude(source=Shift.Source.CALL_OUT)
    rows = list(source.select_related("person", "post", "kind").order_by("starts_at", "pk"))
    if not rows:
        raise Refused({"week": _("这一周没有可复制的班次。")})
    if planned.midnight(week + 2 * planned.WEEK) <= now:
        raise Refused({"week": _("下一周已经过去，不能再排。")})
    active = {one.pk for one in shifts.locked({row.person_id for row in rows}, site_id) if one.is_active}
    taken = _taken(site_id, week + planned.WEEK)
    made, left_out = [], []
    for row in rows:
        twin = _twin(row, now)
        if row.person_id in active and twin.starts_at >= now and _is_free(twin, taken[row.person_id]):
            made.append(twin)
        else:
            left_out.append(row)
    Shift.objects.bulk_create(made)
    _audit(site_id, week, len(made), actor)
    return Copied(len(made), tuple(left_out))


def _taken(site_id: int, week: date) -> dict[int, list[Shift | Absence]]:
    """Person -> what stands in their week already, leave included. Two queries."""
    starts_at, ends_at = planned.midnight(week - planned.DAY), planned.midnight(week + planned.WEEK + planned.DAY)
    taken: dict[int, list[Shift | Absence]] = defaultdict(list)
    for one in planned.shifts(site_id, starts_at, ends_at):
        taken[one.person_id].append(one)
    for away in planned.absences(site_id, starts_at, ends_at):
        taken[away.person_id].append(away)
    return taken


def _is_free(twin: Shift, taken: Iterable[Shift | Absence]) -> bool:
    return not any(one.starts_at < twin.ends_at and twin.starts_at < one.ends_at for one in taken)


def _twin(row: Shift, now: datetime) -> Shift:
    return Shift(
        post=row.post,
        person=row.person,
        kind=row.kind,
        starts_at=planned.later(row.starts_at, 7),
        ends_at=planned.later(row.ends_at, 7),
        standby=row.standby,
        source=Shift.Source.HAND,
        note=row.note,
        changed_at=now,
    )


def _audit(site_id: int, week: date, count: int, actor: User) -> None:
    """One line for all of them."""
    LogEntry.objects.log_create(
        Site.objects.get(pk=site_id),
        action=LogEntry.Action.UPDATE,
        changes={"roster": [str(week), f"{week + planned.WEEK}: {count}"]},
        actor=actor,
    )


def people(concerned: Iterable[Changed]) -> dict[int, Person]:
    """The people whom an edition concerns, with their accounts and contacts. Two queries."""
    wanted = [one.person_id for one in concerned]
    rows = Person.objects.filter(pk__in=wanted, is_active=True).select_related("user").prefetch_related("contacts")
    return {person.pk: person for person in rows}
