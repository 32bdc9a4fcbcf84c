"""The one writer of the timeline: numbers without gaps, each entry carrying the hash of the one before."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from incident.models import Entry, Incident
from incident.story import LOG, Story


def write(
    story: Story, kind: str, *, at: datetime | None = None, clause: str = "", corrects: int | None = None, **data: Any
) -> Entry:
    """Append an entry to the story; it reaches the table when the story is saved. `at`: event time, default now."""
    incident = story.incident
    actor = None if story.settling else story.actor
    entry = Entry(
        incident=incident,
        number=incident.entries_count + 1,
        kind=kind,
        at=at or story.at,
        recorded_at=story.now,
        actor=actor,
        actor_name=str(actor) if actor else "",
        data=data,
        clause=clause,
        corrects=corrects,
        previous_hash=incident.last_hash,
    )
    entry.hash = digest(entry, number=incident.number)
    incident.entries_count, incident.last_hash = entry.number, entry.hash
    story.entries.append(entry)
    story.touch(LOG)
    return entry


def digest(entry: Entry, *, number: str) -> str:
    """The SHA-256 of everything the entry says, and of the entry before; `number` is the incident's."""
    said = [
        number,
        entry.number,
        entry.kind,
        _utc(entry.at),
        _utc(entry.recorded_at),
        entry.actor_id,
        entry.actor_name,
        entry.data,
        entry.clause,
        entry.corrects,
        entry.previous_hash,
    ]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def broken_at(incident: Incident) -> int | None:
    """The number of the first entry that does not fit the chain; None when it is whole. Reads every entry."""
    previous, expected = "", 1
    for entry in Entry.objects.filter(incident=incident).order_by("number"):
        if (
            entry.number != expected
            or expected > incident.entries_count
            or entry.previous_hash != previous
            or entry.hash != digest(entry, number=incident.number)
        ):
            return expected
        previous, expected = entry.hash, expected + 1
    if expected <= incident.entries_count:
        return expected
    return None if previous == incident.last_hash else expected - 1
