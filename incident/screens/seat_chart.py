"""The two-hour chart of how busy the seats are, drawn in percent of its width so that it needs no styles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from incident.screens import room_words as say
from incident.screens import seat_words
from incident.screens.seat_history import WEEK, Point

if TYPE_CHECKING:
    from incident.screens.seats import Row

TOP, BOTTOM = 26, 208  # pixels of the drawing; texts are placed by them in the template
GAP = timedelta(seconds=90)  # points are a minute apart; nothing is drawn across a longer silence
LABEL_EVERY = timedelta(minutes=30)
TOO_NEAR = 10.0  # percent of the width that two labels of the axis need
TABLE_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Label:
    """A text at a place of the axis; `anchor` keeps the first and last of them inside."""

    x: str
    words: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Line:
    """A mark of the plan on the chart."""

    x: str
    words: str
    text_x: str
    text_y: int
    anchor: str
    is_passed: bool


@dataclass(frozen=True, slots=True)
class TableRow:
    """A line of the table for who cannot see the chart; None: not known."""

    at: datetime
    staffed: int | None
    busy: int | None
    percent: int | None
    waiting: int | None


@dataclass(frozen=True, slots=True)
class Chart:
    """`lines` and `faint` hold points in a box 160 minutes wide and 100 percent high, one string an unbroken line."""

    label: str
    lines: tuple[str, ...]
    faint: tuple[str, ...]
    faint_words: str
    band_x: str
    band_width: str
    marks: tuple[Line, ...]
    now_x: str
    now_label: Label
    end_y: str  # where the newest value stands, if it is of now
    axis: tuple[Label, ...]
    table: tuple[TableRow, ...]
    width: int

    @property
    def is_empty(self) -> bool:
        return not self.lines


class _Scale:
    def __init__(self, begins_at: datetime, ends_at: datetime) -> None:
        self.begins_at, self.ends_at = begins_at, ends_at
        self.width = ends_at - begins_at

    def share(self, moment: datetime) -> float:
        return 100 * ((moment - self.begins_at) / self.width)

    def x(self, moment: datetime) -> str:
        return f"{min(100.0, max(0.0, self.share(moment))):.1f}%"

    def holds(self, moment: datetime) -> bool:
        return self.begins_at <= moment <= self.ends_at


def chart(row: "Row") -> Chart:
    """The chart of one queue. One query, that of its history."""
    history = row.history
    scale = _Scale(history.begins_at, history.ends_at)
    silence = max(GAP, timedelta(seconds=row.queue.stale_seconds))
    lines = unbroken(history.points, scale, silence)
    faint = unbroken(history.a_week_ago, scale, silence, later=WEEK)
    until = row.heard_at if row.is_stale and row.heard_at else row.now
    band = _band(row, scale, until)
    newest = history.points[-1].occupancy if history.points else None
    return Chart(
        label=_label(row),
        lines=lines,
        faint=faint,
        faint_words=_("上周%s同时段") % _weekday(row.now),
        band_x=band[0],
        band_width=band[1],
        marks=_marks(row, scale),
        now_x=scale.x(row.now),
        now_label=Label(scale.x(row.now), _hm(row.now)),
        end_y="" if newest is None or row.is_stale else f"{BOTTOM - (BOTTOM - TOP) * newest:.1f}",
        axis=_axis(scale, row.now),
        table=_table(history.points),
        width=int(scale.width.total_seconds() // 60),
    )


def unbroken(
    points: Sequence[Point], scale: "_Scale", silence: timedelta, later: timedelta = timedelta(0)
) -> tuple[str, ...]:
    """The stretches without a gap: an unknown value or a longer silence ends one. A lone point becomes a dot."""
    runs: list[list[Point]] = [[]]
    for before, point in pairwise([None, *points]):
        if before is not None and point is not None and point.at - before.at > silence + timedelta(minutes=1):
            runs.append([])
        if point is None or point.occupancy is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return tuple(_points(run if len(run) > 1 else run * 2, scale, later) for run in runs if run)


def _points(run: Sequence[Point], scale: "_Scale", later: timedelta) -> str:
    minutes = scale.width.total_seconds() / 60
    return " ".join(
        f"{scale.share(point.at + later) * minutes / 100:.2f},{100 - 100 * (point.occupancy or 0):.1f}" for point in run
    )


def _band(row: "Row", scale: "_Scale", until: datetime) -> tuple[str, str]:
    """Where the seats have been full up to now; empty where they are not."""
    if row.since_at is None or row.elapsed is None:
        return "", ""
    begins = max(0.0, scale.share(until - row.elapsed))
    return f"{begins:.1f}%", f"{max(0.0, scale.share(until) - begins):.1f}%"


def _marks(row: "Row", scale: "_Scale") -> tuple[Line, ...]:
    """The marks within the chart; those to come only while the timer runs."""
    if row.since_at is None or row.marks is None:
        return ()
    found = []
    for place, mark in enumerate(row.marks.marks):
        at, passed = row.since_at + mark.after, mark in row.reached
        if scale.holds(at) and (passed or not row.is_stale):
            found.append(_line(scale.share(at), seat_words.short_mark(mark), place, passed))
    return tuple(found)


def _line(share: float, words: str, place: int, passed: bool) -> Line:
    """The first label stands to the left of its line, the others to the right or at the edge: they do not collide."""
    x = f"{share:.1f}%"
    if place == 0 and share > 16:
        return Line(x, words, x, 12, "end", passed)
    y = 12 if place == 0 or passed else 28 + 16 * place
    if share > 84:
        return Line(x, words, "100%", y, "end", passed)
    return Line(x, words, f"{share + 0.8:.1f}%", y, "start", passed)


def _axis(scale: "_Scale", now: datetime) -> tuple[Label, ...]:
    """Half hours, but for one that the present time would cover."""
    local = localtime(scale.begins_at)
    moment = local.replace(minute=0 if local.minute == 0 else 30 if local.minute <= 30 else 0)
    moment += LABEL_EVERY * (2 if local.minute > 30 else 0)
    found = []
    while moment <= scale.ends_at:
        share = scale.share(moment)
        if abs(share - scale.share(now)) >= TOO_NEAR:
            anchor = "start" if share < TOO_NEAR / 2 else "end" if share > 100 - TOO_NEAR / 2 else "middle"
            found.append(Label(f"{share:.1f}%", _hm(moment), anchor))
        moment += LABEL_EVERY
    return tuple(found)


def _table(points: Sequence[Point]) -> tuple[TableRow, ...]:
    """The last reading of every ten minutes."""
    last: dict[datetime, Point] = {}
    for point in points:
        local = localtime(point.at)
        last[local.replace(minute=local.minute // 10 * 10, second=0, microsecond=0)] = point
    return tuple(
        TableRow(
            point.at,
            point.staffed,
            point.busy,
            None if point.occupancy is None else round(100 * point.occupancy),
            point.waiting,
        )
        for point in last.values()
    )


def _label(row: "Row") -> str:
    """The chart as a sentence or two."""
    if row.elapsed is not None and row.since_at is not None:
        said = _("座席自 %(at)s 起占满，已持续 %(span)s") % {
            "at": _hm(row.since_at),
            "span": seat_words.spoken(row.elapsed),
        }
        if row.is_stale and row.heard_at:
            return _("%(said)s；数据截至 %(at)s，计时已冻结") % {"said": said, "at": _hms(row.heard_at)}
        if row.next_at and row.next_mark:
            return _("%(said)s；%(mark)s 将于 %(at)s 到达") % {
                "said": said,
                "mark": seat_words.mark(row.next_mark),
                "at": _hm(row.next_at),
            }
        return said
    if row.occupancy is None:
        return _("近 2 小时座席占用率，现在不清楚")
    return _("近 2 小时座席占用率，现在 %s%%") % row.occupancy


def _weekday(moment: datetime) -> str:
    local = localtime(moment)
    return f"{local:%A}" if say.is_english() else "一二三四五六日"[local.weekday()]


def _hm(moment: datetime) -> str:
    return localtime(moment).strftime("%H:%M")


def _hms(moment: datetime) -> str:
    return localtime(moment).strftime("%H:%M:%S")
