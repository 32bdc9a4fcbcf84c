"""Run as a process of its own against the console under test: reports incidents, and tells what became of them."""

import collections
import json
import os
import sys
import uuid
from datetime import datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402
from django.db.models import F  # noqa: E402

from incident import chain, clock, readings, reporting  # noqa: E402
from incident.models import Duty, Entry, Incident  # noqa: E402
from notices import compose, mail  # noqa: E402
from notices.models import Attempt, Notice  # noqa: E402
from playbooks import library  # noqa: E402
from staffing.models import Site, User  # noqa: E402

SWEPT = timedelta(seconds=4)  # what fell due since is still the sweep's to find


def report(count: int, first_seconds: float, span_seconds: float) -> dict[str, Any]:
    """Report network faults that began so long ago that a duty of each falls due in the span that starts after `first`.

    In turn it is the duty of five, of ten and of sixty minutes; what fell due before opens late.
    """
    omar = User.objects.get(username="omar")
    site = Site.objects.get(key="callcentre")
    law = next(found for found in library.current(["HJ"]) if found.key == "HJ-2")
    now = clock.wall_now()
    for place in range(count):
        due = now + timedelta(seconds=first_seconds + span_seconds * place / count)
        minutes = (5, 10, 60)[place % 3]
        reporting.report(
            actor=omar,
            now=clock.wall_now(),
            occurred_at=due - timedelta(minutes=minutes),
            client_key=uuid.uuid4(),
            site_id=site.pk,
            playbook_id=law.id,
            facts={"scope": readings.Given(value="all_applications")},
        )
    return {"reported": Incident.objects.count(), "first": (now + timedelta(seconds=first_seconds)).isoformat()}


def tell() -> dict[str, Any]:
    """What must hold after whatever was done to the processes: counts and the numbers of what does not fit."""
    now = clock.wall_now()
    late = collections.Counter(
        (entry.incident_id, entry.data["duty"]) for entry in Entry.objects.filter(kind="duty_late").order_by("id")
    )
    marked = {(duty.incident_id, duty.rule): duty for duty in Duty.objects.filter(late_at__isnull=False)}
    entries = {
        (entry.incident_id, entry.data["duty"]): entry.at
        for entry in Entry.objects.filter(kind="duty_late").order_by("id")
    }
    return {
        "late": len(marked),
        "overdue": Duty.objects.filter(state="open", late_at__isnull=True, plan_due_at__lte=now - SWEPT).count(),
        "early": sum(duty.plan_due_at > now for duty in marked.values()),
        "late_at_another_time": sum(duty.late_at != duty.plan_due_at for duty in marked.values()),
        "said_more_than_once": sum(count > 1 for count in late.values()),
        "said_not": len(set(marked) - set(late)),
        "said_at_another_time": sum(marked[key].plan_due_at != at for key, at in entries.items() if key in marked),
        "opened_twice": _opened_twice(),
        "slowest_seconds": max(_delays(), default=None),
        "waited_for": len(_delays()),
        "broken": [str(one.number) for one in Incident.objects.all() if chain.broken_at(one) is not None],
        "held": Incident.objects.filter(held_until__isnull=False).count(),
        "told_late": _told_late(),
        "unsent": _unsent(now),
        "mails": sorted(_mails()),
        "incidents": Incident.objects.count(),
    }


def _delays() -> list[float]:
    """How long after its time each lateness was acted on, in seconds, of those not past already when reported."""
    said = Entry.objects.filter(kind="duty_late", at__gt=F("incident__recorded_at")).values_list("at", "recorded_at")
    return [(recorded_at - at).total_seconds() for at, recorded_at in said]


def _opened_twice() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT incident_id, rule FROM incident_duty GROUP BY 1, 2 HAVING count(*) > 1")
        return len(cursor.fetchall())


def _told_late() -> dict[str, int]:
    """Notices by how often the same person was told of the same lateness."""
    found = collections.Counter(
        (notice.incident_id, notice.person, str(notice.data.get("rules")))
        for notice in Notice.objects.filter(kind="told_late")
    )
    return {str(count): times for count, times in sorted(collections.Counter(found.values()).items())}


def _unsent(now: datetime) -> int:
    return Notice.objects.filter(due_at__lte=now).count()


def _mails() -> list[str]:
    """The Message-ID of every mail that the console believes it has sent."""
    sent = Attempt.objects.filter(channel="email", outcome="accepted").select_related("notice").order_by("id")
    return [
        mail.build(compose.message(attempt.notice, attempt.rung), "console@example.invalid").extra_headers["Message-ID"]
        for attempt in sent
    ]


def at_one_moment() -> dict[str, Any]:
    """What `tell` says, out of one snapshot: people who do not answer are still being passed over meanwhile."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return tell()


if __name__ == "__main__":
    print(json.dumps(at_one_moment() if sys.argv[1] == "tell" else report(int(sys.argv[2]), *map(float, sys.argv[3:]))))
