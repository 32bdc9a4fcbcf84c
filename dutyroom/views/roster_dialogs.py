"""How the roster's forms are answered: in the dialog, or as a page of their own where there is no script."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from dutyroom import door, frame
from incident.forms import Dialog
from incident.refusals import Invalid, NotNow
from incident.views.answers import Request, is_htmx, refused
from staffing import rights
from staffing.models import Shift, Site

FRAGMENT = "dutyroom/roster/_dialog.html"
CHANGED = "roster:changed"


@dataclass(frozen=True, slots=True)
class Place:
    """The site and the week that a form belongs to, and when it was asked for."""

    site: Site
    week: date
    now: datetime

    @property
    def back(self) -> str:
        return f"{reverse('roster')}?site={self.site.key}&week={self.week}"

    @property
    def hidden(self) -> dict[str, str]:
        return {"site": self.site.key, "week": self.week.isoformat()}


def shift(request: Request, shift_id: int, verb: str = rights.ROSTER) -> Shift:
    """The shift, for whoever may do the verb at its site; one that was taken away is there too."""
    found = Shift.objects.select_related("post__site", "person", "kind").filter(pk=shift_id).first()
    if found is None:
        raise Http404
    door.need(request.user, found.post.site_id, verb)
    return found


def show(
    request: Request, place: Place, dialog: Dialog, status: int = 200, *, fragment: str = FRAGMENT, **more: Any
) -> HttpResponse:
    """The form in place, or as a page."""
    context = {"dialog": dialog, "place": place, "fragment": fragment, **more}
    if is_htmx(request):
        response = render(request, fragment, context, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
        return response
    context |= frame.context(request, place.site, "roster", place.now)
    return render(request, "dutyroom/roster/dialog.html", context, status=status)


def submit(request: Request, place: Place, dialog: Callable[[Invalid], Dialog], act: Callable[[], str]) -> HttpResponse:
    """Take one step, which returns what to say; bad input shows the form again as `dialog` makes it of the refusal."""
    try:
        said = act()
    except Invalid as wrong:
        return show(request, place, dialog(wrong).answered(request.POST.dict(), wrong), wrong.status)
    except NotNow as late:
        response = refused(request, late)
        response["HX-Trigger"] = CHANGED  # the page shows an older roster
        return response
    return done(request, place, said)


def done(request: Request, place: Place, said: str) -> HttpResponse:
    """The change is made: the board is fetched again, or the page comes back without script."""
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({CHANGED: {"said": said}})})
    messages.success(request, said)
    return HttpResponse(status=303, headers={"Location": place.back})
