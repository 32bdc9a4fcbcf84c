"""The one way in for readings of seats: checked, kept once, and folded into how long the seats have been full."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from staffing import saturation, seatrows
from staffing.models import Queue, Reading
from staffing.seatrows import COUNTS, Refusal, Row

MOST_ROWS: Final = 5000  # of one batch
KEPT: Final = timedelta(days=35)  # what proves an incident is copied beside it and stays
PURGED_AT_ONCE: Final = 20_000  # rows a statement, so that nobody waits long

_COLUMNS: Final = ", ".join(COUNTS)
_INSERT: Final = f"""
    INSERT INTO staffing_reading (queue_id, at, source, received_at, {_COLUMNS})
    SELECT queue_id, at, source, %s, {_COLUMNS}
    FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], {", ".join(["%s::int[]"] * len(COUNTS))})
        AS row (queue_id, at, source, {_COLUMNS})
    ON CONFLICT (queue_id, at) DO NOTHING
    RETURNING queue_id, at
"""  # noqa: S608 - the columns are named here
_UPDATE: Final = """
    UPDATE staffing_queue AS queue SET
        heard_at = new.heard_at, full_since = new.full_since, dip_since = new.dip_since, is_stale = new.is_stale,
        newest = new.newest, course = new.course, suggests = new.suggests, due_at = new.due_at
    FROM unnest(
        %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::bool[], %s::jsonb[], %s::jsonb[],
        %s::jsonb[], %s::timestamptz[]
    ) AS new (id, heard_at, full_since, dip_since, is_stale, newest, course, suggests, due_at)
    WHERE queue.id = new.id
"""
_PURGE: Final = """
    DELETE FROM staffing_reading WHERE id IN (
        SELECT reading.id FROM staffing_queue AS queue
        JOIN staffing_reading AS reading ON reading.queue_id = queue.id AND reading.at < %s LIMIT %s
    )
"""


class TooManyRows(ValueError):
    """A batch of more rows than are taken at once; nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch: `refused` holds (index, field, sentence); `duplicates` of them were known already.

    `queues`: the ids of those with a new reading.
    """

    accepted: int
    refused: list[Refusal]
    queues: set[int]
    duplicates: int = 0
    locked: list[Queue] = field(default_factory=list, compare=False, repr=False)


@transaction.atomic
def take(site_id: int, rows: Sequence[Any], *, now: datetime, source: str) -> Taken:
    """Keep the good rows though others are refused; six statements at most, whatever their number. Raises TooManyRows.

    Locks the site's queues until the transaction ends: nobody who holds an incident may call it.
    """
    if len(rows) > MOST_ROWS:
        raise TooManyRows(_("一次最多 %d 行，请分批发送。") % MOST_ROWS)
    sound, refused = seatrows.check(rows, now=now, source=source)
    queues = locked(site_id)
    placed, unknown = _placed(sound, queues)
    fresh, known = _inserted(placed, now)
    refused = sorted([*refused, *unknown, *known])
    changed = {queue.pk: queue for queue in queues if queue.pk in fresh}
    for pk, queue in changed.items():
        _fold(queue, fresh[pk], now)
    keep(changed.values())
    return Taken(sum(map(len, fresh.values())), refused, set(changed), len(known), queues)


def locked(site_id: int, *, wait: bool = True) -> list[Queue]:
    """The site's queues under their row locks, in order of id; without `wait`, those that nobody holds."""
    rows = Queue.objects.filter(site_id=site_id).order_by("id")
    return list(rows.select_for_update(of=("self",), skip_locked=not wait))


def look(queues: Iterable[Queue], now: datetime) -> None:
    """Put what time alone has changed into the columns of locked queues; `keep` writes them."""
    for queue in queues:
        _show(queue, now)


def keep(queues: Iterable[Queue]) -> None:
    """Write the columns that readings and time change, of all the queues in one statement."""
    rows = list(queues)
    if not rows:
        return
    values: list[Any] = [
        [row.pk for row in rows],
        [row.heard_at for row in rows],
        [row.full_since for row in rows],
        [row.dip_since for row in rows],
        [row.is_stale for row in rows],
        [json.dumps(row.newest) for row in rows],
        [json.dumps(row.course) for row in rows],
        [json.dumps(row.suggests) for row in rows],
        [row.due_at for row in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, values)


def purge(*, now: datetime) -> int:
    """Delete readings older than five weeks, in pieces; how many they were."""
    total = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_PURGE, [now - KEPT, PURGED_AT_ONCE])
            total += cursor.rowcount
            if cursor.rowcount < PURGED_AT_ONCE:
                return total


def limits(queue: Queue) -> saturation.Limits:
    """What the queue tolerates."""
    return saturation.Limits(timedelta(seconds=queue.dip_seconds), timedelta(seconds=queue.stale_seconds))


def view(queue: Queue, now: datetime) -> saturation.View:
    """The seats of the queue at `now`. No query."""
    return saturation.view(_course(queue).head, now, limits(queue))


def _placed(rows: list[Row], queues: list[Queue]) -> tuple[list[tuple[Queue, Row]], list[Refusal]]:
    """The rows of queues that are there, one for each moment; a queue goes by its key or its name outside."""
    names = {queue.outside_name: queue for queue in queues if queue.outside_name}
    names |= {queue.key: queue for queue in queues}
    placed: dict[tuple[int, datetime], tuple[Queue, Row]] = {}
    refused: list[Refusal] = []
    for row in rows:
        queue = names.get(row.queue)
        if queue is None:
            refused.append((row.index, "queue", _("本站没有代号为“%s”的队列。") % row.queue[:40]))
        elif (queue.pk, row.at) in placed:
            refused.append((row.index, "at", _("同一批里这个队列同一时刻已有一行，保留先到的。")))
        else:
            placed[queue.pk, row.at] = (queue, row)
    return list(placed.values()), refused


def _inserted(placed: list[tuple[Queue, Row]], now: datetime) -> tuple[dict[int, list[Row]], list[Refusal]]:
    """Write the rows in one statement; by queue those that are new, and a sentence for those known already."""
    if not placed:
        return {}, []
    rows = [row for _queue, row in placed]
    columns: list[list[Any]] = [
        [queue.pk for queue, _row in placed], [row.at for row in rows], [row.source for row in rows],
        *(seatrows.pick(rows, name) for name in COUNTS),
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [now, *columns])
        written = set(cursor.fetchall())
    fresh: defaultdict[int, list[Row]] = defaultdict(list)
    known: list[Refusal] = []
    for queue, row in placed:
        if (queue.pk, row.at) in written:
            fresh[queue.pk].append(row)
        else:
            known.append((row.index, "at", _("这个队列这一时刻的读数已经有了，没有重复记录。")))
    return dict(fresh), known


def _fold(queue: Queue, rows: list[Row], now: datetime) -> None:
    """Carry the queue's course on by its new readings; one that belongs earlier has it worked out anew."""
    course, limit = _course(queue), limits(queue)
    measured = [
        saturation.Reading(row.at, row.count("staffed"), row.count("busy"), row.count("waiting")) for row in rows
    ]
    if saturation.late_from(course, measured):
        course = saturation.refold(course, _since(queue, saturation.settled_at(course)), limit)
    else:
        course = saturation.fold(course, measured, limit)
    queue.course = {name: _written(state) for name, state in _states(course).items()}
    newest = max(rows, key=lambda row: row.at)
    if newest.at.isoformat() >= queue.newest.get("at", ""):
        queue.newest = {"at": newest.at.isoformat(), "source": newest.source} | dict(
            zip(COUNTS, newest.counts, strict=True)
        )
    _show(queue, now)


def _since(queue: Queue, settled: datetime | None) -> list[saturation.Reading]:
    """All that was measured since a moment."""
    rows = Reading.objects.filter(queue=queue)
    if settled is not None:
        rows = rows.filter(at__gt=settled)
    return [saturation.Reading(*row) for row in rows.values_list("at", "staffed", "busy", "waiting")]


def _show(queue: Queue, now: datetime) -> None:
    seen = view(queue, now)
    queue.heard_at, queue.full_since, queue.dip_since = seen.heard_at, seen.full_since, seen.dip_since
    queue.is_stale, queue.due_at = seen.is_stale, seen.due_at


def _states(course: saturation.Course) -> dict[str, saturation.State]:
    return {"head": course.head, "mark": course.mark, "base": course.base}


def _course(queue: Queue) -> saturation.Course:
    return saturation.Course(**{name: _read(queue.course.get(name) or {}) for name in ("head", "mark", "base")})


def _written(state: saturation.State) -> dict[str, Any]:
    """A state as JSON, without what is empty."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(state).items()
        if value
    }


def _read(stored: Mapping[str, Any]) -> saturation.State:
    values: dict[str, Any] = {
        name: value if isinstance(value, bool) else datetime.fromisoformat(value) for name, value in stored.items()
    }
    return saturation.State(**values)
