"""The incident room: the page, earlier entries of the timeline, the check of its chain, and what else can be done."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from incident import access, chain, clock, pages, veil
from incident.screens import inbox, room_log, room_menu
from incident.views.answers import Request, is_htmx, refuses
from incident.views.dialogs import piece


@require_GET
@login_required
@refuses
def page(request: Request, number: str) -> HttpResponse:
    """The room of one incident."""
    now = clock.wall_now()
    audience = pages.audience_for(request.user, "room", number)
    personal = {"note_key": uuid.uuid4(), "inbox": inbox.build(request.user, number)}
    context = {**pages.first_paint(audience, now), **personal}
    return render(request, "incident/room.html", context)


@require_GET
@login_required
@refuses
def entries(request: Request, number: str) -> HttpResponse:
    """A page of the timeline before a number."""
    incident = access.incident_for(request.user, number)
    now = clock.wall_now()
    text = request.GET.get("before", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else incident.entries_count + 1
    held = access.verbs(request.user, incident.site_id)
    log = room_log.earlier(incident, before, now, can_work="incident.work" in held, cleared=veil.VERB in held)
    template = "incident/room/_entries.html" if is_htmx(request) else "incident/room/entries.html"
    return render(request, template, {"incident": incident, "log": log, "now": now})


@require_GET
@login_required
@refuses
def verify(request: Request, number: str) -> HttpResponse:
    """Read the whole chain and say whether it holds."""
    incident = access.incident_for(request.user, number)
    return piece(request, incident, "incident/room/_chain.html", {"broken_at": chain.broken_at(incident)})


@require_GET
@login_required
@refuses
def menu(request: Request, number: str) -> HttpResponse:
    """Everything that can be done with the incident beside its next step."""
    incident = access.incident_for(request.user, number)
    items = room_menu.build(incident, access.verbs(request.user, incident.site_id))
    return piece(request, incident, "incident/room/_menu.html", {"items": items})
