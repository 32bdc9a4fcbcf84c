"""The dashboard: one query object, one page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from incident import clock, pages
from incident.screens import dashboard, inbox
from incident.views.answers import Request


@require_GET
@login_required
def page(request: Request) -> HttpResponse:
    """Everybody with a role on some site may look."""
    audience = pages.audience_for(request.user, "dashboard")
    now = clock.wall_now()
    context = {**pages.first_paint(audience, now), "inbox": inbox.build(request.user)}
    return render(request, "incident/dashboard.html", context)


@require_GET
@login_required
def sweep(request: Request) -> HttpResponse:
    """How long ago time was last looked at. Asked for by the page: when the sweep stands still, nothing is pushed."""
    return render(
        request, "incident/dashboard/_sweep.html", {"dashboard": {"sweep": dashboard.sweep(clock.wall_now())}}
    )
