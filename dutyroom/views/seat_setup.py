"""Setting seats up: queues with what they tolerate and aim at, and tokens for machines that push."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dutyroom import door, frame, queueing, seat_forms
from dutyroom.views import seats
from incident import clock
from incident.refusals import Invalid
from incident.views.answers import Request, refuses
from staffing import rights
from staffing.models import FeedToken, Queue, Site


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@refuses
def add(request: Request) -> HttpResponse:
    """A new queue of a site."""
    raw = request.POST if request.method == "POST" else request.GET
    site = door.site(request.user, raw.get("site", ""), rights.STAFF)
    form = seat_forms.NewQueueForm(_typed(request), instance=Queue(site=site))
    return _form(request, site, form)


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@refuses
def configure(request: Request, queue_id: int) -> HttpResponse:
    """The settings of a queue."""
    queue = seats.find(request, queue_id, rights.STAFF)
    return _form(request, queue.site, seat_forms.QueueForm(_typed(request), instance=queue))


@require_POST
@login_required
@never_cache
@refuses
def make_token(request: Request) -> HttpResponse:
    """A new token; its secret is on this one page and nowhere else."""
    site = door.site(request.user, request.POST.get("site", ""), rights.STAFF)
    now = clock.wall_now()
    name = request.POST.get("name", "")
    try:
        token, secret = queueing.make_token(site, name, actor=request.user, now=now)
    except Invalid as wrong:
        return seats.show(request, site, "", now, {"token_name": name, "token_wrong": wrong.fields}, wrong.status)
    return seats.show(request, site, "", now, {"made": token, "secret": secret})


@require_POST
@login_required
@refuses
def revoke_token(request: Request, token_id: int) -> HttpResponse:
    """The machine is refused from now on."""
    token = FeedToken.objects.select_related("site").filter(pk=token_id).first()
    if token is None:
        raise Http404
    door.need(request.user, token.site_id, rights.STAFF)
    queueing.revoke_token(token, now=clock.wall_now())
    messages.success(request, _("令牌“%s”已停用。") % token)
    return redirect(seats.address(token.site))


def _typed(request: Request) -> QueryDict | None:
    """What was sent, an empty form too; None where nothing was."""
    return request.POST if request.method == "POST" else None


def _form(request: Request, site: Site, form: seat_forms.QueueForm) -> HttpResponse:
    now = clock.wall_now()
    if request.method == "POST" and form.is_valid():
        queue = queueing.configure(form, site, now=now)
        messages.success(request, _("队列“%s”的设置已保存。") % queue)
        return redirect(seats.address(site, queue.key))
    context = {**frame.context(request, site, "seats", now), "form": form, "is_new": form.instance.pk is None}
    return render(request, "dutyroom/seats/queue.html", context, status=422 if form.errors else 200)
