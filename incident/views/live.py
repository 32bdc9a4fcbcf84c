"""The live picture by plain HTTP: all regions of one page, for a page that missed something or has no socket."""

from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from incident import clock, pages
from incident.live import frames
from incident.refusals import Denied
from incident.views.answers import Request


@require_GET
@never_cache
def live(request: Request) -> HttpResponse:
    """Answer with the paint a socket would send. 401 logged out, 403 no right, 404 no such page for this user."""
    if not request.user.is_authenticated:
        return JsonResponse({"type": "denied"}, status=401)
    page, number = request.GET.get("page", ""), request.GET.get("number", "")
    try:
        if not number.isprintable():
            raise Http404
        audience = pages.audience_for(request.user, page, number or None)
    except Denied:
        return JsonResponse({"type": "denied"}, status=403)
    except Http404:
        return JsonResponse({"type": "denied"}, status=404)
    now = clock.wall_now()
    painted = pages.render(audience, None, now)
    return JsonResponse(frames.paint({}, painted.numbers, now, painted.html))
