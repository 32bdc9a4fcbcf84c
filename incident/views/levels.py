"""Levels from the screen: set by a person, confirmed, or rejected with a reason."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incident import access, clock, forms, levels
from incident.forms import Dialog, Field, Option
from incident.models import Incident, LevelDecision
from incident.screens import room_words as say
from incident.views import dialogs
from incident.views.answers import Request, refuses
from playbooks import library


@require_http_methods(["GET", "POST"])
@login_required
@refuses
def change(request: Request, number: str) -> HttpResponse:
    """Raise or lower the level, with a reason."""
    incident = access.incident_for(request.user, number, "incident.decide")
    now = clock.wall_now()
    dialog = _dialog(incident)
    if request.method == "GET":
        return dialogs.show(request, incident, dialog)
    raw = request.POST
    return dialogs.submit(
        request,
        incident,
        dialog,
        lambda: levels.set_level(
            incident_id=incident.pk,
            actor=request.user,
            now=now,
            level=raw.get("level", ""),
            reason=raw.get("reason", ""),
            seen=forms.seen(request),
        ),
    )


@require_POST
@login_required
@refuses
def confirm(request: Request, number: str, decision_id: int) -> HttpResponse:
    """Confirm a provisional level, or let a proposed one come into force."""
    incident, decision = _decision(request, number, decision_id)
    levels.confirm(decision_id=decision.pk, actor=request.user, now=clock.wall_now())
    return dialogs.done(request, incident)


@require_http_methods(["GET", "POST"])
@login_required
@refuses
def reject(request: Request, number: str, decision_id: int) -> HttpResponse:
    """Say no to a level, with a reason."""
    incident, decision = _decision(request, number, decision_id)
    now = clock.wall_now()
    names = {level.key: say.pick(level) for level in library.playbook(incident.playbook_id).levels}
    dialog = Dialog(
        title=_("否决级别：%s") % names.get(decision.level, decision.level),
        action=reverse("room-decision-reject", args=[number, decision_id]),
        submit=_("否决"),
        explain=_("回到此前的级别；理由记入时间线。"),
        fields=(forms.reason(),),
        is_grave=True,
    )
    if request.method == "GET":
        return dialogs.show(request, incident, dialog)
    reason = request.POST.get("reason", "")
    return dialogs.submit(
        request,
        incident,
        dialog,
        lambda: levels.reject(decision_id=decision.pk, actor=request.user, now=now, reason=reason),
    )


def _decision(request: Request, number: str, decision_id: int) -> tuple[Incident, LevelDecision]:
    incident = access.incident_for(request.user, number, "incident.decide")
    return incident, get_object_or_404(LevelDecision, pk=decision_id, incident=incident)


def _dialog(incident: Incident) -> Dialog:
    found = sorted(library.playbook(incident.playbook_id).levels, key=lambda level: -level.rank)
    options = tuple(
        Option(level.key, f"{say.colour(level.colour)} · {say.pick(level)}")
        for level in found
        if level.key != incident.level
    )
    return Dialog(
        title=_("升级或降级"),
        action=reverse("room-level", args=[incident.number]),
        submit=_("改变级别"),
        explain=_("立即生效，打开该级别的职责并通知；理由记入时间线。"),
        fields=(
            Field("level", _("改为"), "choice", options=options, is_required=True, is_focused=True),
            Field("reason", _("理由"), "long", is_required=True),
        ),
        seen=incident.revision,
    )
