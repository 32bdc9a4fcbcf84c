"""The gauge of full seats: the time so far between the marks of the plan, in percent of its width."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from incident.screens import seat_words, strips
from staffing.models import Queue

if TYPE_CHECKING:
    from incident.screens.seats import Row
    from incident.screens.thresholds import Mark

ROOM = 1.2  # the scale goes a fifth beyond the last mark
AFTER = 1.08  # and goes on with a timer that is beyond that


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of the time so far; `colour` is that of the level whose mark it has passed, empty before the first."""

    x: str
    width: str
    colour: str


@dataclass(frozen=True, slots=True)
class Place:
    """A mark. `due_at` is set while the timer runs towards it; `left` is what the page's clock will write."""

    x: str
    words: str
    note: str
    due_at: datetime | None = None
    left: str = ""


@dataclass(frozen=True, slots=True)
class Gauge:
    """`label` says all of it in words; `since` is empty while the seats are not full."""

    label: str
    since: str
    bars: tuple[Bar, ...]
    places: tuple[Place, ...]


def gauge(row: "Row") -> Gauge:
    """The gauge of a queue whose plan has marks."""
    marks = row.marks.marks if row.marks else ()
    elapsed = row.elapsed or timedelta(0)
    whole = max(marks[-1].after * ROOM, elapsed * AFTER)
    places = tuple(_place(row, mark, whole) for mark in marks)
    since = _("%s 起") % _hm(row.since_at) if row.since_at else ""
    return Gauge(_label(row, places), since, _bars(marks, elapsed, whole), places)


def percent(part: timedelta, whole: timedelta) -> str:
    """A share of the width, as SVG wants it."""
    return f"{100 * part / whole:.1f}%"


def _bars(marks: "tuple[Mark, ...]", elapsed: timedelta, whole: timedelta) -> tuple[Bar, ...]:
    starts = [timedelta(0), *(mark.after for mark in marks)]
    colours = ["", *(mark.level.colour for mark in marks)]
    ends = [*starts[1:], whole]
    return tuple(
        Bar(percent(begin, whole), percent(min(end, elapsed) - begin, whole), colour)
        for begin, end, colour in zip(starts, ends, colours, strict=True)
        if elapsed > begin
    )


def _place(row: "Row", mark: "Mark", whole: timedelta) -> Place:
    x, words = percent(mark.after, whole), seat_words.mark(mark)
    if row.since_at is None:
        return Place(x, words, "")
    at = row.since_at + mark.after
    started = row.incident is not None and row.incident.level_rank >= mark.level.rank
    if mark in row.reached:
        return Place(x, words, _passed(row, at, started=started))
    if started:
        return Place(x, words, _("等级已生效"))
    if row.is_stale:
        return Place(x, words, _("计时已冻结"))
    return Place(x, words, _("%s 到达 · 还有") % _hm(at), at, strips.countdown(at, row.now))


def _passed(row: "Row", at: datetime, *, started: bool) -> str:
    if started:
        return _("%s 已启动") % _hm(at)
    if row.queue.starts == Queue.Starts.PROPOSE and row.incident is None:
        return _("%s 到达，待启动") % _hm(at)
    return _("%s 已到达") % _hm(at)


def _label(row: "Row", places: tuple[Place, ...]) -> str:
    """The whole gauge as a sentence, for who cannot see it."""
    marks = _("；").join(f"{place.words} {place.note} {place.left}".strip() for place in places)
    if row.elapsed is None:
        return _("座席未占满。门槛：%s") % marks
    said = _("座席占满 %s") % seat_words.spoken(row.elapsed)
    return _("%(full)s。%(marks)s") % {"full": said, "marks": marks}


def _hm(moment: datetime) -> str:
    return localtime(moment).strftime("%H:%M")
