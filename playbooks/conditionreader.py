"""Reads the condition trees of a plan file: groups, comparisons, and values that fit their fact."""

from decimal import Decimal
from typing import Final, cast, get_args

from playbooks import law
from playbooks.factreader import Specs
from playbooks.mistakes import hint
from playbooks.plannodes import Scalar, Sequence
from playbooks.plantable import Table, as_flag, as_number

MAX_NESTING: Final = 3
_OPS: Final = get_args(law.Op)
_ORDERINGS: Final = ("at_least", "more_than", "less_than", "at_most")
_FITTING: Final[dict[str, tuple[str, ...]]] = {
    "flag": ("is", "is_not"),
    "choice": ("is", "is_not", "one_of"),
    "count": ("is", "is_not", *_ORDERINGS),
    "measure": _ORDERINGS,
    "stopwatch": _ORDERINGS,
    "countdown": _ORDERINGS,
    "text": (),
    "time": (),
}


def group(entry: Table, key: str, specs: Specs) -> law.Group | None:
    """The condition under `key`: `always`, or a mapping with `all` or `any`."""
    node = entry.take(key, required=True)
    if isinstance(node, Scalar) and node.value == "always":
        return law.ALWAYS
    table = entry.table(key) if node is not None else None
    return None if table is None else _group(table, specs, 1)


def _group(table: Table, specs: Specs, depth: int) -> law.Group:
    modes = [mode for mode in get_args(law.Mode) if table.has(mode)]
    if len(modes) != 1:
        table.wrong("", "条件组须有且仅有 all 或 any", "a group has either all or any")
        return law.ALWAYS
    if depth > MAX_NESTING:
        table.wrong("", "条件嵌套过深", "conditions are nested too deeply")
        return law.ALWAYS
    terms: list[law.Condition | law.Group] = []
    for term in table.tables(modes[0], named="fact"):
        if term.has("all") or term.has("any"):
            terms.append(_group(term, specs, depth + 1))
        else:
            terms.append(_condition(term, specs))
    if not terms:
        table.wrong(modes[0], "条件组为空", "the group is empty")
    table.close()
    return law.Group(modes[0], tuple(terms))


def _condition(table: Table, specs: Specs) -> law.Condition:
    metric = table.text("fact", limit=60)
    spec = specs.get(metric)
    if metric and spec is None:
        zh, en = hint(metric, specs)
        table.wrong("fact", f"未知的事实“{metric}”{zh}", f"unknown fact {metric}{en}")
    ops = [op for op in _OPS if table.has(op)]
    if len(ops) != 1:
        table.wrong("", f"须有且仅有一个比较（{'、'.join(_OPS)}）", f"needs exactly one of {', '.join(_OPS)}")
    op = ops[0] if ops else "is"
    value = _value(table, op, spec) if ops and spec else None
    hold = table.number("hold_minutes", above=0) or Decimal(0)
    counts = table.flag("counts_expected")
    if spec is not None:
        _check_timing(table, spec, specs, hold=hold, counts_expected=counts)
    for one in ops:
        table.take(one)
    table.close()
    return law.Condition(metric, cast(law.Op, op), value, hold, counts)


def _check_timing(table: Table, spec: law.FactSpec, specs: Specs, *, hold: Decimal, counts_expected: bool) -> None:
    if hold and spec.kind in ("stopwatch", "countdown"):
        table.wrong("hold_minutes", "计时类事实不再需要持续时间", f"a {spec.kind} takes no hold time")
    if not counts_expected:
        return
    if spec.kind not in ("stopwatch", "count", "measure"):
        table.wrong("counts_expected", "只有数量与时长可以计入预期", "only numbers and stopwatches can be expected")
    if spec.kind == "stopwatch" and law.EXPECTED not in specs:
        table.wrong(
            "counts_expected",
            f"须声明事实 {law.EXPECTED}",
            f"this playbook needs the fact {law.EXPECTED}",
        )


def _value(table: Table, op: str, spec: law.FactSpec) -> law.Value | tuple[str, ...]:
    node = table.take(op)
    if op not in _FITTING[spec.kind]:
        table.wrong(op, f"“{op}”不适用于 {spec.kind} 类事实", f"{op} does not fit a fact of kind {spec.kind}")
        return None
    if op == "one_of":
        if not isinstance(node, Sequence):
            table.wrong(op, "应为列表", "must be a list")
            return ()
        names = table.names(op)
        for name in names:
            _known_choice(table, f"{op}[{name}]", name, spec)
        return names
    if node is None or not isinstance(node, Scalar):
        table.wrong(op, "应为单个值", "must be a single value")
        return None
    if spec.kind == "choice":
        _known_choice(table, op, node.value, spec)
        return node.value
    if spec.kind == "flag":
        return _typed(table, op, as_flag(node), "应为 yes 或 no", "must be yes or no")
    return _typed(table, op, as_number(node), f"“{node.value}”不是数字", f"{node.value} is not a number")


def _typed(table: Table, op: str, value: bool | Decimal | None, zh: str, en: str) -> law.Value:
    if value is None:
        table.wrong(op, zh, en)
    return value


def _known_choice(table: Table, key: str, name: str, spec: law.FactSpec) -> None:
    known = [choice.key for choice in spec.choices]
    if name not in known:
        zh, en = hint(name, known)
        table.wrong(key, f"“{spec.metric}”没有选项“{name}”{zh}", f"{spec.metric} has no choice {name}{en}")
