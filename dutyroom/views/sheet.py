"""The contact sheet on paper and as a file for the hour without network, and people as cards."""

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dutyroom import cards, disclosing, door, present
from dutyroom.screens import sheet as screen
from incident import clock
from incident.screens import room_words as say
from incident.views.answers import Request, refuses
from staffing import rights
from staffing.models import Disclosure, Person, Site

STYLES = Path(settings.BASE_DIR) / "static" / "css" / "sheet.css"
STYLES_PLACE = "<!-- styles -->"


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@refuses
def page(request: Request) -> HttpResponse:
    """The sheet as it prints; GET with masked numbers, POST whole and written down."""
    return render(request, "dutyroom/sheet.html", _sheet(request, _("打印")))


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@refuses
def file(request: Request) -> HttpResponse:
    """The same as one file that needs nothing else: no script, no network, styles within."""
    context = _sheet(request, _("离线文件"))
    # Whatever a user writes is escaped, so the place of the styles cannot come from one.
    html = render_to_string("dutyroom/sheet_file.html", context, request).replace(STYLES_PLACE, _styles(), 1)
    response = HttpResponse(html)
    return _attached(response, f"{context['site'].key}-{context['now']:%Y%m%d}.html")


@require_POST
@login_required
@never_cache
@refuses
def card(request: Request, person_id: int) -> HttpResponse:
    """One person as a card."""
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    if person is None:
        raise Http404
    door.need(request.user, person.site_id, rights.CONTACTS)
    return _cards(request, person.site, clock.wall_now(), person)


@require_POST
@login_required
@never_cache
@refuses
def all_cards(request: Request) -> HttpResponse:
    """Everybody of a site as cards in one file."""
    site = door.site(request.user, request.POST.get("site", ""), rights.CONTACTS)
    return _cards(request, site, clock.wall_now())


def _sheet(request: Request, how: str) -> dict[str, Any]:
    """The sheet; whole numbers only for POST and only with the right, with a line in the same transaction."""
    is_whole = request.method == "POST"
    raw = request.POST if is_whole else request.GET
    site = door.site(request.user, raw.get("site", ""), rights.CONTACTS if is_whole else rights.VIEW)
    now = clock.wall_now()
    with transaction.atomic():
        made = screen.build(site, now, by=str(request.user), is_whole=is_whole)
        if is_whole:
            disclosing.write_down(
                site_id=site.pk,
                actor=request.user,
                kind=Disclosure.Kind.SHEET,
                now=now,
                detail=_("%(how)s，%(count)d 条") % {"how": how, "count": made.people},
            )
    may_lift = rights.is_allowed(request.user, rights.CONTACTS, site.pk)
    return {"sheet": made, "site": site, "sites": door.sites(request.user), "may_lift": may_lift, "now": now}


def _styles() -> str:
    """Our own file, read as it is."""
    return f"<style>{STYLES.read_text(encoding='utf-8')}</style>"


def _cards(request: Request, site: Site, now: datetime, person: Person | None = None) -> HttpResponse:
    people = Person.objects.filter(site=site, is_active=True).select_related("site", "department")
    people = people.prefetch_related("contacts").order_by("name", "pk")
    if person is not None:
        people = people.filter(pk=person.pk)
    held = present.at(site.pk, now).by_person()
    with transaction.atomic():
        found = [(one, [say.pick(holding.post) for holding in held.get(one.pk, ())]) for one in people]
        text = cards.write(found, now)
        disclosing.write_down(
            site_id=site.pk,
            actor=request.user,
            kind=Disclosure.Kind.CARD,
            now=now,
            person=person,
            detail=person.name if person else _("全站 %(count)d 人") % {"count": len(found)},
        )
    response = HttpResponse(text, content_type="text/vcard; charset=utf-8")
    return _attached(response, f"{site.key}-{person.pk}.vcf" if person else f"{site.key}.vcf")


def _attached(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
