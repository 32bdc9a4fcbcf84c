"""The words of entries about people called in: opened, asked, answered, there, not come, not needed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

if TYPE_CHECKING:
    from incident.catalogue import Line

WAVES = {
    "extend": n_("延长当班"),
    "early": n_("下一班提前"),
    "standby": n_("备班人员"),
    "reserve": n_("候补人员"),
    "off_shift": n_("不当班人员"),
    "functional": n_("职能人员"),
}


def waves(keys: list[str]) -> str:
    """The waves of a call-out in words."""
    return _("、").join(_(WAVES[key]) for key in keys if key in WAVES)


def _opened(line: "Line") -> str:
    what = {
        "post": line.post(line.data["post"]),
        "quota": line.data["quota"],
        "time": line.time("by_at", "%H:%M"),
        "waves": waves(line.data["waves"]),
    }
    if line.data.get("all"):
        return _("召集全部可召集的人：%(post)s，共 %(quota)s 人，%(time)s 前到位（%(waves)s）") % what
    return _("召集：%(post)s，%(quota)s 人，%(time)s 前到位（%(waves)s）") % what


def _quota(line: "Line") -> str:
    what = {"post": line.post(line.data["post"]), "before": line.data["before"], "quota": line.data["quota"]}
    return _("召集人数改为 %(quota)s 人（原 %(before)s 人）：%(post)s") % what


def _closed(line: "Line") -> str:
    what = {"post": line.post(line.data["post"]), "arrived": line.data["arrived"], "quota": line.data["quota"]}
    text = _("停止召集：%(post)s，到位 %(arrived)s / %(quota)s") % what
    reason = line.reason(line.data.get("reason", ""))
    return text + (_("。") + reason if reason else "")


def _filled(line: "Line") -> str:
    return _("召集到齐：%(post)s，%(quota)s 人") % {**line.data, "post": line.post(line.data["post"])}


def _dry(line: "Line") -> str:
    what = {"post": line.post(line.data["post"]), "wanting": line.data["wanting"]}
    return _("无人可再召集：%(post)s，还差 %(wanting)s 人。请打电话、换岗位或请外部支援") % what


def _people(line: "Line") -> str:
    return _("、").join(line.data["people"])


def _summoned(line: "Line") -> str:
    what = {"count": len(line.data["people"]), "people": _people(line), "waves": waves(line.data["waves"])}
    if not what["waves"]:
        return _("召集 %(count)d 人：%(people)s") % what
    return _("召集 %(count)d 人（%(waves)s）：%(people)s") % what


def _silent(line: "Line") -> str:
    return _("没有应答，另找他人：%s") % _people(line)


def _no_show(line: "Line") -> str:
    return _("过了所说的时间没有到：%s") % _people(line)


def _stood_down(line: "Line") -> str:
    return _("已告知不用来了：%s") % _people(line)


def _who(line: "Line") -> str:
    """The person; and who answered or wrote it down, where that was another."""
    by = line.data.get("by")
    if not by:
        return str(line.data["person"])
    if line.data.get("via") == "by":
        return _("%(who)s（%(by)s 代记）") % {"who": line.data["person"], "by": by}
    return _("%(who)s（由 %(by)s 答复）") % {"who": line.data["person"], "by": by}


def _acknowledged(line: "Line") -> str:
    return _("%s 收到召集") % _who(line)


def _coming(line: "Line") -> str:
    what = {"who": _who(line), "time": line.time("coming_at", "%H:%M")}
    if line.data.get("again"):
        text = _("%(who)s 改为 %(time)s 到") % what
    else:
        text = _("%(who)s 在途，预计 %(time)s 到") % what
    return text + (_("，迟于要求的时间") if line.data.get("late") else "")


def _arrived(line: "Line") -> str:
    if line.data.get("until_at"):
        return _("%(who)s 同意延长到 %(time)s") % {"who": _who(line), "time": line.time("until_at", "%H:%M")}
    return (_("%s 已到现场") if line.data.get("site") else _("%s 已到岗")) % _who(line)


def _refused(line: "Line") -> str:
    what = {"who": _who(line), "reason": line.data["reason"]}
    if line.data.get("had_promised"):
        return _("%(who)s 来不了了：%(reason)s") % what
    return _("%(who)s 不能来：%(reason)s") % what


KINDS: dict[str, Callable[["Line"], str]] = {
    "call_out_opened": _opened,
    "call_out_quota": _quota,
    "call_out_closed": _closed,
    "call_out_filled": _filled,
    "call_out_dry": _dry,
    "summoned": _summoned,
    "summons_silent": _silent,
    "summons_no_show": _no_show,
    "stood_down": _stood_down,
    "summons_acknowledged": _acknowledged,
    "summons_coming": _coming,
    "summons_arrived": _arrived,
    "summons_refused": _refused,
}
