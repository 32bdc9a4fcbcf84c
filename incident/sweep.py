"""Finds what is due and settles it, incident by incident; what fails is pushed forward and never blocks the rest."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from incident import settle, telling, writing
from incident.models import Heartbeat, Incident
from incident.story import Story
from notices import outbox

log = logging.getLogger(__name__)

BLOCK = 200  # incidents a run
HOLD = timedelta(seconds=30)  # an incident whose settling failed is left alone for so long

_DUE = """
    SELECT incident.id FROM incident_incident AS incident
    WHERE incident.id IN (
        SELECT incident_id FROM incident_duty WHERE due_at <= %(now)s
        UNION SELECT id FROM incident_incident WHERE reassess_at <= %(now)s
    ) AND (incident.held_until IS NULL OR incident.held_until <= %(now)s)
    ORDER BY incident.id LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Swept:
    """What one run did."""

    settled: int
    failed: int


def sweep(*, now: datetime) -> Swept:
    """Settle every incident with something due at `now`, each in a transaction of its own, in order of id.

    Incidents that somebody else holds at the moment are skipped: whoever holds one settles it.
    """
    settled, failed, error = 0, 0, ""
    for incident_id in due(now=now):
        try:
            settled += _settle_one(incident_id, now=now)
        except Exception as reason:  # one broken incident must not keep the others waiting
            log.exception("settling incident %s failed", incident_id)
            failed, error = failed + 1, f"{type(reason).__name__}: {reason}"
            Incident.objects.filter(pk=incident_id).update(held_until=now + HOLD)
    for notice in outbox.troubles(now=now, limit=BLOCK):
        if notice.incident_id is not None:
            telling.take_troubles(notice.incident_id, now=now)
    beat("sweep", now=now, done=settled, failed=failed, error=error)
    return Swept(settled, failed)


def due(*, now: datetime) -> list[int]:
    """The ids of incidents with something due, found without locking. One query on partial indexes."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": now, "limit": BLOCK})
        return [row[0] for row in cursor.fetchall()]


def _settle_one(incident_id: int, *, now: datetime) -> int:
    with transaction.atomic():
        row = Incident.objects.select_for_update(of=("self",), skip_locked=True).select_related("site")
        incident = row.filter(pk=incident_id).first()
        if incident is None:
            return 0
        story = Story(incident=incident, actor=None, now=now)
        settle.settle(story)
        incident.held_until = None
        writing.save(story)
        return 1


def beat(name: str, *, now: datetime, done: int = 0, failed: int = 0, error: str = "") -> None:
    """Write down that a recurring piece of work ran."""
    changes = {"at": now, "done": F("done") + done, "failed": F("failed") + failed}
    if error:
        changes["last_error"] = error[:300]
    if not Heartbeat.objects.filter(name=name).update(**changes):
        Heartbeat.objects.bulk_create([Heartbeat(name=name, at=now)], ignore_conflicts=True)
