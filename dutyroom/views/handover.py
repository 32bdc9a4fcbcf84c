"""Handovers: the page, the buttons that open, take and sign, the notes, one past handover, and the record on paper."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dutyroom import door, frame
from dutyroom.screens import handover as screen
from incident import clock, handover, handover_opening
from incident.models import Handover
from incident.refusals import Invalid
from incident.screens import handing
from incident.views.answers import Request, is_htmx, refuses
from staffing import rights
from staffing.models import Site

MOST_DIGITS = 18


@require_GET
@login_required
@never_cache
@refuses
def page(request: Request) -> HttpResponse:
    """What runs, what is over, and two buttons; for htmx only what runs, nothing where it stands as `mark` says."""
    site = door.site(request.user, request.GET.get("site", ""))
    if is_htmx(request):
        return _now(request, site, seen=request.GET.get("mark", ""))
    now = clock.wall_now()
    context = {**frame.context(request, site, "handover", now), "handovers": screen.build(request.user, site, now)}
    return render(request, "dutyroom/handover.html", context)


@require_POST
@login_required
@refuses
def begin(request: Request) -> HttpResponse:
    """Open a handover: `way` is give or take."""
    site = door.site(request.user, request.POST.get("site", ""), rights.WORK)
    way, to = request.POST.get("way", ""), request.POST.get("to", "").strip()
    if way not in ("give", "take"):
        raise Invalid({"way": _("请选择交班或接班。")})
    handover_opening.open_by_hand(
        site_id=site.pk,
        post=request.POST.get("post", "")[:40],
        actor=request.user,
        now=clock.wall_now(),
        gives=way == "give",
        to_person=_number(to) if to else None,
    )
    return _back(request, site)


@require_POST
@login_required
@refuses
def take(request: Request, handover_id: int) -> HttpResponse:
    """Take one item, or all that are open after reading them."""
    found = _handover(request, handover_id, rights.WORK)
    item = request.POST.get("item", "").strip()
    if not item and request.POST.get("read") != "yes":
        raise Invalid({"read": _("请先逐项看过，打勾后再全部接手。")})
    now = clock.wall_now()
    handover.take(handover_id=found.pk, actor=request.user, now=now, items=[_number(item)] if item else None)
    return _back(request, found.site)


@require_POST
@login_required
@refuses
def sign(request: Request, handover_id: int) -> HttpResponse:
    """Sign as whoever goes, or as whoever comes."""
    found = _handover(request, handover_id, rights.WORK)
    handover.sign(handover_id=found.pk, actor=request.user, now=clock.wall_now())
    return _back(request, found.site)


@require_POST
@login_required
@refuses
def note(request: Request, handover_id: int) -> HttpResponse:
    """Keep what the one who goes has to say."""
    found = _handover(request, handover_id, rights.WORK)
    now = clock.wall_now()
    handover.write_note(handover_id=found.pk, actor=request.user, now=now, text=request.POST.get("note", ""))
    if is_htmx(request):
        shown = screen.one(request.user, Handover.objects.get(pk=found.pk), now)
        return render(request, "dutyroom/_handover_note.html", {"one": shown, "saved_at": now})
    return _back(request, found.site)


@require_GET
@login_required
@never_cache
@refuses
def whole(request: Request, handover_id: int) -> HttpResponse:
    """One handover with its record, over or not."""
    found = _handover(request, handover_id)
    now = clock.wall_now()
    shown = screen.one(request.user, found, now)
    context = {**frame.context(request, found.site, "handover", now), "one": shown}
    return render(request, "dutyroom/handover_one.html", context)


@require_GET
@login_required
@never_cache
@refuses
def paper(request: Request, handover_id: int) -> HttpResponse:
    """The record on A4, with room for two signatures."""
    found = _handover(request, handover_id)
    now = clock.wall_now()
    shown = screen.one(request.user, found, now, paper=True)
    return render(request, "dutyroom/handover_print.html", {"one": shown, "site": found.site, "now": now})


@require_GET
@login_required
@never_cache
def mine(request: Request) -> HttpResponse:
    """The banner of the desk for those who go or come, fetched when it may have changed."""
    now = clock.wall_now()
    return render(request, "incident/desk/_handing.html", {"handing": handing.mine(request.user, now), "now": now})


def _handover(request: Request, handover_id: int, verb: str = rights.VIEW) -> Handover:
    found = Handover.objects.filter(pk=handover_id).select_related("site").first()
    if found is None:
        raise Http404
    door.need(request.user, found.site_id, verb)
    return found


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0


def _now(request: Request, site: Site, seen: str = "") -> HttpResponse:
    now = clock.wall_now()
    shown = screen.build(request.user, site, now)
    if seen and seen == shown.mark:
        return HttpResponse(status=204)
    return render(request, "dutyroom/_handover_now.html", {"handovers": shown, "site": site, "now": now})


def _back(request: Request, site: Site) -> HttpResponse:
    if is_htmx(request):
        return _now(request, site)
    response = redirect(f"{reverse('handover')}?site={site.key}")
    response.status_code = 303
    return response
