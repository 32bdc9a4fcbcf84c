"""Somebody who was asked to come answers: knows, comes in so many minutes, is there, or cannot come.

The signed link, the screen and the telephone written down by another end here. The caller has checked who may answer.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from incident import acting, arrivals, clock, running, settle, summoning, telling, writing
from incident.models import CallOut, Summons
from incident.refusals import AlreadyDone, Invalid, NotNow
from incident.story import Story
from notices import outbox
from notices.outbox import Result
from staffing import callouts
from staffing.callouts import Offer, State

if TYPE_CHECKING:
    from staffing.models import User

ACKNOWLEDGE, COME, ARRIVE, REFUSE = "acknowledge", "come", "arrive", "refuse"
MOST_MINUTES = 12 * 60
GIVEN_UP = frozenset({State.REFUSED, State.SILENT, State.NO_SHOW})
BY_HAND = "by"  # somebody else wrote it down


def answer(
    *,
    summons_id: int,
    what: str,
    by: str,
    via: str,
    now: datetime,
    actor: "User | None" = None,
    minutes: int | None = None,
    coming_at: datetime | None = None,
    arrived_at: datetime | None = None,
    reason: str = "",
) -> Summons:
    """Take one answer; it can be changed until the person is there.

    `coming_at` and `arrived_at` are on the incident's clock; `minutes` from now is another way to say the first.
    Raises Summons.DoesNotExist, AlreadyDone, NotNow, Invalid.
    """
    incident_id = Summons.objects.values_list("incident_id", flat=True).get(pk=summons_id)
    with transaction.atomic():
        story = Story(incident=acting.locked(incident_id), actor=actor, now=now)
        settle.settle(story)
        running.need_open(story)
        one = next(one for one in story.summons if one.pk == summons_id)
        call_out = next((found for found in story.call_outs if found.pk == one.call_out_id), None)
        if minutes is not None:
            coming_at = _after(story, minutes)
        _check(story, one, call_out, what)
        _check_times(story, one, what, coming_at, arrived_at, reason)
        _take_notice(story, one, by=by, via=via)
        _apply(story, one, call_out, what, by=by, via=via, at=arrived_at or coming_at, reason=reason.strip())
        if call_out is not None:
            summoning.advance(story, call_out)
        settle.settle(story)
        writing.save(story)
        return one


def _after(story: Story, minutes: int) -> datetime:
    if not 0 < minutes <= MOST_MINUTES:
        raise Invalid({"minutes": _("分钟数应在 1 到 %d 之间。") % MOST_MINUTES})
    return story.at + timedelta(minutes=minutes)


def _check(story: Story, one: Summons, call_out: CallOut | None, what: str) -> None:
    """Refuse what makes no difference any more, and say why."""
    if what not in (ACKNOWLEDGE, COME, ARRIVE, REFUSE):
        raise Invalid({"what": _("请选择：收到、我来、已到，或不能来。")})
    if one.state == State.ARRIVED and one.arrived_at is not None:
        when = f"{one.arrived_at.astimezone(clock.ZONE):%H:%M}"
        raise AlreadyDone(_("%(who)s 已在 %(when)s 记为已到，没有重复记录。") % {"who": one.name, "when": when})
    if what == REFUSE and one.state == State.REFUSED:
        raise AlreadyDone(_("%s 已经答复不能来，没有重复记录。") % one.name)
    if what == ACKNOWLEDGE and one.state in callouts.PROMISED:
        raise AlreadyDone(_("%s 已经答复，没有重复记录。") % one.name)
    if call_out is None:
        return
    is_over = call_out.state == CallOut.State.CLOSED and one.state not in callouts.PROMISED
    if one.state == State.STOOD_DOWN or is_over:
        raise NotNow(_("召集已经停止，不用来了，谢谢。"))
    late = what == ARRIVE and one.state == State.NO_SHOW  # is there after all
    is_back = one.state in GIVEN_UP and what != REFUSE and not late
    if is_back and not callouts.may_promise(summoning.tally(story, call_out, without=one)):
        raise NotNow(_("人已经够了，不用来了，谢谢。"))


def _check_times(
    story: Story, one: Summons, what: str, coming_at: datetime | None, arrived_at: datetime | None, reason: str
) -> None:
    if what == REFUSE and not reason.strip():
        raise Invalid({"reason": _("请选择或写明不能来的理由。")})
    if what == COME and one.offer != Offer.EXTEND and coming_at is None:
        raise Invalid({"minutes": _("请说大约多久能到。")})
    if what == COME and coming_at is not None and coming_at < story.at:
        raise Invalid({"coming_at": _("到达时间已经过去，请填将来的时间；已经到了请按“已到”。")})
    if what == COME and coming_at is not None and coming_at > story.at + timedelta(minutes=MOST_MINUTES):
        raise Invalid({"coming_at": _("到达时间太远，请核对。")})
    if what != ARRIVE or arrived_at is None:
        return
    if arrived_at > story.at:
        raise Invalid({"arrived_at": _("时间在将来，请填已经发生的时间。")})
    if arrived_at < one.told_at:
        told = f"{one.told_at.astimezone(clock.ZONE):%H:%M}"
        raise Invalid({"arrived_at": _("到达时间早于通知时间 %s，请核对。") % told})


def _take_notice(story: Story, one: Summons, *, by: str, via: str) -> None:
    """Whatever is answered, the notice is answered with it."""
    if one.notice_id is None:
        return
    user_id = story.actor.pk if story.actor is not None and via != BY_HAND else None
    taken = outbox.acknowledge(one.notice_id, by=by, user_id=user_id, via=via, now=story.now)
    if taken.result == Result.FIRST:
        telling.answered(story, taken, by=by, via=via)


def _apply(
    story: Story, one: Summons, call_out: CallOut | None, what: str, *, by: str, via: str, at: datetime | None,
    reason: str,
) -> None:  # fmt: skip
    if what == ACKNOWLEDGE:
        if one.state != State.ACKNOWLEDGED:  # else the notice has brought it
            _back(one)
            summoning.know(story, one, by=by, via=via)
        return
    before = one.state
    summoning.signed(one, by=by, via=via)
    if what == REFUSE:
        _refuse(story, one, reason=reason, had_promised=before in callouts.PROMISED and one.coming_at is not None)
        return
    _back(one)
    one.acknowledged_at = one.acknowledged_at or story.at
    if call_out is not None and one.state != State.ON_THE_WAY:
        summoning.promised(story, call_out, one)
    if what == ARRIVE or one.offer == Offer.EXTEND:  # who stays on is there already
        _arrive(story, one, at=(at if what == ARRIVE else None) or story.at, by=by)
    else:
        _come(story, one, at=at or story.at, is_late=call_out is not None and at is not None and at > call_out.by_at)


def _back(one: Summons) -> None:
    """What had been given up counts again."""
    one.ended_at, one.reason = None, ""


def _come(story: Story, one: Summons, *, at: datetime, is_late: bool) -> None:
    again = one.state == State.ON_THE_WAY
    one.state, one.coming_at, one.set_out_at = State.ON_THE_WAY, at, one.set_out_at or story.at
    story.change_summons(one)
    summoning.write(story, "summons_coming", one, coming_at=at.isoformat(), again=again, late=is_late)


def _arrive(story: Story, one: Summons, *, at: datetime, by: str) -> None:
    one.state, one.arrived_at = State.ARRIVED, at
    story.change_summons(one)
    duty = arrivals.of(story, one)
    until = one.until_at.isoformat() if one.offer == Offer.EXTEND and one.until_at else ""
    summoning.write(story, "summons_arrived", one, at=at, site=duty is not None, until_at=until)
    if duty is not None:
        arrivals.arrived(story, one, duty, by=one.name)


def _refuse(story: Story, one: Summons, *, reason: str, had_promised: bool) -> None:
    summoning.end(story, one, State.REFUSED, at=story.at, reason=reason)
    summoning.write(story, "summons_refused", one, reason=one.reason, had_promised=had_promised)
    duty = arrivals.of(story, one)
    if duty is not None:
        arrivals.ask_next(story, duty)
