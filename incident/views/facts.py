"""What is known, from the screen: facts recorded and corrected, and the time of the event corrected."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incident import access, clock, facts, forms, readings
from incident.forms import Dialog, Field, Option
from incident.models import Fact, Incident
from incident.refusals import Invalid
from incident.screens import room_facts
from incident.views import dialogs
from incident.views.answers import Request, refuses
from playbooks import library

INPUTS = {
    "flag": "choice",
    "choice": "choice",
    "count": "number",
    "measure": "number",
    "countdown": "number",
    "time": "time",
    "text": "text",
}
FEW = 5  # choices shown as buttons; more become a list


@require_http_methods(["GET", "POST"])
@login_required
@refuses
def record(request: Request, number: str) -> HttpResponse:
    """All facts of the playbook in one form; only what a person changed is recorded."""
    incident = access.incident_for(request.user, number, "incident.work")
    now = clock.wall_now()
    dialog = _dialog(incident, request.GET.get("fact", ""), now)
    if request.method == "GET":
        return dialogs.show(request, incident, dialog)
    return dialogs.submit(request, incident, dialog, lambda: _record(request, incident, now))


@require_http_methods(["GET", "POST"])
@login_required
@refuses
def occurred(request: Request, number: str) -> HttpResponse:
    """Correct when it began."""
    incident = access.incident_for(request.user, number, "incident.decide")
    now = clock.wall_now()
    value = timezone.localtime(incident.occurred_at).strftime("%Y-%m-%d %H:%M:%S")
    dialog = Dialog(
        title=_("更正发生时间"),
        action=reverse("room-occurred", args=[number]),
        submit=_("更正"),
        explain=_("从发生时间起算的时限重新计算；已超时的仍记为超时。"),
        fields=(
            Field("occurred_at", _("发生时间"), "time", value=value, is_required=True, is_focused=True),
            Field("reason", _("理由"), "long", is_required=True),
        ),
        seen=incident.revision,
    )
    if request.method == "GET":
        return dialogs.show(request, incident, dialog)
    return dialogs.submit(request, incident, dialog, lambda: _correct_time(request, incident, now))


def _dialog(incident: Incident, wanted: str, now: datetime) -> Dialog:
    playbook = library.playbook(incident.playbook_id)
    newest = {fact.metric: fact for fact in Fact.objects.filter(incident=incident).select_related("by").order_by("id")}
    forecast = room_facts.forecasts(playbook)
    at = clock.at(incident, now)
    fields: list[Field] = []
    for place, spec in enumerate(playbook.facts):
        row = room_facts.row(spec, newest.get(spec.metric), at=at)
        fields += _fields(row, spec.metric == wanted or not (wanted or place), spec.metric in forecast)
    return Dialog(
        title=_("情况"),
        action=reverse("room-facts", args=[incident.number]),
        submit=_("记录"),
        explain=_("改动即重判级别；不清楚的留空。"),
        fields=(*fields, Field("reason", _("更正的理由（可不填）"))),
    )


def _fields(row: room_facts.FactRow, is_focused: bool, may_expect: bool) -> list[Field]:
    """The inputs of one fact: where the plan counts what is expected, whether it is; of a countdown, when it was so."""
    found = [_field(row, is_focused)]
    name = f"fact-{row.metric}"
    if row.kind == "countdown":
        help_text = _("留空为现在；先前看到的，填 14:30")
        found.append(Field(f"{name}-since", _("%s：何时看到的") % row.words, "time", "", help_text, was=""))
    if may_expect and row.kind in ("count", "measure"):
        options = (Option("", _("已观察到")), Option(readings.EXPECTED, _("预计")))
        value = readings.EXPECTED if row.is_expected else ""
        label = _("%s：已观察到还是预计") % row.words
        found.append(Field(f"{name}-expected", label, "choice", value, options=options, was=value))
    return found


def _field(row: room_facts.FactRow, is_focused: bool) -> Field:
    name = f"fact-{row.metric}"
    options = tuple(Option(choice.key, choice.words) for choice in row.choices)
    if row.kind == "stopwatch":
        help_text = row.help or _("从何时起，填 14:30；不知道的留空")
        value = row.raw_since
        return Field(f"{name}-since", row.words, "time", value, help_text, is_focused=is_focused, was=value)
    kind = "list" if len(options) > FEW else INPUTS.get(row.kind, "text")
    return Field(name, row.words, kind, row.raw, row.help, options, row.unit, is_focused=is_focused, was=row.raw)


def _record(request: Request, incident: Incident, now: datetime) -> Incident:
    raw = request.POST.dict()
    changed = {
        name: text
        for name, text in raw.items()
        if name.startswith("fact-") and text.strip() != raw.get(f"was-{name}", "").strip()
    }
    # A stopwatch emptied by hand is "not known", which the reader of inputs knows by the plain name.
    changed |= {
        name.removesuffix("-since"): "" for name, text in changed.items() if name.endswith("-since") and not text
    }
    # A forecast that came true, and a countdown read earlier, say their number again.
    for name in [name for name in changed if name.endswith(("-expected", "-since"))]:
        plain = name.removesuffix("-expected").removesuffix("-since")
        if plain in raw:
            changed.setdefault(plain, raw[plain])
    changed |= {f"{name}-expected": raw[f"{name}-expected"] for name in list(changed) if f"{name}-expected" in raw}
    playbook = library.playbook(incident.playbook_id)
    given = facts.parse(playbook, changed, at=clock.at(incident, now))
    if not given:
        raise Invalid({"form": _("没有改动。")})
    return facts.record(incident_id=incident.pk, actor=request.user, now=now, given=given, reason=raw.get("reason", ""))


def _correct_time(request: Request, incident: Incident, now: datetime) -> Incident:
    raw = request.POST.dict()
    moment = forms.moment(incident, raw, "occurred_at", _("发生时间"), now)
    if moment is None:
        raise Invalid({"occurred_at": _("请填写发生时间。")})
    return facts.correct_time(
        incident_id=incident.pk,
        actor=request.user,
        now=now,
        occurred_at=moment,
        reason=raw.get("reason", ""),
        seen=forms.seen(request),
    )
