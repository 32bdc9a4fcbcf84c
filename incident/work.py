"""What people do about duties: fulfil them, sign them, say that a call was made, or waive them with a reason."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from incident import acting, apart, chain, clock, confirming, moments, opening, records, running
from incident.models import Duty, Signature
from incident.records import Draft
from incident.refusals import AlreadyDone, Invalid, NotNow, Stale
from incident.story import Story
from playbooks import law, rules

if TYPE_CHECKING:
    from staffing.models import User

CALLED, NOT_NEEDED = "called", "not_needed"  # how a call ends


def complete(
    *,
    duty_id: int,
    actor: "User",
    now: datetime,
    note: str = "",
    choice: str = "",
    done_at: datetime | None = None,
    draft: Draft | None = None,
    deputed: str = "",
    edition: int | None = None,
) -> Duty:
    """Fulfil a duty. `done_at` (incident clock): when it was really done, if earlier; lateness is not undone by it.

    A decision needs one of its choices; a life-safety call needs no approval. `draft` is written first, into the
    duty's form. A duty with several signers is done with the last of them. `deputed`: why somebody who should stay
    apart does it all the same. `edition`: of the form that the page showed; nobody signs what they have not seen.
    Raises AlreadyDone, NotNow, Invalid, Rewritten.
    """
    incident_id = Duty.objects.values_list("incident_id", flat=True).get(pk=duty_id)
    with acting.act(incident_id, actor=actor, now=now, verb="incident.work") as story:
        duty = _open(story, duty_id)
        _refuse_others_ways(duty)
        rule = opening.story_rule(story, duty.rule)
        moments.check(story, done_at, field="done_at", not_before=story.incident.occurred_at)
        chosen = _choice(story, duty, choice)
        if rule.signers > 1 and edition not in (None, records.edition(story.records, rule.form)):
            raise Stale
        if draft is not None:
            records.put(story, draft, duty, actor=actor)
        _check_form(story, rule, note)
        apart.check(story, duty, rule, actor=actor, deputed=deputed)
        if rule.signers > 1 and not _sign(story, duty, rule, actor=actor):
            return duty
        by = _signers(story, duty, rule) if rule.signers > 1 else str(actor)
        opening.finish(story, duty, by=by, at=done_at, note=note.strip()[:500], choice=chosen)
        return duty


def write(*, duty_id: int, actor: "User", now: datetime, draft: Draft) -> Duty:
    """Write into the duty's form and leave the duty open. Raises AlreadyDone, NotNow, Invalid, Rewritten."""
    incident_id = Duty.objects.values_list("incident_id", flat=True).get(pk=duty_id)
    with acting.act(incident_id, actor=actor, now=now, verb="incident.work") as story:
        duty = next(duty for duty in story.duties if duty.pk == duty_id)
        records.put(story, draft, duty, actor=actor)
        return duty


def call(
    *, duty_id: int, actor: "User", now: datetime, outcome: str, called_at: datetime | None = None, reason: str = ""
) -> Duty:
    """A call to 119, 120 or 110 was made, or was not needed and why; nobody's approval is asked.

    Raises AlreadyDone, NotNow, Invalid.
    """
    incident_id = Duty.objects.values_list("incident_id", flat=True).get(pk=duty_id)
    with acting.act(incident_id, actor=actor, now=now, verb="incident.work") as story:
        duty = _open(story, duty_id)
        if duty.kind != "call":
            raise NotNow(_("这项职责不是拨打电话。"))
        if outcome not in (CALLED, NOT_NEEDED):
            raise Invalid({"outcome": _("请选择已拨打，或不需要。")})
        if outcome == NOT_NEEDED and not reason.strip():
            raise Invalid({"reason": _("请写明为什么不需要拨打。")})
        moments.check(story, called_at, field="called_at", not_before=story.incident.occurred_at)
        party = _party(story, duty)
        opening.finish(
            story,
            duty,
            by=str(actor),
            at=called_at if outcome == CALLED else None,
            note=reason.strip()[:500],
            choice=outcome,
            kind="called" if outcome == CALLED else "call_not_needed",
            number=party.number if party else "",
            party=party.key if party else "",
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
        running.need_open(story)
        return duty
    if duty.state == Duty.State.WAIVED:
        raise NotNow(_("这项职责已经不再需要，请看时间线。"))
    when = duty.done_at.astimezone(clock.ZONE) if duty.done_at else story.at
    raise AlreadyDone(
        _("%(who)s 已在 %(when)s 完成这项职责，没有重复记录。") % {"who": duty.done_name, "when": f"{when:%H:%M:%S}"}
    )


def _refuse_others_ways(duty: Duty) -> None:
    """Some duties end in a way of their own."""
    if duty.kind == "prohibition":
        raise NotNow(_("禁止事项在事件结束前一直有效，不需要打勾。"))
    if duty.rule.startswith(confirming.PREFIX):
        raise NotNow(_("请在“为什么是这个级别”中确认或否决。"))
    if duty.kind == "call":
        raise Invalid({"outcome": _("请选择已拨打，或不需要。")})


def _choice(story: Story, duty: Duty, choice: str) -> str:
    choices = {option.key for option in opening.story_rule(story, duty.rule).choices}
    if choices and choice not in choices:
        raise Invalid({"choice": _("这是一项决定，请选择结果。")})
    return choice if choices else ""


def _check_form(story: Story, rule: rules.DutyRule, note: str) -> None:
    """A duty with a form is done when the form holds what the plan asks for; an empty ledger needs a word why."""
    if not rule.form:
        return
    form = story.playbook.form(rule.form)
    lines = records.current(story.records, form.key)
    if form.rows and not lines:
        if not note.strip():
            raise Invalid({"note": _("一行也没有。确实没有可登记的，请在说明里写明。")})
        return
    lacking = records.wanting(form, lines, is_gate=bool(rule.gate))
    if lacking:
        raise Invalid(records.unfilled(form, lines) | {"form": lacking})


def _sign(story: Story, duty: Duty, rule: rules.DutyRule, *, actor: "User") -> bool:
    """Add the actor's signature; whether that was the last one needed. Raises AlreadyDone."""
    at = records.edition(story.records, rule.form)
    earlier = records.signed(story.signatures, duty, at)
    mine = next((one for one in earlier if one.user_id == actor.pk), None)
    if mine is not None:
        left = rule.signers - len(earlier)
        raise AlreadyDone(
            _("您已在 %(when)s 签过字。还差 %(left)d 人，须由另一人在自己的登录下签字。")
            % {"when": f"{mine.at.astimezone(clock.ZONE):%H:%M:%S}", "left": left}
        )
    story.add_signature(
        Signature(duty=duty, user=actor, name=str(actor)[:80], edition=at, at=story.at, recorded_at=story.now)
    )
    if duty.holder_user_id:
        story.people.add(duty.holder_user_id)
    chain.write(story, "signed", duty=duty.rule, post=duty.post, count=len(earlier) + 1, needed=rule.signers)
    return len(earlier) + 1 >= rule.signers


def _signers(story: Story, duty: Duty, rule: rules.DutyRule) -> str:
    """Everybody who signed, for the record."""
    counted = records.signed(story.signatures, duty, records.edition(story.records, rule.form))
    return "、".join(one.name for one in counted)


def _party(story: Story, duty: Duty) -> law.Party | None:
    rule = opening.story_rule(story, duty.rule)
    return next((party for party in story.playbook.parties if party.key in rule.outside), None)
