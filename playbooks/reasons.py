"""Why a level: conditions beside what is known, what is missing, which fact would settle it, and notes in words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from playbooks.law import EXPECTED, Condition, FactSpec, Group, Level, Reading, Rule, Value, Words
from playbooks.truth import Truth, condition_truth, elapsed, expected_total, join, remaining


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a rule beside what is known: `have` None is unknown, `met` None is undecided."""

    level: str
    rule: str
    spec: FactSpec
    condition: Condition
    have: Value
    met: bool | None
    since: datetime | None

    @property
    def metric(self) -> str:
        return self.condition.metric

    @property
    def need(self) -> object:
        return self.condition.value


@dataclass(frozen=True, slots=True)
class Survey:
    """Where on the ladder (0 is no level) the facts stand, at least and at most, with each rule's truth."""

    level: int
    at_least: int
    at_most: int
    answers: dict[int, list[tuple[Rule, Truth]]]


class Checks:
    """Lays each condition of a rule beside what is known."""

    def __init__(self, specs: Mapping[str, FactSpec], facts: Mapping[str, Reading], now: datetime) -> None:
        self.specs, self.facts, self.now = specs, facts, now

    def of(self, level: Level, rule: Rule) -> Iterator[Check]:
        for condition in conditions(rule.when):
            spec = self.specs.get(condition.metric)
            if spec is None:
                continue
            answer = condition_truth(condition, self.specs, self.facts, self.now)
            yield Check(level.key, rule.key, spec, condition, self._have(spec), answer.value, answer.since)

    def _have(self, spec: FactSpec) -> Value:
        reading = self.facts.get(spec.metric)
        if spec.kind == "stopwatch":
            return elapsed(reading, spec, self.now)
        if spec.kind == "countdown":
            left = remaining(reading, spec, self.now)
            return None if left is None else max(left, Decimal(0))
        return None if reading is None else reading.value


def conditions(group: Group) -> Iterator[Condition]:
    """Every condition of a group, however deep."""
    for term in group.terms:
        if isinstance(term, Group):
            yield from conditions(term)
        else:
            yield term


def metrics(group: Group, specs: Mapping[str, FactSpec]) -> set[str]:
    """Every metric a group reads, the expected length included where it is counted."""
    found = set()
    for condition in conditions(group):
        found.add(condition.metric)
        spec = specs.get(condition.metric)
        if condition.counts_expected and spec is not None and spec.kind == "stopwatch":
            found.add(EXPECTED)
    return found


def is_known(metric: str, facts: Mapping[str, Reading]) -> bool:
    reading = facts.get(metric)
    return reading is not None and (reading.value is not None or reading.since is not None)


def used(satisfied: tuple[Check, ...], facts: Mapping[str, Reading]) -> tuple[Reading, ...]:
    names = []
    for check in satisfied:
        names.append(check.metric)
        if check.condition.counts_expected:
            names.append(EXPECTED)
    return tuple(facts[name] for name in dict.fromkeys(names) if is_known(name, facts))


def missing(ladder: list[Level], specs: Mapping[str, FactSpec], facts: Mapping[str, Reading]) -> tuple[str, ...]:
    read = {metric for level in ladder for rule in level.rules for metric in metrics(rule.when, specs)}
    order = [*(metric for metric in specs if metric in read), *sorted(read.difference(specs))]
    return tuple(metric for metric in order if not is_known(metric, facts))


def settles(ladder: list[Level], checks: Checks, current: Survey) -> str | None:
    """The metric that, known either way, would close the range; the first in plan order among equals."""
    if current.at_least == current.at_most:
        return None
    open_rules = [
        rule
        for step in range(current.at_least + 1, current.at_most + 1)
        for rule, answer in current.answers[step]
        if answer.value is None
    ]
    leaves: _Leaves = {}
    waiting: dict[str, list[Rule]] = {}  # the open rules that each unknown metric holds up
    for rule in open_rules:
        for condition in conditions(rule.when):
            value = condition_truth(condition, checks.specs, checks.facts, checks.now).value
            leaves[id(condition)] = value, _blockers(condition, checks)
            for metric in leaves[id(condition)][1] if value is None else ():
                waiting.setdefault(metric, []).append(rule)
    candidates = [metric for metric in checks.specs if metric in waiting]
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    return max(candidates, key=lambda metric: _closes(metric, _once(waiting[metric]), leaves))


# Truth and blockers of each condition, by its identity.
_Leaves = dict[int, tuple[bool | None, set[str]]]


def _once(rules: list[Rule]) -> list[Rule]:
    return list({id(rule): rule for rule in rules}.values())


def _closes(metric: str, rules: list[Rule], leaves: _Leaves) -> int:
    """How many rules the metric would decide, summed over its two ways out."""

    def decided(answer: bool) -> int:
        def leaf(condition: Condition) -> bool | None:
            value, blockers = leaves[id(condition)]
            if value is not None or metric not in blockers:
                return value
            return answer if answer or len(blockers) == 1 else None

        return sum(_kleene(rule.when, leaf) is not None for rule in rules)

    return decided(True) + decided(False)


def _kleene(group: Group, leaf: Callable[[Condition], bool | None]) -> bool | None:
    return join(group.mode, [_kleene(term, leaf) if isinstance(term, Group) else leaf(term) for term in group.terms])


def _blockers(condition: Condition, checks: Checks) -> set[str]:
    """The metrics whose absence leaves this condition undecided."""
    spec = checks.specs.get(condition.metric)
    if spec is None or spec.kind != "stopwatch":
        return {condition.metric}
    blockers = (
        set() if elapsed(checks.facts.get(condition.metric), spec, checks.now) is not None else {condition.metric}
    )
    if condition.counts_expected and expected_total(condition, spec, checks.facts) is None:
        blockers.add(EXPECTED)
    return blockers


_UNKNOWN_LENGTH = Words(
    "预计时长未填：本条计入“预期达到”，按较高等级处理，填写后重新判定。",
    "No expected length was given: the clause counts what is expected, so the higher level is taken until it is known.",
)
_FROZEN = Words(
    "有数据已中断：相应计时停在最后一次收到的时刻。",
    "A source has gone silent: its timer stands where it was last heard.",
)
_SITE_RULE = Words("本站规则：预案未就此规定等级。", "Site rule: the plan sets no level here.")


def notes(
    ladder: list[Level],
    current: Survey,
    facts: Mapping[str, Reading],
    met: list[Rule],
    satisfied: tuple[Check, ...],
) -> tuple[Words, ...]:
    """In words what the clauses alone do not tell; `met` are the rules that give the level."""
    notes = []
    level = ladder[current.level - 1] if current.level else None
    if level is not None and (level.note_zh or level.note_en):
        notes.append(Words(level.note_zh, level.note_en))
    elif level is not None and level.site_rule:
        notes.append(_SITE_RULE)
    notes.extend(Words(rule.gap_zh, rule.gap_en) for rule in met if rule.gap_zh or rule.gap_en)
    if any(check.met is None for check in satisfied):
        notes.append(_UNKNOWN_LENGTH)
    read = {condition.metric for one in ladder for rule in one.rules for condition in conditions(rule.when)}
    if any(reading.stale for metric, reading in facts.items() if metric in read):
        notes.append(_FROZEN)
    return tuple(dict.fromkeys(notes))
