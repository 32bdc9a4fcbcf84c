"""The words of entries about who was asked, who should have answered, and who stands in for whom."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from incident.catalogue import Line

MOST_NAMED = 3  # people passed over, in one line; all of them stand with their notices


def notified(line: "Line") -> str:
    people = _("、").join(person["person"] or line.post(person["post"]) for person in line.data["people"])
    return _("通知 %(count)d 人：%(people)s") % {"count": len(line.data["people"]), "people": people}


def vacant(line: "Line") -> str:
    """ "岗位空缺：值班组长，已转 示例主管B"; and who must be telephoned where nobody is left to ask."""
    said = [
        _("岗位空缺：%(post)s，已转 %(who)s") % {"post": line.post(one["post"]), "who": one["person"]}
        for one in line.data.get("passed", ())
    ]
    if line.data["posts"]:
        posts = _("、").join(line.post(post) for post in line.data["posts"])
        said.append(_("岗位无人：%s。请改用电话，并补上人员") % posts)
    return _("；").join(said)


def unreached(line: "Line") -> str:
    people = [
        _("%(who)s（%(post)s）") % {"who": person["person"], "post": _post(line, person, "post")}
        for person in line.data["people"]
    ]
    return _("没有回应，各通道均已试过，请打电话：%s") % _("、").join(people)


def passed_over(line: "Line") -> str:
    """The first few; a ladder of twenty people whose mail bounces is climbed in no time."""
    people = line.data["people"]
    text = _("；").join(_missed(line, person) for person in people[:MOST_NAMED])
    more = len(people) - MOST_NAMED
    return text + _("；另有 %d 人未应答或未能送达") % more if more > 0 else text


def _missed(line: "Line", person: dict[str, Any]) -> str:
    """ "示例班长A（值班组长）2 分钟未应答，已转 示例班长I（值班组长）"."""
    who = {"who": person["person"], "post": _post(line, person, "post"), "minutes": person["minutes"]}
    if person["reached"]:
        text = _("%(who)s（%(post)s）%(minutes)s 分钟未应答") % who
    else:
        text = _("%(who)s（%(post)s）未能送达") % who
    if not person["next"]:
        return text + _("，已无人可转")
    return text + _("，已转 %(who)s（%(post)s）") % {"who": person["next"], "post": _post(line, person, "next_post")}


def _post(line: "Line", person: dict[str, Any], name: str) -> str:
    """A post as the plan calls it, or as the site does where the plan does not know it."""
    key = person[name]
    said = line.post(key)
    own: str = person.get(f"{name}_{'en' if (get_language() or '').startswith('en') else 'zh'}", "")
    return own or said if said == key else said


def nothing_followed(line: "Line") -> str:
    return _("%(who)s 确认后 %(minutes)s 分钟没有动静，再次通知：%(duty)s") % {
        "who": line.data["person"],
        "minutes": line.data["minutes"],
        "duty": line.duty(line.data["duty"]),
    }


def handover_gap(line: "Line") -> str:
    what = {"post": _post(line, line.data, "post"), "who": line.data["person"], "time": line.time("shift_at", "%H:%M")}
    text = _("%(post)s %(time)s 起无人接班（交班人 %(who)s）") % what
    return text + _("；到 %s 仍无人接手，转值班主管") % line.time("until", "%H:%M")


def taken_over(line: "Line") -> str:
    """Who took the incident, its duties, or both, and from whom."""
    who = {"who": line.data["by"], "before": line.data["before"] or _("无人")}
    said = []
    if line.data["lead"]:
        said.append(_("接班：%(who)s 接手本事件（原由 %(before)s）") % who)
    if line.data["duties"]:
        text = _("接班：%(who)s 接手 %(count)d 项职责：%(duties)s")
        said.append(text % {**who, "count": len(line.data["duties"]), "duties": line.duties()})
    return _("；").join(said)


def handover_passed(line: "Line") -> str:
    """Who has it now; where nobody may decide, that somebody must be telephoned."""
    what = {"post": _post(line, line.data, "post"), "who": line.data["person"]}
    said = [_("本事件")] if line.data["lead"] else []
    if line.data["duties"]:
        said.append(line.duties())
    text = _("交班时限已过，%(post)s无人接手") % what
    text += _("，转值班主管 %(who)s") % what if line.data["person"] else _("，也没有值班主管可转，请打电话")
    return text + _("：%s") % _("；").join(said)


KINDS: dict[str, Callable[["Line"], str]] = {
    "notified": notified,
    "vacant": vacant,
    "unreached": unreached,
    "passed_over": passed_over,
    "nothing_followed": nothing_followed,
    "handover_gap": handover_gap,
    "taken_over": taken_over,
    "handover_passed": handover_passed,
}
