"""Reads the facts of a plan file: what may be reported, in which unit, and within which bounds."""

from typing import Final

from playbooks import law
from playbooks.planparts import choices, words_of
from playbooks.plantable import Table

Specs = dict[str, law.FactSpec]
_TIMERS: Final = ("stopwatch", "countdown")
# What a measure of the queues can fill: kinds of facts, and their units.
_FED: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "seats_full": (("stopwatch",), ("min", "h")),
    "waiting": (("count",), ("", "calls")),
    "longest_wait": (("count", "measure"), ("s", "min")),
    "connect_rate": (("measure",), ("%",)),
}


def facts(table: Table) -> tuple[law.FactSpec, ...]:
    return tuple(_fact(entry) for entry in table.each("facts", named="metric"))


def specs_of(facts: tuple[law.FactSpec, ...]) -> Specs:
    return {law.ELAPSED.metric: law.ELAPSED} | {spec.metric: spec for spec in facts}


def _fact(entry: Table) -> law.FactSpec:
    metric = entry.key("metric")
    if metric == law.ELAPSED.metric:
        entry.wrong("metric", f"“{metric}”是内置事实", f"{metric} is built in")
    zh, en = entry.zh_en(limit=200)
    help_zh, help_en = entry.words("help")
    kind = entry.one_of("kind", words_of(law.FactKind))
    spec = law.FactSpec(
        metric=metric,
        kind=kind,
        unit=_unit(entry, kind),
        choices=choices(entry),
        asked=entry.flag("asked"),
        required=entry.flag("required"),
        zh=zh,
        en=en,
        help_zh=help_zh,
        help_en=help_en,
        minimum=entry.number("minimum"),
        maximum=entry.number("maximum"),
        requirements=entry.requirements(),
        from_report=entry.flag("from_report"),
        feed=entry.one_of("feed", words_of(law.Feed), ""),
    )
    _check(entry, spec)
    entry.close()
    return spec


def _unit(entry: Table, kind: str) -> str:
    if kind in _TIMERS:
        return entry.one_of("unit", ("min", "h"))
    return entry.text("unit", required=False, limit=20)


def _check(entry: Table, spec: law.FactSpec) -> None:
    if (spec.kind == "choice") is not (len(spec.choices) > 1):
        entry.wrong(
            "choices",
            "选择类事实须有至少两个选项，其他事实没有选项",
            "two or more choices for kind choice, else none",
        )
    if spec.required and not spec.asked:
        entry.wrong("required", "必填的事实必须在报告时询问（asked）", "a required fact must be asked at the report")
    if spec.minimum is not None and spec.maximum is not None and spec.minimum > spec.maximum:
        entry.wrong("maximum", "上限小于下限", "maximum is below minimum")
    if spec.from_report and spec.kind != "stopwatch":
        entry.wrong("from_report", "只有计时类事实可从报告起计时", "only a stopwatch can start at the report")
    if spec.feed:
        _check_feed(entry, spec)


def _check_feed(entry: Table, spec: law.FactSpec) -> None:
    kinds, units = _FED[spec.feed]
    if spec.kind not in kinds or spec.unit not in units:
        said = [unit or "-" for unit in units]
        entry.wrong(
            "feed",
            f"{spec.feed} 只能填入 {'、'.join(kinds)} 类、单位为 {'、'.join(said)} 的事实",
            f"{spec.feed} fills a fact of kind {' or '.join(kinds)} in {' or '.join(said)}",
        )
    if spec.from_report:
        entry.wrong("feed", "从报告起计时的事实不由队列填入", "a stopwatch of the report isn't filled by queues")
