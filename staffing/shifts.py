"""Shifts as they are planned by hand: add, move, remove, stand in. Every step needs a transaction and locks its people.

What can't be done is a `Refused` with a sentence for each field. A shift that has begun is part of the record: it is
changed only with a reason. Each change raises `sequence` and `changed_at`, from which calendars and editions learn.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from staffing import planned
from staffing.models import Absence, Person, Post, Shift, ShiftKind, Swap

LONGEST_ON_DUTY = timedelta(hours=24)
LONGEST_STANDBY = timedelta(days=31)
NOTE = 120


class Refused(Exception):
    """A step that can't be taken; nothing was changed. `fields` maps a field of its form to a sentence."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


class Outdated(Refused):
    """The page showed an older roster than the one the step would change."""


class NotYours(Refused):
    """The step needs somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Who is to be where, when."""

    post_id: int
    person_id: int
    starts_at: datetime
    ends_at: datetime
    kind_id: int | None = None
    standby: bool = False


def add(
    slot: Slot,
    *,
    site_id: int,
    now: datetime,
    is_override: bool = False,
    source: str = Shift.Source.HAND,
    note: str = "",
    reason: str = "",
    double: bool = False,
) -> Shift:
    """Plan a person on a post. `double` allows a second post at the same time; in the past it needs a reason."""
    post, kind = _post(site_id, slot.post_id), _kind(site_id, slot.kind_id)
    _check_span(slot.starts_at, slot.ends_at, standby=slot.standby)
    _check_past(slot.starts_at, now, reason)
    (person,) = locked([slot.person_id], site_id)
    check(person, post, slot, double=double)
    made = Shift(is_override=is_override, source=source, note=_note(note, reason), changed_at=now)
    return _placed(made, slot, person, post, kind)


def move(
    slot: Slot,
    *,
    shift_id: int,
    site_id: int,
    seen: int | None,
    now: datetime,
    reason: str = "",
    double: bool = False,
    source: str = "",
) -> Shift:
    """Change where, when or by whom a shift is worked; `seen` is the sequence that the page showed.

    Another person, or another week, is another shift: the old one is taken away, so that whose calendar it stood in
    hears of it. Otherwise the shift stays the same event.
    """
    shift = find(shift_id, site_id, seen)
    people = {one.pk: one for one in locked({shift.person_id, slot.person_id}, site_id)}
    shift = find(shift_id, site_id, seen)  # somebody may have been first
    post, kind = _post(site_id, slot.post_id), _kind(site_id, slot.kind_id)
    _check_span(slot.starts_at, slot.ends_at, standby=slot.standby)
    _check_past(min(slot.starts_at, shift.starts_at), now, reason)
    person = people[slot.person_id]
    check(person, post, slot, double=double, leaving=[shift.pk])
    note = _note(shift.note, reason)
    if person.pk != shift.person_id or _week(slot.starts_at) != _week(shift.starts_at):
        _gone(shift, now)
        shift = Shift(is_override=shift.is_override, source=source or shift.source, changed_at=now)
    else:
        _touched(shift, now)
    shift.note = note
    return _placed(shift, slot, person, post, kind)


def remove(*, shift_id: int, site_id: int, seen: int | None, now: datetime, reason: str = "") -> Shift:
    """Take a shift out of the roster; the row stays, for calendars and for the record."""
    shift = find(shift_id, site_id, seen)
    locked([shift.person_id], site_id)
    shift = find(shift_id, site_id, seen)
    _check_past(shift.starts_at, now, reason)
    shift.note = _note(shift.note, reason)
    return _gone(shift, now)


def stand_in(
    *,
    shift_id: int,
    site_id: int,
    seen: int | None,
    person_id: int,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    note: str = "",
    reason: str = "",
    double: bool = False,
) -> Shift:
    """Somebody stands in for a part or the whole of a shift, which stays: whoever asks finds the stand-in first."""
    shift = find(shift_id, site_id, seen)
    if person_id == shift.person_id:
        raise Refused({"person": _("顶替的人不能是本人。")})
    if not shift.starts_at <= starts_at < shift.ends_at or ends_at > shift.ends_at:
        raise Refused({"starts": _("顶替的时间须在这个班次之内。")})
    slot = Slot(
        post_id=shift.post_id,
        person_id=person_id,
        starts_at=starts_at,
        ends_at=ends_at,
        kind_id=shift.kind_id,
        standby=shift.standby,
    )
    note = note or _("顶替%(name)s") % {"name": shift.person.name}
    return add(slot, site_id=site_id, now=now, is_override=True, note=note, reason=reason, double=double)


def find(shift_id: int, site_id: int, seen: int | None = None) -> Shift:
    """The shift, still planned and as it was seen. Raises Shift.DoesNotExist for those of other sites, Outdated."""
    shift = Shift.objects.select_related("person", "post", "kind").get(pk=shift_id, post__site_id=site_id)
    if shift.removed_at is not None:
        raise Outdated({"shift": _("这个班次已被移除，未作任何改动。请看过最新的值班表后再操作。")})
    if seen is not None and seen != shift.sequence:
        raise Outdated({"shift": _("这个班次在您打开之后已被改动，未作任何改动。请看过最新的值班表后再操作。")})
    return shift


def locked(people: Iterable[int], site_id: int) -> list[Person]:
    """The people of the site, locked in order of id, so that two plans for one person wait for each other."""
    wanted = sorted(set(people))
    found = list(
        Person.objects.select_for_update(no_key=True).filter(pk__in=wanted, site_id=site_id).order_by("pk")
    )  # fmt: skip
    if len(found) != len(wanted):
        raise Refused({"person": _("此人不属于本站点，请重新选择。")})
    return found


def check(person: Person, post: Post, slot: Slot, *, double: bool = False, leaving: Iterable[int] = ()) -> None:
    """Raises Refused where the person has left, is away, or is planned already. `leaving`: shifts that go away."""
    if not person.is_active:
        raise Refused({"person": _("%(name)s已离职或停用，不能排班。") % {"name": person.name}})
    touching = {"person": person, "starts_at__lt": slot.ends_at, "ends_at__gt": slot.starts_at}
    away = Absence.objects.filter(**touching).order_by("starts_at").first()
    if away is not None:
        words = {"name": person.name, "what": away.get_reason_display(), **times(away.starts_at, away.ends_at)}
        raise Refused({"person": _("%(name)s在 %(from)s 至 %(to)s %(what)s，不能排班。") % words})
    other = Shift.objects.filter(removed_at__isnull=True, **touching).exclude(pk__in=list(leaving))
    for one in other.select_related("post").order_by("starts_at"):
        words = {"name": person.name, "post": called(one.post), **times(one.starts_at, one.ends_at)}
        if one.post_id == post.pk:
            raise Refused({"person": _("%(name)s在 %(from)s 至 %(to)s 已排在这个岗位，时间重叠。") % words})
        if not (double or slot.standby or one.standby):
            sentence = _("%(name)s在 %(from)s 至 %(to)s 已排在“%(post)s”，时间重叠。")
            raise Refused({"double": sentence % words})


def _check_span(starts_at: datetime, ends_at: datetime, *, standby: bool) -> None:
    if ends_at <= starts_at:
        raise Refused({"ends": _("结束时间须晚于开始时间。")})
    if not standby and ends_at - starts_at > LONGEST_ON_DUTY:
        raise Refused({"ends": _("一个班次最长 24 小时，请分成几个班次。")})
    if ends_at - starts_at > LONGEST_STANDBY:
        raise Refused({"ends": _("一次备班最长 31 天，请分成几次。")})


def _check_past(starts_at: datetime, now: datetime, reason: str) -> None:
    if starts_at < now and not reason.strip():
        raise Refused({"reason": _("这个班次已经开始或已过去，改动须写明理由。")})


def _post(site_id: int, post_id: int) -> Post:
    post = Post.objects.filter(pk=post_id, site_id=site_id).first()
    if post is None:
        raise Refused({"post": _("本站没有这个岗位，请重新选择。")})
    return post


def _kind(site_id: int, kind_id: int | None) -> ShiftKind | None:
    if kind_id is None:
        return None
    kind = ShiftKind.objects.filter(pk=kind_id, site_id=site_id).first()
    if kind is None:
        raise Refused({"kind": _("本站没有这个班次，请重新选择。")})
    return kind


def _placed(shift: Shift, slot: Slot, person: Person, post: Post, kind: ShiftKind | None) -> Shift:
    """Written as the slot says. Somebody who does not lock people, an import say, may have been first."""
    shift.person, shift.post, shift.kind = person, post, kind
    shift.starts_at, shift.ends_at, shift.standby = slot.starts_at, slot.ends_at, slot.standby
    try:
        with transaction.atomic():
            shift.save()
    except IntegrityError:
        raise Refused({"person": _("此人在这段时间刚刚被排在这个岗位，时间重叠。")}) from None
    return shift


def _touched(shift: Shift, now: datetime) -> None:
    shift.sequence += 1
    shift.changed_at = now


def _gone(shift: Shift, now: datetime) -> Shift:
    _touched(shift, now)
    shift.removed_at = now
    shift.save()
    Swap.objects.filter(shift=shift, state=Swap.State.ASKED).update(state=Swap.State.WITHDRAWN, decided_at=now)
    return shift


def _note(note: str, reason: str) -> str:
    """What is said of the shift: its note, and behind it why it was changed after it had begun."""
    return " · ".join(filter(None, (note.strip(), reason.strip())))[-NOTE:]


def _week(moment: datetime) -> tuple[int, int]:
    year, week, _day = moment.astimezone(planned.ZONE).isocalendar()
    return year, week


def called(post: Post) -> str:
    """Its name in the reader's language."""
    in_english = (get_language() or "").startswith("en")
    return (in_english and post.en) or post.zh


def times(starts_at: datetime, ends_at: datetime) -> dict[str, str]:
    """A span for a sentence: 12-15 08:00, in the zone of the sites."""
    local = [moment.astimezone(planned.ZONE) for moment in (starts_at, ends_at)]
    return {"from": f"{local[0]:%m-%d %H:%M}", "to": f"{local[1]:%m-%d %H:%M}"}
