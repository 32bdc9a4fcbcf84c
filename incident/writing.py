"""Saves a story: resolves who is called, then writes every table in one fixed order and raises the topics last."""

from django.db import connection, transaction

from incident import arrivals, calling
from incident.live import pokes, topics
from incident.models import CallOut, Duty, Entry, Fact, Incident, LevelDecision, Record, Signature, Summons
from incident.models.incident import State
from incident.story import LINES, LOG, Story
from notices import outbox

DUTY_FIELDS = [
    "state", "anchor_at", "plan_due_at", "due_at", "late_at", "past_when_recorded", "done_at", "done_by", "done_name",
    "note", "choice", "holder", "holder_user", "follow_at",
]  # fmt: skip
CALL_OUT_FIELDS = ["quota", "by_at", "until_at", "wave", "state", "closed_at", "due_at", "is_dry"]
SUMMONS_FIELDS = {
    "state": "text", "acknowledged_at": "timestamptz", "set_out_at": "timestamptz", "coming_at": "timestamptz",
    "arrived_at": "timestamptz", "ended_at": "timestamptz", "reason": "text", "via": "text", "by_name": "text",
}  # fmt: skip
# Hundreds are given up at one moment, under the lock of their incident: a bulk update would take seconds.
_SUMMONS = f"""
    UPDATE incident_summons AS summons SET {", ".join(f"{name} = new.{name}" for name in SUMMONS_FIELDS)}
    FROM unnest(%s::bigint[], {", ".join(f"%s::{kind}[]" for kind in SUMMONS_FIELDS.values())})
        AS new (id, {", ".join(SUMMONS_FIELDS)})
    WHERE summons.id = new.id
"""  # noqa: S608 - the columns are named here
DECISION_FIELDS = ["status", "settled_at", "settled_by", "settled_reason"]


def save(*stories: Story) -> None:
    """Write what changed; where nothing did, only the next moment. Needs the row lock of every story's incident.

    Several stories are one change: their topics are raised together, last of all, so that no two transactions wait
    for each other.
    """
    touched: dict[str, set[str]] = {}
    for story in stories:
        if story.changed:
            for topic, regions in _write(story).items():
                touched.setdefault(topic, set()).update(regions)
        else:
            _rearm(story)
    topics.touch(touched)


def _write(story: Story) -> dict[str, set[str]]:
    """Write every table but the topics; the topics that changed with their regions."""
    recipients = calling.resolve(story)
    arrivals.summon(story, recipients)
    if story.incident.state in (State.CLOSED, State.CANCELLED, State.ENDED):
        story.incident.reassess_at = None
    fresh = story.incident._state.adding
    if fresh or story.has_turned:
        story.incident.revision += 1
    story.incident.save(force_insert=fresh)
    _write_rows(story)
    _write_notices(story, recipients)
    Entry.objects.bulk_create(story.entries)
    if recipients or story.letters:
        transaction.on_commit(pokes.ask_delivery)
    return _topics(story, recipients)


def _write_notices(story: Story, recipients: list[calling.Recipient]) -> None:
    """What is no longer asked is withdrawn, then what is told is written, and with it who is asked to come."""
    if story.withdrawn:
        outbox.withdraw_some(story.withdrawn, now=story.now, reason="summons")
    drafts = [recipient.draft for recipient in recipients] + [letter.draft for letter in story.letters]
    notices = outbox.enqueue_many(drafts, now=story.now)
    _link(recipients, [notice.pk for notice in notices[: len(recipients)]])
    by_key = dict(zip((draft.key for draft in drafts), notices, strict=True))
    for letter in story.letters:
        if letter.summons is not None:
            letter.summons.notice = by_key[letter.draft.key]
    for recipient in recipients:
        for one in recipient.summons:
            one.notice = by_key[recipient.draft.key]
    changed = [one for one in story.summons if one.pk in story.changed_summons] if story.changed_summons else []
    if changed:
        _write_summons(changed)
    Summons.objects.bulk_create(story.new_summons)


def _write_summons(changed: list[Summons]) -> None:
    columns = [[str(getattr(one, name)) if kind == "text" else getattr(one, name) for one in changed]
               for name, kind in SUMMONS_FIELDS.items()]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SUMMONS, [[one.pk for one in changed], *columns])


def _rearm(story: Story) -> None:
    """Time passed and nothing came of it, except that the rules are asked at another moment: nobody's page changes."""
    if story.incident.reassess_at != story.armed_for:
        Incident.objects.filter(pk=story.incident.pk).update(reassess_at=story.incident.reassess_at)


def _write_rows(story: Story) -> None:
    # First what leaves: a duty is open once per rule, and a proposal is the only one.
    changed_duties = [duty for duty in story.duties if duty.pk in story.changed_duties]
    if len(changed_duties) == 1:
        changed_duties[0].save(update_fields=DUTY_FIELDS)  # a third of the price of a bulk of one
    elif changed_duties:
        Duty.objects.bulk_update(changed_duties, DUTY_FIELDS)
    Duty.objects.bulk_create(story.new_duties)
    changed = [decision for decision in story.decisions if decision.pk in story.changed_decisions]
    if changed:
        LevelDecision.objects.bulk_update(changed, DECISION_FIELDS)
    LevelDecision.objects.bulk_create(story.new_decisions)
    Fact.objects.bulk_create(story.new_facts)
    Record.objects.bulk_create(story.new_records)
    Signature.objects.bulk_create(story.new_signatures)
    if story.changed_call_outs:
        changed_call_outs = [one for one in story.call_outs if one.pk in story.changed_call_outs]
        CallOut.objects.bulk_update(changed_call_outs, CALL_OUT_FIELDS)
    CallOut.objects.bulk_create(story.new_call_outs)


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


def _topics(story: Story, recipients: list[calling.Recipient]) -> dict[str, set[str]]:
    incident = story.incident
    letters = {rung["user_id"] for letter in story.letters for rung in letter.draft.ladder if rung.get("user_id")}
    people = set(story.people) | letters | {user for recipient in recipients for user in recipient.users}
    people |= {duty.holder_user_id for duty in story.new_duties if duty.holder_user_id}
    return {
        topics.incident(incident.number): set(story.regions),
        topics.site(incident.site_id): _on_the_site(story),
        **{topics.user(user): set() for user in people},
    }


def _on_the_site(story: Story) -> set[str]:
    """The regions that move on the pages of the site: a mere entry moves the newest lines, all else everything."""
    is_entry = story.regions and story.regions <= LOG and story.incident.reassess_at == story.armed_for
    return set(LINES) if is_entry else set()
