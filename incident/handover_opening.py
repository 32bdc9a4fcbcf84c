"""A handover opens: by itself when the shift of a post that hands over changes, or by the button of either side."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from incident import access, acting, chain, confirming, handover_people, handover_record, proof, settle, writing
from incident.handover_people import Turn
from incident.live import topics
from incident.models import Duty, Handover, HandoverItem, Incident
from incident.models.incident import Mode
from incident.refusals import Invalid, NotNow
from incident.story import Story
from staffing import directory, rights
from staffing.directory import Held
from staffing.models import Person, Post, Shift, Site

if TYPE_CHECKING:
    from staffing.models import User

log = logging.getLogger(__name__)

LOOKS_BACK = timedelta(hours=1)  # a change of shift that the console slept through is still opened so much later
LOOKS_AHEAD = timedelta(hours=2)  # a handover by hand belongs to the change of shift that is so near
LONGEST_SHIFT = timedelta(days=2)

# Starts and ends of shifts of the posts that hand over; both sides use the index of a post's shifts.
_CHANGES = """
    SELECT DISTINCT post.site_id, post.key, change.at
    FROM staffing_post AS post
    CROSS JOIN LATERAL (
        SELECT shift.starts_at AS at FROM staffing_shift AS shift
        WHERE shift.post_id = post.id AND shift.removed_at IS NULL AND NOT shift.standby
            AND shift.starts_at > %(since)s AND shift.starts_at <= %(now)s
        UNION
        SELECT shift.ends_at FROM staffing_shift AS shift
        WHERE shift.post_id = post.id AND shift.removed_at IS NULL AND NOT shift.standby
            AND shift.starts_at > %(longest)s AND shift.starts_at <= %(now)s
            AND shift.ends_at > %(since)s AND shift.ends_at <= %(now)s
    ) AS change
    WHERE post.hands_over AND NOT EXISTS (
        SELECT FROM incident_handover AS handover
        WHERE handover.site_id = post.site_id AND handover.post = post.key AND handover.shift_at = change.at
    )
    ORDER BY change.at, post.site_id, post.key
"""


@dataclass(frozen=True)
class Change:
    """The shift of a post changes at a moment."""

    site_id: int
    post: str
    at: datetime


def changes(*, now: datetime) -> list[Change]:
    """The changes of shift of the last hour that have no handover. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, {"now": now, "since": now - LOOKS_BACK, "longest": now - LONGEST_SHIFT})
        return [Change(*row) for row in cursor.fetchall()]


def open_due(*, now: datetime) -> list[str]:
    """Open the handover of every change of shift that has none; what failed, in words, and it is tried again."""
    failed = []
    for change in changes(now=now):
        try:
            turn = handover_people.at_the_change(change.site_id, change.post, change.at)
            if turn.is_change:  # somebody who goes on hands over to nobody
                _open(change, turn, now=now)
        except Exception as reason:  # one change must not keep the others waiting
            if isinstance(reason, OperationalError) and not connection.is_usable():
                raise
            log.exception("opening the handover of %s failed", change)
            failed.append(f"{type(reason).__name__}: {reason}")
    return failed


@transaction.atomic
def open_by_hand(
    *, site_id: int, post: str, actor: "User", now: datetime, gives: bool, to_person: int | None = None
) -> Handover:
    """Open one by the button of whoever goes (`gives`) or comes. It belongs to the next change of shift if one is near.

    Locks the post, so that two who press at once open one. Raises Http404, Denied, Invalid, NotNow.
    """
    access.check(actor, site_id, rights.WORK)
    known = Post.objects.select_for_update(no_key=True).filter(site_id=site_id, key=post, hands_over=True)
    if known.first() is None:
        raise Invalid({"post": _("这个岗位不需要交接班，请从列表中选择。")})
    running = Handover.objects.filter(site_id=site_id, post=post, due_at__isnull=False).exists()
    change = Change(site_id, post, _moment(site_id, post, now))
    if running or Handover.objects.filter(site_id=site_id, post=post, shift_at=change.at).exists():
        raise NotNow(_("这个岗位的交接班已经打开，请在下面逐项接手。"))
    here = handover_people.present(site_id, post, now)
    mine = tuple(held for held in here if held.user_id == actor.pk)
    if gives and not mine and not rights.is_allowed(actor, rights.DECIDE, site_id):
        raise NotNow(_("您现在不在这个岗位上，不能交班；接班请按“接班”。"))
    if not gives and mine:
        raise NotNow(_("您已经在这个岗位上。要交班请按“交班”。"))
    coming = _chosen(site_id, post, change.at, to_person, here) if gives else (_self(site_id, post, actor),)
    turn = Turn(mine or here, coming)
    opened = _open(change, turn, now=now)
    if opened is None:
        raise NotNow(_("这个岗位的交接班已经打开，请在下面逐项接手。"))
    return opened


def next_change(site_id: int, post: str, now: datetime) -> datetime | None:
    """When the next shift of the post starts, if that is near. One query."""
    near = Shift.objects.filter(
        post__site_id=site_id, post__key=post, removed_at=None, standby=False,
        starts_at__gt=now, starts_at__lte=now + LOOKS_AHEAD,
    )  # fmt: skip
    return near.order_by("starts_at").values_list("starts_at", flat=True).first()


def _moment(site_id: int, post: str, now: datetime) -> datetime:
    return next_change(site_id, post, now) or now.replace(microsecond=0)


def _chosen(site_id: int, post: str, at: datetime, to_person: int | None, here: Sequence[Held]) -> tuple[Held, ...]:
    """Who comes: the person named, or else whom the roster says."""
    gone = {held.person_id for held in here}
    if to_person is None:
        return tuple(held for held in handover_people.present(site_id, post, at) if held.person_id not in gone)
    person = Person.objects.filter(pk=to_person, site_id=site_id, is_active=True).select_related("user").first()
    if person is None or person.pk in gone:
        raise Invalid({"to": _("请从列表中选择接班人，不能是交班人自己。")})
    return (_as_held(person, post),)


def _self(site_id: int, post: str, actor: "User") -> Held:
    person = Person.objects.filter(site_id=site_id, user=actor, is_active=True).select_related("user").first()
    if person is not None:
        return _as_held(person, post)
    return Held(0, str(actor), actor.pk, actor.language, 0, (), post)


def _as_held(person: Person, post: str) -> Held:
    user = person.user if person.user and person.user.is_active else None
    return Held(person.pk, person.name, user.pk if user else None, person.language, 0, (), post)


def _open(change: Change, turn: Turn, *, now: datetime) -> Handover | None:
    """Write the handover with its items and its record; None where another process has just done so.

    Where nobody comes, every incident says so at once and the supervisor is told.
    """
    site = Site.objects.get(pk=change.site_id)
    window = now + timedelta(minutes=site.handover_minutes)
    with transaction.atomic():
        keys = _live(site)
        stories = [] if turn.coming else _stories(keys, now)
        proof.hold(keys)  # the items name them
        made = Handover(
            site=site, post=change.post, shift_at=change.at,
            from_name=handover_people.names(turn.leaving), from_user_id=_user(turn.leaving),
            to_name=handover_people.names(turn.coming), to_user_id=_user(turn.coming),
            opened_at=now, window_ends_at=window,
        )  # fmt: skip
        made.record = handover_record.freeze(site, since=_since(change, turn), now=now)
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError:
            return None
        if _items(made, turn, keys):
            made.due_at = window
            made.save(update_fields=["due_at"])
        for story in stories:
            _say_gap(story, made)
        if stories:
            writing.save(*stories)
        else:
            topics.touch({topics.user(user): set() for user in (made.from_user_id, made.to_user_id) if user})
    return made


def _user(people: Sequence[Held]) -> int | None:
    return next((held.user_id for held in people if held.user_id), None)


def _since(change: Change, turn: Turn) -> datetime:
    """When the shift that ends began; for one who was appointed, the day before."""
    ids = [held.person_id for held in turn.leaving]
    began = Shift.objects.filter(
        post__site_id=change.site_id, post__key=change.post, person_id__in=ids, removed_at=None,
        starts_at__lt=change.at, starts_at__gt=change.at - LONGEST_SHIFT,
    )  # fmt: skip
    return began.order_by("-starts_at").values_list("starts_at", flat=True).first() or change.at - timedelta(days=1)


def _live(site: Site) -> list[int]:
    """Every open real incident of the site, in order of id."""
    live = Incident.objects.live().filter(site=site, mode=Mode.REAL)
    return list(live.order_by("id").values_list("pk", flat=True))


def _items(made: Handover, turn: Turn, keys: Sequence[int]) -> int:
    """Those incidents that are open still, and every open duty in them that those who go still hold."""
    live = Incident.objects.live().filter(pk__in=keys)
    items = [HandoverItem(handover=made, incident_id=key) for key in live.order_by("id").values_list("pk", flat=True)]
    users = [held.user_id for held in turn.leaving if held.user_id]
    nameless = [held.name for held in turn.leaving if not held.user_id]
    duties = (
        Duty.objects.filter(incident__in=live, state=Duty.State.OPEN)
        .filter(Q(holder_user__in=users) | Q(holder_user=None, holder__in=nameless))
        .exclude(kind="prohibition")
        .exclude(post=confirming.POST)
    )
    for duty_id, incident_id in duties.order_by("incident_id", "id").values_list("pk", "incident_id"):
        items.append(HandoverItem(handover=made, incident_id=incident_id, duty_id=duty_id))
    HandoverItem.objects.bulk_create(items)
    return len(items)


def _stories(keys: Sequence[int], now: datetime) -> list[Story]:
    """The incidents under their locks, in order of id."""
    stories = [Story(acting.locked(key), None, now) for key in keys]
    for story in stories:
        settle.settle(story)
    return stories


def _say_gap(story: Story, made: Handover) -> None:
    if not story.incident.is_open:
        return
    people = handover_people.supervisors(made.site_id, story.now, but=[made.from_user_id])
    zh, en = directory.post_names(made.site_id).get(made.post, (made.post, made.post))
    with story.as_system():
        chain.write(
            story, "handover_gap", post=made.post, post_zh=zh, post_en=en, person=made.from_name,
            shift_at=made.shift_at.isoformat(), until=made.window_ends_at.isoformat(),
        )  # fmt: skip
        story.call(
            confirming.POST, "handover_gap", at=story.at, people=people, late_post_zh=zh, late_post_en=en,
            late_person=made.from_name,
        )  # fmt: skip
