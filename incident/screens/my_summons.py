"""What I was asked to come for: offers with what I may answer. Personal, so never pushed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse

from incident import clock
from incident.models import Summons
from incident.models.incident import OPEN_STATES
from incident.screens import strips, summons_words
from incident.screens.summons_words import Standing
from playbooks import library
from staffing import callouts, rights
from staffing.callouts import Offer, State

if TYPE_CHECKING:
    from staffing.models import User

MINUTES = (10, 20, 30, 45, 60)
MOST = 20


@dataclass(frozen=True, slots=True)
class Ask:
    """One summons as the person asked sees it. Moments are on the incident's clock, `_wall` on the browser's."""

    id: int
    person: str
    offer: str
    number: str
    title: str
    place: str
    mark: str  # 【练习】
    url: str  # where the answer goes; empty: to the page itself
    room: str
    standing: Standing
    told_at: datetime
    by_at: datetime
    by_wall: datetime
    coming_at: datetime | None
    coming_wall: datetime | None
    arrived_at: datetime | None
    reason: str
    is_site: bool
    is_extend: bool
    may_answer: bool
    minutes: tuple[int, ...] = MINUTES

    @property
    def has_promised(self) -> bool:
        return self.standing.state in callouts.PROMISED

    @property
    def is_told(self) -> bool:
        return self.standing.state == State.TOLD

    @property
    def reasons(self) -> tuple[str, ...]:
        return summons_words.reasons()


def mine(user: "User") -> tuple[Ask, ...]:
    """What waits for me, and what I promised and have not kept, newest first; one query."""
    still_called = Q(call_out__closed_at__isnull=True, call_out__isnull=False)
    still_due = Q(offer=Offer.SITE, duty__state="open")
    waiting = Q(state__in=callouts.PROMISED) | (
        Q(state__in=(State.TOLD, State.SILENT, State.NO_SHOW)) & (still_called | still_due)
    )
    rows = Summons.objects.filter(
        waiting, person__user=user, incident__state__in=OPEN_STATES, incident__site_id__in=rights.sites(user)
    )
    return tuple(_asks(rows.select_related("incident__site", "call_out", "duty").order_by("-id")[:MOST]))


def of_notice(notice_id: int) -> tuple[Ask, ...]:
    """What one notice asks for; one query. Empty for a notice that asks nobody to come."""
    rows = Summons.objects.filter(notice_id=notice_id).select_related("incident__site", "call_out", "duty")
    return tuple(_asks(rows.order_by("id"), own=False))


def _asks(rows: Iterable[Summons], *, own: bool = True) -> Iterable[Ask]:
    for one in rows:
        incident = one.incident
        due = one.call_out.by_at if one.call_out else one.duty.plan_due_at if one.duty else None
        by_at = due or one.told_at
        if one.offer == Offer.EARLY and one.from_at:
            by_at = one.from_at
        is_coming = one.state == State.ON_THE_WAY and one.coming_at is not None
        yield Ask(
            id=one.pk,
            person=one.name,
            offer=summons_words.offer(one, by_at),
            number=incident.number,
            title=strips.title(incident, library.playbook(incident.playbook_id)),
            place=incident.place,
            mark=strips.mode_mark(incident.mode),
            url=reverse("summons-answer", args=[one.pk]) if own else "",
            room=strips.room_url(incident.number) if own else "",
            standing=summons_words.standing(one),
            told_at=one.told_at,
            by_at=by_at,
            by_wall=clock.wall(incident, by_at),
            coming_at=one.coming_at,
            coming_wall=clock.wall(incident, one.coming_at) if is_coming and one.coming_at else None,
            arrived_at=one.arrived_at,
            reason=one.reason,
            is_site=one.offer == Offer.SITE,
            is_extend=one.offer == Offer.EXTEND,
            may_answer=summons_words.may_answer(one, one.call_out, one.duty, is_open=incident.is_open),
        )
