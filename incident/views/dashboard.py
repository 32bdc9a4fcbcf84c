"""The dashboard: one query object, one page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from incident import clock, pages


@require_GET
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Everybody with a role on some site may look."""
    audience = pages.audience_for(request.user, "dashboard")
    return render(request, "incident/dashboard.html", pages.first_paint(audience, clock.wall_now()))
