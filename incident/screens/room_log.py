"""The timeline of the room: entries in the reader's words, newest first, and whether their chain holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from incident import catalogue, clock, veil
from incident.models import Entry, Incident
from incident.screens import room_rows
from incident.screens import room_words as say
from incident.screens.room_rows import LOG_PAGE, Move, Rows
from playbooks import rules

BACKDATED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. `recorded_at` only where it was written well after it happened; both on the incident's clock."""

    number: int
    at: datetime
    words: str
    by: str
    clause: str
    why: str  # on what a level was decided
    is_auto: bool
    corrects: int | None
    corrected_by: int | None
    recorded_at: datetime | None
    is_other_day: bool


@dataclass(frozen=True, slots=True)
class Log:
    incident: str  # its number
    lines: tuple[Line, ...]
    total: int
    earlier_than: int | None  # number to ask for earlier entries with; None: there are none
    is_linked: bool  # each entry shown carries the hash of the one before, up to the last hash of the incident
    can_work: bool

    @property
    def painted(self) -> list[SafeString]:
        """The HTML of each line, kept from one push to the next: fifty of them are most of what a note costs."""
        english = say.is_english()
        return [_painted(line, self.incident, self.can_work, english) for line in self.lines]


def build(rows: Rows, limit: int | None = LOG_PAGE) -> Log:
    """The newest entries. Corrections are newer than what they correct, so they are all among them."""
    shown = rows.entries[:limit]
    corrections = {entry.corrects: entry.number for entry in reversed(shown) if entry.corrects}
    return Log(
        incident=rows.incident.number,
        lines=tuple(_lines(rows.incident, rows.playbook, shown, corrections, rows.at, rows.moves)),
        total=rows.incident.entries_count,
        earlier_than=shown[-1].number if len(rows.entries) > len(shown) else None,
        is_linked=_is_linked(rows),
        can_work="incident.work" in rows.verbs,
    )


def earlier(incident: Incident, before: int, now: datetime, *, can_work: bool, cleared: bool) -> Log:
    """The page of entries before a number. Two queries."""
    found = room_rows.entries(incident, before)
    shown = found[:LOG_PAGE]
    corrections = room_rows.corrected(incident, [entry.number for entry in shown])
    playbook = veil.for_viewer(incident.playbook_id, cleared=cleared)
    moved = room_rows.moves(incident)
    return Log(
        incident=incident.number,
        lines=tuple(_lines(incident, playbook, shown, corrections, clock.at(incident, now), moved)),
        total=incident.entries_count,
        earlier_than=shown[-1].number if len(found) > LOG_PAGE else None,
        is_linked=True,
        can_work=can_work,
    )


def _lines(
    incident: Incident,
    playbook: rules.Playbook,
    entries: Sequence[Entry],
    corrections: Mapping[int | None, int] | Mapping[int, int],
    at: datetime,
    moved: tuple[Move, ...],
) -> list[Line]:
    today = timezone.localtime(at).date()
    found = dict(corrections.items())
    lines = []
    for entry in entries:
        recorded = entry.recorded_at + room_rows.shift_at(moved, entry.recorded_at)
        is_auto = entry.actor_id is None
        lines.append(
            Line(
                number=entry.number,
                at=entry.at,
                words=catalogue.words(entry, playbook),
                by=entry.actor_name or _("系统"),
                clause=(entry.data.get("clause_en") if say.is_english() else "") or entry.clause,
                why=catalogue.why(entry, playbook),
                is_auto=is_auto,
                corrects=entry.corrects,
                corrected_by=found.get(entry.number),
                recorded_at=recorded if not is_auto and recorded - entry.at > BACKDATED else None,
                is_other_day=timezone.localtime(entry.at).date() != today,
            )
        )
    return lines


@lru_cache(maxsize=8192)
def _painted(line: Line, number: str, can_work: bool, english: bool) -> SafeString:
    # All that the template says is in the key; `english`: equal lines have different labels in another language.
    return render_to_string("incident/room/_entry.html", {"line": line, "number": number, "can_work": can_work})


def _is_linked(rows: Rows) -> bool:
    entries = rows.entries
    if not entries:
        return rows.incident.entries_count == 0
    newest = entries[0]
    if newest.hash != rows.incident.last_hash or newest.number != rows.incident.entries_count:
        return False
    return all(
        newer.previous_hash == older.hash and newer.number == older.number + 1
        for newer, older in zip(entries, entries[1:], strict=False)
    )
