"""Calendar feeds: the page where a person gets a link, and the calendar behind it, which needs no login."""

from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from dutyroom import disclosing, door, frame
from incident import clock
from incident.views.answers import Request, refuses
from staffing import rights
from staffing.exchange import calendars, links
from staffing.models import Disclosure, Person, Site, User

TAB = "roster"
MOST_A_MINUTE = 30  # of one link, for each web process: a calendar program asks once an hour
TYPE = "text/calendar; charset=utf-8"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@refuses
def page(request: Request) -> HttpResponse:
    """One's own link, and for administrators that of the site; each can be renewed, which makes the old one void."""
    given = request.POST if request.method == "POST" else request.GET
    site = door.site(request.user, given.get("site", ""))
    shows_site = False
    if request.method == "POST":
        if given.get("do") == "site":
            door.need(request.user, site.pk, rights.STAFF)
            _disclose(request, site, _("查看本站日历链接"))
            shows_site = True
        else:
            return _renew(request, site, given.get("what", ""))
    mine = _mine(request.user)
    shown = {
        **frame.context(request, site, TAB, clock.wall_now()),
        "mine": [(person, *_addresses(links.of_person(person))) for person in mine],
        "may_site": rights.is_allowed(request.user, rights.STAFF, site.pk),
        "site_address": _addresses(links.of_site(site))[0] if shows_site else "",
    }
    return render(request, "dutyroom/exchange_feeds.html", shown)


def _renew(request: Request, site: Site, what: str) -> HttpResponse:
    """Raise the number of the link: whoever holds the old one gets nothing more."""
    if what == "site":
        door.need(request.user, site.pk, rights.STAFF)
        _disclose(request, site, _("更换本站日历链接"))
        site.feed_serial += 1
        site.save(update_fields=["feed_serial"])
    else:
        person = next((one for one in _mine(request.user) if str(one.pk) == what), None)
        if person is None:
            raise Http404
        person.feed_serial += 1
        person.save(update_fields=["feed_serial"])
    messages.success(request, _("链接已更换，旧链接立即失效；请在日历软件里重新订阅。"))
    response = redirect(f"{reverse('feeds')}?site={site.key}")
    response.status_code = 303
    return response


@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponseBase:
    """The calendar of whoever the token belongs to. Without the secret there is nothing here."""
    now = clock.wall_now()
    target = links.read(token)
    if target is None:
        raise Http404
    if _is_too_often(token, now):
        return HttpResponse(
            _("取得太频繁，请一分钟后再试。"),
            status=429,
            content_type="text/plain; charset=utf-8",
            headers={"Retry-After": "60"},
        )
    found = _calendar(target, request, now)
    etag = quote_etag(found.etag)
    response = get_conditional_response(request, etag=etag, last_modified=int(found.modified_at.timestamp()))
    if response is None:
        response = HttpResponse(found.write(), content_type=TYPE)
        response.headers["Content-Disposition"] = 'inline; filename="roster.ics"'
    response.headers["ETag"] = etag
    response.headers["Last-Modified"] = found.last_modified
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _calendar(target: links.Target, request: HttpRequest, now: datetime) -> calendars.Feed:
    """In the language asked for (`lang`), else that of the person."""
    asked = request.GET.get("lang", "")
    known = dict(settings.LANGUAGES)
    if target.person is not None:
        user = target.person.user
        language = asked if asked in known else (user.language if user else target.person.language)
        return calendars.of_person(target.person, now, language)
    assert target.site is not None
    return calendars.of_site(target.site, now, asked if asked in known else settings.LANGUAGE_CODE)


def _is_too_often(token: str, now: datetime) -> bool:
    key = f"feed:{token[-20:]}:{now:%H%M}"
    cache.add(key, 0, timeout=120)
    return bool(cache.incr(key) > MOST_A_MINUTE)


def _disclose(request: Request, site: Site, detail: str) -> None:
    disclosing.write_down(
        site_id=site.pk, actor=request.user, kind=Disclosure.Kind.FEED, now=clock.wall_now(), detail=detail
    )


def _addresses(token: str) -> tuple[str, str]:
    """The address to copy, and the one by which a telephone or a calendar program subscribes at a touch."""
    address = f"{settings.BASE_URL}{reverse('feed', args=[token])}"
    return address, f"webcal://{address.partition('://')[2]}"


def _mine(user: User) -> list[Person]:
    """Whom the login stands for, at every site that it still belongs to."""
    found = Person.objects.filter(user=user, is_active=True, site__in=rights.sites(user))
    return list(found.select_related("site").order_by("pk"))
