"""The steps of the road: take, restore, relapse, end, close, reopen, cancel, merge."""

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incident import access, clock, forms, lifecycle
from incident.forms import Dialog, Field
from incident.models import Duty, Incident
from incident.screens.room_head import step_words
from incident.views import dialogs
from incident.views.answers import Request, refuses
from playbooks import library
from staffing.models import User


class Call(TypedDict):
    """What every step is called with."""

    incident_id: int
    actor: User
    now: datetime
    seen: int | None


VERBS = {**lifecycle.STEPS, "merge": "incident.decide"}
GRAVE = ("cancel", "merge", "close")


@require_http_methods(["GET", "POST"])
@login_required
@refuses
def step(request: Request, number: str, name: str) -> HttpResponse:
    """One step: GET asks what it needs and says what it will do, POST takes it."""
    if name not in VERBS:
        raise Http404
    incident = access.incident_for(request.user, number, VERBS[name])
    now = clock.wall_now()
    dialog = _dialog(incident, name)
    if request.method == "GET":
        return dialogs.show(request, incident, dialog)
    return dialogs.submit(request, incident, dialog, lambda: _take_step(request, incident, name, now))


def _dialog(incident: Incident, name: str) -> Dialog:
    words, hint = step_words(name)
    return Dialog(
        title=words,
        action=reverse("room-step", args=[incident.number, name]),
        submit=words,
        explain=hint,
        fields=_fields(name),
        seen=incident.revision,
        missing=_missing(incident, name),
        is_grave=name in GRAVE,
    )


def _fields(name: str) -> tuple[Field, ...]:
    if name == "restore":
        help_text = _("留空为现在；更早恢复的，填 14:30")
        return (Field("at", _("恢复时间"), "time", help=help_text), forms.note(_("如何恢复的（可不填）")))
    if name in ("declare_end", "close"):
        return (forms.note(_("说明（可不填）")),)
    if name == "merge":
        return (
            Field("into", _("并入哪一起（编号）"), is_required=True, is_focused=True),
            Field("reason", _("理由"), "long"),
        )
    return () if name == "take" else (forms.reason(),)


def _missing(incident: Incident, name: str) -> tuple[str, ...]:
    """What the plan's gates still want before the step. One query."""
    if name not in lifecycle.GATES:
        return ()
    duties = Duty.objects.filter(incident=incident, state=Duty.State.OPEN).exclude(gate="")
    return lifecycle.gate_missing(duties, library.playbook(incident.playbook_id), name)


def _take_step(request: Request, incident: Incident, name: str, now: datetime) -> Incident:
    raw = request.POST
    call = Call(incident_id=incident.pk, actor=request.user, now=now, seen=forms.seen(request))
    reason, note = raw.get("reason", ""), raw.get("note", "")
    if name == "restore":
        at = forms.moment(incident, raw.dict(), "at", _("恢复时间"), now)
        return lifecycle.restore(**call, at=at, note=note)
    steps: dict[str, Callable[[], Incident]] = {
        "take": lambda: lifecycle.take(**call),
        "relapse": lambda: lifecycle.relapse(**call, reason=reason),
        "declare_end": lambda: lifecycle.declare_end(**call, note=note),
        "close": lambda: lifecycle.close(**call, note=note),
        "reopen": lambda: lifecycle.reopen(**call, reason=reason),
        "cancel": lambda: lifecycle.cancel(**call, reason=reason),
        "merge": lambda: lifecycle.merge(**call, into=raw.get("into", "")),
    }
    return steps[name]()
