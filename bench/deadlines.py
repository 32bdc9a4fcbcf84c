"""How long after its deadline a duty's lateness is in the database, with real beat and worker and many duties armed.

Twenty incidents a second fall due for half a minute, each with what the plan says follows: a notice and three entries.
A second connection looks every 20 ms for what has become visible; so up to 20 ms of each figure are its own.
"""

import os
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from django.db import connection

from bench import stage
from bench.figures import Figure, percentile
from console import processes
from incident import clock
from incident.models import Duty, Incident
from playbooks import law, library
from staffing.models import Site, User

INCIDENTS, PER_SECOND = 600, 20
ARMED = 10_000
START_SECONDS = 8.0  # for worker and beat to come up
LOOK_SECONDS = 0.02
PATIENCE_SECONDS = 15.0
AIM_P99 = 1.2
TICK = 1.0  # beat asks once a second: half of that at p50, all of it at worst, is the price of the tick alone
RULE = "HJ-2-05"
_SEEN = "SELECT clock_timestamp(), array_agg(id) FROM incident_duty WHERE id = ANY(%s) AND late_at IS NOT NULL"


def run() -> list[Figure]:
    """Measure; needs Django set up and engines attached."""
    with stage.database(), processes_on_it():
        first = clock.wall_now() + timedelta(seconds=START_SECONDS)
        armed = arm(first)
        lateness = watch()
    note = f"{armed} armed, {PER_SECOND} incidents/s; raw: the tick alone"
    if min(lateness) < 0:
        raise RuntimeError(f"a duty was late {-min(lateness):.3f} s before its time")
    return [
        Figure("deadline to commit, p50", percentile(lateness, 0.5), "s", None, TICK / 2, note),
        Figure("deadline to commit, p99", percentile(lateness, 0.99), "s", AIM_P99, TICK * 0.99, note),
        Figure("deadline to commit, max", max(lateness), "s", None, TICK, f"{len(lateness)} deadlines, none lost"),
    ]


@contextmanager
def processes_on_it() -> Iterator[None]:
    """Run the worker of the timers and beat on the scratch database."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    url = urlunsplit(parts._replace(path="/" + quote(str(connection.settings_dict["NAME"]))))
    environment = processes.environment() | {"DATABASE_URL": url}
    with tempfile.TemporaryDirectory() as home:
        children = [
            subprocess.Popen(
                processes.argv(name, host="127.0.0.1", port=0, home=Path(home)), cwd=stage.ROOT, env=environment
            )
            for name in ("worker", "beat")
        ]
        try:
            yield
        finally:
            for child in reversed(children):
                child.terminate()
                child.wait(15)


def arm(first: datetime) -> int:
    """Write incidents with one duty each that falls due in turn, and others that are armed for later."""
    playbook = library.find("HJ", "HJ-2")
    site, omar = Site.objects.get(key="callcentre"), User.objects.get(username="omar")
    now = clock.wall_now()
    incidents = Incident.objects.bulk_create(
        Incident(
            number=f"INC-BENCH-{place}", client_key=uuid.uuid4(), site=site, playbook_id=playbook.id, title="bench",
            reporter="bench", reported_by=omar, occurred_at=now, reported_at=now, recorded_at=now,
        )
        for place in range(INCIDENTS)
    )  # fmt: skip
    others = [rule for rule in playbook.duties if rule.key != RULE][: ARMED // INCIDENTS]
    later = first + timedelta(hours=1)
    rows = [
        _duty(incident, playbook.duty(RULE), now, first + timedelta(seconds=place / PER_SECOND))
        for place, incident in enumerate(incidents)
    ]
    rows += [_duty(incident, rule, now, later) for incident in incidents for rule in others]
    Duty.objects.bulk_create(rows, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE incident_incident, incident_duty")
    return len(rows)


def _duty(incident: Incident, rule: law.DutyRule, now: datetime, due: datetime) -> Duty:
    return Duty(
        incident=incident, rule=rule.key, kind=rule.kind, post=rule.post, order=rule.order, opened_at=now,
        anchor_at=now, due_kind=Duty.DueKind.PLAN, plan_due_at=due, due_at=due,
    )  # fmt: skip


def watch() -> list[float]:
    """Seconds from each deadline to the look that first saw it late."""
    due = dict(Duty.objects.filter(rule=RULE).values_list("id", "plan_due_at"))
    until = time.monotonic() + START_SECONDS + INCIDENTS / PER_SECOND + PATIENCE_SECONDS
    lateness: list[float] = []
    with psycopg.connect(**_parameters(), autocommit=True) as looking:
        while due and time.monotonic() < until:
            soon = datetime.now(UTC) + timedelta(seconds=1)
            asked = [duty_id for duty_id, moment in due.items() if moment < soon]
            row = looking.execute(_SEEN, [asked]).fetchone()
            assert row is not None
            lateness += [(row[0] - due.pop(duty_id)).total_seconds() for duty_id in row[1] or ()]
            time.sleep(LOOK_SECONDS)
    if due:
        raise RuntimeError(f"{len(due)} deadlines were not acted on")
    return lateness


def _parameters() -> dict[str, object]:
    known = connection.get_connection_params()
    return {name: known[name] for name in ("dbname", "user", "host", "port") if known.get(name)}
