"""Answers of people asked to come: by the signed link without a login, or from their own list on the screen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from incident import answering, clock
from incident.models import Incident, Summons
from incident.refusals import Invalid, Refusal
from incident.screens import call_out_form, my_summons
from incident.views.answers import Request, is_htmx, refuses
from staffing import rights

MOST_DIGITS = 4


@require_GET
@login_required
@never_cache
def mine(request: Request) -> HttpResponse:
    """What I was asked to come for; the rows beside my notices, or the page with every answer."""
    context = {"asks": my_summons.mine(request.user), "now": clock.wall_now()}
    template = "incident/_my_summons.html" if is_htmx(request) else "incident/summons.html"
    return render(request, template, context)


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@refuses
def answer(request: Request, summons_id: int) -> HttpResponse:
    """Answer a summons of my own. What is wrong is said on the page, beside the buttons."""
    one = Summons.objects.filter(pk=summons_id, person__user=request.user).select_related("incident").first()
    if one is None or not rights.is_allowed(request.user, rights.VIEW, one.incident.site_id):
        raise Http404
    if request.method == "GET":
        return redirect("my-summons")
    now = clock.wall_now()
    wrong: Refusal | None = None
    try:
        take(one, request.POST.dict(), by=str(one.name), via="screen", now=now, request=request)
    except Refusal as refusal:
        wrong = refusal
    if wrong is None and not is_htmx(request):
        return redirect("my-summons")
    context: dict[str, Any] = {"asks": my_summons.mine(request.user), "now": now, "refusal": wrong, "answered": one.pk}
    template = "incident/_my_summons.html" if is_htmx(request) else "incident/summons.html"
    response = render(request, template, context, status=wrong.status if wrong else 200)
    if is_htmx(request):
        response["HX-Trigger"] = "room:changed"
    return response


def take(
    one: Summons, raw: Mapping[str, str], *, by: str, via: str, now: datetime, request: Request | None = None
) -> Summons:
    """Take what a form of buttons sent. Raises what `answering.answer` does."""
    said = read(one.incident, raw, now)
    actor = request.user if request is not None else None
    return answering.answer(summons_id=one.pk, by=by, via=via, now=now, actor=actor, **said)


def read(incident: Incident, raw: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """A button that was pressed: `come` names the minutes, `refuse` the reason, `do` everything else."""
    if raw.get("come"):
        return {"what": answering.COME, "minutes": _minutes(raw["come"])}
    if raw.get("refuse"):
        return {"what": answering.REFUSE, "reason": raw["refuse"]}
    what = raw.get("do", "")
    if what == answering.COME:
        return {"what": what, "coming_at": _coming_at(incident, raw, now)}
    return {"what": what, "reason": raw.get("reason", "")}


def _minutes(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise Invalid({"minutes": _("请填整数，如 12。")})
    return int(text)


def _coming_at(incident: Incident, raw: Mapping[str, str], now: datetime) -> datetime | None:
    try:
        return call_out_form.future(raw.get("coming_at", ""), at=clock.at(incident, now), what=_("到达时间"))
    except ValueError as wrong:
        raise Invalid({"coming_at": str(wrong)}) from None
