"""Rotas that repeat: what one would give is shown first, then written; what can't be placed is said."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from staffing import planned, shifts, workdays
from staffing.models import Absence, Person, Post, Rotation, Shift, ShiftKind, User
from staffing.shifts import Outdated, Refused

LONGEST = 366  # days
MOST_PEOPLE, MOST_STEPS = 60, 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """On day N person i works `pattern[(N + i) % len(pattern)]`; an empty key is a day off."""

    post_id: int
    people: tuple[int, ...]
    pattern: tuple[str, ...]
    starts_on: date
    until: date
    workdays_only: bool = False


class Why(StrEnum):
    """Why a shift of the rota finds no place."""

    AWAY = "away"
    BUSY = "busy"
    LEFT = "left"
    PAST = "past"
    REST_DAY = "rest_day"


@dataclass(frozen=True, slots=True)
class Turn:
    """One shift of the rota; `why` is empty where it can be placed."""

    person: Person
    kind: ShiftKind
    day: date
    starts_at: datetime
    ends_at: datetime
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What the rota gives as things stand; `mark` says whether they still stand so."""

    placed: tuple[Turn, ...]
    left_out: tuple[Turn, ...]

    @property
    def mark(self) -> str:
        told = "|".join(f"{one.person.pk},{one.kind.pk},{one.starts_at.isoformat()}" for one in self.placed)
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def preview(rota: Rota, *, site_id: int, now: datetime) -> Preview:
    """What the rota would give: leave, what is planned already and days off are left out. Six queries."""
    people, kinds = _check(rota, site_id)
    days = workdays.calendar(rota.starts_on, rota.until)
    wanted = list(_turns(rota, people, kinds))
    starts_at, ends_at = planned.midnight(rota.starts_on), planned.midnight(rota.until + 2 * planned.DAY)
    spans = {"person_id__in": rota.people, "starts_at__lt": ends_at, "ends_at__gt": starts_at}
    away, busy = defaultdict(list), defaultdict(list)
    for one in Absence.objects.filter(**spans):
        away[one.person_id].append(one)
    for other in Shift.objects.filter(removed_at__isnull=True, **spans):
        busy[other.person_id].append(other)
    judged = [_judged(turn, rota, days, away[turn.person.pk], busy[turn.person.pk], now) for turn in wanted]
    return Preview(
        placed=tuple(turn for turn in judged if turn.why is None),
        left_out=tuple(turn for turn in judged if turn.why is not None),
    )


def write(rota: Rota, *, site_id: int, mark: str, actor: User, now: datetime) -> tuple[Rotation, Preview]:
    """Plan the rota as it was shown (`mark`). Needs a transaction; locks its people."""
    shifts.locked(rota.people, site_id)
    found = preview(rota, site_id=site_id, now=now)
    if found.mark != mark:
        raise Outdated({"rota": _("预览之后值班表有了变化，请看过新的预览再确认。")})
    if not found.placed:
        raise Refused({"rota": _("没有可以排上的班次。")})
    made = Rotation.objects.create(
        post_id=rota.post_id,
        people=list(rota.people),
        pattern=list(rota.pattern),
        starts_on=rota.starts_on,
        until=rota.until,
        workdays_only=rota.workdays_only,
        made_by=actor,
        made_at=now,
    )
    Shift.objects.bulk_create(_row(turn, rota, now) for turn in found.placed)  # audited as one: the rotation
    return made, found


def _row(turn: Turn, rota: Rota, now: datetime) -> Shift:
    return Shift(
        post_id=rota.post_id,
        person=turn.person,
        kind=turn.kind,
        starts_at=turn.starts_at,
        ends_at=turn.ends_at,
        standby=turn.kind.standby,
        source=Shift.Source.ROTATION,
        changed_at=now,
    )


def _check(rota: Rota, site_id: int) -> tuple[list[Person], dict[str, ShiftKind]]:
    if not Post.objects.filter(pk=rota.post_id, site_id=site_id).exists():
        raise Refused({"post": _("本站没有这个岗位，请重新选择。")})
    if rota.until < rota.starts_on:
        raise Refused({"until": _("结束日期不能早于开始日期。")})
    if (rota.until - rota.starts_on).days >= LONGEST:
        raise Refused({"until": _("一次轮班最长 366 天。")})
    kinds = {kind.key: kind for kind in ShiftKind.objects.filter(site_id=site_id)}
    unknown = [key for key in rota.pattern if key and key not in kinds]
    if unknown or not any(rota.pattern) or len(rota.pattern) > MOST_STEPS:
        raise Refused({"pattern": _("班次顺序须由本站的班次组成，至少一个班，最多 31 天。")})
    found = {person.pk: person for person in Person.objects.filter(pk__in=rota.people, site_id=site_id)}
    if not rota.people or len(found) != len(rota.people) or len(rota.people) > MOST_PEOPLE:
        raise Refused({"people": _("请选择本站的人员，每人一次，最多 60 人。")})
    return [found[person_id] for person_id in rota.people], kinds


def _turns(rota: Rota, people: Sequence[Person], kinds: dict[str, ShiftKind]) -> Iterable[Turn]:
    for number in range((rota.until - rota.starts_on).days + 1):
        day = rota.starts_on + timedelta(days=number)
        for place, person in enumerate(people):
            key = rota.pattern[(number + place) % len(rota.pattern)]
            if key:
                yield Turn(person, kinds[key], day, *planned.span(kinds[key], day))


def _judged(
    turn: Turn,
    rota: Rota,
    days: dict[date, workdays.Known],
    away: Iterable[Absence],
    busy: Iterable[Shift],
    now: datetime,
) -> Turn:
    def touches(span: Absence | Shift) -> bool:
        return span.starts_at < turn.ends_at and turn.starts_at < span.ends_at

    why = None
    if rota.workdays_only and not days[turn.day].is_worked:
        why = Why.REST_DAY
    elif turn.starts_at < now:
        why = Why.PAST
    elif not turn.person.is_active:
        why = Why.LEFT
    elif any(map(touches, away)):
        why = Why.AWAY
    elif any(map(touches, busy)):
        why = Why.BUSY
    return Turn(turn.person, turn.kind, turn.day, turn.starts_at, turn.ends_at, why)
