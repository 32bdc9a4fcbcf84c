"""Makes readings of our queues out of what a telephone exchange says of its own; counts of the day are kept between."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from incident import clock, saturation
from staffing.ami import daily, members
from staffing.models import Queue

SOURCE = "ami"
# A look between two polls, because of an event in one queue, is no news of the others.
REPEAT = timedelta(seconds=4)

Row = dict[str, Any]


class Pbx:
    """What is remembered of one exchange between two looks. `say` takes one clear line."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self._days: dict[int, tuple[date, daily.Day]] = {}
        self._sent: dict[int, tuple[datetime, Row]] = {}
        self._complaints: frozenset[str] = frozenset()

    def take(self, status: Sequence[Mapping[str, str]], *, now: datetime) -> int:
        """Take the rows of a QueueStatus as measured at `now`; how many readings became of them."""
        seen = {name.casefold(): one for name, one in members.measure(status, clock=now.timestamp()).items()}
        queues = list(Queue.objects.filter(source=Queue.Source.AMI).select_related("site").order_by("site_id", "id"))
        complaints = _strangers(queues, seen)
        by_site: defaultdict[int, dict[int, Row]] = defaultdict(dict)
        for queue in queues:
            measured = seen.get(_outside(queue))
            if measured is not None and self._is_news(queue, row := self._row(queue, measured, now), now):
                by_site[queue.site_id][queue.pk] = row
        accepted = 0
        for site_id, news in by_site.items():
            rows = [row | {"at": now.isoformat()} for row in news.values()]
            taken = saturation.receive(site_id, rows, now=now, source=SOURCE)
            accepted += taken.accepted
            complaints += [f"{rows[index]['queue']}: {field}: {words}" for index, field, words in taken.refused]
            self._sent |= {pk: (now, row) for pk, row in news.items()}
        self._complain(complaints)
        return accepted

    def _is_news(self, queue: Queue, row: Row, now: datetime) -> bool:
        """Whether it has not just been sent."""
        at, before = self._sent.get(queue.pk, (now, {}))
        return row != before or now >= at + REPEAT

    def _row(self, queue: Queue, measured: members.Measured, now: datetime) -> Row:
        counts = daily.Counts()
        if measured.counted is not None:
            counts = self._day(queue, measured, measured.counted, now).counts(measured.in_call)
        row = asdict(counts) | {
            name: getattr(measured, name)
            for name in ("staffed", "busy", "paused", "wrapping", "waiting", "longest_wait")
        }
        if measured.in_time_seconds != queue.answer_seconds:
            row["answered_in_time"] = None  # in time by another measure than ours
        return row | {"queue": queue.key, "source": SOURCE}

    def _day(self, queue: Queue, measured: members.Measured, seen: daily.Counted, now: datetime) -> daily.Day:
        """The queue's day up to now."""
        today = now.astimezone(clock.ZONE).date()
        known = self._days.get(queue.pk)
        if known is None:
            day = _day_so_far(queue, measured, seen, today)
        else:
            day = (known[1] if known[0] == today else known[1].new()).heard(seen)
        self._days[queue.pk] = today, day
        return day

    def _complain(self, complaints: Sequence[str]) -> None:
        """Say what is wrong once, and again when it has been right in between."""
        for words in complaints:
            if words not in self._complaints:
                self.say(words)
        self._complaints = frozenset(complaints)


def _outside(queue: Queue) -> str:
    return (queue.outside_name or queue.key).casefold()


def _day_so_far(queue: Queue, measured: members.Measured, seen: daily.Counted, today: date) -> daily.Day:
    """What the newest reading had said, if it is one of ours and of today."""
    said = queue.newest
    if said.get("source") != SOURCE or datetime.fromisoformat(said["at"]).astimezone(clock.ZONE).date() != today:
        return daily.Day(seen, daily.Counted(0, None if seen.in_time is None else 0, 0))
    counts = {name: said.get(name) for name in ("answered", "abandoned")}
    return daily.go_on(seen, **counts, in_time=said.get("answered_in_time"), in_call=measured.in_call)


def _strangers(queues: Sequence[Queue], seen: Mapping[str, members.Measured]) -> list[str]:
    """One line for each of our queues that the exchange does not have, and one for those of its that we do not."""
    there = ", ".join(sorted(one.name for one in seen.values())) or "none"
    lines = [
        f"queue {queue.key} of site {queue.site.key} is called {queue.outside_name or queue.key!r} outside;"
        f" the exchange has no such queue (it has: {there})"
        for queue in queues
        if _outside(queue) not in seen
    ]
    ours = {_outside(queue) for queue in queues}
    theirs = sorted(one.name for name, one in seen.items() if name not in ours)
    if theirs:
        lines.append(f"queues of the exchange that no queue here is fed from: {', '.join(theirs)}")
    return lines
