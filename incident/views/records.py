"""The plan's forms by themselves: read by everybody of the site, written by whoever works the incident."""

from dataclasses import replace
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incident import access, clock, forms, records
from incident.forms import Dialog
from incident.models import Incident, Record
from incident.refusals import NotNow
from incident.screens import record_form, room_records
from incident.screens import room_words as say
from incident.screens.record_form import Sheet
from incident.views import dialogs
from incident.views.answers import Request, refuses


@require_http_methods(["GET", "POST"])
@login_required
@refuses
def record(request: Request, number: str, form: str) -> HttpResponse:
    """One form: GET shows it, with inputs for whoever works; POST writes a line, until the incident is closed."""
    verb = "incident.view" if request.method == "GET" else "incident.work"
    incident = access.incident_for(request.user, number, verb)
    held = access.verbs(request.user, incident.site_id)
    now = clock.wall_now()
    row = forms.row(request.GET if request.method == "GET" else request.POST)
    sheet = record_form.gather(incident, form, row=row, duty=None, now=now)
    if sheet is None:
        raise Http404
    if request.method == "GET" and ("incident.work" not in held or incident.state in records.OVER):
        page = room_records.page(sheet, cleared="playbooks.restricted" in held)
        return dialogs.piece(request, incident, "incident/room/_record.html", {"page": page})
    dialog = _dialog(sheet)
    if request.method == "GET":
        return dialogs.show(request, incident, dialog)

    def fresh() -> Dialog:
        written = record_form.gather(incident, form, row=None, duty=None, now=now)
        return replace(_dialog(written or sheet), said=record_form.said(written))

    answer = dialogs.submit(request, incident, dialog, lambda: _write(request, incident, sheet, now))
    return dialogs.again(request, incident, answer, record_form.address(sheet), fresh) if sheet.form.rows else answer


def _dialog(sheet: Sheet) -> Dialog:
    """The form without a duty: it is written, and nothing is finished by it."""
    url = record_form.address(sheet)
    is_new = sheet.form.rows and sheet.record is None
    return Dialog(
        title=say.pick(sheet.form),
        action=url,
        submit=_("记下这一行") if is_new else _("保存第 %d 行") % (sheet.row or 1) if sheet.form.rows else _("保存"),
        explain="" if sheet.form.rows else _("可以先存一部分，以后再补；每次保存记为新的一版。"),
        fields=record_form.fields(sheet),
        hidden=record_form.hidden(sheet),
        table=record_form.table(sheet, url, is_gate=False),
    )


def _write(request: Request, incident: Incident, sheet: Sheet, now: datetime) -> Record:
    if incident.state in records.OVER:
        raise NotNow(_("事件已关闭或撤销，记录不能再补。需要时请报告新事件并注明。"))
    draft = record_form.draft(sheet, request.POST.dict())
    if draft is None:
        raise forms.nothing_typed(sheet.form)
    return records.write(incident_id=incident.pk, actor=request.user, now=now, draft=draft)
