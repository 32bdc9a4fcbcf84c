"""Small words about seats: marks, spans of time as they are spoken, the measures of a queue."""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from incident.screens import room_words as say

if TYPE_CHECKING:
    from incident.screens.thresholds import Mark


def minutes_of(span: timedelta) -> str:
    """The minutes of a mark, without trailing zeros."""
    return say.number(Decimal(str(span.total_seconds())) / 60)


def mark(one: "Mark") -> str:
    """15 分 · 一般."""
    return _("%(minutes)s 分 · %(level)s") % {"minutes": minutes_of(one.after), "level": say.pick(one.level)}


def short_mark(one: "Mark") -> str:
    """The same without a separator, for a narrow chart."""
    return _("%(minutes)s 分 %(level)s") % {"minutes": minutes_of(one.after), "level": say.pick(one.level)}


def spoken(span: timedelta) -> str:
    """18 分 24 秒: as it would be read out."""
    seconds = int(span.total_seconds())
    hours, rest = divmod(seconds, 3600)
    found = [_("%s 小时") % hours] if hours else []
    if rest >= 60:
        found.append(_("%s 分") % (rest // 60))
    if rest % 60 or not found:
        found.append(_("%s 秒") % (rest % 60))
    return " ".join(found)
