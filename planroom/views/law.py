"""The versions of a plan: the list, one version with its differences, and its text as a file."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from incident import clock
from incident.refusals import Denied
from incident.views.answers import Request, refuses
from planroom.door import Reader
from planroom.screens import law as screen
from planroom.views import frame
from playbooks import models

LARGEST_NUMBER = 2**31 - 1


@require_GET
@login_required
@never_cache
@refuses
def versions(request: Request, plan: str) -> HttpResponse:
    """Every version with its state, people and digest, and the record of what became of them."""
    return show_versions(request, screen.room(request.user, plan))


def show_versions(request: Request, room: screen.Room, *, status: int = 200, **more: Any) -> HttpResponse:
    """The list, with what went wrong in an upload."""
    shown = {**context(request), "room": room, "shelf": screen.versions(room), **more}
    return render(request, "planroom/law/versions.html", shown, status=status)


@require_GET
@login_required
@never_cache
@refuses
def version(request: Request, plan: str, number: int) -> HttpResponse:
    """One version: what it changes, what the linter says, what can be done with it."""
    room = screen.room(request.user, plan)
    found = find(room, number)
    check_may_read(room, found)
    return show_version(request, room, found)


def show_version(
    request: Request, room: screen.Room, found: models.PlanVersion, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The page of one version, with what went wrong in a step and what was typed."""
    now = clock.wall_now()
    one = screen.version(room, found, request.user, request.GET.get("against", ""), now)
    shown = {**context(request), "room": room, "shown": one, **more}
    return render(request, "planroom/law/version.html", shown, status=status)


@require_GET
@login_required
@refuses
def file(request: Request, plan: str, number: int) -> HttpResponse:
    """The exact text of a version."""
    room = screen.room(request.user, plan)
    found = find(room, number)
    check_may_read(room, found)
    return HttpResponse(
        found.source_text.encode(),
        content_type="text/yaml; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{room.plan.key}-v{found.number}.yaml"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def find(room: screen.Room, number: int) -> models.PlanVersion:
    """The version of that number. Raises Http404."""
    rows = room.plan.versions.select_related("plan", "drafted_by", "published_by")
    found = rows.filter(number=number).first() if number <= LARGEST_NUMBER else None
    if found is None:
        raise Http404
    return found


def check_may_read(room: screen.Room, found: models.PlanVersion) -> None:
    """Raises Denied."""
    if not screen.may_download(room, found):
        raise Denied(
            _("草案只给管理员看，请联系本站管理员。")
            if found.state == models.PlanVersion.State.DRAFT
            else _("这一版含受限内容，只给当班人员和管理员看。")
        )


def check_may_manage(room: screen.Room) -> None:
    """Raises Denied."""
    if not room.may_manage:
        raise Denied(_("改动预案需要“管理员”角色，请联系本站管理员。"))


def context(request: Request) -> dict[str, Any]:
    """What every page here stands in."""
    return frame.context(request, Reader(request.user), clock.wall_now())
