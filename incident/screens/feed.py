"""The newest lines of the timelines of some sites, in words."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from incident import catalogue, veil
from incident.models import Entry
from incident.screens import strips


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


def latest(sites: tuple[int, ...], *, limit: int, cleared: tuple[int, ...] = ()) -> list[Line]:
    """The newest entries of incidents at the sites, newest first; silent ones only where `cleared`. One query."""
    entries = Entry.objects.filter(incident__site_id__in=sites)
    if not set(sites) <= set(cleared):
        entries = entries.filter(Q(incident__playbook__silent=False) | Q(incident__site_id__in=cleared))
    newest = entries.select_related("incident").order_by("-id")[:limit]
    return [_line(entry, entry.incident.site_id in cleared) for entry in newest]


def _line(entry: Entry, cleared: bool) -> Line:
    incident = entry.incident
    return Line(
        at=entry.at,
        number=incident.number,
        url=strips.room_url(incident.number),
        mark=strips.mode_mark(incident.mode),
        words=catalogue.words(entry, veil.for_viewer(incident.playbook_id, cleared=cleared)),
        who=entry.actor_name,
        is_auto=entry.actor_id is None,
    )
