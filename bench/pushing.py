"""A machine that pushes readings of seats: one keep-alive connection, batch after batch; needs no Django."""

import http.client
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

PATH = "/api/seats/"


class Machine:
    """One connection with a token."""

    def __init__(self, port: int, secret: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}

    def push(self, body: bytes) -> dict[str, int]:
        self.connection.request("POST", PATH, body, self.headers)
        answer = self.connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {said[:300]!r}")
        return json.loads(said)


def row(queue: str, at: datetime, busy: int) -> dict[str, object]:
    """A reading as a vendor's system would send it."""
    return {
        "queue": queue, "at": at.isoformat(), "staffed": 30, "busy": busy, "paused": 2, "wrapping": 1, "waiting": 3,
        "longest_wait": 41, "offered": 1200, "answered": 1100, "answered_in_time": 900, "abandoned": 60,
        "abandoned_soon": 20,
    }  # fmt: skip


def batches(queues: list[str], size: int) -> Iterator[bytes]:
    """Batches of that size for ever, each about the time since the one before; every second queue is full."""
    each = size // len(queues)
    last = datetime.now(UTC)
    while True:
        now = datetime.now(UTC)
        step = (now - last) / (each + 1)
        rows = [
            row(queue, last + step * (place + 1), 30 if number % 2 else 20)
            for place in range(each)
            for number, queue in enumerate(queues)
        ]
        last = now
        yield json.dumps(rows).encode()


def push_for(port: int, secret: str, queues: list[str], size: int, seconds: float, per_second: float) -> list[float]:
    """Push for so long, at most so many readings a second; the seconds that each batch took, and how many were kept."""
    machine, spans, kept = Machine(port, secret), [], 0
    made = batches(queues, size)
    begun = time.monotonic()
    until = begun + seconds
    time.sleep(0.02)
    while time.monotonic() < until:
        body = next(made)
        sent = time.monotonic()
        kept += machine.push(body)["accepted"]
        spans.append(time.monotonic() - sent)
        ahead = begun + kept / per_second - time.monotonic() if per_second else 0.0
        time.sleep(max(ahead, 0.002))  # moments of a batch are apart
    return [*spans, float(kept)]


def story(queue: str, since: timedelta) -> bytes:
    """Full seats every twenty seconds, from so long ago until a moment ago."""
    now = datetime.now(UTC)
    count = int(since.total_seconds() // 20) + 1
    return json.dumps([row(queue, now - since + timedelta(seconds=20 * place), 30) for place in range(count)]).encode()
