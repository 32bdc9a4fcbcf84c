"""What a page's own requests are told when the session is over or the form's token is old, so that nothing is lost."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure as whole_page


class SignInAgain:
    """Answers 401 instead of leading to the login page, which would be put into the place of the form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        away = response.headers.get("Location", "") if response.status_code == 302 else ""
        if "HX-Request" not in request.headers or not away.startswith(f"{settings.LOGIN_URL}?next="):
            return response
        said = _("登录已过期，还没有保存。填写的内容还在：请在另一个标签页登录，再回来提交一次。")
        return _sentence(said, status=401)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """The answer to a form whose token is not valid: a sentence in place, or a page."""
    if "HX-Request" in request.headers:
        return _sentence(_("页面放得太久，还没有保存。填写的内容还在，请再提交一次；仍不行请刷新页面。"), status=403)
    return whole_page(request, reason)


def _sentence(sentence: str, *, status: int) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
