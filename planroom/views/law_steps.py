"""The steps of a draft on its way to law: submit, approve, send back, discard."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from incident import clock
from incident.refusals import Invalid, NotNow, Refusal
from incident.views.answers import Request, refuses
from planroom import drafts
from planroom.drafts import Conflict, Unreadable
from planroom.screens import law as screen
from planroom.views import law
from playbooks import models

Act = Callable[[Request, models.PlanVersion], str]


def _submit(request: Request, found: models.PlanVersion) -> str:
    version = drafts.submit(version_id=found.pk, actor=request.user, now=clock.wall_now(), **_said(request, "seen"))
    return _("第 %d 版已提交，等另一位管理员审批。") % version.number


def _publish(request: Request, found: models.PlanVersion) -> str:
    version = drafts.publish(version_id=found.pk, actor=request.user, now=clock.wall_now(), **_said(request, "seen"))
    return _("第 %d 版已发布，从现在起是现行预案；进行中的事件仍按原来的版本。") % version.number


def _send_back(request: Request, found: models.PlanVersion) -> str:
    drafts.send_back(version_id=found.pk, actor=request.user, now=clock.wall_now(), **_said(request))
    return _("已退回起草人。")


def _discard(request: Request, found: models.PlanVersion) -> str:
    drafts.discard(version_id=found.pk, actor=request.user, now=clock.wall_now(), **_said(request, "seen"))
    return _("第 %d 版草案已废弃，原文留在记录里。") % found.number


STEPS: dict[str, Act] = {"submit": _submit, "publish": _publish, "send-back": _send_back, "discard": _discard}


def _said(request: Request, *more: str) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("note", *more)}


@require_POST
@login_required
@never_cache
@refuses
def step(request: Request, plan: str, number: int, step: str) -> HttpResponse:
    """Take one step, or show the page again with the reason and what was typed."""
    room = screen.room(request.user, plan)
    if step not in STEPS:
        raise Http404
    law.check_may_manage(room)
    found = law.find(room, number)
    try:
        said = STEPS[step](request, found)
    except (Invalid, NotNow, Conflict, Unreadable, drafts.SamePerson) as refusal:
        return _again(request, room, number, step, refusal)
    messages.success(request, said)
    at = reverse("plan-versions", args=[plan])
    still = models.PlanVersion.objects.filter(pk=found.pk).values_list("number", flat=True).first()
    if still is not None:
        at = reverse("plan-version", args=[plan, still])
    return HttpResponse(status=303, headers={"Location": at})


def _again(request: Request, room: screen.Room, number: int, step: str, refusal: Refusal) -> HttpResponse:
    still = room.plan.versions.filter(number=number).exists()
    if not still:
        return law.show_versions(request, room, status=refusal.status, wrong=str(refusal))
    more = {"step": step, "error": _sentence(refusal), "note": request.POST.get("note", "")}
    return law.show_version(request, room, law.find(room, number), status=refusal.status, **more)


def _sentence(refusal: Refusal) -> str:
    if isinstance(refusal, Conflict):
        return _("“%s”在您打开之后改动了这份草案，未作任何改动。请看过下面的最新内容后再操作。") % refusal.who
    return str(refusal)
