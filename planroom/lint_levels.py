"""Levels that leave holes, contradict each other or can never be reached."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice, product
from typing import Final

from planroom.findings import Finding
from planroom.lint_ways import NUMERIC, Span, Way, answers, is_possible, span_of, ways
from playbooks import rules
from playbooks.law import Condition, FactSpec, Level, Playbook, Reading, Value

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
LONG_AGO: Final = NOW - timedelta(days=3650)
SMALL: Final = Decimal("0.5")  # beside a boundary
MOST_TRIES: Final = 400  # of one way into a level
MOST_ENTRIES: Final = 200  # ways into the levels of one playbook; beyond, comparing each with each takes too long
_ENDS: Final = ("low", "high")


def check(playbook: Playbook) -> Iterator[Finding]:
    """Everything about the levels of one playbook."""
    entries = ways(playbook.levels)
    if len(entries) > MOST_ENTRIES:
        yield Finding(
            "note",
            f"playbooks[{playbook.key}].levels",
            f"定级规则太多（{len(entries)} 条途径），没有检查缺口、重叠和可达",
            f"Too many rules ({len(entries)} ways) to check for gaps, overlaps and reach",
        )
        return
    for metric, spec in playbook.specs.items():
        if spec.kind in NUMERIC:
            yield from _holes(playbook, spec, [way for way in entries if _reads(way, metric)], entries)
            yield from _overlaps(playbook, spec, [way for way in entries if _reads(way, metric)])
    yield from _unreachable(playbook, entries)


def _reads(way: Way, metric: str) -> bool:
    return any(term.metric == metric for term in way.terms)


def _path(playbook: Playbook, way: Way) -> str:
    return f"playbooks[{playbook.key}].levels[{way.level.key}].rules[{way.rule.key}]"


def _holes(playbook: Playbook, spec: FactSpec, reading: list[Way], entries: list[Way]) -> Iterator[Finding]:
    """Numbers between two levels, all else equal, that belong to none."""
    told: set[tuple[Decimal, Decimal]] = set()
    for others in {way.others(spec.metric) for way in reading}:
        near = [(span_of(way.terms, spec), way) for way in reading if way.others(spec.metric) <= others]
        near = [(span, way) for span, way in near if not span.is_empty]
        if len({way.level.key for _, way in near}) < 2 or _covered(others, spec, entries):
            continue
        near.sort(key=lambda pair: (_low(pair[0]), pair[0].low_open))
        reach, before = near[0]
        for span, way in near[1:]:
            if way.level.key != before.level.key and _leaves_hole(reach, span, whole=spec.kind == "count"):
                assert reach.high is not None and span.low is not None
                if (reach.high, span.low) not in told:
                    told.add((reach.high, span.low))
                    yield _hole(playbook, spec, before, way, reach, span)
            if _reaches_further(span, reach):
                reach, before = span, way


def _covered(others: frozenset[Condition], spec: FactSpec, entries: list[Way]) -> bool:
    """Another rule holds under the same conditions whatever the number is."""
    return any(not _reads(way, spec.metric) and frozenset(way.terms) <= others for way in entries)


def _low(span: Span) -> Decimal:
    return Decimal("-Infinity") if span.low is None else span.low


def _leaves_hole(reach: Span, span: Span, *, whole: bool) -> bool:
    if reach.high is None or span.low is None:
        return False
    if whole:
        return span.low - reach.high > 1
    return span.low > reach.high or (span.low == reach.high and span.low_open and reach.high_open)


def _reaches_further(span: Span, reach: Span) -> bool:
    if reach.high is None:
        return False
    if span.high is None:
        return True
    return (span.high, not span.high_open) > (reach.high, not reach.high_open)


def _hole(playbook: Playbook, spec: FactSpec, below: Way, above: Way, reach: Span, span: Span) -> Finding:
    low, high = f"{reach.high:f}", f"{span.low:f}"
    between = (f"{low} 至 {high} 之间", f"between {low} and {high}")
    if low == high:
        between = (f"恰为 {low} ", f"exactly {low}")
    return Finding(
        "warning",
        _path(playbook, above),
        f"“{spec.zh}”{between[0]}时，“{below.level.zh}”和“{above.level.zh}”都不成立，等级有缺口",
        f"With {spec.en} {between[1]} neither {below.level.en} nor {above.level.en} holds: a gap between the levels",
    )


def _overlaps(playbook: Playbook, spec: FactSpec, reading: list[Way]) -> Iterator[Finding]:
    """A lower level that names its own end, and a higher one that begins before it."""
    told: set[tuple[str, str]] = set()
    for lower, higher in product(reading, reading):
        pair = (lower.rule.key, higher.rule.key)
        if lower.level.rank >= higher.level.rank or pair in told:
            continue
        if lower.others(spec.metric) != higher.others(spec.metric):
            continue
        one, two = span_of(lower.terms, spec), span_of(higher.terms, spec)
        if not one.is_empty and not two.is_empty and _contradict(one, two, spec):
            told.add(pair)
            end = _end(one, two)
            yield Finding(
                "warning",
                _path(playbook, higher),
                f"“{spec.zh}”同一数值同时符合“{lower.level.zh}”（到 {end} 为止）和“{higher.level.zh}”，等级重叠",
                f"One value of {spec.en} meets both {lower.level.en} (which ends at {end}) and "
                f"{higher.level.en}: the levels overlap",
            )


def _contradict(lower: Span, higher: Span, spec: FactSpec) -> bool:
    if lower.meet(higher).is_empty:
        return False
    ends_above = lower.high is not None and lower.high != spec.maximum
    ends_below = lower.low is not None and lower.low != spec.minimum
    return (ends_above and _runs_past(higher, lower, "high")) or (ends_below and _runs_past(higher, lower, "low"))


def _runs_past(higher: Span, lower: Span, end: str) -> bool:
    """The higher level begins inside the lower one and goes on beyond its named end."""
    far, mine = getattr(higher, end), getattr(lower, end)
    start = getattr(higher, "low" if end == "high" else "high")
    beyond = far is None or (far > mine if end == "high" else far < mine)
    return beyond and start is not None and lower.holds(start)


def _end(lower: Span, higher: Span) -> str:
    end = next(end for end in _ENDS[::-1] if getattr(lower, end) is not None and _runs_past(higher, lower, end))
    return f"{getattr(lower, end):f}"


def _unreachable(playbook: Playbook, entries: list[Way]) -> Iterator[Finding]:
    for level in playbook.levels:
        for rule in level.rules:
            own = [way for way in entries if way.rule is rule]
            if not any(is_possible(way.terms, playbook.specs) for way in own):
                yield Finding(
                    "warning",
                    f"playbooks[{playbook.key}].levels[{level.key}].rules[{rule.key}].when",
                    "条件互相矛盾，永远不会成立",
                    "The conditions contradict each other: it can never hold",
                )
        if not is_reachable(playbook, level, entries):
            yield Finding(
                "warning",
                f"playbooks[{playbook.key}].levels[{level.key}]",
                f"没有一组情况会判为“{level.zh}”：条件不可能成立，或总被更高等级盖过",
                f"No set of facts gives {level.en}: it can't hold, or a higher level always covers it",
            )


def is_reachable(playbook: Playbook, level: Level, entries: list[Way] | None = None) -> bool:
    """Tell whether some facts give exactly this level, trying the values at and beside every boundary.

    Taken for granted where there are too many ways to try.
    """
    entries = ways(playbook.levels) if entries is None else entries
    if len(entries) > MOST_ENTRIES:
        return True
    for way in entries:
        if way.level.key != level.key or not is_possible(way.terms, playbook.specs):
            continue
        for facts in _tries(playbook, way):
            if rules.classify(playbook, facts, NOW).level == level.key:
                return True
    return False


def _tries(playbook: Playbook, way: Way) -> Iterator[dict[str, Reading]]:
    named = list(dict.fromkeys(term.metric for term in way.terms))
    values = [_candidates(playbook, way, playbook.specs[metric]) for metric in named]
    for beside in _besides(playbook, set(named)):
        for chosen in islice(product(*values), MOST_TRIES // 3):
            given = dict(zip(named, chosen, strict=True))
            yield beside | {metric: _reading(playbook.specs[metric], value) for metric, value in given.items()}


def _besides(playbook: Playbook, named: set[str]) -> Iterator[dict[str, Reading]]:
    """What the way does not ask for: not given, all low, all high."""
    bounds = {metric: numbers for metric, numbers in _thresholds(playbook).items() if metric not in named}
    yield {}
    for pick, step in ((min, -SMALL), (max, SMALL)):
        yield {
            metric: _reading(playbook.specs[metric], _whole(playbook.specs[metric], pick(numbers) + step))
            for metric, numbers in bounds.items()
        }


def _thresholds(playbook: Playbook) -> dict[str, set[Decimal]]:
    found: dict[str, set[Decimal]] = {}
    for level in playbook.levels:
        for rule in level.rules:
            for term in rules.conditions(rule.when):
                spec = playbook.specs.get(term.metric)
                if spec is not None and spec.kind in NUMERIC and not isinstance(term.value, bool | str | tuple):
                    found.setdefault(term.metric, set()).add(Decimal(term.value or 0))
                if term.counts_expected and rules.EXPECTED in playbook.specs and isinstance(term.value, int | Decimal):
                    found.setdefault(rules.EXPECTED, set()).add(Decimal(term.value))
    return found


def _candidates(playbook: Playbook, way: Way, spec: FactSpec) -> list[Value]:
    if spec.kind not in NUMERIC:
        return answers(way.terms, spec)
    span = span_of(way.terms, spec)
    bounds = _thresholds(playbook).get(spec.metric, set()) | {end for end in (span.low, span.high) if end is not None}
    near = sorted({value for bound in bounds for value in (bound - SMALL, bound, bound + SMALL)})
    if spec.kind == "count":
        near = sorted({value.to_integral_value() for bound in bounds for value in (bound - 1, bound, bound + 1)})
    return [_whole(spec, value) for value in near if span.holds(value)] or [Decimal(0)]


def _whole(spec: FactSpec, value: Decimal) -> Value:
    return int(value) if spec.kind == "count" else value


def _reading(spec: FactSpec, value: Value) -> Reading:
    if spec.kind == "stopwatch":
        return Reading(spec.metric, value=value)
    return Reading(spec.metric, value=value, since=NOW if spec.kind == "countdown" else LONG_AGO)
