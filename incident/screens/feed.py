"""The newest lines of the timelines of some sites, in words."""

from dataclasses import dataclass
from datetime import datetime

from incident import catalogue
from incident.models import Entry
from incident.screens import strips
from playbooks import library


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `at` is on the incident's clock, `mark` stands before what is not real."""

    at: datetime
    number: str
    url: str
    mark: str
    words: str
    who: str
    is_auto: bool


def latest(sites: tuple[int, ...], *, limit: int) -> list[Line]:
    """The newest entries of incidents at the sites, newest first. One query."""
    entries = Entry.objects.filter(incident__site_id__in=sites).select_related("incident").order_by("-id")[:limit]
    return [_line(entry) for entry in entries]


def _line(entry: Entry) -> Line:
    incident = entry.incident
    return Line(
        at=entry.at,
        number=incident.number,
        url=strips.room_url(incident.number),
        mark=strips.mode_mark(incident.mode),
        words=catalogue.words(entry, library.playbook(incident.playbook_id)),
        who=entry.actor_name,
        is_auto=entry.actor_id is None,
    )
