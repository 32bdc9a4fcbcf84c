"""A confirmation that nothing follows: whoever said they know of a duty and then leaves it alone is told again."""

from datetime import datetime, timedelta

from incident import chain, opening
from incident.models import Duty, Entry
from incident.story import Story
from notices.models import Notice

# What a person has before them as a task of their own, and whose confirmation is therefore a promise.
PROMISED = ("duty", "nothing_followed", "handover_passed")


def arm(story: Story, notice: Notice) -> None:
    """Somebody confirmed a notice: from now on something should follow on the open duties that it named.

    Only duties whose holder stands on the notice's ladder: who is merely informed of a duty owes nothing. Off where
    the site has no `follow_minutes`. No query.
    """
    wait = _wait(story)
    if wait is None or notice.kind not in PROMISED or not story.incident.is_open:
        return
    people = {rung.get("person") for rung in notice.ladder}
    for duty in _named(story, notice):
        if duty.holder in people and duty.kind != "prohibition" and duty.follow_at is None:
            duty.follow_at = story.now + wait
            story.change_duty(duty)


def expire(story: Story, duty: Duty, *, at: datetime) -> None:
    """The time is up: told again if the person who confirmed did nothing at all in the incident.

    A note says that they are at it and gives the same time once more; anything else they did is what should follow.
    Two queries.
    """
    due, wait = duty.follow_at, _wait(story)
    duty.follow_at = None
    story.change_duty(duty)
    notice = _confirmed(story, duty)
    if due is None or wait is None or notice is None or notice.acknowledged_at is None:
        return
    begun = due - wait
    is_first = begun <= notice.acknowledged_at
    kinds = _deeds(story, notice, since=notice.created_at if is_first else begun)
    if kinds == {"note"} and is_first:
        duty.follow_at = due + wait
        return
    if kinds:
        return
    rule = opening.story_rule(story, duty.rule)
    chain.write(
        story,
        "nothing_followed",
        at=at,
        clause=rule.clause_zh,
        clause_en=rule.clause_en,
        duty=duty.rule,
        post=duty.post,
        person=notice.acknowledged_by,
        minutes=round(wait.total_seconds() / 60) * (1 if is_first else 2),
    )
    story.call(duty.post, "nothing_followed", at=at, duties=(duty,), late_person=notice.acknowledged_by)


def _wait(story: Story) -> timedelta | None:
    minutes = story.incident.site.follow_minutes
    return timedelta(minutes=minutes) if minutes else None


def _named(story: Story, notice: Notice) -> list[Duty]:
    rules = notice.data.get("rules")
    named = set(rules) if isinstance(rules, list) else set()
    return [duty for duty in story.open_duties() if duty.rule in named]


def _confirmed(story: Story, duty: Duty) -> Notice | None:
    """The newest notice about the duty that somebody confirmed."""
    found = Notice.objects.filter(
        incident=story.incident,
        kind__in=PROMISED,
        state=Notice.State.ACKNOWLEDGED,
        data__rules__contains=[duty.rule],
    )
    return found.order_by("-acknowledged_at", "-id").first()


def _deeds(story: Story, notice: Notice, *, since: datetime) -> set[str]:
    """The kinds of entry that whoever confirmed has written since, but for what the confirming itself wrote."""
    user_id = notice.acknowledged_user_id or next(
        (rung.get("user_id") for rung in notice.ladder if rung.get("person") == notice.acknowledged_by), None
    )
    if user_id is None:
        return set()
    written = Entry.objects.filter(incident=story.incident, actor_id=user_id, recorded_at__gt=since)
    if notice.acknowledged_at is not None:
        written = written.exclude(recorded_at=notice.acknowledged_at)
    return set(written.exclude(kind="acknowledged").values_list("kind", flat=True).distinct())
