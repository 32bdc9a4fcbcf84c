"""The list of incidents."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from incident import access, clock, pages
from incident.screens import history, inbox
from incident.views.answers import Request


@require_GET
@login_required
def page(request: Request) -> HttpResponse:
    """One page of the incidents of the user's sites; 400 when a filter means nothing, with the rest still shown."""
    audience = pages.audience_for(request.user, "list")
    listing = history.listing(access.sites_for(request.user), request.GET.dict(), audience.cleared)
    now = clock.wall_now()
    context = {
        **pages.first_paint(audience, now),
        "inbox": inbox.build(request.user),
        "listing": listing,
        "filters": listing.filters,
    }
    return render(request, "incident/list.html", context, status=400 if listing.filters.wrong else 200)
