"""Call-outs of the duty room: the list of a site, and the way from "so many more" to an incident that needs them."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dutyroom import door, frame
from dutyroom.screens import call_outs as screen
from incident import access, clock
from incident.views.answers import Request, is_htmx, refuses
from staffing import rights

PASSED_ON = ("quota", "post", "by_at")


@require_GET
@login_required
@never_cache
@refuses
def page(request: Request) -> HttpResponse:
    """Running and past call-outs of a site; for htmx only the list, fetched again while the page is open."""
    site = door.site(request.user, request.GET.get("site", ""))
    now = clock.wall_now()
    shown = {"call_outs": screen.build(site, now), "site": site, "now": now}
    if is_htmx(request):
        return render(request, "dutyroom/_call_outs.html", shown)
    may_call = rights.is_allowed(request.user, rights.WORK, site.pk)
    context = {**frame.context(request, site, "call-outs", now), **shown, "may_call": may_call}
    return render(request, "dutyroom/call_outs.html", context)


@require_GET
@login_required
@never_cache
@refuses
def new(request: Request) -> HttpResponse:
    """Call people in: straight to the form of the incident that is named, or the only one; else choose one."""
    asked = {name: request.GET[name][:20] for name in PASSED_ON if request.GET.get(name)}
    number = request.GET.get("incident", "")[:24]
    if number:
        incident = access.incident_for(request.user, number, "incident.work")
        return redirect(_form(incident.number, asked))
    site = door.site(request.user, request.GET.get("site", ""), rights.WORK)
    more = f"&{urlencode(asked)}" if asked else ""
    found = screen.choices(site, request.user, reverse("call-out-new"), more)
    if len(found) == 1:
        return redirect(_form(found[0].number, asked))
    now = clock.wall_now()
    context = {**frame.context(request, site, "call-outs", now), "choices": found, "quota": asked.get("quota", "")}
    return render(request, "dutyroom/call_out_new.html", context)


def _form(number: str, asked: dict[str, str]) -> str:
    address = reverse("room-call-out", args=[number])
    return f"{address}?{urlencode(asked)}" if asked else address
