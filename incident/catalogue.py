"""The words of the timeline: every kind of entry, said in the reader's language out of its data."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from incident import asking_words, callout_words, clock, confirming, grounds, veil
from incident.models import Entry
from playbooks import rules

log = logging.getLogger(__name__)

Words = Callable[["Line"], str]

REASONS = {
    "word:ended": n_("应急已结束，未执行"),
    "word:closed": n_("事件已关闭，未执行"),
    "word:cancelled": n_("事件系误报，已撤销"),
    "word:kept": n_("事件期间有效"),
    "word:restored": n_("已恢复，不再召集"),
    "word:told_self": n_("报告人就是应被告知的人"),
    "word:nobody_told": n_("此前没有通知过任何人"),
    "lapsed:restore": n_("到期前已恢复，不再需要"),
    "lapsed:relapse": n_("情况反复，恢复后重新开始"),
    "lapsed:level_down": n_("级别已降低，不再需要"),
    "lapsed:level": n_("级别已另行决定"),
}
MOST_NAMED = 3  # duties named in one line; the rest are counted
VIAS = {"screen": n_("在屏幕上"), "link": n_("通过消息中的链接"), "handover": n_("接班时")}
STATUSES = {"confirmed": n_("立即生效"), "provisional": n_("已生效，待确认"), "proposed": n_("待决定，未生效")}


@dataclass(frozen=True)
class Line:
    """An entry with what is needed to say it."""

    entry: Entry
    playbook: rules.Playbook

    @property
    def data(self) -> dict[str, Any]:
        return veil.hushed(self.playbook, self.entry.data)

    def duty(self, key: str) -> str:
        """The name of a duty; its key where the plan no longer knows it."""
        rule = confirming.rule(self.playbook, key) if key.startswith(confirming.PREFIX) else None
        found = rule or next((rule for rule in self.playbook.duties if rule.key == key), None)
        return own(found) if found else key

    def duties(self) -> str:
        return _("；").join(self.duty(key) for key in self.data["duties"])

    def level(self, key: str) -> str:
        found = next((level for level in self.playbook.levels if level.key == key), None)
        return own(found) if found else key or _("未定级")

    def rule(self, key: str) -> str:
        """The name of a rule of a level, for entries that do not hold it."""
        found = (rule for level in self.playbook.levels for rule in level.rules)
        return next((own(rule) for rule in found if key and rule.key == key), "")

    def post(self, key: str) -> str:
        if key == confirming.POST:
            return _("值班主管")
        found = next((post for post in self.playbook.posts if post.key == key), None)
        return own(found) if found else key

    def party(self, key: str) -> str:
        """The name of somebody outside the roster."""
        found = next((party for party in self.playbook.parties if party.key == key), None)
        return own(found) if found else key

    def reason(self, text: str) -> str:
        """A reason in words: a person's own, or the console's."""
        return reason(text, self.playbook)

    def time(self, name: str, form: str = "%H:%M:%S") -> str:
        """A moment of the data as people read it; empty where it is missing."""
        text = self.data.get(name)
        return f"{datetime.fromisoformat(text).astimezone(clock.ZONE):{form}}" if text else ""

    def both(self, name: str) -> str:
        """A text that the data holds in both languages."""
        text: str = self.data.get(f"{name}_{'en' if english() else 'zh'}", "")
        return text


def english() -> bool:
    return (get_language() or "").startswith("en")


def own(thing: Any) -> str:
    """The name of something with `zh` and `en`, in the active language."""
    text: str = thing.en if english() else thing.zh
    return text


def words(entry: Entry, playbook: rules.Playbook) -> str:
    """What the entry says, in the active language. An entry of another shape must not hide the others: its kind."""
    kind = KINDS.get(entry.kind)
    if kind is None:
        return entry.kind
    try:
        return kind(Line(entry, playbook))
    except (KeyError, TypeError, ValueError):
        log.exception("entry %s of incident %s cannot be said", entry.number, entry.incident_id)
        return entry.kind


def why(entry: Entry, playbook: rules.Playbook) -> str:
    """On what a level was decided: clause, facts, what is unknown and what follows; empty for every other entry."""
    frozen = entry.data.get("grounds")
    if not isinstance(frozen, dict) or veil.is_hidden(playbook):
        return ""
    try:
        return _("。").join(grounds.say(playbook, frozen))
    except (KeyError, TypeError, ValueError, ArithmeticError):
        log.exception("grounds of entry %s of incident %s cannot be said", entry.number, entry.incident_id)
        return ""


def reason(text: str, playbook: rules.Playbook) -> str:
    """A waiver's reason in words: a person's own, or the console's."""
    if text in REASONS:
        return _(REASONS[text])
    kind, _colon, argument = text.partition(":")
    if kind == "replaced":
        rule = next((rule for rule in playbook.duties if rule.key == argument), None)
        return _("由“%s”替代") % (own(rule) if rule else argument)
    if kind == "merged":
        return _("已并入 %s") % argument
    return text


def value(line: Line, fact: dict[str, Any]) -> str:
    """One recorded fact: its name and what was said of it."""
    spec = line.playbook.specs.get(fact["metric"])
    name = own(spec) if spec else fact["metric"]
    if fact.get("expected"):
        name = _("预计%s") % name
    if fact.get("heard_at"):
        heard = datetime.fromisoformat(fact["heard_at"]).astimezone(clock.ZONE)
        return _("%(name)s：数据源中断，停在 %(time)s") % {"name": name, "time": f"{heard:%H:%M:%S}"}
    if spec is not None and spec.kind == "countdown" and fact.get("since") and fact["value"] is not None:
        at = datetime.fromisoformat(fact["since"]).astimezone(clock.ZONE)
        left = {"name": name, "value": shown(spec, fact["value"]), "time": f"{at:%H:%M:%S}"}
        return _("%(name)s：%(time)s 时还有 %(value)s") % left
    if fact.get("since"):
        since = datetime.fromisoformat(fact["since"]).astimezone(clock.ZONE)
        return _("%(name)s自 %(time)s 起") % {"name": name, "time": f"{since:%H:%M:%S}"}
    return _("%(name)s：%(value)s") % {"name": name, "value": shown(spec, fact["value"])}


def shown(spec: rules.FactSpec | None, raw: Any) -> str:
    """A fact's value in words, with its unit."""
    if raw is None:
        return _("不清楚")
    if isinstance(raw, bool):
        return _("是") if raw else _("否")
    if spec is not None and spec.kind == "choice":
        return next((own(choice) for choice in spec.choices if choice.key == raw), str(raw))
    unit = {"min": _("分钟"), "h": _("小时")}.get(spec.unit, spec.unit) if spec else ""
    return f"{raw} {unit}".strip()


def _reported(line: Line) -> str:
    text = _("事件报告：%(title)s。报告人：%(who)s") % {"title": line.data["title"], "who": line.data["reporter"]}
    if line.data.get("late_record"):
        text += _("。事后补录，登记于 %s") % line.time("reported_at")
    return text


def _facts(line: Line) -> str:
    if veil.is_hidden(line.playbook):
        return _("记录了情况（受限内容）")
    text = _("；").join(value(line, fact) for fact in line.data["facts"])
    return _with(text, line, "reason", _("理由：%s"))


def _level(line: Line, sentence: str) -> str:
    text = sentence % {"before": line.level(line.data.get("before", "")), "level": line.level(line.data["level"])}
    rule = line.both("rule") or line.rule(line.data.get("rule", ""))
    if rule:
        text += _("：%s") % rule
    return text


def _level_set(line: Line) -> str:
    text = _level(line, _("级别判定：%(before)s → %(level)s"))
    status = STATUSES[line.data["status"]]
    return _("%(text)s（%(status)s）") % {"text": text, "status": _(status)}


def _opened(line: Line) -> str:
    keys = line.data["duties"]
    named = _("；").join(line.duty(key) for key in keys[:MOST_NAMED])
    if len(keys) <= MOST_NAMED:
        return _("开始：%s") % named
    return _("开始 %(count)d 项：%(duties)s 等") % {"count": len(keys), "duties": named}


def _late(line: Line) -> str:
    what = {"duty": line.duty(line.data["duty"]), "post": line.post(line.data["post"])}
    if line.data.get("past_when_recorded"):
        return _("超时：%(duty)s（%(post)s）。登记时已过时限") % what
    if line.data.get("due_kind") == "target":
        return _("超过内部目标：%(duty)s（%(post)s）") % what
    return _("超时：%(duty)s（%(post)s）") % what


def _done(line: Line) -> str:
    text = _("完成：%s") % line.duty(line.data["duty"])
    if line.data.get("choice"):
        rule = next((rule for rule in line.playbook.duties if rule.key == line.data["duty"]), None)
        chosen = next((option for option in rule.choices if option.key == line.data["choice"]), None) if rule else None
        text += _("，决定：%s") % (own(chosen) if chosen else line.data["choice"])
    if line.data.get("via"):
        text += _("（%(who)s 已确认收到）") % {"who": line.data["by"]}
    if line.data.get("late"):
        text += _("，迟于时限")
    note = reason(line.data.get("note", ""), line.playbook)
    return text + _("。") + note if note else text


def _waived(line: Line) -> str:
    why = reason(line.data["reason"], line.playbook)
    return _("不再需要：%(duties)s。%(reason)s") % {"duties": line.duties(), "reason": why}


def _acknowledged(line: Line) -> str:
    via = VIAS.get(line.data.get("via", ""))
    if not via:
        return _("%s 确认收到通知") % line.data["person"]
    return _("%(who)s %(via)s确认收到通知") % {"who": line.data["person"], "via": _(via)}


def _corrected_time(line: Line) -> str:
    return _("发生时间由 %(before)s 更正为 %(after)s。理由：%(reason)s") % {
        "before": line.time("before"),
        "after": line.time("after"),
        "reason": line.data["reason"],
    }


def _with(text: str, line: Line, name: str, form: str) -> str:
    extra = line.data.get(name)
    return text + _("。") + form % extra if extra else text


def _plain(sentence: str, extra: str = "") -> Words:
    """A sentence without data, with a note or reason after it where there is one."""

    def said(line: Line) -> str:
        text = _(sentence)
        return _with(text, line, extra, "%s") if extra else text

    return said


def _record(line: Line) -> str:
    form = next((form for form in line.playbook.forms if form.key == line.data["form"]), None)
    what = {
        "form": own(form) if form else line.data["form"],
        "row": line.data["row"],
        "version": line.data["version"],
    }
    if form is not None and not form.rows:
        text = _("记录《%(form)s》第 %(version)s 版") % what
    else:
        text = _("记录《%(form)s》第 %(row)s 行，第 %(version)s 版") % what
    if line.data.get("voided"):
        text += _("；内容有变，此前的签字作废：%s") % _("、").join(line.data["voided"])
    return text


def _called(line: Line) -> str:
    what = {"number": line.data["number"] or line.party(line.data["party"]), "who": line.data["by"]}
    at = f"{line.entry.at.astimezone(clock.ZONE):%H:%M}"
    text = _("%(number)s 已于 %(time)s 拨打：%(who)s") % {**what, "time": at}
    return text + (_("，迟于时限") if line.data.get("late") else "")


def _call_not_needed(line: Line) -> str:
    number = line.data["number"] or line.party(line.data["party"])
    return _("%(number)s 不需要拨打：%(reason)s") % {"number": number, "reason": line.data["note"]}


def _signed(line: Line) -> str:
    return _("签字 %(count)s / %(needed)s：%(duty)s") % {**line.data, "duty": line.duty(line.data["duty"])}


def _deputed(line: Line) -> str:
    return _("受权代行“%(duty)s”（此人也完成了“%(before)s”）。理由：%(reason)s") % {
        "duty": line.duty(line.data["duty"]),
        "before": line.duty(line.data["before"]),
        "reason": line.data["reason"],
    }


def _samples(line: Line) -> str:
    return _("座席读数存证：%(queue)s %(since)s 至 %(until)s，%(count)d 条，SHA-256 %(hash)s…") % {
        "queue": line.both("name"),
        "since": line.time("since"),
        "until": line.time("until"),
        "count": line.data["count"],
        "hash": line.data["sha256"][:12],
    }


KINDS: dict[str, Words] = {
    **asking_words.KINDS,
    **callout_words.KINDS,
    "reported": _reported,
    "taken": _plain(n_("接手处置")),
    "restored": _plain(n_("转入恢复"), "note"),
    "relapsed": _plain(n_("情况反复，转回响应"), "reason"),
    "ended": _plain(n_("宣布应急结束"), "note"),
    "closed": _plain(n_("事件关闭"), "note"),
    "reopened": _plain(n_("重新打开"), "reason"),
    "cancelled": _plain(n_("撤销：误报"), "reason"),
    "merged": lambda line: _("并入 %s") % line.data["into"],
    "twin": lambda line: _("%(number)s 并入本事件：%(title)s") % line.data,
    "facts": _facts,
    "samples": _samples,
    "time_corrected": _corrected_time,
    "level_set": _level_set,
    "level_proposed": lambda line: _level(line, _("建议升级：%(before)s → %(level)s")),
    "level_confirmed": lambda line: _("确认级别：%s") % line.level(line.data["level"]),
    "level_rejected": lambda line: (
        _("否决级别：%(level)s。理由：%(reason)s")
        % {"level": line.level(line.data["level"]), "reason": line.data["reason"]}
    ),
    "level_by_person": lambda line: (
        _("调整级别：%(before)s → %(level)s。理由：%(reason)s")
        % {
            "before": line.level(line.data.get("before", "")),
            "level": line.level(line.data["level"]),
            "reason": line.data["reason"],
        }
    ),
    "duties_opened": _opened,
    "duties_waived": _waived,
    "duty_late": _late,
    "duty_done": _done,
    "called": _called,
    "call_not_needed": _call_not_needed,
    "signed": _signed,
    "deputed": _deputed,
    "record_written": _record,
    "acknowledged": _acknowledged,
    "note": lambda line: line.data["text"],
    "correction": lambda line: line.data["text"],
    "fast_forward": lambda line: _("练习时钟快进 %s 分钟") % line.data["minutes"],
}
