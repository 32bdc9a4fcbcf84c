"""What people do about levels: confirm, reject, set; always with their name, and a reason where they differ."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from incident import acting, chain, clock, deciding, grounds, opening, running
from incident.models import Incident as IncidentRow
from incident.models import LevelDecision
from incident.refusals import AlreadyDone, Invalid, Stale
from incident.story import Story
from playbooks import rules

if TYPE_CHECKING:
    from staffing.models import User

Status = LevelDecision.Status


def verdict(incident: IncidentRow, now: datetime) -> rules.Verdict:
    """What the rules say of an incident at the wall time `now`. Two queries."""
    story = Story(incident=incident, actor=None, now=now)
    return rules.classify(story.playbook, story.readings(), story.at)


def _pending(story: Story, decision_id: int) -> LevelDecision:
    decision = next(decision for decision in story.decisions if decision.pk == decision_id)
    if decision.status in (Status.PROPOSED, Status.PROVISIONAL):
        return decision
    if decision.settled_by_id is None:
        raise Stale
    raise AlreadyDone(
        _("%(who)s 已在 %(when)s 处理过这个级别决定。")
        % {"who": decision.settled_by, "when": f"{(decision.settled_at or story.at).astimezone(clock.ZONE):%H:%M:%S}"}
    )


def confirm(*, decision_id: int, actor: "User", now: datetime) -> IncidentRow:
    """A person confirms a provisional level, or lets a proposed one come into force."""
    incident_id = LevelDecision.objects.values_list("incident_id", flat=True).get(pk=decision_id)
    with acting.act(incident_id, actor=actor, now=now, verb="incident.decide") as story:
        running.need(story)
        decision = _pending(story, decision_id)
        proposed = decision.status == Status.PROPOSED
        deciding.leave(story, decision, Status.CONFIRMED)
        deciding.confirmed_duty(story, decision.level)
        chain.write(story, "level_confirmed", clause=decision.clause_zh, level=decision.level)
        if proposed:
            deciding.bring_into_force(story, decision, at=story.at)
        else:
            opening.emit(story, "confirmed", at=story.at, argument=decision.level)
        return story.incident


def reject(*, decision_id: int, actor: "User", now: datetime, reason: str) -> IncidentRow:
    """A person says no, with a reason; the level before is in force again."""
    if not reason.strip():
        raise Invalid({"reason": _("请写明否决的理由。")})
    incident_id = LevelDecision.objects.values_list("incident_id", flat=True).get(pk=decision_id)
    with acting.act(incident_id, actor=actor, now=now, verb="incident.decide") as story:
        running.need(story)
        decision = _pending(story, decision_id)
        was_in_force = decision.status == Status.PROVISIONAL
        deciding.leave(story, decision, Status.REJECTED, reason.strip()[:300])
        deciding.confirmed_duty(story, decision.level)
        chain.write(story, "level_rejected", level=decision.level, reason=reason.strip()[:300])
        if was_in_force:
            deciding.fall_back(story, decision)
        return story.incident


def set_level(
    *, incident_id: int, actor: "User", now: datetime, level: str, reason: str, seen: int | None = None
) -> IncidentRow:
    """A person raises or lowers the level, only with a reason. Raises Invalid, NotNow, Stale."""
    with acting.act(incident_id, actor=actor, now=now, verb="incident.decide", seen=seen) as story:
        running.need(story)
        wrong = {}
        if level not in {known.key for known in story.playbook.levels}:
            wrong["level"] = _("这个预案没有这个级别，请从列表中选择。")
        elif level == story.incident.level:
            wrong["level"] = _("现在就是这个级别。")
        if not reason.strip():
            wrong["reason"] = _("改变级别必须写明理由。")
        if wrong:
            raise Invalid(wrong)
        chosen = story.playbook.level(level)
        answer = rules.classify(story.playbook, story.readings(), story.at)
        decision = LevelDecision(
            incident=story.incident,
            level=level,
            rank=chosen.rank,
            status=Status.CONFIRMED,
            basis=grounds.freeze(story.playbook, answer),
            at=story.at,
            recorded_at=story.now,
            made_by=actor,
            reason=reason.strip()[:300],
        )
        for other in story.decisions:
            if other.status == Status.PROPOSED:
                deciding.leave(story, other, Status.PASSED)
        before = story.incident.level
        story.add_decision(decision)
        chain.write(
            story, "level_by_person", level=level, before=before, reason=decision.reason, grounds=decision.basis
        )
        deciding.bring_into_force(story, decision, at=story.at)
        return story.incident
