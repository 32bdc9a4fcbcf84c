"""The incident room: everything about one incident on one page, from one fixed set of queries."""

from datetime import datetime
from functools import cache
from typing import Any

from incident.audience import Audience, Page
from incident.screens import (
    board,
    room_actions,
    room_clocks,
    room_closing,
    room_facts,
    room_head,
    room_level,
    room_log,
    room_people,
    room_records,
    room_rows,
    room_samples,
    room_summons,
)

REGIONS = {
    "live-nearest": "incident/_nearest.html",
    "live-overdue": "incident/_overdue.html",
    "live-open-count": "incident/_open_count.html",
    "live-head": "incident/room/_head.html",
    "live-next-deadline": "incident/room/_next_deadline.html",
    "live-deadlines": "incident/room/_deadlines.html",
    "live-section-nav": "incident/room/_section_nav.html",
    "live-actions": "incident/room/_actions.html",
    "live-log": "incident/room/_log.html",
    "live-log-count": "incident/room/_log_count.html",
    "live-level-reasons": "incident/room/_level_reasons.html",
    "live-facts": "incident/room/_facts.html",
    "live-samples": "incident/room/_samples.html",
    "live-people": "incident/room/_people.html",
    "live-summons": "incident/room/_summons.html",
    "live-records": "incident/room/_records.html",
    "live-closing": "incident/room/_closing.html",
}


def build(audience: Audience, now: datetime) -> dict[str, Any]:
    """What the room's templates show. The same for everybody of the audience: nothing of one viewer is in it."""
    return {"board": board.TopBar(audience.sites, now, audience.cleared), **parts(room_rows.gather(audience, now))}


def parts(rows: room_rows.Rows, log_limit: int | None = room_rows.LOG_PAGE) -> dict[str, Any]:
    """The parts of the room, each from the rows alone; `log_limit` None shows every entry there is.

    Each is built when a template first names it, once: a template calls what can be called.
    """

    @cache
    def head() -> room_head.Head:
        return room_head.build(rows)

    @cache
    def actions() -> room_actions.Actions:
        return room_actions.build(rows)

    return {
        "incident": rows.incident,
        "linked": cache(lambda: rows.linked),
        "head": head,
        "deadlines": cache(lambda: room_clocks.build(rows)),
        "actions": actions,
        "log": cache(lambda: room_log.build(rows, log_limit)),
        "why": cache(lambda: room_level.build(rows)),
        "facts": cache(lambda: room_facts.build(rows)),
        "samples": cache(lambda: room_samples.build(rows)),
        "records": cache(lambda: room_records.build(rows)),
        "people": cache(lambda: room_people.build(rows)),
        "summons": cache(lambda: room_summons.build(rows)),
        "closing": cache(lambda: room_closing.build(rows, head(), actions())),
    }


PAGE = Page("room", REGIONS, build)
