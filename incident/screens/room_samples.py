"""The readings of seats that prove why the incident began and rose: how many there are, and the newest of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, F, Max, Min, Q

from incident import measures, proof
from incident.models import Sample
from incident.screens import room_words as say
from incident.screens.room_rows import Rows
from staffing import saturation

SHOWN: Final = 6  # in the room; the record on paper has more
PRINTED: Final = 240
APART: Final = timedelta(minutes=1)  # on paper, where nothing changes
FULL: Final = Q(staffed__gt=0, busy__gte=F("staffed")) | Q(staffed=0, busy__isnull=False, waiting__gt=0)


@dataclass(frozen=True, slots=True)
class Reading:
    """One sample in words that need no more thought; None: not known."""

    at: datetime
    queue: str
    staffed: int | None
    busy: int | None
    waiting: int | None
    longest_wait: int | None
    kind: str  # full, pressed, free, or unknown
    source: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """What there is of one queue."""

    queue: str
    since: datetime
    until: datetime
    count: int
    full: int


@dataclass(frozen=True, slots=True)
class Samples:
    """Empty where no queue has moved the incident. `seals` are those of the timeline, `broken` numbers of entries."""

    stretches: tuple[Stretch, ...] = ()
    rows: tuple[Reading, ...] = ()
    seals: tuple[proof.Seal, ...] = ()
    broken: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        return sum(one.count for one in self.stretches)

    @property
    def is_whole(self) -> bool:
        return not self.broken


def build(rows: Rows) -> Samples:
    """The newest samples and the count of each queue; two queries, none where the plan has no fed fact."""
    if not measures.fed(rows.playbook):
        return Samples()
    newest = Sample.objects.filter(incident=rows.incident).select_related("queue").order_by("-at", "-id")[:SHOWN]
    shown = tuple(_reading(sample) for sample in newest)
    return Samples(_stretches(rows), shown) if shown else Samples()


def whole(rows: Rows) -> Samples:
    """For paper: every change, and one sample a minute where nothing changes, with the seals checked."""
    if not measures.fed(rows.playbook):
        return Samples()
    samples = Sample.objects.filter(incident=rows.incident).select_related("queue")
    every = [_reading(sample) for sample in samples.order_by("at", "id")]
    if not every:
        return Samples()
    seals = proof.seals([rows.incident.pk]).get(rows.incident.pk, [])
    kept = tuple(_thinned(every))[:PRINTED]
    return Samples(_stretches(rows), kept, tuple(seals), tuple(proof.broken(rows.incident)))


def _reading(sample: Sample) -> Reading:
    measured = saturation.Reading(sample.at, sample.staffed, sample.busy, sample.waiting)
    return Reading(
        at=sample.at,
        queue=_named(sample.queue_name, sample.queue.en if sample.queue else None),
        staffed=sample.staffed,
        busy=sample.busy,
        waiting=sample.waiting,
        longest_wait=sample.longest_wait,
        kind=saturation.kind(measured) or "unknown",
        source=sample.source,
    )


def _stretches(rows: Rows) -> tuple[Stretch, ...]:
    """Counted by the database: an hour of an eager feed is thousands of rows."""
    samples = Sample.objects.filter(incident=rows.incident).values("queue_name", "queue__en").order_by("queue_name")
    counted = samples.annotate(since=Min("at"), until=Max("at"), count=Count("id"), full=Count("id", filter=FULL))
    return tuple(
        Stretch(_named(one["queue_name"], one["queue__en"]), one["since"], one["until"], one["count"], one["full"])
        for one in counted
    )


def _named(zh: str, en: str | None) -> str:
    """The queue's name in the reader's language; one that is gone keeps the name that was copied."""
    return en if en and say.is_english() else zh


def _thinned(rows: Iterable[Reading]) -> Iterable[Reading]:
    last: dict[str, Reading] = {}
    for row in rows:
        before = last.get(row.queue)
        if before is None or before.kind != row.kind or row.at - before.at >= APART:
            last[row.queue] = row
            yield row
