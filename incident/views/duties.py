"""Duties from the screen: tick, answer with words or a choice, call, write and sign, or waive with a reason."""

from dataclasses import replace
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from incident import access, clock, forms, work
from incident.forms import Dialog
from incident.models import Duty, Incident
from incident.screens import record_form
from incident.screens.record_form import Sheet
from incident.views import dialogs, duty_dialogs
from incident.views.answers import Request, refuses


@require_GET
@login_required
@refuses
def duty(request: Request, number: str, duty_id: int) -> HttpResponse:
    """What one duty asks for; `row` opens a line of its ledger."""
    incident, found = _duty(request, number, duty_id, "incident.work")
    sheet = duty_dialogs.sheet(incident, found, forms.row(request.GET), clock.wall_now())
    return dialogs.show(request, incident, duty_dialogs.dialog(incident, found, sheet, request.user))


@require_POST
@login_required
@refuses
def done(request: Request, number: str, duty_id: int) -> HttpResponse:
    """Fulfil a duty: a bare tick, or with a note, a choice, a form, and the time it was really done."""
    incident, found = _duty(request, number, duty_id, "incident.work")
    now = clock.wall_now()
    sheet = duty_dialogs.sheet(incident, found, forms.row(request.POST), now)
    dialog = duty_dialogs.dialog(incident, found, sheet, request.user)
    what = request.POST.get("do", "") or dialog.does
    if sheet is None or what != duty_dialogs.SAVE:
        return dialogs.submit(request, incident, dialog, lambda: _complete(request, incident, found, sheet, now))
    answer = dialogs.submit(request, incident, dialog, lambda: _write(request, found, sheet, now))
    if not sheet.form.rows:
        return answer

    def fresh() -> Dialog:
        written = duty_dialogs.sheet(incident, found, None, now)
        return replace(duty_dialogs.dialog(incident, found, written, request.user), said=record_form.said(written))

    return dialogs.again(request, incident, answer, record_form.address(sheet), fresh)


@require_http_methods(["GET", "POST"])
@login_required
@refuses
def waive(request: Request, number: str, duty_id: int) -> HttpResponse:
    """Say that a duty will not be done, and why."""
    incident, found = _duty(request, number, duty_id, "incident.decide")
    now = clock.wall_now()
    dialog = Dialog(
        title=_("不做：%s") % duty_dialogs.words(incident, found),
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


def _write(request: Request, found: Duty, sheet: Sheet, now: datetime) -> Duty:
    draft = record_form.draft(sheet, request.POST.dict())
    if draft is None:
        raise forms.nothing_typed(sheet.form)
    return work.write(duty_id=found.pk, actor=request.user, now=now, draft=draft)


def _complete(request: Request, incident: Incident, found: Duty, sheet: Sheet | None, now: datetime) -> Duty:
    raw = request.POST.dict()
    if found.kind == "call":
        return work.call(
            duty_id=found.pk,
            actor=request.user,
            now=now,
            outcome=raw.get("do", "") or raw.get("outcome", ""),
            called_at=forms.moment(incident, raw, "called_at", _("拨打时间"), now),
            reason=raw.get("reason", ""),
        )
    return work.complete(
        duty_id=found.pk,
        actor=request.user,
        now=now,
        note=raw.get("note", ""),
        choice=raw.get("choice", ""),
        done_at=forms.moment(incident, raw, "done_at", _("完成时间"), now),
        draft=record_form.draft(sheet, raw, always=not sheet.form.rows) if sheet else None,
        deputed=raw.get("deputed", ""),
        edition=record_form.edition(raw),
    )
