"""The seats as cells: busy, in after-call work, free, paused, and not staffed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from staffing.models import Queue

MOST_CELLS = 114  # six rows; beyond that a cell stands for several seats
KINDS = ("busy", "wrapping", "free", "paused", "down")


@dataclass(frozen=True, slots=True)
class SeatMap:
    """`cells` are kinds in order; `each`: how many seats a cell stands for. Empty where the seats are not known."""

    words: str
    cells: tuple[str, ...]
    each: int = 1


def seat_map(queue: Queue) -> SeatMap:
    """The map out of the newest reading."""
    counts = counted(queue.newest, queue.seats)
    total = sum(counts.values())
    if not total:
        return SeatMap(_("座席情况不清楚"), ())
    each = math.ceil(total / MOST_CELLS)
    cells = tuple(kind for kind in KINDS for _n in range(math.ceil(counts[kind] / each)))
    return SeatMap(_words(counts, total), cells, each)


def counted(newest: Mapping[str, int | None], seats: int) -> dict[str, int]:
    """How many seats of each kind; nothing where it is not known who is there. `seats` 0: not known."""
    staffed, busy = newest.get("staffed"), newest.get("busy")
    if staffed is None or busy is None:
        return dict.fromkeys(KINDS, 0)
    busy = min(busy, staffed)
    wrapping = min(newest.get("wrapping") or 0, staffed - busy)
    paused = newest.get("paused") or 0
    return {
        "busy": busy,
        "wrapping": wrapping,
        "free": staffed - busy - wrapping,
        "paused": paused,
        "down": max(0, seats - staffed - paused),
    }


def _words(counts: Mapping[str, int], total: int) -> str:
    names = {
        "busy": _("占用 %s"),
        "wrapping": _("话后 %s"),
        "free": _("空闲 %s"),
        "paused": _("示忙 %s"),
        "down": _("未登录 %s"),
    }
    parts = " · ".join(names[kind] % counts[kind] for kind in KINDS if counts[kind])
    return _("%(total)s 席：%(parts)s") % {"total": total, "parts": parts}
