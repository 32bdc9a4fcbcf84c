"""The road of an incident after the report: take, restore, relapse, end, close, reopen, cancel, merge."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _
from django_fsm import can_proceed

from incident import access, acting, calling, chain, clock, deciding, moments, opening, settle, summoning, writing
from incident.models import Duty, Incident
from incident.models.incident import State
from incident.readings import label
from incident.refusals import AlreadyDone, Invalid, NotNow, Stale
from incident.reporting import Preview, preview, report
from incident.story import DUTIES, HEAD, Story
from notices import outbox
from playbooks import rules

if TYPE_CHECKING:
    from staffing.models import User

__all__ = [
    "Preview", "Step", "available", "cancel", "close", "declare_end", "label", "merge", "preview", "relapse", "reopen",
    "report", "restore", "take",
]  # fmt: skip

# Step -> the verb it needs, in the order of the road.
STEPS = {
    "take": "incident.work",
    "restore": "incident.work",
    "relapse": "incident.work",
    "declare_end": "incident.decide",
    "close": "incident.decide",
    "reopen": "incident.decide",
    "cancel": "incident.decide",
}
# Gates that must be done or waived before a step.
GATES = {"restore": ("restore",), "declare_end": ("restore", "end"), "close": ("restore", "end", "close")}


@dataclass(frozen=True)
class Step:
    """A step that the state allows; `missing` says, one sentence each, what is needed before it."""

    name: str
    allowed: bool
    missing: tuple[str, ...] = ()


def available(incident: Incident, verbs: Iterable[str], *, duties: Iterable[Duty], law: rules.Playbook) -> list[Step]:
    """The steps a person with these verbs sees on an incident. No query."""
    held, duties = set(verbs), list(duties)
    steps = []
    for name, verb in STEPS.items():
        if verb not in held or not can_proceed(getattr(incident, name)):
            continue
        missing = gate_missing(duties, law, name)
        steps.append(Step(name, not missing, missing))
    return steps


def gate_missing(duties: Iterable[Duty], law: rules.Playbook, step: str) -> tuple[str, ...]:
    """The duties that stand before a step, in words: what is missing and which post can give it."""
    gates = GATES.get(step, ())
    names = {post.key: post for post in law.posts}
    missing = []
    for duty in duties:
        if duty.state != Duty.State.OPEN or duty.gate not in gates:
            continue
        rule, post = law.duty(duty.rule), names.get(duty.post)
        missing.append(
            _("还差：%(duty)s（%(post)s）") % {"duty": label(rule), "post": label(post) if post else duty.post}
        )
    return tuple(missing)


def take(*, incident_id: int, actor: "User", now: datetime, seen: int | None = None) -> Incident:
    """Somebody takes the lead: reported -> responding. Of two who press, the second learns who was first; a level
    that changed meanwhile stops nobody, so `seen` is not asked.
    """
    with acting.act(incident_id, actor=actor, now=now, verb="incident.work") as story:
        first = story.incident
        if first.state == State.RESPONDING and first.lead is not None and first.taken_at is not None:
            said = {"who": first.lead, "when": f"{first.taken_at.astimezone(clock.ZONE):%H:%M:%S}"}
            raise AlreadyDone(_("%(who)s 已在 %(when)s 接手处置，没有重复记录。") % said)
        _guard(story, "take")
        story.incident.take(lead=actor, at=story.at)
        _moved(story, "taken")
        opening.emit(story, "take", at=story.at)
        return story.incident


def restore(
    *, incident_id: int, actor: "User", now: datetime, at: datetime | None = None, note: str = "",
    seen: int | None = None,
) -> Incident:  # fmt: skip
    """Service is back: responding -> recovering. Everyone told before is told again. `at`: when, if earlier."""
    with acting.act(incident_id, actor=actor, now=now, verb="incident.work", seen=seen) as story:
        _guard(story, "restore")
        moments.check(story, at, field="at", not_before=story.incident.occurred_at)
        story.incident.restore(at=at or story.at)
        _moved(story, "restored", at=at, note=note.strip()[:500])
        summoning.stop_all(story, reason="word:restored")
        opening.emit(story, "restore", at=story.at)
        _tell_again(story, "recovered")
        return story.incident


def relapse(*, incident_id: int, actor: "User", now: datetime, reason: str, seen: int | None = None) -> Incident:
    """It is back: recovering -> responding. Duties that had lapsed count anew from now."""
    with acting.act(incident_id, actor=actor, now=now, verb="incident.work", seen=seen) as story:
        _guard(story, "relapse")
        story.incident.relapse()
        _moved(story, "relapsed", reason=_reason(reason))
        _run_again(story)
        return story.incident


def declare_end(*, incident_id: int, actor: "User", now: datetime, note: str = "", seen: int | None = None) -> Incident:
    """The emergency is over: recovering -> ended. Gates must be met; what else is open is waived and says why.

    What stands before the close stays open, and what the plan asks for after the end opens.
    """
    with acting.act(incident_id, actor=actor, now=now, verb="incident.decide", seen=seen) as story:
        _guard(story, "declare_end")
        _leave_nothing_open(story, reason="word:ended", but="close")
        story.incident.declare_end(at=story.at)
        _moved(story, "ended", note=note.strip()[:500])
        outbox.withdraw(story.incident.pk, now=now, reason="ended")
        opening.emit(story, "end", at=story.at)
        return story.incident


def close(*, incident_id: int, actor: "User", now: datetime, note: str = "", seen: int | None = None) -> Incident:
    """ended -> closed. A closed incident never reopens; a new one may point at it."""
    with acting.act(incident_id, actor=actor, now=now, verb="incident.decide", seen=seen) as story:
        _guard(story, "close")
        _leave_nothing_open(story, reason="word:closed")
        story.incident.close(at=story.at)
        _moved(story, "closed", note=note.strip()[:500])
        return story.incident


def reopen(*, incident_id: int, actor: "User", now: datetime, reason: str, seen: int | None = None) -> Incident:
    """The end was declared too early: ended -> responding, with a reason."""
    with acting.act(incident_id, actor=actor, now=now, verb="incident.decide", seen=seen) as story:
        _guard(story, "reopen")
        story.incident.reopen()
        _moved(story, "reopened", reason=_reason(reason))
        _run_again(story)
        return story.incident


def cancel(*, incident_id: int, actor: "User", now: datetime, reason: str, seen: int | None = None) -> Incident:
    """Reported in error. Open duties are waived, unanswered notices withdrawn, everyone told is told."""
    with acting.act(incident_id, actor=actor, now=now, verb="incident.decide", seen=seen) as story:
        _guard(story, "cancel")
        why = _reason(reason)
        _leave_nothing_open(story, reason="word:cancelled")
        outbox.withdraw(story.incident.pk, now=now, reason=why)
        story.incident.cancel(at=story.at)
        _moved(story, "cancelled", reason=why)
        story.call(rules.TOLD, "cancelled", at=story.at, reason=why)
        return story.incident


def merge(*, incident_id: int, actor: "User", now: datetime, into: str, seen: int | None = None) -> Incident:
    """This incident is a twin of `into` (its number): it is cancelled and points there. Locks both in order of id."""
    other = Incident.objects.filter(number=into.strip().upper()).exclude(pk=incident_id).first()
    unknown = Invalid({"into": _("没有编号为 %s 的其他事件，请核对编号。") % into.strip()})
    if other is None or "incident.view" not in access.verbs(actor, other.site_id):
        raise unknown
    with transaction.atomic():
        both = {key: acting.locked(key) for key in sorted((incident_id, other.pk))}
        gone, stays = (Story(incident=both[key], actor=actor, now=now) for key in (incident_id, other.pk))
        for story in (gone, stays):
            access.check(actor, story.incident.site_id, "incident.decide")
        settle.settle(gone)
        settle.settle(stays)
        if seen is not None and (seen != gone.incident.revision or gone.has_turned):
            raise Stale
        _guard(gone, "cancel")
        if gone.incident.site_id != stays.incident.site_id or gone.incident.mode != stays.incident.mode:
            raise Invalid({"into": _("只能并入同一站点、同一性质（真实或练习）的事件。")})
        if not stays.incident.is_running:
            raise Invalid({"into": _("%s 已经结束，不能并入。") % stays.incident.number})
        _leave_nothing_open(gone, reason=f"merged:{stays.incident.number}")
        outbox.withdraw(gone.incident.pk, now=now, reason=f"merged:{stays.incident.number}")
        gone.incident.cancel(at=gone.at)
        gone.incident.merged_into = stays.incident
        _moved(gone, "merged", into=stays.incident.number)
        gone.call(
            rules.TOLD, "merged", at=gone.at, into_number=stays.incident.number, into_title_zh=stays.incident.title
        )
        chain.write(stays, "twin", number=gone.incident.number, title=gone.incident.title)
        stays.touch(HEAD)
        writing.save(gone, stays)
        return gone.incident


def _guard(story: Story, step: str) -> None:
    """Refuse a step that the state or a gate does not allow, and say which comes first."""
    incident = story.incident
    if not can_proceed(getattr(incident, step)):
        raise NotNow(
            _("现在是“%(state)s”，不能%(step)s。") % {"state": State(incident.state).label, "step": _step(step)}
        )
    missing = gate_missing(story.duties, story.playbook, step)
    if missing:
        raise NotNow(_("还不能%s。") % _step(step) + " ".join(missing), missing)


def _step(step: str) -> str:
    return {
        "take": _("接手"),
        "restore": _("转入恢复阶段"),
        "relapse": _("转回响应"),
        "declare_end": _("宣布结束"),
        "close": _("关闭事件"),
        "reopen": _("重新打开事件"),
        "cancel": _("撤销或并入"),
    }[step]


def _moved(story: Story, kind: str, *, at: datetime | None = None, **data: str) -> None:
    said: dict[str, Any] = {name: value for name, value in data.items() if value}
    chain.write(story, kind, at=at, **said)
    story.touch(HEAD, DUTIES)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise Invalid({"reason": _("请写明理由。")})
    return reason.strip()[:300]


def _leave_nothing_open(story: Story, *, reason: str, but: str = "") -> None:
    """Prohibitions were kept; every other open duty is waived with the reason, `but` those of that gate.

    Nobody need come; where it was an error, everybody is told so anyway.
    """
    summoning.stop_all(story, reason=reason, also_coming=True, tell=but == "close" or reason == "word:closed")
    kept = [duty for duty in story.open_duties() if duty.kind == "prohibition"]
    for duty in kept:
        duty.state, duty.done_at, duty.due_at, duty.note = Duty.State.DONE, story.at, None, "word:kept"
        story.change_duty(duty)
    with story.as_system():
        needless = [duty for duty in story.open_duties() if not but or duty.gate != but]
        opening.waive(story, needless, at=story.at, reason=reason)


def _tell_again(story: Story, kind: str) -> None:
    """Where the plan opens no duty for it, the console itself tells everyone who was told before."""
    if not any(call.post == rules.TOLD for call in story.calls):
        story.call(rules.TOLD, kind, at=story.at)
        return
    if not calling.told_before(story):
        duties = [duty for call in story.calls if call.post == rules.TOLD for duty in call.duties]
        with story.as_system():
            opening.waive(story, duties, at=story.at, reason="word:nobody_told")


def _run_again(story: Story) -> None:
    """Clocks run again: aftermath duties go, lapsed ones come back and count from now."""
    aftermath = {rule.key for rule in story.playbook.duties if rule.opens.event in ("restore", "end")}
    with story.as_system():
        opening.waive(
            story,
            [duty for duty in story.open_duties() if duty.rule in aftermath],
            at=story.at,
            reason="lapsed:relapse",
        )
    lapsed = {duty.rule for duty in story.duties if duty.note in ("lapsed:restore", "word:ended", "word:kept")}
    opened = [
        duty
        for rule in story.playbook.duties
        if rule.key in lapsed and (duty := opening.open_duty(story, rule, at=story.at, anchor=story.at)) is not None
    ]
    opening.announce(story, opened, at=story.at)
    opening.emit(story, "relapse", at=story.at)
    deciding.assess(story, at=story.at)
