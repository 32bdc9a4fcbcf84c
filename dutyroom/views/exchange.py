"""Tables in and out: upload, preview, import as a whole; templates and exports."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from dutyroom import disclosing, door, frame, uploads
from dutyroom.models import Upload
from dutyroom.screens import exchange as screen
from incident import clock
from incident.refusals import Denied, Invalid
from incident.views.answers import Request, refuses
from staffing import rights
from staffing.exchange import writing
from staffing.exchange.files import UnreadableError
from staffing.exchange.tables import WorldChangedError
from staffing.models import Disclosure, Site

TAB = "roster"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@refuses
def bring(request: Request) -> HttpResponse:
    """What may be imported, with templates; a file that is sent is read and leads to its preview."""
    given = request.POST if request.method == "POST" else request.GET
    site = door.site(request.user, given.get("site", ""))
    if not uploads.allowed(request.user, site):
        raise Denied(door.denial(rights.ROSTER))
    kind = given.get("kind", "")
    if request.method != "POST":
        return _bring(request, site, kind)
    try:
        upload = uploads.keep(request.FILES.get("file"), site=site, kind=kind, owner=request.user, now=clock.wall_now())
    except UnreadableError as wrong:
        return _bring(request, site, kind, wrong=wrong.sentences, status=422)
    except Invalid as wrong:
        return _bring(request, site, kind, wrong=tuple(wrong.fields.values()), status=422)
    return _go(reverse("import-preview", args=[upload.pk]))


def _bring(request: Request, site: Site, kind: str, *, wrong: tuple[str, ...] = (), status: int = 200) -> HttpResponse:
    allowed = uploads.allowed(request.user, site)
    shown = {
        **frame.context(request, site, TAB, clock.wall_now()),
        "kinds": screen.kinds(allowed),
        "chosen": kind if kind in allowed else allowed[-1],
        "wrong": wrong,
    }
    return render(request, "dutyroom/exchange.html", shown, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@refuses
def preview(request: Request, upload_id: int) -> HttpResponse:
    """What the file would do, and the button that does it; nothing is written before."""
    now = clock.wall_now()
    upload = uploads.find(upload_id, request.user, now)
    if request.method != "POST":
        return _preview(request, upload)
    if request.POST.get("do") == "discard":
        upload.delete()
        return _go(_import_page(upload))
    try:
        done = uploads.carry_out(upload, actor=request.user, now=now, mark=request.POST.get("mark", ""))
    except WorldChangedError:
        return _preview(request, upload, status=409, has_changed=True)
    words = {"name": upload.name, "new": done.counts["new"], "changed": done.counts["changed"]}
    messages.success(request, _("“%(name)s”已导入：新增 %(new)d 行，变更 %(changed)d 行。") % words)
    return _go(_import_page(upload))


def _preview(request: Request, upload: Upload, *, status: int = 200, has_changed: bool = False) -> HttpResponse:
    now = clock.wall_now()
    try:
        shown = screen.PreviewScreen(upload, uploads.preview(upload, now))
    except UnreadableError as wrong:  # it could be read when it came
        raise Invalid({"file": str(wrong)}) from wrong
    context: dict[str, Any] = {
        **frame.context(request, upload.site, TAB, now),
        "shown": shown,
        "upload": upload,
        "has_changed": has_changed,
    }
    return render(request, "dutyroom/exchange_preview.html", context, status=status)


@require_GET
@login_required
@refuses
def template(request: Request, kind: str, form: str) -> HttpResponse:
    """An empty table with its headers and one row that shows how to fill it."""
    site = door.site(request.user, request.GET.get("site", ""))
    _check(kind, form)
    dataset = writing.sample(site, kind, clock.wall_now())
    name = _("%s模板") % writing.title(kind)
    return _file(writing.as_bytes(dataset, form, name), form, f"{kind}-template.{form}")


@require_GET
@login_required
@never_cache
@refuses
def export(request: Request) -> HttpResponse:
    """What can be taken out, and for which days."""
    return _export(request, door.site(request.user, request.GET.get("site", "")))


def _export(request: Request, site: Site, *, wrong: str = "", status: int = 200) -> HttpResponse:
    now = clock.wall_now()
    shown = {
        **frame.context(request, site, TAB, now),
        "span": screen.span("", "", now),
        "may_whole": screen.may_see_numbers(request.user, site),
        "may_import": screen.may_import(request.user, site),
        "wrong": wrong,
    }
    return render(request, "dutyroom/exchange_export.html", shown, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@refuses
def export_file(request: Request, kind: str, form: str) -> HttpResponse:
    """A table as a file. Asked for by POST, contacts come with whole numbers, and that is written down."""
    given = request.POST if request.method == "POST" else request.GET
    site = door.site(request.user, given.get("site", ""))
    _check(kind, form)
    now = clock.wall_now()
    if request.method == "POST":
        return _whole(request, site, kind, form)
    if kind == "shifts":
        try:
            span = screen.span(given.get("first", ""), given.get("last", ""), now)
        except ValueError as wrong:
            return _export(request, site, wrong=str(wrong), status=422)
        dataset = writing.roster(site, now, (span.starts_at, span.ends_at))
    else:
        dataset = writing.people(site, now) if kind == "people" else writing.contacts(site, now, whole=False)
    return _file(writing.as_bytes(dataset, form, writing.title(kind)), form, _name(site, kind, form))


def _whole(request: Request, site: Site, kind: str, form: str) -> HttpResponse:
    door.need(request.user, site.pk, rights.CONTACTS)
    if kind != "contacts":
        raise Http404
    now = clock.wall_now()
    with transaction.atomic():
        dataset = writing.contacts(site, now, whole=True)
        detail = _("联系方式 %(rows)d 行，%(form)s") % {"rows": len(dataset), "form": form}
        disclosing.write_down(
            site_id=site.pk, actor=request.user, kind=Disclosure.Kind.EXPORT, now=now, detail=detail
        )  # fmt: skip
    return _file(writing.as_bytes(dataset, form, writing.title(kind)), form, _name(site, kind, form))


def _check(kind: str, form: str) -> None:
    if kind not in writing.KINDS or form not in writing.TYPES:
        raise Http404


def _file(content: bytes, form: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=writing.TYPES[form], headers=headers)


def _name(site: Site, kind: str, form: str) -> str:
    return f"{site.key}-{kind}.{form}"


def _import_page(upload: Upload) -> str:
    return f"{reverse('import')}?site={upload.site.key}&kind={upload.kind}"


def _go(address: str) -> HttpResponse:
    """To another page after a step, so that reloading does not repeat it."""
    response = redirect(address)
    response.status_code = 303
    return response
