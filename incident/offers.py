"""What somebody is offered in a call-out, and the overtime it makes, in both languages: frozen in a notice."""

from datetime import datetime, timedelta

from incident import clock
from staffing.callouts import Candidate, Offer

# The limits of article 41 are said wherever they are met; they stop nobody.
LIMITS_ZH = "劳动法第四十一条：通常每天不超过 1 小时，特殊情况不超过 3 小时，每月不超过 36 小时"
LIMITS_EN = "Labour Law article 41: normally 1 h a day, 3 h in special cases, 36 h a month"


def hours(span: timedelta) -> str:
    """1.5: hours with at most one decimal."""
    return f"{span.total_seconds() / 3600:.1f}".removesuffix(".0")


def words(offer: str, by_at: datetime, from_at: datetime | None, until_at: datetime | None) -> tuple[str, str]:
    """The offer in Chinese and English, such as "延长本班至 17:00". Moments are on the incident's clock."""
    by, until, since = (_hm(moment) for moment in (by_at, until_at, from_at))
    if offer == Offer.EXTEND:
        return f"延长本班至 {until}", f"stay on until {until}"
    if offer == Offer.EARLY:
        return f"提前上班：{since} 到岗", f"start early, at {since}"
    if offer == Offer.SITE:
        return f"{by} 前到现场", f"be on site by {by}"
    needed_zh, needed_en = (f"，至 {until}", f", until {until}") if until else ("", "")
    return f"{by} 前到岗{needed_zh}", f"come in by {by}{needed_en}"


def overtime(candidate: Candidate) -> tuple[str, str]:
    """What the offer adds up to: today's and this month's overtime, and which limit it passes; empty for none."""
    day, month = hours(candidate.day), hours(candidate.month)
    zh = f"今天加班将达 {day} 小时，本月 {month} 小时"
    en = f"{day} h overtime today, {month} h this month"
    passed = candidate.warnings
    if not passed and not candidate.month:
        return "不算加班", "no overtime"
    if passed:
        return f"{zh}，超过：{'、'.join(_limit(key)[0] for key in passed)}", f"{en}, over the limit of " + " and ".join(
            _limit(key)[1] for key in passed
        )
    return zh, en


def _limit(key: str) -> tuple[str, str]:
    return {
        "day_usual": ("通常每天 1 小时", "1 h a day"),
        "day_most": ("特殊情况每天 3 小时", "3 h a day in special cases"),
        "month": ("每月 36 小时", "36 h a month"),
    }[key]


def _hm(moment: datetime | None) -> str:
    return f"{moment.astimezone(clock.ZONE):%H:%M}" if moment else ""
