"""The handover that somebody stands in, for the banner of their desk. Personal, so never pushed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from incident.models import Handover, HandoverItem
from incident.screens import strips
from staffing import directory, rights

if TYPE_CHECKING:
    from staffing.models import User

FRESH = timedelta(hours=12)  # who has not signed is reminded for so long


@dataclass(frozen=True, slots=True)
class Handing:
    """One handover of mine that runs, or that I have not signed."""

    id: int
    site_key: str
    post: tuple[str, str]  # Chinese and English
    other: str  # who is on the other side
    is_mine_to_give: bool
    left: int
    clock: str
    ends_at: datetime

    @property
    def zh(self) -> str:
        return self.post[0]

    @property
    def en(self) -> str:
        return self.post[1]


def mine(user: "User", now: datetime) -> tuple[Handing, ...]:
    """What waits for this person at a change of shift. One query, one more a site where something does."""
    waits = Q(from_user=user, signed_from_at=None) | Q(to_user=user, signed_to_at=None)
    rows = Handover.objects.filter(waits, opened_at__gt=now - FRESH, site__in=rights.sites(user))
    left = Count("items", filter=Q(items__state=HandoverItem.State.OPEN))
    found = rows.select_related("site").annotate(left=left).order_by("window_ends_at", "id")
    return tuple(_handing(row, user, now) for row in found)


def _handing(row: Handover, user: "User", now: datetime) -> Handing:
    gives = row.from_user_id == user.pk
    left: int = row.left  # type: ignore[attr-defined]  # annotated above
    return Handing(
        id=row.pk,
        site_key=row.site.key,
        post=directory.post_names(row.site_id).get(row.post, (row.post, row.post)),
        other=row.to_name if gives else row.from_name,
        is_mine_to_give=gives,
        left=left,
        clock=strips.due_state(row.window_ends_at, now) if row.due_at else "",
        ends_at=row.window_ends_at,
    )
