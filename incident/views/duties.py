"""Duties from the screen: tick, answer with words or a choice, or waive with a reason."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from incident import access, clock, confirming, forms, work
from incident.forms import Dialog, Field, Option
from incident.models import Duty, Incident
from incident.screens import room_clocks
from incident.screens import room_words as say
from incident.views import dialogs
from incident.views.answers import Request, refuses
from playbooks import library, rules


@require_GET
@login_required
@refuses
def duty(request: Request, number: str, duty_id: int) -> HttpResponse:
    """What one duty asks for."""
    incident, found = _duty(request, number, duty_id, "incident.work")
    may_waive = "incident.decide" in access.verbs(request.user, incident.site_id)
    return dialogs.show(request, incident, _done_dialog(incident, found, may_waive))


@require_POST
@login_required
@refuses
def done(request: Request, number: str, duty_id: int) -> HttpResponse:
    """Fulfil a duty: a bare tick, or with a note, a choice and the time it was really done."""
    incident, found = _duty(request, number, duty_id, "incident.work")
    now = clock.wall_now()
    may_waive = "incident.decide" in access.verbs(request.user, incident.site_id)
    dialog = _done_dialog(incident, found, may_waive)
    return dialogs.submit(request, incident, dialog, lambda: _complete(request, incident, found, now))


@require_http_methods(["GET", "POST"])
@login_required
@refuses
def waive(request: Request, number: str, duty_id: int) -> HttpResponse:
    """Say that a duty will not be done, and why."""
    incident, found = _duty(request, number, duty_id, "incident.decide")
    now = clock.wall_now()
    dialog = Dialog(
        title=_("不做：%s") % _words(incident, found),
        action=reverse("room-duty-waive", args=[number, duty_id]),
        submit=_("不再需要"),
        explain=_("理由记入时间线；已超时的仍记为超时。"),
        fields=(forms.reason(),),
        is_grave=True,
    )
    if request.method == "GET":
        return dialogs.show(request, incident, dialog)
    reason = request.POST.get("reason", "")
    return dialogs.submit(
        request, incident, dialog, lambda: work.waive(duty_id=found.pk, actor=request.user, now=now, reason=reason)
    )


def _duty(request: Request, number: str, duty_id: int, verb: str) -> tuple[Incident, Duty]:
    incident = access.incident_for(request.user, number, verb)
    return incident, get_object_or_404(Duty, pk=duty_id, incident=incident)


def _complete(request: Request, incident: Incident, found: Duty, now: datetime) -> Duty:
    raw = request.POST.dict()
    return work.complete(
        duty_id=found.pk,
        actor=request.user,
        now=now,
        note=raw.get("note", ""),
        choice=raw.get("choice", ""),
        done_at=forms.moment(incident, raw, "done_at", _("完成时间"), now),
    )


def _rule(incident: Incident, found: Duty) -> rules.DutyRule | None:
    playbook = library.playbook(incident.playbook_id)
    own = confirming.rule(playbook, found.rule)
    return own or next((rule for rule in playbook.duties if rule.key == found.rule), None)


def _words(incident: Incident, found: Duty) -> str:
    rule = _rule(incident, found)
    return say.pick(rule) if rule else found.rule


def _done_dialog(incident: Incident, found: Duty, may_waive: bool) -> Dialog:
    rule = _rule(incident, found)
    options = tuple(Option(choice.key, say.pick(choice)) for choice in rule.choices) if rule else ()
    fields = []
    if options:
        fields.append(Field("choice", _("决定"), "choice", options=options, is_required=True, is_focused=True))
    tells = not options and room_clocks.needs_form(rule)
    label = _("告知了谁、怎样告知的") if tells else _("说明（可不填）")
    fields.append(Field("note", label, "long", is_focused=not options))
    fields.append(Field("done_at", _("完成时间"), "time", help=_("留空为现在；更早完成的，填 14:30")))
    return Dialog(
        title=_words(incident, found),
        action=reverse("room-duty-done", args=[incident.number, found.pk]),
        submit=_("作出决定") if options else _("已告知") if tells else _("完成"),
        explain=say.pick(rule, "detail") if rule else "",
        fields=tuple(fields),
        other_url=reverse("room-duty-waive", args=[incident.number, found.pk]) if may_waive else "",
        other_words=_("不做，写明理由"),
    )
