"""A person answers a notice; what delivery found out by itself reaches the incident here too."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from incident import acting, chain, opening, settle, writing
from incident.models import Duty
from incident.story import PEOPLE, Story
from notices import outbox
from notices.models import Notice
from notices.outbox import Answer, Result

if TYPE_CHECKING:
    from staffing.models import User


def acknowledge(*, notice_id: int, actor: "User | None", by: str, via: str, now: datetime) -> Answer:
    """Take an answer from the screen or a signed link; the duties it fulfils are done at once.

    The first answer stands: a second one learns who gave it and when. The caller has checked who may answer.
    Raises Notice.DoesNotExist.
    """
    incident_id = Notice.objects.values_list("incident_id", flat=True).get(pk=notice_id)
    if incident_id is None:
        with transaction.atomic():
            return outbox.acknowledge(notice_id, by=by, user_id=actor.pk if actor else None, via=via, now=now)
    with transaction.atomic():
        story = Story(incident=acting.locked(incident_id), actor=actor, now=now)
        settle.settle(story)
        answer = outbox.acknowledge(notice_id, by=by, user_id=actor.pk if actor else None, via=via, now=now)
        if answer.result == Result.FIRST:
            _answered(story, answer, by=by, via=via)
        settle.settle(story)
        writing.save(story)
        return answer


def _answered(story: Story, answer: Answer, *, by: str, via: str) -> None:
    notice = answer.notice
    story.touch(PEOPLE)
    chain.write(story, "acknowledged", person=by, post=notice.post, via=via, notice=notice.kind)
    story.people |= {rung["user_id"] for rung in notice.ladder if rung.get("user_id")}
    if not story.incident.is_open:
        return
    fulfilled = Duty.objects.filter(told=notice, state=Duty.State.OPEN).values_list("pk", flat=True)
    for duty_id in list(fulfilled):
        duty = next(duty for duty in story.duties if duty.pk == duty_id)
        rule = opening.story_rule(story, duty.rule)
        waiting = Notice.objects.filter(pk__in=duty.told.values("pk")).exclude(state=Notice.State.ACKNOWLEDGED)
        if rule.answers == "any" or not waiting.exists():
            opening.finish(story, duty, by=by, via=via)


def take_troubles(incident_id: int, *, now: datetime) -> int:
    """What delivery found out about this incident's notices becomes entries: nobody answered, nobody reachable.

    How many that were; none while somebody else holds the incident.
    """
    with transaction.atomic():
        incident = acting.free(incident_id)
        if incident is None:
            return 0
        story = Story(incident=incident, actor=None, now=now)
        troubled = list(
            Notice.objects.select_for_update().filter(incident_id=incident_id, trouble_at__lte=now).order_by("id")
        )
        if troubled:
            people = {(notice.person, notice.post): None for notice in troubled}
            chain.write(story, "unreached", people=[{"person": person, "post": post} for person, post in people])
            story.touch(PEOPLE)
        outbox.clear_trouble([notice.pk for notice in troubled])
        settle.settle(story)
        writing.save(story)
        return len(troubled)
