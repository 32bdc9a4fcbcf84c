"""Reads the forms of a plan file: the records that the plan asks for, item by item."""

from typing import Final

from playbooks import law
from playbooks.mistakes import hint
from playbooks.planparts import choices, words_of
from playbooks.plantable import Table

_LONGEST_DAYS: Final = 36_600


def form(entry: Table) -> law.Form:
    zh, en = entry.zh_en(limit=200)
    found = law.Form(
        key=entry.key(),
        zh=zh,
        en=en,
        items=tuple(_item(item) for item in entry.each("items", required=True)),
        rows=entry.flag("rows"),
        outcome=entry.text("outcome", required=False, limit=60),
        requirements=entry.requirements(),
    )
    if entry.has("items") and not found.items:
        entry.wrong("items", "表单没有条目", "the form has no item")
    _check_outcome(entry, found)
    entry.close()
    return found


def _check_outcome(entry: Table, found: law.Form) -> None:
    if not found.outcome:
        return
    known = [item.key for item in found.items]
    if found.outcome not in known:
        zh, en = hint(found.outcome, known)
        entry.wrong("outcome", f"未知的条目“{found.outcome}”{zh}", f"unknown item {found.outcome}{en}")
    if not found.rows:
        entry.wrong("outcome", "只有逐行登记（rows）的表单才有结果条目", "only a form with rows has an outcome")


def _item(entry: Table) -> law.Item:
    zh, en = entry.zh_en(limit=200)
    found = law.Item(
        key=entry.key(),
        kind=entry.one_of("kind", words_of(law.ItemKind)),
        zh=zh,
        en=en,
        required=entry.flag("required"),
        source=entry.one_of("source", words_of(law.Source), ""),
        fact=entry.text("fact", required=False, limit=60),
        choices=choices(entry),
        minimum_days=_days(entry),
        requirements=entry.requirements(),
    )
    _check_item(entry, found)
    entry.close()
    return found


def _days(entry: Table) -> int | None:
    if not entry.has("minimum_days"):
        return None
    days = entry.integer("minimum_days", 0)
    if not 1 <= days <= _LONGEST_DAYS:
        entry.wrong("minimum_days", "天数从 1 起，至多一百年", "between 1 day and a hundred years")
        return None
    return days


def _check_item(entry: Table, item: law.Item) -> None:
    if item.minimum_days is not None and item.kind != "date":
        entry.wrong("minimum_days", "只有日期条目有最少天数", "only a date has minimum_days")
    if (item.kind == "choice") is not (len(item.choices) > 1):
        entry.wrong(
            "choices" if entry.has("choices") else "",
            "选择类条目须有至少两个选项，其他条目没有选项",
            "two or more choices for kind choice, else none",
        )
    if item.fact and item.source:
        entry.wrong("fact", "fact 与 source 只能有一个", "either fact or source, not both")
