"""The seats of some sites: every queue with how full it is and since when, the fullest first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.timezone import localtime

from incident.screens import room_words as say
from incident.screens import seat_words, strips, thresholds
from incident.screens.seat_chart import Chart, chart
from incident.screens.seat_gauge import Gauge, gauge
from incident.screens.seat_history import History
from incident.screens.seat_map import SeatMap, seat_map
from playbooks import rules
from staffing.models import Queue

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from incident.models import Incident
    from incident.screens.board import Board

State = Literal["none", "unknown", "unstaffed", "full", "free"]


@dataclass(frozen=True, slots=True)
class Start:
    """A level that full seats have reached and that waits for a person; `url`: the desk's form, filled in."""

    words: str
    level: rules.Level
    since_at: datetime
    url: str


class Row:
    """One queue: what is known of it now. `incident`: the running one that its fullness feeds, if any."""

    def __init__(
        self, queue: Queue, now: datetime, marks: thresholds.Marks | None, incident: "Incident | None"
    ) -> None:
        self.queue, self.now, self.marks, self.incident = queue, now, marks, incident

    @property
    def id(self) -> int:
        return self.queue.pk

    @property
    def name(self) -> str:
        return say.pick(self.queue)

    def number(self, key: str) -> int | None:
        """One number of the newest reading; None: not known."""
        found: int | None = self.queue.newest.get(key)
        return found

    @property
    def waiting(self) -> int | None:
        return self.number("waiting")

    @property
    def longest_wait(self) -> str:
        """As MM:SS; empty where it is not known."""
        seconds = self.number("longest_wait")
        return "" if seconds is None else say.clock_span(timedelta(seconds=seconds))

    @property
    def busy(self) -> int | None:
        return self.number("busy")

    @property
    def staffed(self) -> int | None:
        return self.number("staffed")

    @property
    def heard_at(self) -> datetime | None:
        return self.queue.heard_at

    @property
    def is_stale(self) -> bool:
        """Nothing was heard for longer than the queue allows."""
        heard = self.queue.heard_at
        if heard is None:
            return False
        return self.queue.is_stale or self.now - heard > timedelta(seconds=self.queue.stale_seconds)

    @property
    def state(self) -> State:
        """What the newest reading says; `unstaffed`: callers and nobody there, which counts as full."""
        if not self.queue.newest:
            return "none"
        if self.queue.full_since is not None:
            return "unstaffed" if self.staffed == 0 else "full"
        return "unknown" if self.staffed is None or self.busy is None else "free"

    @property
    def is_full(self) -> bool:
        return self.state in ("full", "unstaffed")

    @property
    def since_at(self) -> datetime | None:
        """From when the timer runs: it was moved on by every stretch without data."""
        return self.queue.full_since

    @property
    def elapsed(self) -> timedelta | None:
        """For how long the seats are known to have been full; None while they are not."""
        since, heard = self.queue.full_since, self.queue.heard_at
        if since is None or heard is None:
            return None
        return max(timedelta(0), (heard if self.is_stale else self.now) - since)

    @property
    def occupancy(self) -> int | None:
        """Busy seats in percent of those staffed; None where that is not known or nobody is there."""
        staffed, busy = self.staffed, self.busy
        return None if not staffed or busy is None else min(100, int(100 * busy / staffed + 0.5))

    @property
    def dip_seconds(self) -> int | None:
        """How long a seat has been free within the tolerance; None where none is."""
        since = self.queue.dip_since
        return None if since is None or not self.is_full else max(0, int((self.now - since).total_seconds()))

    @cached_property
    def history(self) -> History:
        return History(self.queue, self.now)

    @cached_property
    def gauge(self) -> Gauge | None:
        """The timer between the marks of the plan; None where the plan has no such marks."""
        return gauge(self) if self.marks and self.marks.marks else None

    @cached_property
    def map(self) -> SeatMap:
        return seat_map(self.queue)

    @cached_property
    def chart(self) -> Chart:
        return chart(self)

    @property
    def reached(self) -> tuple[thresholds.Mark, ...]:
        """The marks already passed."""
        elapsed = self.elapsed
        if self.marks is None or elapsed is None:
            return ()
        return tuple(mark for mark in self.marks.marks if mark.after <= elapsed)

    @property
    def next_mark(self) -> thresholds.Mark | None:
        """The next mark, while the timer runs; the first one otherwise."""
        marks = self.marks.marks if self.marks else ()
        return next((mark for mark in marks if mark not in self.reached), None)

    @property
    def next_at(self) -> datetime | None:
        """When the next mark is reached if nothing changes; None while the timer stands."""
        mark, since = self.next_mark, self.since_at
        return None if mark is None or since is None or self.is_stale else since + mark.after

    @property
    def next_minutes(self) -> str:
        return seat_words.minutes_of(self.next_mark.after) if self.next_mark else ""

    @property
    def is_below_target(self) -> bool:
        """Fewer calls are answered than the queue aims at; unknown is not below."""
        value = self.history.connected.figure.value
        return value is not None and value < self.queue.connect_target

    @property
    def start(self) -> Start | None:
        """What a person is asked to start, as the engine found it; nothing where an incident runs already."""
        suggested, since = self.queue.suggests, self.since_at
        if not suggested or self.incident or self.marks is None or since is None:
            return None
        if suggested["playbook"] != self.marks.playbook.key:
            return None
        mark = next((mark for mark in self.marks.marks if mark.level.key == suggested["level"]), None)
        if mark is None:
            return None
        return Start(seat_words.mark(mark), mark.level, since, _form(self.queue, self.marks, since))

    @property
    def incident_url(self) -> str:
        return strips.room_url(self.incident.number) if self.incident else ""


class Seats:
    """The queues of the board's sites. One query, and one more for the history of a queue where that is asked for."""

    def __init__(self, board: "Board") -> None:
        self.board, self.now = board, board.now

    @cached_property
    def rows(self) -> list[Row]:
        found = Queue.objects.filter(site_id__in=self.board.sites).order_by("pk")
        return sorted((row(queue, self.board) for queue in fed(found)), key=_urgency)

    @property
    def main(self) -> Row | None:
        return self.rows[0] if self.rows else None

    @property
    def others(self) -> list[Row]:
        return self.rows[1:]

    @property
    def is_named(self) -> bool:
        """Whether a figure must say of which queue it is."""
        return len(self.rows) > 1


def fed(queues: "QuerySet[Queue]") -> "QuerySet[Queue]":
    """Queues with their sites and, in `fed`, the playbooks that full seats fill; still one query."""
    return queues.select_related("site").annotate(fed=thresholds.fed_playbooks())


def row(queue: Queue, board: "Board") -> Row:
    """A queue of `fed` with its marks and its incident; the board asks for the incidents only of a full queue."""
    marks = thresholds.of_site(queue.fed, queue.site.plans)  # type: ignore[attr-defined]
    running = board.running(queue.site_id, marks.playbook.key) if marks and queue.full_since else None
    return Row(queue, board.now, marks, running)


def _urgency(one: Row) -> tuple[bool, float, int, int]:
    """The longest full first, then the fullest, then as they were made."""
    since = one.since_at.timestamp() if one.since_at else 0.0
    return (not one.is_full, since, -(one.occupancy or 0), one.id)


def _form(queue: Queue, marks: thresholds.Marks, since: datetime) -> str:
    began = localtime(since).strftime("%Y-%m-%d %H:%M:%S")
    asked = {
        "site": queue.site_id,
        "playbook": marks.playbook.id,
        f"fact-{marks.metric}-since": began,
        "occurred_at": began,
    }
    return f"{reverse('desk')}?{urlencode(asked)}#report-what"
