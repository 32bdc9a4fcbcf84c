"""`manage.py simulate_queue --site KEY --queue KEY`: a rising load on seats that do not exist, for demos and drills."""

import json
import re
import signal
import threading
import time
import urllib.error
import urllib.request
from argparse import ArgumentTypeError
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incident import clock, saturation
from incident.models import Summons
from staffing.models import Queue
from staffing.simulated import Floor, Habits, Load

SOURCE = "simulated"
EVERY_SECONDS = 5
BATCH = 500  # rows
MOST_MINUTES = 12 * 60
PUSH_SECONDS = 10.0

Row = dict[str, Any]
Send = Callable[[Sequence[Row], datetime], None]


class Command(BaseCommand):
    help = "Feed a queue with a load that rises, fills the seats and falls again; ends by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--site", required=True, help="key of the site")
        parser.add_argument("--queue", required=True, help="key of the queue")
        parser.add_argument("--minutes", type=_minutes, default=40.0, help="how long it goes on from now (40)")
        parser.add_argument("--backfill", type=_minutes, default=0.0, help="make up a past of so long first, e.g. 20m")
        parser.add_argument("--seed", type=int, default=1, help="the same seed is the same afternoon (1)")
        parser.add_argument("--seats", type=int, help="agents at the start (the queue's seats, or 8)")
        parser.add_argument("--rise", type=_minutes, default=1.0, help="minutes from the beginning to the rise (1)")
        parser.add_argument("--peak", type=float, default=2.0, help="load for each seat at the peak, in erlangs (2)")
        parser.add_argument("--aht", type=float, default=240.0, help="seconds a call takes on average (240)")
        parser.add_argument("--patience", type=float, default=180.0, help="seconds before a caller gives up (180)")
        parser.add_argument("--join", default="", help="agents who come, as minute:how many, e.g. 18:1,34:6")
        parser.add_argument("--to", default="", help="push to this address instead of writing directly")
        parser.add_argument("--token", default="", help="the token for --to")

    def handle(self, *_args: Any, **given: Any) -> None:
        queue = Queue.objects.filter(site__key=given["site"], key=given["queue"]).select_related("site").first()
        seats, site_id = given["seats"], None
        if not given["to"]:
            site_id, seats = _target(queue, given), seats or (queue.seats if queue else 0)
        send = _pushing(given["to"], given["token"]) if site_id is None else _writing(site_id)
        try:
            run = Run(given, seats or 8, clock.wall_now())
        except ValueError as wrong:
            raise CommandError(str(wrong)) from None
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        self._backfill(run, send)
        self._go_on(run, send, stopping, _arrivals(site_id, clock.wall_now()))
        self.stdout.write("stopped" if stopping.is_set() else "the afternoon is over")

    def _backfill(self, run: "Run", send: Send) -> None:
        rows = [run.reading(second) for second in range(0, int(run.past), EVERY_SECONDS)]
        try:
            for start in range(0, len(rows), BATCH):
                send(rows[start : start + BATCH], clock.wall_now())
        except Away as reason:
            raise CommandError(str(reason)) from None
        if rows:
            self.stdout.write(f"{len(rows)} readings of the last {run.past / 60:g} min")

    def _go_on(self, run: "Run", send: Send, stopping: threading.Event, arrived: Callable[[], int]) -> None:
        begun, said = time.monotonic(), -60.0
        while not stopping.is_set() and (passed := time.monotonic() - begun) <= run.minutes * 60:
            run.extra = arrived()
            row = run.reading(run.past + passed)
            try:
                send([row], clock.wall_now())
            except Away as reason:
                self.stderr.write(str(reason))
            if passed - said >= 60:
                self.stdout.write(_line(row))
                self.stdout.flush()
                said = passed
            stopping.wait(EVERY_SECONDS - (time.monotonic() - begun - passed))


class Run:
    """One simulated afternoon. Seconds count from its beginning, which lies `past` seconds before `now`."""

    def __init__(self, given: dict[str, Any], seats: int, now: datetime) -> None:
        self.queue: str = given["queue"]
        self.minutes: float = given["minutes"]
        self.past: float = given["backfill"] * 60
        self.begun_at = now - timedelta(seconds=self.past)
        self.seats, self.extra = seats, 0
        self.joins = _joins(given["join"])
        whole = self.past + self.minutes * 60
        rise = min(given["rise"] * 60, whole * 0.8)
        load = Load(starts_at=rise, ends_at=max(whole * 0.85, rise), peak=given["peak"])
        habits = Habits(handling=given["aht"], patience=given["patience"])
        self.floor = Floor(seats=seats, load=load, seed=given["seed"], habits=habits)

    def reading(self, second: float) -> Row:
        """The reading at a second of the afternoon; agents who have come by then are at their seats."""
        self.floor.run(second)
        came = sum(count for at, count in self.joins if at * 60 <= second)
        self.floor.seat(self.seats + came + self.extra)
        at = self.begun_at + timedelta(seconds=second)
        return self.floor.reading() | {"queue": self.queue, "at": at.isoformat(), "source": SOURCE}


class Away(Exception):
    """The console did not take the rows now; later it may."""


@dataclass(frozen=True)
class Pushed:
    """The rows go to a console as any other system would send them."""

    address: str
    token: str

    def __call__(self, rows: Sequence[Row], _now: datetime) -> None:
        """Raises Away, or CommandError with what the console answered where trying again is no use."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.address, json.dumps(list(rows)).encode(), headers, method="POST")  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=PUSH_SECONDS) as answer:  # noqa: S310 - http or https, checked
                said = json.loads(answer.read(65536))
        except urllib.error.HTTPError as refused:
            words = f"{self.address} answered {refused.code}: {refused.read(1000).decode(errors='replace')}"
            raise (Away if refused.code == 429 or refused.code >= 500 else CommandError)(words) from None
        except (OSError, ValueError) as reason:
            raise Away(f"{self.address} cannot be reached: {reason}") from None
        if said.get("refused"):
            raise CommandError(f"{self.address} refused {said['refused']} readings: {said.get('errors')}"[:1000])


def _pushing(address: str, token: str) -> Send:
    if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname:
        raise CommandError("--to must be an http:// or https:// address")
    if not token:
        raise CommandError("--to needs --token")
    return Pushed(address, token)


def _writing(site_id: int) -> Send:
    def send(rows: Sequence[Row], now: datetime) -> None:
        taken = saturation.receive(site_id, rows, now=now, source=SOURCE)
        for index, field, words in taken.refused[:1]:
            raise CommandError(f"{rows[index]['at']}: {field}: {words}")

    return send


def _target(queue: Queue | None, given: dict[str, Any]) -> int:
    """The site's id. Refuses a queue that an exchange feeds: made-up readings among real ones would start a plan."""
    if queue is None:
        raise CommandError(f"site {given['site']} has no queue {given['queue']}")
    if queue.source == Queue.Source.AMI:
        raise CommandError(f"queue {queue.key} is fed by an exchange; set its source to push or by hand first")
    return queue.site_id


def _arrivals(site_id: int | None, since: datetime) -> Callable[[], int]:
    """How many have come since, called in by an incident of the site; nobody can say so from outside."""
    if site_id is None:
        return lambda: 0
    came = Summons.objects.filter(incident__site_id=site_id, state=Summons.State.ARRIVED, told_at__gte=since)
    return came.exclude(offer=Summons.Offer.EXTEND).count


def _line(row: Row) -> str:
    at = datetime.fromisoformat(row["at"]).astimezone(clock.ZONE)
    seats = f"{row['busy']}/{row['staffed']} busy"
    return f"{at:%H:%M:%S}  {seats}, {row['waiting']} waiting, longest {row['longest_wait']} s"


def _minutes(text: str) -> float:
    """Minutes, as 20 or 20m."""
    found = re.fullmatch(r"(\d{1,4}(?:\.\d+)?)m?", text.strip())
    if not found or not float(found[1]) <= MOST_MINUTES:
        raise ArgumentTypeError(f"{text!r} is no number of minutes up to {MOST_MINUTES}, such as 20m")
    return float(found[1])


def _joins(text: str) -> list[tuple[float, int]]:
    found = [re.fullmatch(r"(\d{1,4}):(\d{1,3})", one.strip()) for one in text.split(",") if one.strip()]
    if not all(found):
        raise ValueError("--join is written minute:how many, such as 18:1,34:6")
    return [(float(one[1]), int(one[2])) for one in found if one]
