"""Words of the roster: days, spans, kinds of shift and doubts, in the reader's language."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from incident.screens import room_words as say
from staffing import planned
from staffing.coverage import Gap, Trouble
from staffing.hours import Doubt, Limit
from staffing.models import ShiftKind
from staffing.rotations import Why
from staffing.workdays import Known, Sort

WEEKDAYS = "一二三四五六日"


def listed(items: Iterable[str]) -> str:
    """甲、乙, or A, B."""
    return (", " if say.is_english() else "、").join(items)


def clauses(items: Iterable[str]) -> str:
    """One after another in a sentence."""
    return (", " if say.is_english() else "，").join(items)


def headed(head: str, body: str) -> str:
    """周一 14 夜班：离岗, or Mon 14 night: away."""
    return f"{head}: {body}" if say.is_english() else f"{head}：{body}"


def sentence(text: str) -> str:
    """With its first letter large."""
    return text[:1].upper() + text[1:]


def weekday(day: date) -> str:
    """周二, or Tue."""
    return f"{day:%a}" if say.is_english() else f"周{WEEKDAYS[day.weekday()]}"


def day(one: date) -> str:
    """周二 15, or Tue 15."""
    return f"{weekday(one)} {one.day}"


def date_words(one: date) -> str:
    """12月15日, or 15 Dec."""
    return f"{one.day} {one:%b}" if say.is_english() else f"{one.month}月{one.day}日"


def week(first: date) -> str:
    """12月14日 – 20日, or 14 – 20 Dec."""
    last = first + 6 * planned.DAY
    if say.is_english():
        return (
            f"{first.day} – {last.day} {last:%b}"
            if first.month == last.month
            else f"{first.day} {first:%b} – {last.day} {last:%b}"
        )  # noqa: E501
    tail = f"{last.day}日" if first.month == last.month else f"{last.month}月{last.day}日"
    return f"{first.month}月{first.day}日 – {tail}"


def special(known: Known) -> str:
    """What is special about a day: the holiday, or that a weekend is worked for one."""
    name = known.en if say.is_english() else known.zh
    if known.sort == Sort.HOLIDAY:
        return name or _("休息日")
    if known.sort == Sort.MAKEUP:
        return _("调休上班")
    return ""


def clock(moment: datetime) -> str:
    """16:00, in the zone of the sites."""
    return f"{moment.astimezone(planned.ZONE):%H:%M}"


def span(starts_at: datetime, ends_at: datetime) -> str:
    """16:00–24:00; an end on the next day says so."""
    starts, ends = starts_at.astimezone(planned.ZONE), ends_at.astimezone(planned.ZONE)
    last = f"{ends:%H:%M}"
    if ends.date() == starts.date() + planned.DAY and last == "00:00":
        last = "24:00"
    elif ends.date() == starts.date() + planned.DAY:
        last = _("次日 %s") % last
    elif ends.date() != starts.date():
        last = f"{date_words(ends.date())} {last}"
    return f"{starts:%H:%M}–{last}"


def plain_span(starts_at: datetime, ends_at: datetime) -> str:
    """16:00–24:00, without a word of any language."""
    ends = ends_at.astimezone(planned.ZONE)
    last = "24:00" if f"{ends:%H:%M}" == "00:00" else f"{ends:%H:%M}"
    return f"{clock(starts_at)}–{last}"


def hours_of(kind: ShiftKind) -> str:
    """8–16, 16–24, or 20–次日 8: as short as the legend has room for."""
    starts, ends = kind.starts, kind.ends
    short = "%H:%M" if starts.minute or ends.minute else "%H"
    last = ends.strftime(short).removeprefix("0") if not ends.minute else ends.strftime(short)
    first = starts.strftime(short).removeprefix("0") if not starts.minute else starts.strftime(short)
    if ends <= starts:
        last = "24" if ends.hour == ends.minute == 0 else _("次日 %s") % last
    return f"{first}–{last}"


def kind(one: ShiftKind | None) -> str:
    """白, or Day; · for a shift of no kind."""
    return say.pick(one) if one is not None else "·"


def kind_long(one: ShiftKind | None) -> str:
    """白班, or Day."""
    if one is None:
        return _("其他时间")
    name = say.pick(one)
    return name if say.is_english() or name.endswith("班") else f"{name}班"


def hours(span_: timedelta) -> str:
    """32 小时, 32.5 小时."""
    amount = span_.total_seconds() / 3600
    return _("%s 小时") % (f"{amount:.0f}" if amount == int(amount) else f"{amount:.1f}")


def left(gap: Gap, now: datetime) -> str:
    """0:00 起，还有 9 小时 28 分; since when, where it runs already."""
    if gap.starts_at <= now:
        return _("已空缺，到 %s") % span(gap.starts_at, gap.ends_at).split("–")[-1]
    minutes = int((gap.starts_at - now).total_seconds() // 60)
    if minutes < 60:
        return _("%(at)s 起，还有 %(minutes)d 分") % {"at": clock(gap.starts_at), "minutes": minutes}
    if minutes < 24 * 60:
        words = {"at": clock(gap.starts_at), "hours": minutes // 60, "minutes": minutes % 60}
        return _("%(at)s 起，还有 %(hours)d 小时 %(minutes)d 分") % words
    return _("%(at)s 起，还有 %(days)d 天") % {"at": clock(gap.starts_at), "days": minutes // 1440}


def doubts(found: Iterable[Doubt]) -> list[str]:
    words = {
        Doubt.UNREACHABLE: _("现在联系不上"),
        Doubt.IN_A_ROW: _("连上两班"),
        Doubt.SHORT_REST: _("休息不足 11 小时"),
        Doubt.OVER_WEEK: _("本周将超 40 小时"),
    }
    return [words[one] for one in found]


def trouble(what: Trouble) -> str:
    return {
        Trouble.DOUBLE: _("同时排在两处"),
        Trouble.STANDBY: _("备班时在岗"),
        Trouble.IN_A_ROW: _("连上两班"),
        Trouble.SHORT_REST: _("休息不足 11 小时"),
    }[what]


def limit(what: Limit) -> str:
    return {
        Limit.DAY_USUAL: _("一日加班超 1 小时"),
        Limit.DAY_MOST: _("一日加班超 3 小时"),
        Limit.MONTH: _("本月加班超 36 小时"),
    }[what]


def why(what: Why | None) -> str:
    """Why a shift of a rota finds no place."""
    if what is None:
        return ""
    return {
        Why.AWAY: _("离岗"),
        Why.BUSY: _("已排其他班"),
        Why.LEFT: _("已离职"),
        Why.PAST: _("已过去"),
        Why.REST_DAY: _("非工作日"),
    }[what]


def missing_years(years: Iterable[int]) -> list[str]:
    return [_("%d 年节假日数据缺失，请在管理中填写。目前按周一至周五为工作日推算。") % year for year in years]
