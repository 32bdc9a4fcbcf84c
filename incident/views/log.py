"""The timeline from the screen: a quick note, and a correction that points at an entry."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from incident import access, catalogue, clock, timeline
from incident.forms import Dialog, Field
from incident.models import Entry
from incident.views import dialogs
from incident.views.answers import Request, refuses
from playbooks import library


@require_POST
@login_required
@refuses
def note(request: Request, number: str) -> HttpResponse:
    """Log what happened in free words; the same key again changes nothing."""
    incident = access.incident_for(request.user, number, "incident.work")
    timeline.note(
        incident_id=incident.pk,
        actor=request.user,
        now=clock.wall_now(),
        text=request.POST.get("text", ""),
        client_key=request.POST.get("key", "")[:40],
    )
    return dialogs.done(request, incident)


@require_http_methods(["GET", "POST"])
@login_required
@refuses
def correct(request: Request, number: str, entry: int) -> HttpResponse:
    """Correct an entry by a new one; the old one stands."""
    incident = access.incident_for(request.user, number, "incident.work")
    now = clock.wall_now()
    old = get_object_or_404(Entry, incident=incident, number=entry)
    dialog = Dialog(
        title=_("更正第 %d 条") % entry,
        action=reverse("room-correct", args=[number, entry]),
        submit=_("更正"),
        explain=_("原文保留：%s") % catalogue.words(old, library.playbook(incident.playbook_id)),
        fields=(Field("text", _("正确的内容"), "long", is_required=True, is_focused=True),),
    )
    if request.method == "GET":
        return dialogs.show(request, incident, dialog)
    text = request.POST.get("text", "")
    return dialogs.submit(
        request,
        incident,
        dialog,
        lambda: timeline.correct(incident_id=incident.pk, actor=request.user, now=now, number=entry, text=text),
    )
