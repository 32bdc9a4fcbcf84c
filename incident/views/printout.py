"""The print view: the plain record of an incident on A4."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from incident import clock, pages
from incident.screens import printout
from incident.views.answers import Request, refuses


@require_GET
@login_required
@refuses
def page(request: Request, number: str) -> HttpResponse:
    """Everything on record, for paper."""
    now = clock.wall_now()
    audience = pages.audience_for(request.user, "room", number)
    return render(request, "incident/print.html", {**printout.build(audience, now), "now": now})
