"""The library of playbooks and the page of a plan."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from incident import clock
from incident.views.answers import Request, is_htmx
from planroom.door import Reader
from planroom.screens import library as screen
from planroom.screens import plan as plan_screen
from planroom.views import frame

TREE = "tree"


@require_GET
@login_required
@never_cache
@vary_on_headers("HX-Request")
def page(request: Request) -> HttpResponse:
    """Every playbook the user may read, or those found; to htmx the list alone, as rows or as a tree."""
    reader = Reader(request.user)
    shelf = screen.build(reader, request.GET.get("q", ""), current=request.GET.get("at", ""))
    if is_htmx(request):
        part = "planroom/_tree.html" if request.GET.get("as") == TREE else "planroom/_library.html"
        return render(request, part, {"shelf": shelf, "reader": reader})
    return render(
        request, "planroom/library.html", {"shelf": shelf, **frame.context(request, reader, clock.wall_now())}
    )


@require_GET
@login_required
def plan(request: Request, plan: str) -> HttpResponse:
    """One plan: what it is, who stands for it, what it leaves open."""
    reader = Reader(request.user)
    now = clock.wall_now()
    shown = plan_screen.build(reader, plan, now)
    if shown is None:
        raise Http404
    return render(request, "planroom/plan.html", {"plan": shown, **frame.context(request, reader, now)})
