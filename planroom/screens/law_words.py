"""Differences in words: what kind of part, which field, and what it said before and after."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from incident.screens import room_words as say
from planroom.differences import Change, FieldChange
from planroom.screens import saying
from playbooks import law

NOTHING = "—"
LONGEST = 600  # characters of one value on the page


@dataclass(frozen=True, slots=True)
class Field:
    """One field that changed, in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One part that changed, in words. `kind` is added, removed or changed."""

    kind: str
    mark: str
    what: str
    key: str
    title: str
    books: str
    gist: str
    fields: tuple[Field, ...]


def line(change: Change) -> Line:
    """One change as the page shows it."""
    return Line(
        kind=change.kind,
        mark={"added": _("新增"), "removed": _("删除"), "changed": _("改动")}[change.kind],
        what=_what(change.what),
        key=change.key,
        title=say.pick(change.part),
        books="、".join(change.books) if not say.is_english() else ", ".join(change.books),
        gist=_gist(change),
        fields=tuple(_field(change, one) for one in change.fields),
    )


def _what(kind: str) -> str:
    return {
        "plan": _("预案"),
        "post": _("岗位"),
        "party": _("外部单位"),
        "playbook": _("处置方案"),
        "fact": _("情况"),
        "level": _("等级"),
        "rule": _("定级规则"),
        "duty": _("任务"),
        "note": _("提示"),
        "form": _("表单"),
        "item": _("表单栏目"),
    }[kind]


def _gist(change: Change) -> str:
    """What a new or removed part says, in a line."""
    if change.kind == "changed":
        return ""
    part, book = change.part, change.new_book if change.after is not None else change.old_book
    if isinstance(part, law.DutyRule) and book is not None:
        said = [saying.post(book, part.post), saying.opens(part, book), saying.due(part), saying.clause(part)]
        return " · ".join(one for one in said if one)
    if isinstance(part, law.Rule) and book is not None:
        return " · ".join([saying.group(part.when, book.specs) or _("总是"), say.pick(part, "clause")])
    if isinstance(part, law.Playbook):
        return _("%(levels)d 个等级，%(duties)d 项任务") % {"levels": len(part.levels), "duties": len(part.duties)}
    return ""


def _field(change: Change, field: FieldChange) -> Field:
    return Field(
        _name(field.name),
        _value(field.name, field.before, change.before, change.old_book)[:LONGEST],
        _value(field.name, field.after, change.after, change.new_book)[:LONGEST],
    )


def _name(name: str) -> str:
    """The name of a field; one that has no words here is called as in the file."""
    stem, _sign, language = name.rpartition("_")
    if language in ("zh", "en") and stem:
        said = _("中文") if language == "zh" else _("英文")
        return f"{_name(stem)}（{said}）"
    return _names().get(name, name)


def _names() -> dict[str, str]:
    return {
        "zh": _("中文"),
        "en": _("英文"),
        "note": _("说明"),
        "detail": _("细节"),
        "clause": _("条款"),
        "summary": _("摘要"),
        "help": _("填写说明"),
        "gap": _("预案缺口"),
        "requirements": _("条目编号"),
        "aliases": _("别名"),
        "keywords": _("搜索词"),
        "kind": _("种类"),
        "unit": _("单位"),
        "choices": _("选项"),
        "asked": _("报告时询问"),
        "required": _("必填"),
        "minimum": _("下限"),
        "maximum": _("上限"),
        "rank": _("级次"),
        "colour": _("颜色"),
        "starts": _("如何生效"),
        "level": _("等级"),
        "when": _("条件"),
        "site_rule": _("本站规则"),
        "post": _("岗位"),
        "opens": _("何时打开"),
        "minutes": _("预案时限"),
        "target_minutes": _("内部目标"),
        "every_minutes": _("重复间隔"),
        "spacing_minutes": _("级间间隔"),
        "twin_minutes": _("并入提示时段"),
        "anchor": _("起算"),
        "tell": _("通知"),
        "outside": _("外部对象"),
        "answers": _("谁须确认"),
        "on_late": _("超时后"),
        "lapses_on": _("何时失效"),
        "replaces": _("取代"),
        "life_safety": _("生命安全"),
        "silent": _("静默"),
        "restricted": _("受限"),
        "statutory": _("法定事故等级"),
        "gate": _("关口"),
        "fact": _("记入情况"),
        "phase": _("阶段"),
        "form": _("表单"),
        "signers": _("签认人数"),
        "apart_from": _("须另一人"),
        "number": _("号码"),
        "rows": _("逐行登记"),
        "outcome": _("结果栏"),
        "source": _("自动填入"),
        "minimum_days": _("至少天数"),
        "icon": _("图标"),
        "from_report": _("自报告起计"),
        "feed": _("由队列数据填入"),
        "calls_out": _("召人"),
    }


def _value(name: str, have: Any, part: Any, book: law.Playbook | None) -> str:
    if have is None or have == "" or have == ():
        return NOTHING
    if isinstance(have, bool):
        return _("是") if have else _("否")
    if name in _SAID and part is not None:
        return _SAID[name](have, part, book)
    if isinstance(have, law.Group):
        return (saying.group(have, book.specs) if book else "") or _("总是")
    if isinstance(have, law.CallsOut):
        return _called(have, book)
    if isinstance(have, tuple):
        return " / ".join(_each(one) for one in have)
    if name.endswith("minutes"):
        return say.minutes(have)
    return say.number(have) if isinstance(have, Decimal | int) else str(have)


def _called(asked: law.CallsOut, book: law.Playbook | None) -> str:
    """Whom a duty calls in: the post, how many, and the waves as in the file."""
    post = saying.post(book, asked.post) if book else asked.post
    quota = _("全部") if asked.quota is None else _("%s 人") % asked.quota
    return f"{post} · {quota} · {' → '.join(asked.waves)}"


def _each(one: Any) -> str:
    if isinstance(one, law.Choice):
        return f"{one.key} {say.pick(one)}"
    if isinstance(one, law.Effect):
        word = {"tell": _("通知"), "open": _("打开"), "raise": _("升级到")}[one.kind]
        return f"{word} {one.argument}"
    return str(one)


def _word(have: Any, part: Any, book: law.Playbook | None) -> str:
    """A word of the plan format; one without words here stands for itself."""
    return {
        "confirmed": _("立即生效"),
        "provisional": _("先生效，待确认"),
        "proposed": _("待人决定"),
        "opened": _("自打开起"),
        "occurred": _("自发生起"),
        "reported": _("自报告起"),
        "all": _("每一位"),
        "any": _("任一位"),
        "restore": _("恢复时"),
        "end": _("宣布结束时"),
        "relapse": _("复发时"),
        "take": _("接手后"),
        "report": _("报告时"),
    }.get(str(have), str(have))


def _posts(have: tuple[str, ...], part: Any, book: law.Playbook | None) -> str:
    return " / ".join(saying.post(book, key) if book else key for key in have)


_Say = Callable[[Any, Any, law.Playbook | None], str]
_SAID: dict[str, _Say] = {
    "opens": lambda have, part, book: saying.opens(part, book) if book else have.event,
    "post": lambda have, part, book: saying.post(book, have) if book else have,
    "tell": _posts,
    "starts": _word,
    "anchor": _word,
    "answers": lambda have, part, book: _("至少 %s 位") % have if have.isdigit() else _word(have, part, book),
    "lapses_on": _word,
    "colour": lambda have, part, book: say.colour(have),
    "phase": lambda have, part, book: saying.phase(have),
    "gate": lambda have, part, book: saying.gate(part) if isinstance(part, law.DutyRule) else have,
    "kind": lambda have, part, book: (saying.kind(part) or have) if isinstance(part, law.DutyRule) else have,
}
