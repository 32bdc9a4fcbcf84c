"""What every answer carries and what no request may do: security headers, odd bodies, a dead database."""

import sys
from collections.abc import Callable, Iterable

import psycopg
from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_from_request, override
from django.utils.translation import gettext as _
from django.views.defaults import server_error as plain_server_error

GetResponse = Callable[[HttpRequest], HttpResponseBase]

RETRY_AFTER_SECONDS = 5
ADMIN = "/admin/"

# The server is going away, starting, refusing or out of connections; anything else is a fault of the statement.
GONE = ("08", "57P", "53300")

POLICY = (
    "default-src 'self'; script-src {script}; style-src {style}; img-src 'self' data:; connect-src {connect}; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class SecurityHeaders:
    """A strict Content-Security-Policy on every page; the library behind /admin/ needs eval and inline styles."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_admin = request.path_info.startswith(ADMIN)
        response.headers.setdefault(
            "Content-Security-Policy",
            POLICY.format(
                script="'self' 'unsafe-eval'" if is_admin else "'self'",
                style="'self' 'unsafe-inline'" if is_admin else "'self'",
                connect=_connect(request),
            ),
        )
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
        )
        # At a shared desk the way back must not lead to the pages of whoever has signed out.
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def _connect(request: HttpRequest) -> str:
    try:
        host = request.get_host()
    except DisallowedHost:
        return "'self'"
    return f"'self' ws://{host} wss://{host}"  # older Safari does not count sockets as 'self'


class RefuseChunkedBodies:
    """Answers 411 to a request body without a length: behind the ASGI bridge it would arrive empty and be believed."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.headers.get("Transfer-Encoding", "").strip():
            with override(get_language_from_request(request)):  # no middleware has chosen a language yet
                return _sentence(request, _("请求必须带有 Content-Length，未作任何改动。"), status=411)
        return self.get_response(request)


class RefuseNullCharacters:
    """Answers 400 to text with U+0000, which no keyboard types and PostgreSQL does not keep."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _has_null([request.path_info]) or _has_null(request.COOKIES.values()) or _in_form(request.GET):
            return _refused_null(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_args: object) -> HttpResponseBase | None:
        return _refused_null(request) if _in_form(request.POST) else None


def _in_form(form: QueryDict) -> bool:
    return any(_has_null([name, *texts]) for name, texts in form.lists())


def _has_null(texts: Iterable[str]) -> bool:
    return any("\0" in text for text in texts)


def _refused_null(request: HttpRequest) -> HttpResponse:
    with override(get_language_from_request(request)):
        return _sentence(request, _("输入含有不可用的字符（U+0000），未作任何改动。"), status=400)


class DatabaseGone:
    """Turns the loss of the database during a view into one clear sentence; transactions roll back by themselves."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return unavailable(request) if is_database_gone(exception) else None


def is_database_gone(exception: BaseException | None) -> bool:
    """Tell whether the error means that the database cannot be reached, rather than that it refused a statement."""
    if not isinstance(exception, OperationalError | InterfaceError):
        return False
    cause = exception.__cause__
    state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
    return state is None or state.startswith(GONE)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Return the 503 of a console without its database; touches neither session, user nor database."""
    sentence = _("数据库暂时连接不上，刚才的操作没有保存，请稍后重试。")
    response = _sentence(request, sentence, status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer for an unforeseen error (`handler500`): the database may be lost in a middleware, before any view."""
    return unavailable(request) if is_database_gone(sys.exc_info()[1]) else plain_server_error(request)


def _sentence(request: HttpRequest, sentence: str, *, status: int) -> HttpResponse:
    if "HX-Request" in request.headers:
        return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse({"error": sentence}, status=status, json_dumps_params={"ensure_ascii": False})
    context = {
        "status": status,
        "sentence": sentence,
        "may_retry": request.method == "GET",
        "is_english": (get_language() or "").startswith("en"),
    }
    return HttpResponse(render_to_string("errors/sentence.html", context), status=status)
