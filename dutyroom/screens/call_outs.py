"""Call-outs of a site: those that run, and the last ones that are over."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from incident import clock
from incident.models import CallOut, Incident, Summons
from incident.models.incident import RUNNING_STATES
from incident.screens import room_summons, strips
from incident.screens import room_words as say
from incident.screens.room_summons import Party
from playbooks import library
from staffing import directory
from staffing.models import Site

if TYPE_CHECKING:
    from staffing.models import User

PAST = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One call-out with the incident it belongs to."""

    number: str
    mark: str  # 【练习】
    title: str
    room: str
    party: Party


@dataclass(frozen=True, slots=True)
class CallOuts:
    running: tuple[Row, ...]
    past: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """An incident that people can be called in for."""

    number: str
    words: str
    url: str


def build(site: Site, now: datetime) -> CallOuts:
    """Running ones first, then the last that are over; four queries, however many."""
    rows = CallOut.objects.filter(incident__site=site).select_related("incident", "opened_by").order_by("-id")
    running = list(rows.filter(closed_at__isnull=True))
    past = list(rows.filter(closed_at__isnull=False)[:PAST])
    people: dict[int, list[Summons]] = {}
    for one in Summons.objects.filter(call_out__in=[call_out.pk for call_out in [*running, *past]]).order_by("id"):
        people.setdefault(one.call_out_id or 0, []).append(one)
    names = directory.post_names(site.pk)

    def shown(call_out: CallOut) -> Row:
        incident = call_out.incident
        pair = names.get(call_out.post, (call_out.post, call_out.post))
        return Row(
            number=incident.number,
            mark=strips.mode_mark(incident.mode),
            title=strips.title(incident, library.playbook(incident.playbook_id)),
            room=strips.room_url(incident.number),
            party=room_summons.party(
                call_out,
                people.get(call_out.pk, []),
                clock.at(incident, now),
                title=pair[1 if say.is_english() else 0],
                by_wall=clock.wall(incident, call_out.by_at),
            ),
        )

    return CallOuts(tuple(map(shown, running)), tuple(map(shown, past)))


def choices(site: Site, user: "User", address: str, asked: str) -> tuple[Choice, ...]:
    """The running incidents of the site, real ones first and the newest before older ones; one query."""
    found = Incident.objects.filter(site=site, state__in=RUNNING_STATES).order_by("-id")
    ordered = sorted(found, key=lambda incident: not incident.is_real)
    return tuple(
        Choice(
            incident.number,
            f"{strips.mode_mark(incident.mode)}{incident.number} "
            f"{strips.title(incident, library.playbook(incident.playbook_id))}",
            f"{address}?incident={incident.number}{asked}",
        )
        for incident in ordered
    )
