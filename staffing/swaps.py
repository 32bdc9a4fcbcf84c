"""Swaps: somebody asks that another take a shift, perhaps for one of theirs; somebody else decides.

Asked by whose shift it is, or by a lead for them. Decided with the right to plan, but never by who asked or gains.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from staffing import rights, shifts
from staffing.models import Shift, Swap, User
from staffing.shifts import NotYours, Outdated, Refused, Slot

REASON = 200


def may_ask(user: User, shift: Shift) -> bool:
    """Whose shift it is, and whoever leads or plans."""
    site_id = shift.post.site_id
    return shift.person.user_id == user.pk or any(
        rights.is_allowed(user, verb, site_id) for verb in (rights.ROSTER, rights.WORK)
    )


def may_decide(user: User, swap: Swap) -> bool:
    """With the right to plan; not who asked, not whose shift it is, and not who would take it."""
    shift = swap.shift
    return rights.is_allowed(user, rights.ROSTER, shift.post.site_id) and user.pk not in (
        swap.asked_by_id,
        shift.person.user_id,
        swap.to_person.user_id,
    )


def ask(
    *,
    shift_id: int,
    site_id: int,
    seen: int | None,
    to_person_id: int,
    back_shift_id: int | None,
    reason: str,
    actor: User,
    now: datetime,
) -> Swap:
    """Ask for a swap; the roster stays as it is until somebody approves."""
    shift = shifts.find(shift_id, site_id, seen)
    if not may_ask(actor, shift):
        raise NotYours({"shift": _("只有本人、值班班长、主管或管理员可以为这个班次申请换班。")})
    if shift.starts_at <= now:
        raise Refused({"shift": _("这个班次已经开始，不能再换。可以安排临时顶替。")})
    if to_person_id == shift.person_id:
        raise Refused({"person": _("请选择另一个人。")})
    shifts.locked([shift.person_id, to_person_id], site_id)
    if Swap.objects.filter(shift=shift, state=Swap.State.ASKED).exists():
        raise Outdated({"shift": _("这个班次已有一份换班申请在等批准。")})
    back = _back(shift, to_person_id, back_shift_id, site_id, now)
    _check(shift, back, to_person_id, site_id)
    return Swap.objects.create(
        shift=shift,
        to_person_id=to_person_id,
        back_shift=back,
        reason=reason.strip()[:REASON],
        asked_by=actor,
        asked_at=now,
    )


def approve(*, swap_id: int, site_id: int, actor: User, now: datetime) -> Swap:
    """The two change places; both learn of it with the next edition of the week."""
    swap = _open(swap_id, site_id)
    _check_decider(actor, swap)
    back = swap.back_shift
    if back is not None and back.removed_at is not None:
        raise Outdated({"swap": _("要换回的班次已被移除，不能批准。请退回后重新申请。")})
    if swap.shift.starts_at <= now:
        raise Refused({"swap": _("这个班次已经开始，不能再换。可以安排临时顶替。")})
    first, second = swap.shift, swap.to_person_id
    _check(first, back, second, site_id)
    owner = first.person_id
    shifts.move(_slot(first, second), shift_id=first.pk, site_id=site_id, seen=None, now=now, double=True,
                source=Shift.Source.SWAP)  # fmt: skip
    if back is not None:
        shifts.move(_slot(back, owner), shift_id=back.pk, site_id=site_id, seen=None, now=now, double=True,
                    source=Shift.Source.SWAP)  # fmt: skip
    return _decide(swap, Swap.State.APPROVED, actor, now)


def refuse(*, swap_id: int, site_id: int, reason: str, actor: User, now: datetime) -> Swap:
    """Everything stays; whoever asked reads why."""
    swap = _open(swap_id, site_id)
    _check_decider(actor, swap)
    if not reason.strip():
        raise Refused({"reason": _("请写明不批准的理由。")})
    return _decide(swap, Swap.State.REFUSED, actor, now, reason)


def withdraw(*, swap_id: int, site_id: int, actor: User, now: datetime) -> Swap:
    """Taken back by who asked, or by whose shift it is."""
    swap = _open(swap_id, site_id)
    if actor.pk not in (swap.asked_by_id, swap.shift.person.user_id):
        raise NotYours({"swap": _("只有申请人可以撤回换班申请。")})
    return _decide(swap, Swap.State.WITHDRAWN, actor, now)


def _open(swap_id: int, site_id: int) -> Swap:
    """The swap, locked and still waiting, with the shifts as they are now. Raises Swap.DoesNotExist for other sites'.

    Its people are locked before it, as by whoever plans: a shift that goes takes its swap with it.
    """
    known = Swap.objects.values_list("shift__person_id", "to_person_id")
    shifts.locked(known.get(pk=swap_id, shift__post__site_id=site_id), site_id)
    swap = (
        Swap.objects.select_for_update(of=("self",), no_key=True)
        .select_related("shift__person", "shift__post", "to_person", "back_shift__post", "back_shift__person")
        .get(pk=swap_id, shift__post__site_id=site_id)
    )
    if swap.state != Swap.State.ASKED:
        raise Outdated({"swap": _("这份换班申请已经处理过：%s。") % swap.get_state_display()})
    return swap


def _check_decider(actor: User, swap: Swap) -> None:
    if not may_decide(actor, swap):
        raise NotYours({"swap": _("换班须由另一位有排班权限的人批准，申请人和换班本人不能自批。")})


def _back(shift: Shift, to_person_id: int, back_id: int | None, site_id: int, now: datetime) -> Shift | None:
    if back_id is None:
        return None
    back = Shift.objects.select_related("post", "person").filter(
        pk=back_id, post__site_id=site_id, removed_at__isnull=True
    ).first()  # fmt: skip
    if back is None or back.person_id != to_person_id:
        raise Refused({"back": _("要换回的班次不是对方的，请重新选择。")})
    if back.starts_at <= now:
        raise Refused({"back": _("要换回的班次已经开始，不能再换。")})
    return back


def _check(shift: Shift, back: Shift | None, to_person_id: int, site_id: int) -> None:
    """Each could work the other's shift, were their own gone. Locks both."""
    people = {one.pk: one for one in shifts.locked({shift.person_id, to_person_id}, site_id)}
    leaving = [one.pk for one in (shift, back) if one is not None]
    shifts.check(people[to_person_id], shift.post, _slot(shift, to_person_id), leaving=leaving)
    if back is not None:
        shifts.check(people[shift.person_id], back.post, _slot(back, shift.person_id), leaving=leaving)


def _slot(shift: Shift, person_id: int) -> Slot:
    return Slot(
        post_id=shift.post_id,
        person_id=person_id,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        kind_id=shift.kind_id,
        standby=shift.standby,
    )


def _decide(swap: Swap, state: str, actor: User, now: datetime, reason: str = "") -> Swap:
    swap.state = state
    swap.decided_by, swap.decided_at, swap.decided_reason = actor, now, reason.strip()[:REASON]
    swap.save(update_fields=["state", "decided_by", "decided_at", "decided_reason"])
    return swap
