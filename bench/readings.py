"""Readings of seats over the real HTTP endpoint: how many a second, and how soon full seats have started the plan.

Two machines push batches of 100 for ten queues of a site each, half of them full; the machines, the web process and
PostgreSQL share the cores. The raw limit is the same rows by a bare COPY in the same batches, each committed.
"""

import json
import multiprocessing
import time
from datetime import UTC, datetime, timedelta

import psycopg
from django.db import connection

from bench import pushing, stage
from bench.figures import Figure, percentile
from incident import clock
from incident.models import Incident
from staffing import tokens
from staffing.models import Queue, Reading, Site

QUEUES, SIZE, SECONDS = 10, 100, 15.0
AIM_PER_SECOND = 2000
DECISIONS = 12
SHORT = timedelta(seconds=0.4)  # of the fifteen minutes, when the last reading is sent
AIM_DECISION_MS = 1000
COLUMNS = (
    "queue_id", "at", "received_at", "source", "staffed", "busy", "paused", "wrapping", "waiting", "longest_wait",
    "offered", "answered", "answered_in_time", "abandoned", "abandoned_soon",
)  # fmt: skip


def run() -> list[Figure]:
    """Measure; needs Django set up and engines attached."""
    with stage.database():
        secrets = [site(f"bench-{number}", QUEUES) for number in range(2)]
        deciding = [site(f"decide-{number}", 1) for number in range(DECISIONS)]
        with stage.web() as port, multiprocessing.get_context("spawn").Pool(2) as pool:
            pool.starmap(pushing.push_for, [(port, secret, names(), SIZE, 1.0, 0.0) for secret in secrets])
            Reading.objects.all().delete()
            begun = time.monotonic()
            found = pool.starmap(pushing.push_for, [(port, secret, names(), SIZE, SECONDS, 0.0) for secret in secrets])
            passed = time.monotonic() - begun
            kept = int(sum(one[-1] for one in found))
            if Reading.objects.count() != kept:
                raise RuntimeError("readings were lost")
            spans = [span for one in found for span in one[:-1]]
            quiet = [decision(port, *one) for one in zip(deciding[:4], ids(), strict=False)]
            load = pool.starmap_async(
                pushing.push_for,
                [(port, secret, names(), SIZE, 3.0 * DECISIONS, AIM_PER_SECOND / 2) for secret in secrets],
            )
            late = [decision(port, *one) for one in zip(deciding[4:], ids()[4:], strict=True)]
            pool.terminate() if not load.ready() else None
        raw = kept / copied(kept)
    per_second = kept / passed
    note = f"{per_second:,.0f} readings/s against {AIM_PER_SECOND:,}; raw: COPY, {raw:,.0f}/s"
    return [
        Figure("a reading over HTTP, batches of 100", 1e6 / per_second, "µs", 1e6 / AIM_PER_SECOND, 1e6 / raw, note),
        Figure("a batch of 100, p99", 1000 * percentile(spans, 0.99), "ms", None, None, f"{len(spans)} batches"),
        Figure("reading to decision, max", 1000 * max(quiet), "ms", AIM_DECISION_MS, None, "nothing else pushed"),
        Figure(
            "reading to decision, max, under load", 1000 * max(late), "ms", AIM_DECISION_MS, None,
            f"beside {AIM_PER_SECOND:,} readings/s",
        ),
    ]  # fmt: skip


def names() -> list[str]:
    return [f"q{number}" for number in range(QUEUES)]


def ids() -> list[int]:
    return list(Site.objects.filter(key__startswith="decide-").order_by("id").values_list("id", flat=True))


def site(key: str, queues: int) -> str:
    """A site that runs the plan of full seats, with so many queues; the secret of its token."""
    opened_at = datetime(2020, 1, 1, tzinfo=UTC)
    made = Site.objects.create(key=key, zh=key, en=key, plans=["KF"], opened_at=opened_at)
    Queue.objects.bulk_create(
        Queue(site=made, key=name, zh=name, en=name, seats=30, starts="auto") for name in names()[:queues]
    )
    return tokens.make(made, key, None, clock.wall_now())[1]


def decision(port: int, secret: str, site_id: int) -> float:
    """Seconds from sending the reading at fifteen minutes until its incident is there to be seen."""
    machine = pushing.Machine(port, secret)
    machine.push(pushing.story("q0", timedelta(minutes=15) - SHORT))
    time.sleep(SHORT.total_seconds() + 0.05)
    body = json.dumps(pushing.row("q0", datetime.now(UTC), 30)).encode()
    sent = time.monotonic()
    machine.push(body)
    incident = Incident.objects.get(site_id=site_id)
    passed = time.monotonic() - sent
    if incident.level != "general":
        raise RuntimeError(f"level {incident.level} after fifteen minutes")
    return passed


def copied(count: int) -> float:
    """Seconds for so many of the same rows by COPY, in the same batches, each committed."""
    rows = list(Reading.objects.order_by("id").values_list(*COLUMNS)[:count])
    Reading.objects.all().delete()
    known = connection.get_connection_params()
    parameters = {name: known[name] for name in ("dbname", "user", "host", "port") if known.get(name)}
    with psycopg.connect(**parameters) as bare:
        begun = time.monotonic()
        for start in range(0, len(rows), SIZE):
            with bare.cursor().copy(f"COPY staffing_reading ({', '.join(COLUMNS)}) FROM STDIN") as into:
                for row in rows[start : start + SIZE]:
                    into.write_row(row)
            bare.commit()
        return (time.monotonic() - begun) * count / len(rows)
