"""How many more seats: the answer in words, the table around it, and what missing staff do to the connection rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from dutyroom.seat_forms import Load
from incident.screens import seat_words
from incident.screens.seat_history import History, Rate
from incident.screens.seats import Row
from playbooks import rules
from staffing import erlang, service
from staffing.models import Queue

BEFORE, BEYOND = 2, 3  # rows of the table around the seats there are and the seats that are needed
MOST_ROWS = 12
FEWEST_CALLS = 10  # with fewer, a mean handling time says nothing


@dataclass(frozen=True, slots=True)
class Line:
    """One number of seats; the figures are empty where the queue is unstable. `mark`: now, or enough."""

    seats: int
    change: str
    is_stable: bool
    level: str
    asa: str
    occupancy: str
    mark: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What is left when so many are missing (HJ-6-05)."""

    words: str
    details: tuple[str, ...]
    is_short: bool
    figure: service.Figure | None
    helpers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """The answer. `quota`: how many to call out, 0 for none."""

    words: str
    traffic: str
    lines: tuple[Line, ...]
    quota: int
    is_short: bool
    missing: Missing | None


def usual(row: Row) -> dict[str, str]:
    """The load of the last half hour as far as it is known, the seats there are, and the queue's own target."""
    queue, history = row.queue, row.history
    known = {
        "within": str(queue.answer_seconds),
        "target": str(queue.answer_target),
        "seats": "" if row.staffed is None else str(row.staffed),
    }
    calls = history.calls
    if calls is not None and calls.per_hour is not None:
        known["calls"] = f"{calls.per_hour:.0f}"
    handle = handle_seconds(history)
    if handle is not None:
        known["handle"] = f"{handle:.0f}"
    return known


def handle_seconds(history: History) -> float | None:
    """The mean time a call takes, by how many seats were busy and how many calls were answered meanwhile."""
    calls = history.calls
    if calls is None or calls.answered is None or calls.answered < FEWEST_CALLS:
        return None
    points = [point for point in history.points if point.at >= calls.begins_at and point.busy is not None]
    if not points:
        return None
    busy = sum((point.busy or 0) + (point.wrapping or 0) for point in points) / len(points)
    found = busy * calls.minutes * 60 / calls.answered
    return found if found >= 1 else None


def needs(asked: Load, connected: Rate, queue: Queue, others: Sequence[Row]) -> Needs:
    """The answer to a complete form. `others`: the queues from which staff could come."""
    load, target = asked.load, asked.target
    enough = erlang.needed(load, target)
    here = erlang.outlook(load, asked.seats, asked.within)
    more = None if enough is None else max(0, enough - asked.seats)
    return Needs(
        words=_answer(asked, here, more),
        traffic=f"{load.erlangs:.1f}",
        lines=_lines(asked, enough),
        quota=more or 0,
        is_short=more is None or more > 0,
        missing=_missing(asked, connected, queue, others) if asked.missing else None,
    )


def post_to_call(playbooks: Sequence[rules.Playbook]) -> str:
    """Whom the site's plans call in when seats are short; empty where they call nobody."""
    found = (duty.calls_out.post for book in playbooks for duty in book.duties if duty.calls_out is not None)
    return next(found, "")


def goal(asked: Load) -> str:
    """80/20, as the trade says it."""
    return f"{asked.values['target']:.0f}/{asked.within:.0f}"


def _answer(asked: Load, here: erlang.Outlook, more: int | None) -> str:
    words = {"goal": goal(asked), "more": more or 0, "all": asked.seats + (more or 0), "seats": asked.seats}
    if more is None:
        if asked.target.level >= 1:
            return _("没有多少座席能保证 100%：总有人要等。请把目标定在 100% 以下。")
        return _("话务量超出可计算的范围。")
    if not here.is_stable:
        return _("不稳定：话务量大于座席数，排队会一直变长。加 %(more)d 席即可达到 %(goal)s（共 %(all)d 席）。") % words
    if not more:
        return _("现有 %(seats)d 席已达到 %(goal)s。") % words
    return _("加 %(more)d 席即可达到 %(goal)s（共 %(all)d 席）。") % words


def _lines(asked: Load, enough: int | None) -> tuple[Line, ...]:
    """Around the seats there are and those needed; what lies far between is left out."""
    end = (enough if enough is not None else asked.seats) + BEYOND
    first = max(0, min(asked.seats, end - BEYOND) - BEFORE)
    numbers = list(range(first, max(end, asked.seats + 1) + 1))
    if len(numbers) > MOST_ROWS:
        near = {asked.seats, *range(max(0, (enough or asked.seats) - BEYOND), end + 1)}
        numbers = sorted(near)
    return tuple(_line(asked, seats, enough) for seats in numbers)


def _line(asked: Load, seats: int, enough: int | None) -> Line:
    found = erlang.outlook(asked.load, seats, asked.within)
    mark = _("现在") if seats == asked.seats else _("达标") if seats == enough else ""
    change = f"{seats - asked.seats:+d}" if seats != asked.seats else "0"
    if found.level is None or found.asa is None or found.occupancy is None:
        return Line(seats, change, False, "", "", "", mark)
    return Line(seats, change, True, percent(found.level), wait(found.asa), percent(found.occupancy), mark)


def _missing(asked: Load, connected: Rate, queue: Queue, others: Sequence[Row]) -> Missing:
    left = asked.seats - asked.missing
    found = erlang.outlook(asked.load, left, asked.within)
    enough = erlang.needed(asked.load, asked.target)
    short = None if enough is None else max(0, enough - left)
    words: dict[str, object] = {"missing": asked.missing, "left": left, "target": queue.connect_target}
    details = []
    if found.is_stable and found.level is not None and found.asa is not None and found.occupancy is not None:
        said = _("缺 %(missing)d 人后 %(left)d 席：接得下全部来电，但等待变长。") % words
        details.append(
            _("服务水平 %(level)s，平均等待 %(asa)s，占用率 %(occupancy)s")
            % {"level": percent(found.level), "asa": wait(found.asa), "occupancy": percent(found.occupancy)}
        )
    else:
        words["share"] = service.carried(found.carried).value or 0
        said = _("缺 %(missing)d 人后 %(left)d 席：不稳定，接通率最多 %(share)s%%（目标 %(target)d%%）。") % words
    if connected.figure.value is not None:
        details.append(_("缺员前测得的接通率 %s%%") % connected.figure.value)
    if short:
        details.append(_("补 %(short)d 席可回到 %(goal)s") % {"short": short, "goal": goal(asked)})
    return Missing(
        said, tuple(details), bool(short) or not found.is_stable,
        None if found.is_stable else service.carried(found.carried), tuple(_helpers(others)) if short else (),
    )  # fmt: skip


def _helpers(others: Sequence[Row]) -> list[str]:
    """The queues that meet their own target with fewer than they have, most to spare first."""
    found = [(spare, row.name) for row in others if (spare := _spare(row)) > 0]
    return [_("%(queue)s 可抽 %(n)d 席") % {"queue": name, "n": spare} for spare, name in sorted(found, reverse=True)]


def _spare(row: Row) -> int:
    """How many seats a queue could give by the load of its last half hour; 0 where that is not known."""
    known = usual(row)
    if row.is_stale or row.staffed is None or "calls" not in known or "handle" not in known:
        return 0
    target = erlang.Target(row.queue.answer_target / 100, row.queue.answer_seconds)
    enough = erlang.needed(erlang.Load(float(known["calls"]), float(known["handle"])), target)
    return 0 if enough is None else max(0, row.staffed - enough)


def percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def wait(seconds: float) -> str:
    """8.4 秒, or minutes and seconds where it is long."""
    return _("%s 秒") % f"{seconds:.1f}" if seconds < 100 else seat_words.spoken(timedelta(seconds=round(seconds)))
