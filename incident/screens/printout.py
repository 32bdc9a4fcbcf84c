"""The whole record of one incident for paper: every entry, no masks to lift, nothing to press."""

from datetime import datetime
from typing import Any

from incident import veil
from incident.audience import Audience
from incident.models import Entry
from incident.screens import room, room_actions, room_level, room_records, room_rows, room_samples


def build(audience: Audience, now: datetime) -> dict[str, Any]:
    """The parts of the room with the whole timeline, oldest first. One query more than the room's own.

    Restricted words of the plan stay in the house, whoever prints.
    """
    rows = room_rows.gather(audience, now)
    rows.entries = tuple(Entry.objects.filter(incident=rows.incident).order_by("-number"))
    rows.playbook = veil.for_export(rows.incident.playbook_id, cleared=veil.VERB in audience.verbs)
    parts = room.parts(rows, log_limit=None)
    return {
        **parts,
        "cards": room_actions.whole(rows),
        "decisions": room_level.decisions(rows),
        "forms": room_records.readings(rows),
        "lines": tuple(reversed(parts["log"]().lines)),
        "samples": room_samples.whole(rows),
        "printed_at": rows.at,
    }
