"""Calling people in from the room: open, change the number, stop, and write down who telephoned or is there."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incident import access, answering, callouts, clock, forms
from incident.forms import Dialog, Field, Option
from incident.models import CallOut, Incident, Summons
from incident.refusals import Invalid
from incident.screens import call_out_form
from incident.views import dialogs
from incident.views.answers import Request, refuses

MOST_DIGITS = 5


@require_http_methods(["GET", "POST"])
@login_required
@refuses
def start(request: Request, number: str) -> HttpResponse:
    """The form that calls people in; `preview` shows it again with what was typed so far."""
    incident = access.incident_for(request.user, number, "incident.work")
    return opening(request, incident, "room-call-out")


def opening(request: Request, incident: Incident, address: str) -> HttpResponse:
    """The opening form in the dialog or as a page; a POST opens the call-out."""
    now = clock.wall_now()
    raw = request.POST if request.method == "POST" else request.GET
    chosen = raw.getlist("waves")
    form = call_out_form.build(incident, request.user, raw.dict(), chosen, now)
    action = reverse(address, args=[incident.number])
    if request.method == "GET" or "preview" in request.POST:
        return _show(request, incident, form, action)
    try:
        wanted = call_out_form.wanted(form, raw.dict(), chosen, now)
        key = call_out_form.key(raw.dict())
        callouts.start(incident_id=incident.pk, actor=request.user, now=now, client_key=key, wanted=wanted)
    except Invalid as wrong:
        form.errors = wrong.fields
        return _show(request, incident, form, action, wrong.status)
    return dialogs.done(request, incident)


def _show(
    request: Request, incident: Incident, form: call_out_form.Form, action: str, status: int = 200
) -> HttpResponse:
    return dialogs.piece(request, incident, "incident/room/_call_out.html", {"form": form, "action": action}, status)


@require_http_methods(["GET", "POST"])
@login_required
@refuses
def quota(request: Request, number: str, call_out_id: int) -> HttpResponse:
    """Want more or fewer people; the same number looks once more for who is free."""
    incident, call_out = _call_out(request, number, call_out_id)
    dialog = Dialog(
        title=_("改召集人数"),
        action=reverse("room-call-out-quota", args=[number, call_out_id]),
        submit=_("改人数"),
        explain=_("已答应和已到的人不受影响；多出来的未答复者会收到“不用来了，谢谢”。人数不变则再找一遍有空的人。"),
        fields=(Field("quota", _("人数"), "number", str(call_out.quota), is_required=True, is_focused=True),),
    )
    if request.method == "GET":
        return dialogs.show(request, incident, dialog)
    now = clock.wall_now()
    return dialogs.submit(
        request,
        incident,
        dialog,
        lambda: callouts.change_quota(
            call_out_id=call_out.pk, actor=request.user, now=now, quota=_number(request.POST.get("quota", ""))
        ),
    )


@require_http_methods(["GET", "POST"])
@login_required
@refuses
def stop(request: Request, number: str, call_out_id: int) -> HttpResponse:
    """Ask nobody any more."""
    incident, call_out = _call_out(request, number, call_out_id)
    dialog = Dialog(
        title=_("停止召集"),
        action=reverse("room-call-out-stop", args=[number, call_out_id]),
        submit=_("停止召集"),
        explain=_("不再通知别人；未答复的人会收到“不用来了，谢谢”。"),
        fields=(
            Field("also_coming", _("在途的人也不用来了"), "check"),
            Field("reason", _("说明（可不填）"), "long", is_focused=True),
        ),
        is_grave=True,
    )
    if request.method == "GET":
        return dialogs.show(request, incident, dialog)
    now = clock.wall_now()
    return dialogs.submit(
        request,
        incident,
        dialog,
        lambda: callouts.close(
            call_out_id=call_out.pk,
            actor=request.user,
            now=now,
            reason=request.POST.get("reason", ""),
            also_coming=request.POST.get("also_coming") == "yes",
        ),
    )


@require_http_methods(["GET", "POST"])
@login_required
@refuses
def write_down(request: Request, number: str, summons_id: int) -> HttpResponse:
    """Write down what somebody said on the telephone, or that they are there."""
    incident = access.incident_for(request.user, number, "incident.work")
    one = get_object_or_404(Summons, pk=summons_id, incident=incident)
    dialog = _by_hand(one, number)
    if request.method == "GET":
        return dialogs.show(request, incident, dialog)
    return dialogs.submit(request, incident, dialog, lambda: _written(request, incident, one))


def _by_hand(one: Summons, number: str) -> Dialog:
    answers = (
        Option(answering.ACKNOWLEDGE, _("收到")),
        Option(answering.COME, _("我来")),
        Option(answering.ARRIVE, _("已到位")),
        Option(answering.REFUSE, _("不能来")),
    )
    return Dialog(
        title=_("代 %s 记下答复") % one.name,
        action=reverse("room-summons", args=[number, one.pk]),
        submit=_("记下"),
        explain=_("本人来电，或您看到此人已到。记下的人是您。"),
        fields=(
            Field("what", _("答复"), "choice", options=answers, is_required=True, is_focused=True),
            Field("minutes", _("大约几分钟到"), "number", help=_("选“我来”时填写"), unit=_("分钟")),
            Field("arrived_at", _("到达时间"), "time", help=_("选“已到”时：留空为现在；更早到的，填 14:30")),
            Field("reason", _("不能来的理由"), help=_("选“不能来”时必填")),
        ),
    )


def _written(request: Request, incident: Incident, one: Summons) -> Summons:
    now, raw = clock.wall_now(), request.POST.dict()
    what = raw.get("what", "")
    minutes = raw.get("minutes", "").strip()
    arrived_at = forms.moment(incident, raw, "arrived_at", _("到达时间"), now) if what == answering.ARRIVE else None
    return callouts.write_down(
        summons_id=one.pk,
        actor=request.user,
        now=now,
        what=what,
        minutes=_number(minutes, "minutes") if what == answering.COME and minutes else None,
        arrived_at=arrived_at,
        reason=raw.get("reason", ""),
    )


def _call_out(request: Request, number: str, call_out_id: int) -> tuple[Incident, CallOut]:
    incident = access.incident_for(request.user, number, "incident.work")
    return incident, get_object_or_404(CallOut, pk=call_out_id, incident=incident)


def _number(text: str, name: str = "quota") -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise Invalid({name: _("请填整数，如 12。")})
    return int(text)
