"""The pages that are pushed: who sees them alike, which topics move them, and their regions painted in one snapshot."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.http import Http404
from django.template.loader import render_to_string
from django.utils import translation

from incident import access
from incident.audience import Audience, Page
from incident.models import Topic
from incident.screens import dashboard, desk, history, room
from staffing import rights

if TYPE_CHECKING:
    from staffing.models import User

__all__ = ["PAGES", "Audience", "Page", "Painted", "audience_for", "first_paint", "numbers", "render", "topics"]

PAGES: Mapping[str, Page] = {page.name: page for page in (desk.PAGE, dashboard.PAGE, history.PAGE, room.PAGE)}


@dataclass(frozen=True, slots=True)
class Painted:
    """Regions as bytes for the wire, and the topic numbers they are at least as new as."""

    numbers: dict[str, int]
    html: dict[str, str]


def audience_for(user: "User", page: str, number: str | None = None) -> Audience:
    """Who this user is on that page. Raises Http404 for outsiders, for unknown pages, and for a page without number.

    The top bar shows every site of the user, so a room's audience holds them all too.
    """
    if page not in PAGES:
        raise Http404
    sites = tuple(rights.sites(user))
    language = translation.get_language() or "zh-hans"
    cleared = tuple(rights.sites_with(user, rights.RESTRICTED))
    if page != room.PAGE.name:
        if not sites:
            raise Http404
        return Audience(page=page, sites=sites, language=language, cleared=cleared)
    if not number:
        raise Http404
    incident = access.incident_for(user, number)
    held = access.verbs(user, incident.site_id)
    return Audience(
        page=page, sites=sites, incident_id=incident.pk, number=incident.number, language=language, verbs=held,
        cleared=cleared,
    )  # fmt: skip


def topics(audience: Audience) -> tuple[str, ...]:
    """What changes this page."""
    own = (f"incident:{audience.number}",) if audience.number else ()
    return (*own, *(f"site:{site_id}" for site_id in audience.sites))


def numbers(audience: Audience) -> dict[str, int]:
    """The present number of each topic of the page; 0 where nothing has happened yet. One query."""
    names = topics(audience)
    found = dict(Topic.objects.filter(name__in=names).values_list("name", "number"))
    return {name: found.get(name, 0) for name in names}


def first_paint(audience: Audience, now: datetime) -> dict[str, Any]:
    """The context of a whole page: what `render` would paint, and the numbers it is painted at."""
    page = PAGES[audience.page]
    seen = numbers(audience)
    return {
        **page.build(audience, now),
        "page": audience.page,
        "number": audience.number,
        "audience": audience,
        "now": now,
        "seen": seen,
    }


def render(audience: Audience, region_ids: Collection[str] | None, now: datetime) -> Painted:
    """Paint the named regions (None: all of the page) in one snapshot of the database; unknown ids are left out."""
    page = PAGES[audience.page]
    wanted = page.regions if region_ids is None else [name for name in page.regions if name in region_ids]
    with _snapshot(), translation.override(audience.language):
        seen = numbers(audience)
        context = {**page.build(audience, now), "audience": audience, "now": now, "number": audience.number}
        html = {name: str(render_to_string(page.regions[name], context)) for name in wanted}
    return Painted(numbers=seen, html=html)


@contextmanager
def _snapshot() -> Iterator[None]:
    """One view of the database for all queries inside; inside another transaction that one's view has to do."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
