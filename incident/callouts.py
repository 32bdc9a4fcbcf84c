"""Calling people in: open a call-out, change how many are wanted, stop it, write down who telephoned."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from incident import access, acting, answering, chain, clock, opening, running, summoning
from incident.models import CallOut, Duty, Summons
from incident.refusals import AlreadyDone, Denied, Invalid
from incident.story import Story
from playbooks import law
from staffing import callouts, pool
from staffing.callouts import Candidate, Wave

if TYPE_CHECKING:
    from staffing.models import User

MOST = 500  # people in one call-out
LONGEST = timedelta(hours=24)
WAIT_SECONDS = 180
SHORTEST_WAIT, LONGEST_WAIT = 30, 3600


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody asks for. `quota` None: everybody who can be asked. Times are on the incident's clock."""

    post: str
    quota: int | None
    by_at: datetime
    until_at: datetime | None = None
    waves: Sequence[str] = ()
    duty_id: int | None = None
    wait_seconds: int = WAIT_SECONDS


def start(*, incident_id: int, actor: "User", now: datetime, client_key: uuid.UUID, wanted: Wanted) -> CallOut:
    """Call people in; the first are asked at once. The same `client_key` returns the first one.

    A shift lead may call in as many as the duty of the plan names, a supervisor any number.
    Raises Http404, Denied, NotNow, Invalid, AlreadyDone.
    """
    with acting.act(incident_id, actor=actor, now=now, verb="incident.work") as story:
        before = next((one for one in story.call_outs if one.client_key == client_key), None)
        if before is not None:
            return before
        running.need(story)
        duty = _duty(story, wanted)
        check_right(actor, story.incident.site_id, rule_of(story, duty), wanted.quota)
        _check(story, wanted)
        _refuse_twin(story, wanted)
        call_out = CallOut(
            incident=story.incident,
            duty=duty,
            post=wanted.post,
            quota=wanted.quota or MOST,
            by_at=wanted.by_at,
            until_at=wanted.until_at or wanted.by_at + summoning.NEEDED_HOURS,
            waves=list(wanted.waves),
            wait_seconds=wanted.wait_seconds,
            opened_by=actor,
            opened_at=story.at,
            client_key=client_key,
        )
        found = _candidates(story, call_out)
        if wanted.quota is None:
            call_out.quota = min(MOST, len(found))
        story.add_call_out(call_out)
        chain.write(
            story,
            "call_out_opened",
            post=call_out.post,
            quota=call_out.quota,
            all=wanted.quota is None,
            by_at=call_out.by_at.isoformat(),
            waves=call_out.waves,
        )
        summoning.advance(story, call_out)
        return call_out


def change_quota(*, call_out_id: int, actor: "User", now: datetime, quota: int) -> CallOut:
    """Want more or fewer; the same number looks for people once more. Whoever has promised stays.

    Raises Denied, NotNow, Invalid.
    """
    with acting.act(_incident_of(call_out_id), actor=actor, now=now, verb="incident.work") as story:
        running.need(story)
        call_out = _open(story, call_out_id)
        _check_quota(quota)
        duty = next((duty for duty in story.duties if duty.pk == call_out.duty_id), None)
        if quota > call_out.quota:
            check_right(actor, story.incident.site_id, rule_of(story, duty), quota)
        if quota != call_out.quota:
            chain.write(story, "call_out_quota", post=call_out.post, before=call_out.quota, quota=quota)
        call_out.quota, call_out.is_dry = quota, False
        summoning.advance(story, call_out)
        return call_out


def close(*, call_out_id: int, actor: "User", now: datetime, reason: str = "", also_coming: bool = False) -> CallOut:
    """Ask nobody any more. `also_coming`: nor is anybody needed who is on the way. Raises Denied, AlreadyDone."""
    with acting.act(_incident_of(call_out_id), actor=actor, now=now, verb="incident.work") as story:
        call_out = _open(story, call_out_id)
        summoning.stop(story, call_out, reason=reason.strip()[:200], also_coming=also_coming)
        return call_out


def write_down(*, summons_id: int, actor: "User", now: datetime, what: str, **said: Any) -> Summons:
    """Write down what somebody said on the telephone, or that they are there. Raises what `answering.answer` does."""
    site_id = Summons.objects.values_list("incident__site_id", flat=True).get(pk=summons_id)
    access.check(actor, site_id, "incident.work")
    return answering.answer(
        summons_id=summons_id, what=what, by=str(actor), via=answering.BY_HAND, now=now, actor=actor, **said
    )


def check_right(actor: "User", site_id: int, rule: law.CallsOut | None, quota: int | None) -> None:
    """A shift lead calls in what the plan's duty names; beyond that somebody must decide. Raises Denied."""
    if "incident.decide" in access.verbs(actor, site_id):
        return
    if rule is None:
        raise Denied(_("预案职责之外的召集需要“主管”角色，请联系值班主管。"))
    if rule.quota is not None and (quota is None or quota > rule.quota):
        raise Denied(_("预案写明召集 %d 人；超过的需要“主管”角色，请联系值班主管。") % rule.quota)


def rule_of(story: Story, duty: Duty | None) -> law.CallsOut | None:
    """What the plan says about whom this duty calls in."""
    return opening.story_rule(story, duty.rule).calls_out if duty is not None else None


def preview(
    story: Story, found: pool.Pool, *, by_at: datetime, until_at: datetime
) -> dict[Wave, tuple[Candidate, ...]]:
    """Whom each wave holds right now, each wave by itself; nothing is written. One statement."""
    busy = summoning.needed_elsewhere(story.incident.site_id, None, story)
    by_wall, until_wall = (clock.wall(story.incident, at) for at in (by_at, until_at))
    want = callouts.Want(found.posts, story.now, by_wall, until_wall, clock.ZONE)
    return {wave: callouts.candidates(found.people, want, [wave], busy) for wave in Wave}


def _incident_of(call_out_id: int) -> int:
    return CallOut.objects.values_list("incident_id", flat=True).get(pk=call_out_id)


def _open(story: Story, call_out_id: int) -> CallOut:
    call_out = next(one for one in story.call_outs if one.pk == call_out_id)
    if call_out.closed_at is not None:
        when = f"{call_out.closed_at.astimezone(clock.ZONE):%H:%M:%S}"
        raise AlreadyDone(_("这次召集已在 %s 停止，没有重复记录。") % when)
    return call_out


def _duty(story: Story, wanted: Wanted) -> Duty | None:
    if wanted.duty_id is None:
        return None
    duty = next((duty for duty in story.duties if duty.pk == wanted.duty_id), None)
    if duty is None or duty.state != Duty.State.OPEN:
        raise Invalid({"duty": _("这项职责已经完成或不再需要，请刷新后再看。")})
    return duty


def _check(story: Story, wanted: Wanted) -> None:
    """All that is wrong in the form at once."""
    wrong: dict[str, str] = {}
    if wanted.quota is not None:
        wrong |= _quota_wrong(wanted.quota)
    if wanted.by_at < story.at - timedelta(minutes=1):
        wrong["by_at"] = _("时间已经过去，请填将来的时间。")
    elif wanted.by_at > story.at + LONGEST:
        wrong["by_at"] = _("最多提前 24 小时召集，请核对时间。")
    if wanted.until_at is not None and not wanted.by_at < wanted.until_at <= wanted.by_at + LONGEST:
        wrong["until_at"] = _("“到几点”须晚于到岗时间，且不超过 24 小时。")
    if not wanted.waves or not set(wanted.waves) <= set(Wave):
        wrong["waves"] = _("请至少选择一个波次。")
    if not SHORTEST_WAIT <= wanted.wait_seconds <= LONGEST_WAIT:
        wrong["wait"] = _("等待应答的时间应在 30 秒到 1 小时之间。")
    if wrong:
        raise Invalid(wrong)


def _check_quota(quota: int) -> None:
    wrong = _quota_wrong(quota)
    if wrong:
        raise Invalid(wrong)


def _quota_wrong(quota: int) -> dict[str, str]:
    return {} if 0 < quota <= MOST else {"quota": _("人数应在 1 到 %d 之间。") % MOST}


def _refuse_twin(story: Story, wanted: Wanted) -> None:
    """Two leads had the same thought: the second one learns of the first."""
    for one in summoning.open_ones(story):
        if one.post == wanted.post and one.duty_id == wanted.duty_id:
            said = {
                "who": one.opened_by or _("系统"),
                "when": f"{one.opened_at.astimezone(clock.ZONE):%H:%M:%S}",
                "quota": one.quota,
            }
            raise AlreadyDone(
                _("%(who)s 已在 %(when)s 为同一岗位召集 %(quota)d 人。需要更多时请改那次召集的人数。") % said
            )


def _candidates(story: Story, call_out: CallOut) -> tuple[Candidate, ...]:
    """Whoever can be asked; read once for the first step too. Raises Invalid where there is nobody at all."""
    found = summoning.candidates(story, call_out)
    if not story.pools[call_out.post].posts:
        raise Invalid({"post": _("本站没有这个岗位，请从列表中选择。")})
    if not found:
        raise Invalid({"waves": _("所选波次里现在没有一个人可以召集。请另选波次或岗位，或直接打电话。")})
    return found
