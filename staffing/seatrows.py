"""The rows of a feed of seats, checked one by one: a good row becomes a measurement, a bad one a clear sentence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

GRACE: Final = timedelta(seconds=5)  # clocks of two machines differ by so much
OLDEST: Final = timedelta(hours=24)
MOST: Final = 100_000  # of anything that is counted
LONGEST: Final = 200  # characters of a text that a sentence repeats at most 40 of

COUNTS: Final = (
    "staffed", "busy", "paused", "wrapping", "waiting", "longest_wait",
    "offered", "answered", "answered_in_time", "abandoned", "abandoned_soon",
)  # fmt: skip

Refusal = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is sound in itself; whether the queue is there is not known yet. `counts` stand as in COUNTS."""

    index: int
    queue: str
    at: datetime
    source: str
    counts: tuple[int | None, ...]

    def count(self, name: str) -> int | None:
        return self.counts[COUNTS.index(name)]


def check(rows: Sequence[Any], *, now: datetime, source: str) -> tuple[list[Row], list[Refusal]]:
    """The sound rows, and one sentence for each of the others."""
    sound: list[Row] = []
    refused: list[Refusal] = []
    for index, row in enumerate(rows):
        try:
            sound.append(_row(index, row, now, source))
        except _Wrong as wrong:
            refused.append((index, wrong.field, wrong.sentence))
    return sound, refused


class _Wrong(Exception):
    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field, self.sentence = field, sentence


def _row(index: int, row: Any, now: datetime, source: str) -> Row:
    if not isinstance(row, Mapping):
        raise _Wrong("", _("应为一组“名称：数值”，例如 queue、at、staffed、busy。"))
    counts = tuple([_count(row, name) for name in COUNTS])
    found = Row(index, _queue(row), _moment(row, now), _source(row, source), counts)
    staffed, busy = found.count("staffed"), found.count("busy")
    if staffed is not None and busy is not None and busy > staffed:
        raise _Wrong(
            "busy", _("忙座席 %(busy)d 多于在班座席 %(staffed)d，请核对。") % {"busy": busy, "staffed": staffed}
        )
    return found


def _queue(row: Mapping[Any, Any]) -> str:
    queue = row.get("queue")
    if not isinstance(queue, str) or not queue.strip():
        raise _Wrong("queue", _("缺少队列代号。"))
    return queue.strip()[:LONGEST]


def _source(row: Mapping[Any, Any], source: str) -> str:
    said = row.get("source")
    if said is None or said == "":
        return source[:40]
    if not isinstance(said, str) or not said.isprintable():
        raise _Wrong("source", _("来源应为一行文字。"))
    return said[:40]


def _moment(row: Mapping[Any, Any], now: datetime) -> datetime:
    raw = row.get("at")
    if raw is None or raw == "":
        raise _Wrong("at", _("缺少测量时间。"))
    moment = raw if isinstance(raw, datetime) else _parsed(raw)
    if moment.tzinfo is None:
        raise _Wrong("at", _("时间没有时区，请写成 2026-01-31T14:30:00+08:00。"))
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise _Wrong("at", _("时间“%s”无法识别，请写成 2026-01-31T14:30:00+08:00。") % str(raw)[:40]) from None
    if moment > now + GRACE:
        ahead = {"seconds": (moment - now) // timedelta(seconds=1)}
        raise _Wrong("at", _("时间比本机快 %(seconds)d 秒，请核对发送端的时钟。") % ahead)
    if moment < now - OLDEST:
        raise _Wrong("at", _("早于 24 小时的读数不再接收。"))
    return moment


def _parsed(raw: Any) -> datetime:
    wrong = _Wrong("at", _("时间“%s”无法识别，请写成 2026-01-31T14:30:00+08:00。") % str(raw)[:40])
    if not isinstance(raw, str) or len(raw) > LONGEST:
        raise wrong
    try:
        return datetime.fromisoformat(raw.strip())
    except ValueError:
        raise wrong from None


def _count(row: Mapping[Any, Any], name: str) -> int | None:
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise _Wrong(name, _("应为整数；不清楚就不写，或写 null，不要写 0。"))
    if value < 0:
        raise _Wrong(name, _("不能是负数。"))
    if value > MOST:
        raise _Wrong(name, _("超过 %d，请核对。") % MOST)
    return value


def pick(rows: Iterable[Row], name: str) -> list[int | None]:
    """One column of the rows."""
    place = COUNTS.index(name)
    return [row.counts[place] for row in rows]
