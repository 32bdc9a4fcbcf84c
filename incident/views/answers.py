"""How a view answers a refusal: in place for a request of htmx, as a page otherwise; always with its status."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from incident.refusals import Refusal
from staffing.models import User


class Request(HttpRequest):
    """A request behind `login_required`."""

    user: User


P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)
View = Callable[Concatenate[R, P], HttpResponse]

PLACE = "#form-errors"
PAGES = {403: "errors/403.html", 409: "errors/409.html"}


def refuses(view: "View[R, P]") -> "View[R, P]":
    """Turn any Refusal out of a view into its answer."""

    @wraps(view)
    def answering(request: R, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            return refused(request, refusal)

    return answering


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The answer to one refusal."""
    if is_htmx(request):
        response = render(request, "incident/_refusal.html", {"refusal": refusal}, status=refusal.status)
        response["HX-Retarget"], response["HX-Reswap"] = PLACE, "innerHTML"
        return response
    page = PAGES.get(refusal.status, "errors/409.html")
    return render(request, page, {"refusal": refusal}, status=refusal.status)


def is_htmx(request: HttpRequest) -> bool:
    """Tell whether htmx asks, for a piece of a page."""
    return "HX-Request" in request.headers
