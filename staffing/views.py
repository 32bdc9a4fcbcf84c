"""Pages of one's own account: login, settings, password, language and theme."""

from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from staffing import attempts
from staffing.forms import LoginForm, SettingsForm
from staffing.models import Membership, User

YEAR_SECONDS = 365 * 24 * 3600


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Sign in and go where the visitor wanted to go; failures slow down the next try."""
    target = _safe(request, request.POST.get("next") or request.GET.get("next"), settings.LOGIN_REDIRECT_URL)
    if request.user.is_authenticated:
        return redirect(target)
    if request.method != "POST":
        return _login_page(request, LoginForm(), target)
    form = LoginForm(request.POST)
    if not form.is_valid():
        return _login_page(request, form, target, status=422)
    if not attempts.AT_ONCE.acquire(blocking=False):
        form.add_error(None, _("现在登录的人太多，请过几秒再试。"))
        response = _login_page(request, form, target, status=503)
        response.headers["Retry-After"] = "2"
        return response
    try:
        return _sign_in(request, form, target)
    finally:
        attempts.AT_ONCE.release()


def _sign_in(request: HttpRequest, form: LoginForm, target: str) -> HttpResponse:
    username, address = form.cleaned_data["username"], request.META.get("REMOTE_ADDR", "")
    turn = attempts.take_turn(username, address, timezone.now())
    if turn.wait_seconds:
        form.add_error(None, _sentences(_("失败次数过多。"), _wait(turn.wait_seconds)))
        response = _login_page(request, form, target, status=429)
        response.headers["Retry-After"] = str(turn.wait_seconds)
        return response
    user = auth.authenticate(request, username=username, password=form.cleaned_data["password"])
    if user is None:
        form.add_error(None, _wrong(turn))
        return _login_page(request, form, target, status=401)
    attempts.forgive(username, address)
    auth.login(request, user)
    response = redirect(target)
    _remember_language(response, user.language)
    return response


@never_cache
def admin_login(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """Send whoever knocks at the admin to the one login; whoever is signed in without the right gets a plain no."""
    if request.user.is_authenticated:
        raise PermissionDenied(_("管理页面需要“管理员”角色，请联系本站管理员。"))
    target = _safe(request, request.GET.get("next"), reverse("admin:index"))
    return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': target})}")


@require_POST
def logout(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    auth.logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """Show and change one's own settings; the roles are shown, an administrator gives them."""
    user = User.objects.get(pk=_own(request).pk)  # a form that fails must not change the name in the top bar
    form = SettingsForm(request.POST if request.method == "POST" else None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        with translation.override(user.language):
            messages.success(request, _("设置已保存。"))
        response = redirect("me")
        _remember_language(response, user.language)
        return response
    memberships = Membership.objects.filter(user=user).select_related("site").order_by("site_id", "role")
    context = {"form": form, "memberships": list(memberships), "page": "me"}
    return render(request, "staffing/me.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def me_password(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """Change one's own password; every other session of the user ends."""
    user = _own(request)
    form = PasswordChangeForm(user, request.POST if request.method == "POST" else None)
    for field in form.fields.values():
        field.widget.attrs["class"] = "input"
    if request.method == "POST" and form.is_valid():
        form.save()
        auth.update_session_auth_hash(request, user)
        messages.success(request, _("密码已修改，其他设备上的登录已失效。"))
        return redirect("me")
    context = {"form": form, "page": "me"}
    return render(request, "staffing/password.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def me_theme(request: HttpRequest) -> HttpResponse:
    """Keep a theme: `theme` is system, light or dark."""
    theme = request.POST.get("theme", "")
    if theme not in User.Theme.values:
        return HttpResponse(_("没有这个主题。"), status=422, content_type="text/plain; charset=utf-8")
    user = _own(request)
    user.theme = theme
    user.save(update_fields=["theme"])
    return HttpResponse(status=204)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language, before login too; back to the page it was asked from (`next`)."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        return HttpResponse(_("没有这种语言。"), status=422, content_type="text/plain; charset=utf-8")
    if request.user.is_authenticated:
        user = _own(request)
        user.language = chosen
        user.save(update_fields=["language"])
    response = redirect(_safe(request, request.POST.get("next"), "/"))
    _remember_language(response, chosen)
    return response


def _login_page(request: HttpRequest, form: LoginForm, target: str, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "next": target, "languages": settings.LANGUAGES}
    return render(request, "staffing/login.html", context, status=status)


def _wait(seconds: int) -> str:
    return _("请在 %(seconds)d 秒后再试。") % {"seconds": seconds}


def _wrong(turn: attempts.Turn) -> str:
    if turn.tries_left:
        what_next = _("还可再试 %(tries)d 次。") % {"tries": turn.tries_left}
    else:
        what_next = _wait(turn.next_wait_seconds)
    return _sentences(_("用户名或密码不对。"), what_next)


def _sentences(*said: str) -> str:
    return " ".join(said)


def _own(request: HttpRequest) -> User:
    """Return the signed-in user, behind `login_required`."""
    return cast(User, request.user)


def _safe(request: HttpRequest, target: str | None, otherwise: str) -> str:
    is_safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if target and is_safe else otherwise


def _remember_language(response: HttpResponse | HttpResponseRedirect, chosen: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=YEAR_SECONDS,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )
