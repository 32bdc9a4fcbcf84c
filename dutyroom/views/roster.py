"""The roster's pages: the week, its board fetched again, one shift, a crowded cell, and the week on paper."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dutyroom import door, frame, roster_forms
from dutyroom.screens import roster as screen
from dutyroom.screens import roster_words as words
from dutyroom.views import roster_dialogs as dialogs
from dutyroom.views.roster_dialogs import Place
from incident import clock
from incident.forms import Dialog
from incident.live import topics
from incident.screens import room_words as say
from incident.views.answers import Request, refuses
from staffing import rights, swaps
from staffing.models import Site, Swap

SHOWN = (screen.ALL, screen.DUTY, screen.STANDBY)
QUARTER = 900  # seconds: who is on now changes with time too


@require_GET
@login_required
@never_cache
@refuses
def page(request: Request) -> HttpResponse:
    """The week that holds `week`, or the present one."""
    site, now = door.site(request.user, request.GET.get("site", "")), clock.wall_now()
    context = frame.context(request, site, "roster", now)
    week = _week(request, site, now)
    return render(request, "dutyroom/roster.html", {**context, **_shown(week, context["seen"][topics.site(site.pk)])})


@require_GET
@login_required
@never_cache
@refuses
def board(request: Request) -> HttpResponse:
    """The part that follows; 204 where nothing can have changed since `mark`."""
    site, now = door.site(request.user, request.GET.get("site", "")), clock.wall_now()
    name = topics.site(site.pk)
    number = topics.heads([name])[name]
    if request.GET.get("mark") == _mark(number, now):
        return HttpResponse(status=204)
    return render(request, "dutyroom/roster/_board.html", _shown(_week(request, site, now), number))


@require_GET
@login_required
@never_cache
@refuses
def paper(request: Request) -> HttpResponse:
    """The week for the wall, A4 across; with the telephone that is answered day and night."""
    site, now = door.site(request.user, request.GET.get("site", "")), clock.wall_now()
    week = _week(request, site, now)
    return render(request, "dutyroom/roster/print.html", {"week": week, "now": now, "site": site})


@require_GET
@login_required
@never_cache
@refuses
def cell(request: Request) -> HttpResponse:
    """Everybody on one post and one kind of shift of a day: too many for the grid."""
    site, now = door.site(request.user, request.GET.get("site", "")), clock.wall_now()
    week = _week(request, site, now)
    raw = request.GET.dict()
    post_id, kind_id = roster_forms.number(raw, "post"), roster_forms.number(raw, "kind")
    day = roster_forms.day(raw, "day", "")
    rows = [row for row in week.shifts if (row.post_id, row.kind_id, row.day) == (post_id, kind_id, day)]
    post = week.house.posts.get(post_id or 0)
    title = f"{words.day(day)} {words.kind_long(week.kind(kind_id))} {say.pick(post) if post else ''}"
    place = Place(week.site, week.first, week.now)
    dialog = Dialog(title=title, action="", submit="")
    chips = [week.chip(row) for row in rows]
    return dialogs.show(request, place, dialog, fragment="dutyroom/roster/_crowd.html", chips=chips)


@require_GET
@login_required
@never_cache
@refuses
def shift(request: Request, shift_id: int) -> HttpResponse:
    """One shift: who, when, what became of it, and what can be done with it."""
    found = dialogs.shift(request, shift_id, rights.VIEW)
    now = clock.wall_now()
    place = Place(found.post.site, screen.monday(found.starts_at.astimezone(clock.ZONE).date().isoformat(), now), now)
    asked = Swap.objects.filter(shift=found, state=Swap.State.ASKED).select_related("to_person").first()
    more: dict[str, Any] = {
        "shift": found,
        "when": words.span(found.starts_at, found.ends_at),
        "day": words.day(found.starts_at.astimezone(clock.ZONE).date()),
        "kind": words.kind_long(found.kind),
        "asked": asked,
        "may_plan": rights.is_allowed(request.user, rights.ROSTER, found.post.site_id),
        "may_ask": swaps.may_ask(request.user, found) and found.starts_at > now and asked is None,
    }
    title = f"{found.person.name} · {say.pick(found.post)}"
    dialog = Dialog(title=title, action="", submit="")
    return dialogs.show(request, place, dialog, fragment="dutyroom/roster/_shift.html", **more)


def _week(request: Request, site: Site, now: datetime) -> screen.Week:
    show = request.GET.get("show", "")
    return screen.Week(
        site=site,
        first=screen.monday(request.GET.get("week", ""), now),
        now=now,
        user=request.user,
        show=show if show in SHOWN else screen.ALL,
    )


def _shown(week: screen.Week, number: int) -> dict[str, Any]:
    """`number`: that of the site's topic, read before the week."""
    return {"week": week, "panels": week.panels, "mark": _mark(number, week.now), "now": week.now}


def _mark(number: int, now: datetime) -> str:
    """Changes with everything that is done at the site, and each quarter of an hour."""
    return f"{number}-{int(now.timestamp()) // QUARTER}"
