"""The duty desk: the page, the pieces its form asks for, the report itself, and my tasks."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from incident import clock, lifecycle, pages
from incident.models import Incident
from incident.models.incident import Mode
from incident.readings import Given
from incident.refusals import Invalid
from incident.screens import desk, handing, inbox, my_summons, report, strips
from incident.views.answers import Request, is_htmx, refuses
from staffing import rights


@require_GET
@login_required
def home(request: Request) -> HttpResponse:
    """People who can report go to the desk, all others to the dashboard."""
    return redirect("desk" if rights.sites_with(request.user, rights.REPORT) else "dashboard")


@require_http_methods(["GET", "POST"])
@login_required
@refuses
def page(request: Request) -> HttpResponse:
    """The desk; a POST reports an incident."""
    if request.method == "POST":
        return _report(request)
    return _desk(request, report.form(request.user, request.GET.dict()))


@require_GET
@login_required
def playbooks(request: Request) -> HttpResponse:
    """The picker's list for what was typed."""
    form = report.form(request.user, request.GET.dict())
    return render(request, "incident/desk/_options.html", {"form": form})


@require_GET
@login_required
@refuses
def facts(request: Request) -> HttpResponse:
    """The facts the chosen playbook asks for, and what would happen."""
    return _pieces(request, "incident/desk/_facts_and_outcome.html")


@require_GET
@login_required
@refuses
def outcome(request: Request) -> HttpResponse:
    """What would happen with the facts typed so far; nothing is written."""
    return _pieces(request, "incident/desk/_outcome_and_gist.html")


@require_GET
@login_required
def mine(request: Request) -> HttpResponse:
    """My tasks, fetched by the page when they may have changed."""
    now = clock.wall_now()
    context = {"tasks": desk.tasks(request.user, tuple(rights.sites(request.user)), now), "now": now}
    return render(request, "incident/desk/_my_tasks.html", context)


def _report(request: Request) -> HttpResponse:
    form = report.form(request.user, request.POST.dict())
    now = clock.wall_now()
    if form is None:
        return _desk(request, None, status=403)
    try:
        incident = _reported(request, form, now)
    except Invalid as wrong:
        form.errors = wrong.fields
        return _desk(request, form, status=wrong.status)
    address = strips.room_url(incident.number)
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponse(status=303, headers={"Location": address})


def _reported(request: Request, form: report.Report, now: datetime) -> Incident:
    """All that is wrong in the form is said at once, then the action has its say."""
    wrong = report.check_choices(form)
    given: dict[str, Given] = {}
    occurred_at = None
    try:
        given = report.given(form, now)
    except Invalid as refusal:
        wrong |= refusal.fields
    try:
        occurred_at = report.occurred_at(form, now)
    except Invalid as refusal:
        wrong |= refusal.fields
    if wrong or form.law is None:
        raise Invalid(wrong)
    return lifecycle.report(
        actor=request.user,
        now=now,
        client_key=report.key(form.raw) or uuid.uuid4(),
        site_id=form.site.pk,
        site=form.site,
        playbook_id=form.law.id,
        mode=Mode.EXERCISE if form.is_exercise else Mode.REAL,
        title=form.title,
        place=form.raw.get("place", ""),
        reporter=form.raw.get("reporter", ""),
        occurred_at=occurred_at,
        facts=given,
        follows=form.follows,
    )


def _desk(request: Request, form: report.Report | None, status: int = 200) -> HttpResponse:
    now = clock.wall_now()
    outcome = report.outcome(request.user, form, now)
    if is_htmx(request):
        part = {"form": form, "outcome": outcome, "now": now}
        return render(request, "incident/desk/_report.html", part, status=status)
    audience = pages.audience_for(request.user, "desk")
    context: dict[str, Any] = {
        **pages.first_paint(audience, now),
        "form": form,
        "outcome": outcome,
        "tasks": desk.tasks(request.user, audience.sites, now),
        "inbox": inbox.build(request.user),
        "handing": handing.mine(request.user, now),
        "asks": my_summons.mine(request.user),
    }
    return render(request, "incident/desk.html", context, status=status)


def _pieces(request: Request, template: str) -> HttpResponse:
    now = clock.wall_now()
    form = report.form(request.user, request.GET.dict())
    return render(request, template, {"form": form, "outcome": report.outcome(request.user, form, now), "now": now})
