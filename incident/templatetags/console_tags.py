"""What templates need to show the console: words in the reader's language, times, spans, icons and state marks."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString

from incident.screens import room_words as say
from incident.screens import sheet, strips

register = template.Library()


@register.filter
def words(thing: Any, name: str = "") -> str:
    """`thing.zh` or `thing.en` by the active language; with a name, `thing.<name>_zh`. Empty English falls back."""
    return "" if thing is None else say.pick(thing, name)


@register.filter
def hm(moment: datetime | None) -> str:
    """14:32 in the console's time zone."""
    return _local(moment, "%H:%M")


@register.filter
def hms(moment: datetime | None) -> str:
    """14:32:08."""
    return _local(moment, "%H:%M:%S")


@register.filter
def mdhm(moment: datetime | None) -> str:
    """12-15 14:32: for moments that may lie on another day."""
    return _local(moment, "%m-%d %H:%M")


@register.filter
def ymdhm(moment: datetime | None) -> str:
    """2026-12-15 14:32."""
    return _local(moment, "%Y-%m-%d %H:%M")


@register.filter
def mdhms(moment: datetime | None) -> str:
    """12-15 14:32:08."""
    return _local(moment, "%m-%d %H:%M:%S")


@register.filter
def ymdhms(moment: datetime | None) -> str:
    """2026-12-15 14:32:08: for records."""
    return _local(moment, "%Y-%m-%d %H:%M:%S")


@register.filter
def day(moment: datetime) -> str:
    """12月15日 周二, or Tue 15 Dec."""
    local = timezone.localtime(moment)
    if say.is_english():
        return f"{local:%a} {local.day} {local:%b}"
    return f"{local.month}月{local.day}日 周{'一二三四五六日'[local.weekday()]}"


@register.filter
def iso(moment: datetime | None) -> str:
    """For `datetime` attributes: with offset and milliseconds, as the page's clock reads it."""
    return "" if moment is None else timezone.localtime(moment).isoformat(timespec="milliseconds")


@register.filter
def span(length: timedelta | None) -> str:
    """08:08 or 3:27:52, without a sign."""
    return "" if length is None else say.clock_span(length)


@register.filter
def seconds(length: timedelta | None) -> str:
    """0.4 or 38: seconds with one decimal under ten."""
    if length is None:
        return ""
    total = length.total_seconds()
    return f"{total:.1f}" if total < 10 else f"{total:.0f}"


@register.simple_tag
def countdown(due_at: datetime, now: datetime) -> str:
    """What the page's clock will write: time left, rounded up, or `+` and the time since the deadline."""
    return strips.countdown(due_at, now)


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """A symbol of the icon sheet; `size` is empty (16), "small" (12) or "large" (24)."""
    extra = f" is-{size}" if size else ""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#icon-{}"></use></svg>', extra, sheet.address(), name
    )


@register.inclusion_tag("parts/_state.html")
def state_mark(state: str, due_at: datetime | None = None, now: datetime | None = None) -> dict[str, Any]:
    """A deadline's mark and word; with `due_at` (wall) a countdown that moves the state as time passes."""
    return {"state": state, "due_at": due_at, "now": now}


@register.simple_tag(takes_context=True)
def page_now(context: Context) -> datetime:
    """The moment the page was built; pages without one (errors) take the present."""
    moment: datetime = context.get("now") or timezone.now()
    return moment


@register.filter
def same_site(address: str | None, request: HttpRequest | None) -> str:
    """The address if it lies on this console, else the home page; for links back."""
    if request is not None and url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()):
        return str(address)
    return "/"


def _local(moment: datetime | None, pattern: str) -> str:
    return "" if moment is None else timezone.localtime(moment).strftime(pattern)
