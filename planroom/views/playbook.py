"""The page of a playbook with its what-if panel; to htmx the panel's answer alone."""

from datetime import datetime
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from incident import clock
from incident.views.answers import Request, is_htmx
from planroom import trying
from planroom.door import Reader
from planroom.screens import levelmap, library, people, whatif
from planroom.screens import playbook as screen
from planroom.views import frame
from playbooks import law, rules
from staffing.models import Site

WRONG = 422


@require_GET
@login_required
@never_cache
@vary_on_headers("HX-Request")
def page(request: Request, plan: str, key: str) -> HttpResponse:
    """Everything the playbook says to this reader, and what it would say to the facts of the address.

    422 where a fact means nothing, with a sentence beside its field; what can be read still counts. To htmx such a
    request says only what is wrong, and leaves the answer as it was.
    """
    reader = Reader(request.user)
    book = reader.law(plan, key)
    site = reader.site(plan, request.GET.get("site", ""))
    trusted = reader.is_trusted(plan)
    now = clock.wall_now()
    trial = trying.read(book, request.GET.dict(), now=now)
    status = WRONG if trial.wrong else 200
    if book.restricted and not trusted:
        return _page(request, reader, book, site, now, {"reading": screen.build(book, trusted=False, held=None)}, 200)
    held = people.holders(site, [post.key for post in book.posts], now)
    verdict = rules.classify(book, trial.facts, now)
    fields = whatif.inputs(book, trial, verdict)
    context = {
        "book": book,
        "trial": trial,
        "verdict": verdict,
        "inputs": fields,
        "map": levelmap.build(book, trial, {field.metric: field.slider_max for field in fields}, now),
        "strays": whatif.strays(book, trial),
        "answer": whatif.answer(book, trial, verdict, held=held, trusted=trusted, now=now),
        "report_url": _report_url(reader, book, site, trial),
    }
    if is_htmx(request):
        part = "planroom/_whatif_wrong.html" if trial.wrong else "planroom/_whatif_answer.html"
        response = render(request, part, {**context, "is_swap": True, "now": now}, status=status)
        if trial.wrong:
            response["HX-Reswap"] = "none"
        else:
            response["HX-Replace-Url"] = _address(request, site, trial)
        return response
    context["reading"] = screen.build(book, trusted=trusted, held=held)
    return _page(request, reader, book, site, now, context, status)


def _page(
    request: Request, reader: Reader, book: law.Playbook, site: Site, now: datetime, context: dict[str, object],
    status: int,
) -> HttpResponse:  # fmt: skip
    shelf = library.build(reader, "", current=book.key)
    whole = {
        "book": book,
        "site": site,
        "sites": reader.sites_with(book.plan_key),
        "shelf": shelf,
        "version": reader.versions.get(book.plan_key),
        **context,
        **frame.context(request, reader, now),
    }
    return render(request, "planroom/playbook.html", whole, status=status)


def _typed(trial: trying.Trial) -> dict[str, str]:
    return {f"{trying.FIELD}{name}": text for name, text in trial.raw.items() if text}


def _address(request: Request, site: Site, trial: trying.Trial) -> str:
    """The page with these facts and nothing empty, to be kept and passed on."""
    chosen = {"site": site.key} if request.GET.get("site") else {}
    query = urlencode(chosen | _typed(trial))
    return f"{request.path}?{query}" if query else request.path


def _report_url(reader: Reader, book: law.Playbook, site: Site, trial: trying.Trial) -> str:
    """The desk with this playbook chosen; empty for whoever may not report it."""
    where = reader.report_site(book.plan_key, site)
    if where is None:
        return ""
    asked = {spec.metric for spec in book.facts if spec.asked}
    typed = {name: text for name, text in _typed(trial).items() if name.removeprefix(trying.FIELD) in asked}
    query = urlencode({"site": where.pk, "playbook": book.id, **typed})
    return f"{reverse('desk')}?{query}#report-what"
