"""What is printed of a playbook: action cards and blank forms, on A4."""

from datetime import datetime

from auditlog.models import LogEntry
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from incident import clock
from incident.refusals import Denied
from incident.views.answers import Request, refuses
from planroom.door import RESTRICTED_SENTENCE, Reader
from planroom.screens import paper
from playbooks import law
from staffing import rights
from staffing.models import Disclosure, Site

FULL = "full"


@require_GET
@login_required
@never_cache
@refuses
def card(request: Request, plan: str, key: str, post: str = "") -> HttpResponse:
    """The action card of a post, or of the whole playbook. `numbers=full` lifts the masks and is written down."""
    reader, book, site = _opened(request, plan, key)
    may_lift = rights.is_allowed(request.user, rights.STAFF, site.pk)
    full = may_lift and request.GET.get("numbers") == FULL
    trusted = reader.is_trusted(plan)
    sheet = paper.card(book, site, post, now=(now := clock.wall_now()), trusted=trusted, full=full)
    if sheet is None:
        raise Http404
    if full:
        _write_down(request, site, book, sheet, now)
    context = {
        "card": sheet,
        "may_lift": may_lift,
        "is_full": full,
        "sites": reader.sites_with(plan),
        "now": now,
    }
    return render(request, "planroom/card.html", context)


@require_GET
@login_required
@never_cache
@refuses
def form(request: Request, plan: str, key: str, form: str) -> HttpResponse:
    """The blank of one form."""
    reader, book, site = _opened(request, plan, key)
    sheet = paper.blank(book, site, form, trusted=reader.is_trusted(plan))
    if sheet is None:
        raise Http404
    return render(request, "planroom/form.html", {"blank": sheet, "now": clock.wall_now()})


def _opened(request: Request, plan: str, key: str) -> tuple[Reader, law.Playbook, Site]:
    """The playbook at a site. Raises Http404 for outsiders, Denied where its words are not for the reader."""
    reader = Reader(request.user)
    book = reader.law(plan, key)
    if book.restricted and not reader.is_trusted(plan):
        raise Denied(str(RESTRICTED_SENTENCE))
    return reader, book, reader.site(plan, request.GET.get("site", ""))


def _write_down(request: Request, site: Site, book: law.Playbook, sheet: paper.Card, now: datetime) -> None:
    """The audit, and the list of numbers shown, say who took whose telephone numbers out on paper."""
    Disclosure.objects.create(
        site=site,
        user=request.user,
        user_name=str(request.user)[:80],
        kind=Disclosure.Kind.SHEET,
        detail=f"{book.key} {sheet.post}".strip()[:200],
        at=now,
    )
    LogEntry.objects.log_create(
        site,
        force_log=True,
        action=LogEntry.Action.ACCESS,
        actor=request.user,
        changes={"card": ["", book.key], "numbers": ["", str(sum(bool(phone.number) for phone in sheet.phones))]},
    )
