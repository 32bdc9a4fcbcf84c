"""The words of entries about who was asked, who should have answered, and who stands in for whom."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from incident.catalogue import Line


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
        _("%(who)s（%(post)s）") % {"who": person["person"], "post": line.post(person["post"])}
        for person in line.data["people"]
    ]
    return _("没有回应，各通道均已试过，请打电话：%s") % _("、").join(people)


def passed_over(line: "Line") -> str:
    return _("；").join(_missed(line, person) for person in line.data["people"])


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


KINDS: dict[str, Callable[["Line"], str]] = {
    "notified": notified,
    "vacant": vacant,
    "unreached": unreached,
    "passed_over": passed_over,
    "nothing_followed": nothing_followed,
}
