"""The incident room: everything about one incident on one page, from one fixed set of queries."""

from datetime import datetime
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
    room_rows,
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
    "live-level-reasons": "incident/room/_level_reasons.html",
    "live-facts": "incident/room/_facts.html",
    "live-people": "incident/room/_people.html",
    "live-closing": "incident/room/_closing.html",
}


def build(audience: Audience, now: datetime) -> dict[str, Any]:
    """What the room's templates show. The same for everybody of the audience: nothing of one viewer is in it."""
    return {"board": board.TopBar(audience.sites, now), **parts(room_rows.gather(audience, now))}


def parts(rows: room_rows.Rows, log_limit: int | None = room_rows.LOG_PAGE) -> dict[str, Any]:
    """The parts of the room, each from the rows alone; `log_limit` None shows every entry there is."""
    head = room_head.build(rows)
    actions = room_actions.build(rows)
    return {
        "incident": rows.incident,
        "linked": rows.linked,
        "head": head,
        "deadlines": room_clocks.build(rows),
        "actions": actions,
        "log": room_log.build(rows, log_limit),
        "why": room_level.build(rows),
        "facts": room_facts.build(rows),
        "people": room_people.build(rows),
        "closing": room_closing.build(rows, head, actions),
    }


PAGE = Page("room", REGIONS, build)
