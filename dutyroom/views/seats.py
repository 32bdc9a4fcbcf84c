"""The seats of a site: the page, what moves on it, readings by hand, and how many more seats it takes."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dutyroom import door, frame, queueing, seat_forms
from dutyroom.screens import seat_needs
from dutyroom.screens import seats as screen
from incident import clock
from incident.refusals import Invalid
from incident.views.answers import Request, refuses
from playbooks import library
from staffing import rights
from staffing.models import Queue, Site

WRONG = 422


@require_GET
@login_required
@never_cache
@refuses
def page(request: Request) -> HttpResponse:
    """One queue at length, the others a line each; the load in the address is worked out."""
    site = door.site(request.user, request.GET.get("site", ""))
    return show(request, site, request.GET.get("queue", ""), clock.wall_now())


@require_GET
@login_required
@never_cache
@refuses
def now(request: Request) -> HttpResponse:
    """What moves: strip, chart and figures, fetched again by the page."""
    site = door.site(request.user, request.GET.get("site", ""))
    seats = _seats(request, site)
    return render(request, "dutyroom/seats/_now.html", {"shown": seats, "site": site, "now": seats.now})


@require_GET
@login_required
@never_cache
@refuses
def needed(request: Request) -> HttpResponse:
    """How many more seats; 422 with a sentence beside each field that means nothing."""
    site = door.site(request.user, request.GET.get("site", ""))
    seats = _seats(request, site)
    context = {"shown": seats, "site": site, "now": seats.now, **calculation(request, seats)}
    status = WRONG if context["load"] and context["load"].wrong else 200
    return render(request, "dutyroom/seats/_needs.html", context, status=status)


@require_POST
@login_required
@refuses
def enter(request: Request, queue_id: int) -> HttpResponse:
    """A reading by hand; refused with a sentence beside the field, and what was typed is still there."""
    queue = find(request, queue_id, rights.WORK)
    moment = clock.wall_now()
    raw = request.POST.dict()
    try:
        queueing.enter(queue, seat_forms.reading(raw, queue, moment), now=moment)
    except Invalid as wrong:
        filled = {"entry": raw, "entry_wrong": wrong.fields}
        return show(request, queue.site, queue.key, moment, filled, wrong.status)
    messages.success(request, _("已记录 %s 的读数。") % queue)
    return redirect(address(queue.site, queue.key), preserve_request=False)


def _seats(request: Request, site: Site) -> screen.SeatPage:
    """The part of a page about a queue. Raises Http404 where the site has none."""
    seats = screen.SeatPage(site, request.GET.get("queue", ""), clock.wall_now())
    if seats.chosen is None:
        raise Http404
    return seats


def show(
    request: Request, site: Site, key: str, moment: datetime, more: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """The whole page, with what a form that was refused brings."""
    seats = screen.SeatPage(site, key, moment)
    may_manage = rights.is_allowed(request.user, rights.STAFF, site.pk)
    context = {
        **frame.context(request, site, "seats", moment),
        "shown": seats,
        "may_enter": rights.is_allowed(request.user, rights.WORK, site.pk),
        "may_manage": may_manage,
        "tokens": screen.tokens(site) if may_manage else [],
        "push_address": request.build_absolute_uri(push_path()),
        **calculation(request, seats),
        **(more or {}),
    }
    return render(request, "dutyroom/seats.html", context, status=status)


def calculation(request: Request, seats: screen.SeatPage) -> dict[str, Any]:
    """The calculator of the chosen queue, and its answer where the load is known."""
    row = seats.chosen
    if row is None:
        return {"load": None}
    load = seat_forms.load(request.GET.dict(), seat_needs.usual(row))
    if not load.is_complete:
        return {"load": load}
    answer = seat_needs.needs(load, row.history.connected, row.queue, seats.others)
    return {"load": load, "needs": answer, "call_out": _call_out(request, seats.site, answer.quota)}


def find(request: Request, queue_id: int, verb: str) -> Queue:
    """A queue of a site where the user holds the verb. Raises Http404 for outsiders, Denied."""
    queue = Queue.objects.select_related("site").filter(pk=queue_id).first()
    if queue is None:
        raise Http404
    door.need(request.user, queue.site_id, verb)
    return queue


def address(site: Site, key: str = "") -> str:
    """The page of the site, at one of its queues."""
    return f"{reverse('seats')}?{urlencode({'site': site.key} | ({'queue': key} if key else {}))}"


def push_path() -> str:
    """Where machines push readings to."""
    return _path("seats-push")


def _call_out(request: Request, site: Site, quota: int) -> str:
    """The form of a call-out for so many, for whom the plans call in; empty where it is not for this user."""
    path = _path("call-out-new")
    if not quota or not path or not rights.is_allowed(request.user, rights.WORK, site.pk):
        return ""
    post = seat_needs.post_to_call(library.current(site.plans))
    return f"{path}?{urlencode({'site': site.key, 'quota': quota} | ({'post': post} if post else {}))}"


def _path(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
