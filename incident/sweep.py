"""Finds what is due and settles it, incident by incident; what fails is pushed forward and never blocks the rest."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import OperationalError, connection, transaction
from django.db.models import F

from incident import acting, handover, handover_opening, saturation, settle, telling, writing
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
        UNION SELECT incident_id FROM incident_duty WHERE follow_at <= %(now)s
        UNION SELECT id FROM incident_incident WHERE reassess_at <= %(now)s
        UNION SELECT incident_id FROM incident_callout WHERE due_at <= %(now)s
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
    settled, errors = 0, saturation.sweep(now=now)  # what has fallen silent stands, before time acts on it
    for incident_id in due(now=now):
        try:
            settled += _settle_one(incident_id, now=now)
        except Exception as reason:  # one broken incident must not keep the others waiting
            errors.append(_put_aside(incident_id, reason, now=now))
    for incident_id in _troubled(now=now):
        try:
            telling.take_troubles(incident_id, now=now)
        except Exception as reason:  # nor the others' troubles
            errors.append(_put_aside(incident_id, reason, now=now))
    errors += handover_opening.open_due(now=now) + handover.pass_due(now=now)
    beat("sweep", now=now, done=settled, failed=len(errors), error=errors[-1] if errors else "")
    return Swept(settled, len(errors))


def _put_aside(incident_id: int, reason: Exception, *, now: datetime) -> str:
    """Report a failure and leave its incident alone for a while; what failed in words.

    Trouble of the database is not the incident's: after a deadlock the next tick tries again. Raises it again when
    the connection is lost, and with it everything else of this run.
    """
    if isinstance(reason, OperationalError):
        if not connection.is_usable():
            raise reason
        log.warning("settling incident %s is tried again: %s", incident_id, reason)
    else:
        log.error("settling incident %s failed", incident_id, exc_info=reason)
        Incident.objects.filter(pk=incident_id).update(held_until=now + HOLD)
    return f"{type(reason).__name__}: {reason}"


def _troubled(*, now: datetime) -> list[int]:
    """The incidents whose notices are in trouble, without those put aside."""
    troubles = outbox.troubles(now=now, limit=BLOCK)
    nobodys = [notice.pk for notice in troubles if notice.incident_id is None]
    if nobodys:  # a test of a channel: its attempts tell, no incident has to
        with transaction.atomic():
            outbox.clear_trouble(nobodys)
    found = {notice.incident_id for notice in troubles if notice.incident_id is not None}
    if not found:
        return []
    free = Incident.objects.filter(pk__in=found).exclude(held_until__gt=now)
    return list(free.order_by("id").values_list("pk", flat=True))


def due(*, now: datetime) -> list[int]:
    """The ids of incidents with something due, found without locking. One query on partial indexes."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": now, "limit": BLOCK})
        return [row[0] for row in cursor.fetchall()]


def _settle_one(incident_id: int, *, now: datetime) -> int:
    with transaction.atomic():
        incident = acting.free(incident_id)
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
        first = Heartbeat(name=name, at=now, done=done, failed=failed, last_error=error[:300])
        Heartbeat.objects.bulk_create([first], ignore_conflicts=True)
