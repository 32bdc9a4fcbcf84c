"""The directory: the page, whole numbers of one person, and tests of contacts."""

from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dutyroom import checks, contact_forms, disclosing, door, frame
from dutyroom.models import ContactCheck
from dutyroom.screens import contact_tests
from dutyroom.screens import contacts as screen
from incident import clock
from incident.refusals import Invalid
from incident.views.answers import Request, is_htmx, refuses
from staffing import rights
from staffing.models import Person, Site

MOST_PAGE = 5  # digits


@require_GET
@login_required
@never_cache
@refuses
def page(request: Request) -> HttpResponse:
    """Everybody of a site; for htmx only the list, as the search narrows it."""
    site = door.site(request.user, request.GET.get("site", ""))
    if is_htmx(request):
        return render(request, "dutyroom/_contact_list.html", _listing(request, site))
    return _page(request, site)


@require_POST
@login_required
@never_cache
@refuses
def reveal(request: Request, person_id: int) -> HttpResponse:
    """The whole numbers of one person, for this one view, with a line saying who looked."""
    person = _person(request, person_id)
    now = clock.wall_now()
    contacts = disclosing.reveal(person=person, actor=request.user, now=now)
    shown = screen.one(person, now, contacts=contacts)
    if is_htmx(request):
        call = _call(request, person)
        template = "dutyroom/_contact_call.html" if call else "dutyroom/_contact_numbers.html"
        return render(request, template, {"row": shown, "is_whole": True, "call": call})
    return _page(request, person.site, shown=shown)


@require_GET
@login_required
@never_cache
@refuses
def tests(request: Request) -> HttpResponse:
    """The tests that run, fetched again while they do."""
    site = door.site(request.user, request.GET.get("site", ""))
    return render(request, "dutyroom/_contact_tests.html", _tests(request, site))


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@refuses
def test(request: Request) -> HttpResponse:
    """GET asks whom to test and for how long; POST starts it."""
    raw = request.POST if request.method == "POST" else request.GET
    site = door.site(request.user, raw.get("site", ""), rights.CONTACTS)
    now = clock.wall_now()
    if request.method == "GET":
        return _ask(request, site, contact_forms.read(site, raw.dict()))
    form = contact_forms.read(site, raw.dict(), request.POST.getlist("ways"))
    try:
        wanted, minutes = contact_forms.contacts(form, site, raw.dict(), now)
    except Invalid as wrong:
        return _ask(request, site, replace(form, wrong=wrong.fields), wrong.status)
    checks.start(site=site, contacts=wanted, minutes=minutes, actor=request.user, now=now)
    return _done(request, site)


@require_POST
@login_required
@refuses
def check(request: Request, check_id: int) -> HttpResponse:
    """How a call ended."""
    found = ContactCheck.objects.select_related("contact__person__site").filter(pk=check_id).first()
    if found is None:
        raise Http404
    site = found.contact.person.site
    door.need(request.user, site.pk, rights.CONTACTS)
    result = contact_forms.result(request.POST.dict())
    checks.record(check=found, result=result, actor=request.user, now=clock.wall_now())
    return _done(request, site)


def _person(request: Request, person_id: int) -> Person:
    person = Person.objects.select_related("site").filter(pk=person_id).first()
    if person is None:
        raise Http404
    door.need(request.user, person.site_id, rights.CONTACTS)
    return person


def _call(request: Request, person: Person) -> ContactCheck | None:
    """The test for which somebody is about to dial this person."""
    asked = request.POST.get("check", "")
    if not contact_forms.is_id(asked):
        return None
    return ContactCheck.objects.select_related("contact").filter(pk=int(asked), contact__person=person).first()


def _page(request: Request, site: Site, shown: screen.Row | None = None) -> HttpResponse:
    now = clock.wall_now()
    context = {
        **frame.context(request, site, "contacts", now),
        **_listing(request, site),
        **_tests(request, site),
        "shown": shown,
        "may_manage": rights.is_allowed(request.user, rights.STAFF, site.pk),
    }
    return render(request, "dutyroom/contacts.html", context)


def _listing(request: Request, site: Site) -> dict[str, Any]:
    may_reveal = rights.is_allowed(request.user, rights.CONTACTS, site.pk)
    asked = request.GET.get("page", "")
    now = clock.wall_now()
    directory = screen.build(
        site,
        now,
        query=request.GET.get("q", ""),
        state=request.GET.get("state", ""),
        page=int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= MOST_PAGE else 1,
        whole=may_reveal,
    )
    return {"directory": directory, "may_reveal": may_reveal, "site": site, "now": now}


def _tests(request: Request, site: Site) -> dict[str, Any]:
    now = clock.wall_now()
    return {
        "tests": contact_tests.build(site, now),
        "may_reveal": rights.is_allowed(request.user, rights.CONTACTS, site.pk),
        "site": site,
        "now": now,
    }


def _ask(request: Request, site: Site, form: contact_forms.TestForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "site": site}
    if is_htmx(request):
        response = render(request, "dutyroom/_contact_test.html", context, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
        return response
    now = clock.wall_now()
    context |= frame.context(request, site, "contacts", now)
    return render(request, "dutyroom/contact_test.html", context, status=status)


def _done(request: Request, site: Site) -> HttpResponse:
    """The page fetches its tests; without script it is shown again."""
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Trigger": "contacts:changed"})
    return HttpResponse(status=303, headers={"Location": _address(site)})


def _address(site: Site) -> str:
    return f"{reverse('contacts')}?site={site.key}"
