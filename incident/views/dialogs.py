"""How the room's forms are answered: a fragment for the dialog, or a page of its own where there is no script."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from incident import clock
from incident.forms import Dialog
from incident.models import Incident
from incident.records import Rewritten
from incident.refusals import Invalid, Stale
from incident.views.answers import Request, is_htmx

FRAGMENT = "incident/room/_dialog.html"
PAGE = "incident/room/dialog.html"


def show(request: Request, incident: Incident, dialog: Dialog, status: int = 200) -> HttpResponse:
    """The form in place, or as a page."""
    return piece(request, incident, FRAGMENT, {"dialog": dialog}, status)


def piece(
    request: Request, incident: Incident, fragment: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A fragment for the dialog, or a page around it."""
    context = {**context, "incident": incident, "fragment": fragment}
    if is_htmx(request):
        response = render(request, fragment, context, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
        return response
    return render(request, PAGE, {**context, "now": clock.wall_now()}, status=status)


def submit(request: Request, incident: Incident, dialog: Dialog, act: Callable[[], object]) -> HttpResponse:
    """Run one action; bad input or a stale form shows it again as it was filled in. Other refusals pass on."""
    try:
        act()
    except Invalid as wrong:
        return show(request, incident, dialog.answered(request.POST.dict(), wrong), wrong.status)
    except Rewritten as other:
        kept = replace(dialog.answered(request.POST.dict(), Invalid({})), error=str(other))
        return show(request, incident, kept, other.status)
    except Stale as stale:
        newest = Incident.objects.values_list("revision", flat=True).get(pk=incident.pk)
        kept = replace(dialog.answered(request.POST.dict(), Invalid({})), error=str(stale), seen=newest)
        return show(request, incident, kept, stale.status)
    return done(request, incident)


def again(
    request: Request, incident: Incident, answer: HttpResponse, path: str, fresh: Callable[[], Dialog]
) -> HttpResponse:
    """A line of a ledger was taken: the dialog stays, for the next one. Anything else is answered as it was."""
    if answer.status_code not in (204, 303):
        return answer
    if is_htmx(request):
        return show(request, incident, fresh())
    return HttpResponse(status=303, headers={"Location": path})


def done(request: Request, incident: Incident) -> HttpResponse:
    """The change is made: the page hears of it by its socket, a page without script goes back to the room."""
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Trigger": "room:changed"})
    return HttpResponse(status=303, headers={"Location": reverse("room", args=[incident.number])})
