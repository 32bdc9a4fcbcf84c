"""The five beats of every action: open and lock, settle, check, act, save; the poke leaves after the commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from incident import access, settle, writing
from incident.models import Incident
from incident.refusals import Stale
from incident.story import Story

if TYPE_CHECKING:
    from staffing.models import User


def locked(incident_id: int) -> Incident:
    """The incident under its row lock. Read anew with `.get()`: a protected row is never refreshed in place."""
    return Incident.objects.select_for_update(of=("self",)).select_related("site").get(pk=incident_id)


def free(incident_id: int) -> Incident | None:
    """The incident under its row lock, without waiting: None while somebody else holds it."""
    unheld = Incident.objects.select_for_update(of=("self",), skip_locked=True).select_related("site")
    return unheld.filter(pk=incident_id).first()


@contextmanager
def act(incident_id: int, *, actor: "User", now: datetime, verb: str, seen: int | None = None) -> Iterator[Story]:
    """Run an action on one incident; what the block raises undoes everything.

    Settling comes first, so nobody ever acts on a state that time has already changed; `seen` is the revision that
    the page showed and is refused as Stale when state, level or beginning have changed since, be it by time at this
    very moment. Raises Http404 and Denied.
    """
    with transaction.atomic():
        incident = locked(incident_id)
        access.check(actor, incident.site_id, verb)
        story = Story(incident=incident, actor=actor, now=now)
        settle.settle(story)
        if seen is not None and (seen != incident.revision or story.has_turned):
            raise Stale
        yield story
        settle.settle(story)
        writing.save(story)
