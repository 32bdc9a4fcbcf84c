"""What people do about duties: fulfil them, or waive them with a reason."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from incident import acting, clock, confirming, moments, opening, running
from incident.models import Duty
from incident.refusals import AlreadyDone, Invalid, NotNow
from incident.story import Story

if TYPE_CHECKING:
    from staffing.models import User


def complete(
    *,
    duty_id: int,
    actor: "User",
    now: datetime,
    note: str = "",
    choice: str = "",
    done_at: datetime | None = None,
) -> Duty:
    """Fulfil a duty. `done_at` (incident clock): when it was really done, if earlier; lateness is not undone by it.

    A decision needs one of its choices; a life-safety call needs no approval. Raises AlreadyDone, NotNow, Invalid.
    """
    incident_id = Duty.objects.values_list("incident_id", flat=True).get(pk=duty_id)
    with acting.act(incident_id, actor=actor, now=now, verb="incident.work") as story:
        duty = _open(story, duty_id)
        if duty.kind == "prohibition":
            raise NotNow(_("禁止事项在事件结束前一直有效，不需要打勾。"))
        if duty.rule.startswith(confirming.PREFIX):
            raise NotNow(_("请在“为什么是这个级别”中确认或否决。"))
        moments.check(story, done_at, field="done_at", not_before=story.incident.occurred_at)
        opening.finish(
            story, duty, by=str(actor), at=done_at, note=note.strip()[:500], choice=_choice(story, duty, choice)
        )
        return duty


def waive(*, duty_id: int, actor: "User", now: datetime, reason: str) -> Duty:
    """Say that a duty will not be done, and why. Raises AlreadyDone, NotNow, Invalid."""
    incident_id = Duty.objects.values_list("incident_id", flat=True).get(pk=duty_id)
    with acting.act(incident_id, actor=actor, now=now, verb="incident.decide") as story:
        duty = _open(story, duty_id)
        if not reason.strip():
            raise Invalid({"reason": _("请写明不做的理由。")})
        if duty.rule.startswith(confirming.PREFIX):
            raise NotNow(_("请在“为什么是这个级别”中确认或否决。"))
        opening.waive(story, [duty], at=story.at, reason=reason.strip()[:500], by_system=False)
        return duty


def _open(story: Story, duty_id: int) -> Duty:
    duty = next(duty for duty in story.duties if duty.pk == duty_id)
    if duty.state == Duty.State.OPEN:
        running.need(story)
        return duty
    if duty.state == Duty.State.WAIVED:
        raise NotNow(_("这项职责已经不再需要，请看时间线。"))
    when = duty.done_at.astimezone(clock.ZONE) if duty.done_at else story.at
    raise AlreadyDone(
        _("%(who)s 已在 %(when)s 完成这项职责，没有重复记录。") % {"who": duty.done_name, "when": f"{when:%H:%M:%S}"}
    )


def _choice(story: Story, duty: Duty, choice: str) -> str:
    choices = {option.key for option in opening.story_rule(story, duty.rule).choices}
    if choices and choice not in choices:
        raise Invalid({"choice": _("这是一项决定，请选择结果。")})
    return choice if choices else ""
