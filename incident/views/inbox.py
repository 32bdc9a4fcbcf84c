"""Answers to notices: my inbox, the button in it, and the signed link of a message."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from incident import clock, telling
from incident.models import Summons
from incident.refusals import Refusal
from incident.screens import inbox as screen
from incident.screens import my_summons
from incident.views import summons
from incident.views.answers import Request, is_htmx, refuses
from notices import links, outbox, words
from notices.models import Notice
from staffing import rights


@require_GET
@login_required
@never_cache
def mine(request: Request) -> HttpResponse:
    """My unanswered notices, fetched by the page when they may have changed."""
    now = clock.wall_now()
    whole = "all" in request.GET or not is_htmx(request)
    context = {"inbox": screen.build(request.user, _number(request), whole=whole), "now": now}
    return render(request, "incident/_inbox.html" if is_htmx(request) else "incident/inbox.html", context)


@require_POST
@login_required
@refuses
def acknowledge(request: Request, notice_id: int) -> HttpResponse:
    """Confirm a notice that waits in my inbox. Whoever answered first stands; nothing is recorded twice."""
    now = clock.wall_now()
    notice = Notice.objects.filter(pk=notice_id).first()
    if notice is None or request.user.pk not in {rung.get("user_id") for rung in notice.ladder}:
        raise Http404
    if not rights.is_allowed(request.user, rights.VIEW, notice.site_id):
        raise Http404
    answer = telling.acknowledge(notice_id=notice.pk, actor=request.user, by=str(request.user), via="screen", now=now)
    if not is_htmx(request):
        return redirect("inbox")
    mine = screen.build(request.user, _number(request), whole="all" in request.GET)
    context = {"inbox": mine, "answer": answer, "now": now}
    response = render(request, "incident/_inbox.html", context)
    response["HX-Trigger"] = "room:changed"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The signed link of a message: GET shows a button (mail scanners follow links), POST answers."""
    now = clock.wall_now()
    try:
        notice_id, rung = links.read(token, now=now)
    except links.LinkError as wrong:
        return _page(request, wrong.reason, status=410 if wrong.reason == "expired" else 404)
    notice = Notice.objects.filter(pk=notice_id).first()
    if notice is None or rung >= len(notice.ladder):
        return _page(request, "forged", status=404)
    with translation.override(_language(notice, rung)):  # the message's, whatever the telephone prefers
        return _answered(request, notice, rung, now)


def _answered(request: HttpRequest, notice: Notice, rung: int, now: datetime) -> HttpResponse:
    who = notice.ladder[rung]
    asks = my_summons.of_notice(notice.pk)
    if asks:
        return _summons(request, notice, rung, now)
    if request.method != "POST":
        standing = outbox.answer_of(notice, by=who["person"], user_id=who.get("user_id"))
        return _page(request, standing.result.value if standing else "confirm", notice, rung, standing)
    return _answer(request, notice, rung, now)


def _summons(request: HttpRequest, notice: Notice, rung: int, now: datetime) -> HttpResponse:
    """The link of somebody asked to come: what they answered so far, and every answer as a button."""
    wrong: Refusal | None = None
    if request.method == "POST":
        text = request.POST.get("summons", "")
        asked = Summons.objects.filter(notice=notice).select_related("incident").order_by("id")
        one = next((one for one in asked if text in ("", str(one.pk))), None)
        if one is None:
            return _page(request, "forged", status=404)
        try:
            summons.take(one, request.POST.dict(), by=notice.ladder[rung]["person"], via="link", now=now)
        except Refusal as refusal:
            wrong = refusal
    more = {"asks": my_summons.of_notice(notice.pk), "refusal": wrong, "said": request.method == "POST" and not wrong}
    return _page(request, "summons", notice, rung, status=wrong.status if wrong else 200, more=more)


def _language(notice: Notice, rung: int) -> str:
    language: str = notice.ladder[rung].get("language", "zh-hans")
    return language


def _number(request: HttpRequest) -> str:
    """The incident whose room asks; its notices are shown first."""
    return request.GET.get("number", "")[:24]


def _answer(request: HttpRequest, notice: Notice, rung: int, now: datetime) -> HttpResponse:
    who = notice.ladder[rung]
    answer = telling.acknowledge(notice_id=notice.pk, actor=None, by=who["person"], via="link", now=now)
    return _page(request, answer.result.value, notice, rung, answer)


def _page(
    request: HttpRequest,
    state: str,
    notice: Notice | None = None,
    rung: int = 0,
    answer: outbox.Answer | None = None,
    status: int = 200,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    said = None
    if notice is not None:
        said = words.render(kind=notice.kind, data=notice.data, language=_language(notice, rung), mode=notice.mode)
    context = {"state": state, "words": said, "answer": answer, "now": clock.wall_now(), **(more or {})}
    return render(request, "notices/acknowledge.html", context, status=status)
