"""Saves a story: resolves who is called, then writes every table in one fixed order and raises the topics last."""

from django.db import transaction

from incident import calling
from incident.live import pokes, topics
from incident.models import Duty, Entry, Fact, Incident, LevelDecision
from incident.models.incident import State
from incident.story import Story
from notices import outbox

DUTY_FIELDS = [
    "state", "anchor_at", "plan_due_at", "due_at", "late_at", "past_when_recorded", "done_at", "done_by", "done_name",
    "note", "choice", "holder", "holder_user",
]  # fmt: skip
DECISION_FIELDS = ["status", "settled_at", "settled_by", "settled_reason"]


def save(story: Story) -> None:
    """Write what changed; where nothing did, only the next moment. Needs the incident's row lock."""
    if not story.changed:
        _rearm(story)
        return
    recipients = calling.resolve(story)
    if story.incident.state in (State.CLOSED, State.CANCELLED, State.ENDED):
        story.incident.reassess_at = None
    fresh = story.incident.pk is None
    if fresh or story.has_turned:
        story.incident.revision += 1
    story.incident.save(force_insert=fresh)
    _write_rows(story)
    notices = outbox.enqueue_many([recipient.draft for recipient in recipients], now=story.now)
    _link(recipients, [notice.pk for notice in notices])
    Entry.objects.bulk_create(story.entries)
    _touch(story, recipients)


def _rearm(story: Story) -> None:
    """Time passed and nothing came of it, except that the rules are asked at another moment: nobody's page changes."""
    if story.incident.reassess_at != story.armed_for:
        Incident.objects.filter(pk=story.incident.pk).update(reassess_at=story.incident.reassess_at)


def _write_rows(story: Story) -> None:
    # First what leaves: a duty is open once per rule, and a proposal is the only one.
    if story.changed_duties:
        Duty.objects.bulk_update([duty for duty in story.duties if duty.pk in story.changed_duties], DUTY_FIELDS)
    Duty.objects.bulk_create(story.new_duties)
    changed = [decision for decision in story.decisions if decision.pk in story.changed_decisions]
    if changed:
        LevelDecision.objects.bulk_update(changed, DECISION_FIELDS)
    LevelDecision.objects.bulk_create(story.new_decisions)
    Fact.objects.bulk_create(story.new_facts)


def _link(recipients: list[calling.Recipient], notice_ids: list[int]) -> None:
    """Tie notification duties to the notices that fulfil them."""
    through = Duty.told.through
    rows = {
        (duty.pk, notice_id)
        for recipient, notice_id in zip(recipients, notice_ids, strict=True)
        for duty in recipient.fulfils
    }
    if rows:
        through.objects.bulk_create(
            [through(duty_id=duty_id, notice_id=notice_id) for duty_id, notice_id in sorted(rows)],
            ignore_conflicts=True,
        )


def _touch(story: Story, recipients: list[calling.Recipient]) -> None:
    incident = story.incident
    people = set(story.people) | {user for recipient in recipients for user in recipient.users}
    people |= {duty.holder_user_id for duty in story.new_duties if duty.holder_user_id}
    topics.touch(
        {
            f"incident:{incident.number}": set(story.regions),
            f"site:{incident.site_id}": set(),
            **{f"user:{user}": set() for user in people},
        }
    )
    if recipients:
        transaction.on_commit(pokes.ask_delivery)
