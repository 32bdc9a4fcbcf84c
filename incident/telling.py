"""A person answers a notice; what delivery found out by itself reaches the incident here too."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from incident import acting, chain, following, opening, settle, summoning, writing
from incident.models import Duty
from incident.story import PEOPLE, Story
from notices import outbox, policy
from notices.models import Notice
from notices.outbox import Answer, Result
from staffing import directory

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
            answered(story, answer, by=by, via=via)
        settle.settle(story)
        writing.save(story)
        return answer


def answered(story: Story, answer: Answer, *, by: str, via: str) -> None:
    """Write a first answer into the story, with the duties that it fulfils and the summons that it takes."""
    notice = answer.notice
    story.touch(PEOPLE)
    if passed := outbox.unsaid(notice):  # the answer came before the sweep
        _passed_over(story, passed)
        outbox.clear_trouble([notice.pk])
    if notice.kind != "call_out":  # the summons says it
        chain.write(story, "acknowledged", person=by, post=notice.post, via=via, notice=notice.kind)
    summoning.acknowledged(story, notice, by=by, via=via)
    story.people |= {rung["user_id"] for rung in notice.ladder if rung.get("user_id")}
    if not story.incident.is_open:
        return
    _fulfil(story, notice, by=by, via=via)
    following.arm(story, notice)


def _fulfil(story: Story, notice: Notice, *, by: str, via: str) -> None:
    """The duties for which the answer was the proof."""
    fulfilled = Duty.objects.filter(told=notice, state=Duty.State.OPEN).values_list("pk", flat=True)
    for duty_id in list(fulfilled):
        duty = next(duty for duty in story.duties if duty.pk == duty_id)
        rule = opening.story_rule(story, duty.rule)
        states = list(duty.told.exclude(state=Notice.State.CANCELLED).values_list("state", flat=True))
        if states.count(Notice.State.ACKNOWLEDGED) >= opening.answers_needed(rule, len(states)):
            opening.finish(story, duty, by=by, via=via)


def take_troubles(incident_id: int, *, now: datetime) -> int:
    """What delivery found out about this incident's notices becomes entries: who was passed over, nobody answered.

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
        _passed_over(story, [item for notice in troubled for item in outbox.unsaid(notice)])
        people = {(notice.person, notice.post): None for notice in troubled if _is_lost(notice)}
        if people:
            names = directory.post_names(story.incident.site_id)
            chain.write(
                story,
                "unreached",
                people=[{"person": person, "post": post} | _own_name(names, "post", post) for person, post in people],
            )
            story.touch(PEOPLE)
        outbox.clear_trouble([notice.pk for notice in troubled])
        settle.settle(story)
        writing.save(story)
        return len(troubled)


def _passed_over(story: Story, missed: Iterable[dict[str, Any]]) -> None:
    """Who should have answered, how long they were waited for, and who is asked now: one entry, each of them once."""
    missed = list(missed)
    if not missed:
        return
    names = directory.post_names(story.incident.site_id)  # a call may be passed on to a post that the plan never names
    said: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in missed:
        waited = datetime.fromisoformat(one["at"]) - datetime.fromisoformat(one["since"])
        line = {
            "person": one["person"],
            "post": one["post"],
            "minutes": max(1, round(waited.total_seconds() / 60)),
            "reached": one["reached"],
            "next": one["next"],
            "next_post": one["next_post"],
            **_own_name(names, "post", one["post"]),
            **_own_name(names, "next_post", one["next_post"]),
        }
        said.setdefault((one["person"], one["post"], one["next"]), line)
    with story.as_system():
        chain.write(story, "passed_over", people=list(said.values()))
    story.touch(PEOPLE)


def _own_name(names: Mapping[str, tuple[str, str]], name: str, post: str) -> dict[str, str]:
    """What the site calls a post; a part of a composite post, or one calls are passed on to, no plan may name."""
    zh, en = names.get(post, ("", ""))
    return {f"{name}_zh": zh, f"{name}_en": en}


def _is_lost(notice: Notice) -> bool:
    """Whether the trouble is more than that the next person is asked: nobody answered, or no channel works."""
    if notice.state == Notice.State.EXHAUSTED or not outbox.unsaid(notice):
        return True
    return notice.accepted_at is None and notice.rung + 1 >= len(notice.ladder) and notice.attempts >= policy.TRIES
