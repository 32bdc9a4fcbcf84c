"""The readings that prove why an incident began and rose: copied beside it, and sealed in its timeline by a hash.

A seal names a queue, a stretch, a count and a SHA-256 over those samples; the entry that holds it is part of the
timeline's chain, and the samples are rows that nobody may change.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection

from incident import chain
from incident.models import Entry, Incident, Sample
from incident.story import Story
from staffing.models import Queue

KIND: Final = "samples"
BEFORE: Final = timedelta(minutes=2)  # what came before the seats were full belongs to the picture
REGION: Final = frozenset({"live-samples"})
COLUMNS: Final = ("at", "source", "staffed", "busy", "paused", "waiting", "longest_wait")

_NAMED: Final = ", ".join(COLUMNS)
_COPY: Final = f"""
    INSERT INTO incident_sample (incident_id, queue_id, queue_name, {_NAMED})
    SELECT %s, queue_id, %s, {_NAMED} FROM staffing_reading
    WHERE queue_id = %s AND at >= %s AND at > %s AND received_at >= %s
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - the columns are named here
_HOLD: Final = "SELECT id FROM incident_incident WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seal:
    """What an entry says of its samples; `rank` is that of the level then in force."""

    number: int
    queue: str
    since: datetime
    until: datetime
    count: int
    sha256: str
    rank: int


def seals(incident_ids: Iterable[int]) -> dict[int, list[Seal]]:
    """Every seal of those incidents, oldest first. One query."""
    rows = Entry.objects.filter(incident__in=list(incident_ids), kind=KIND).order_by("incident_id", "number")
    found: dict[int, list[Seal]] = {}
    for incident_id, number, data in rows.values_list("incident_id", "number", "data"):
        found.setdefault(incident_id, []).append(_seal(number, data))
    return found


def _seal(number: int, data: Mapping[str, Any]) -> Seal:
    since, until = (datetime.fromisoformat(data[name]) for name in ("since", "until"))
    return Seal(number, data["queue"], since, until, data["count"], data["sha256"], data["rank"])


def copy(incident_id: int, queue: Queue, *, since: datetime, sealed: datetime | None, received: datetime) -> int:
    """Copy the queue's readings from `since` on that were received from then on; sealed stretches stay as they are."""
    with connection.cursor() as cursor:
        cursor.execute(_COPY, [incident_id, queue.zh, queue.pk, since, sealed or _EVER, received])
        return cursor.rowcount


def hold(incident_ids: Iterable[int]) -> None:
    """Keep those incidents for rows that will name them. Without it that lock is taken at the commit, when the topics
    are held already, and whoever works on the incident waits for them: a deadlock. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [sorted(incident_ids)])


def attach(story: Story, queue: Queue, *, run_at: datetime | None) -> None:
    """Copy what led to this moment and seal it in the story. Three statements, all before the story is saved."""
    incident = story.incident
    earlier = [one for one in seals([incident.pk]).get(incident.pk, []) if one.queue == queue.key]
    sealed = earlier[-1].until if earlier else None
    if run_at is not None:
        copy(incident.pk, queue, since=run_at - BEFORE, sealed=sealed, received=_EVER)
    rows = _rows(incident.pk, queue.pk, sealed)
    if not rows:
        return
    with story.as_system():
        chain.write(
            story,
            "samples",
            queue=queue.key,
            name_zh=queue.zh,
            name_en=queue.en,
            since=rows[0][0].isoformat(),
            until=rows[-1][0].isoformat(),
            count=len(rows),
            sha256=digest(rows),
            rank=incident.level_rank,
        )
    story.touch(REGION)


def _rows(incident_id: int, queue_id: int, after: datetime | None, until: datetime | None = None) -> list[Any]:
    found = Sample.objects.filter(incident_id=incident_id, queue_id=queue_id)
    if after is not None:
        found = found.filter(at__gt=after)
    if until is not None:
        found = found.filter(at__lte=until)
    return list(found.order_by("at").values_list(*COLUMNS))


def digest(rows: Iterable[tuple[Any, ...]]) -> str:
    """The SHA-256 of samples in their order: each a line of JSON, times in UTC."""
    whole = hashlib.sha256()
    for at, *values in rows:
        moment = at.astimezone(UTC).isoformat(timespec="microseconds")
        whole.update(json.dumps([moment, *values], ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return whole.hexdigest()


def broken(incident: Incident) -> list[int]:
    """The numbers of the entries whose samples are no longer those that were sealed. Reads every sample."""
    queues = dict(Queue.objects.filter(site_id=incident.site_id).values_list("key", "id"))
    wrong = []
    for seal in seals([incident.pk]).get(incident.pk, []):
        before = seal.since - timedelta(microseconds=1)
        rows = _rows(incident.pk, queues.get(seal.queue, 0), before, seal.until)
        if (len(rows), digest(rows)) != (seal.count, seal.sha256):
            wrong.append(seal.number)
    return wrong
