"""The ways in which a condition tree can hold: one conjunction each, with the span of every number in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from playbooks.law import Condition, FactSpec, Group, Level, Rule, Value

NUMERIC: Final = ("count", "measure", "stopwatch", "countdown")
MOST_WAYS: Final = 64  # of one tree; a plan's rule has a handful
Conjunction = tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of numbers; None is without end. `*_open`: the end itself does not belong to it."""

    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False

    @property
    def is_empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def meet(self, other: "Span") -> "Span":
        """What lies in both."""
        low, low_open = _tighter(self, other, "low")
        high, high_open = _tighter(self, other, "high")
        return Span(low, high, low_open, high_open)

    def holds(self, number: Decimal) -> bool:
        return not self.meet(Span(number, number)).is_empty


def _tighter(one: Span, two: Span, end: str) -> tuple[Decimal | None, bool]:
    ends = [(getattr(span, end), getattr(span, f"{end}_open")) for span in (one, two)]
    known = [(value, is_open) for value, is_open in ends if value is not None]
    if not known:
        return None, False
    best = (max if end == "low" else min)(value for value, _ in known)
    return best, any(is_open for value, is_open in known if value == best)


@dataclass(frozen=True, slots=True)
class Way:
    """One way into a level."""

    level: Level
    rule: Rule
    terms: Conjunction

    def others(self, metric: str) -> frozenset[Condition]:
        return frozenset(term for term in self.terms if term.metric != metric)


def alternatives(group: Group) -> list[Conjunction]:
    """The tree as alternatives of conditions joined by "and"; at most MOST_WAYS of them."""
    parts = [alternatives(term) if isinstance(term, Group) else [(term,)] for term in group.terms]
    if group.mode == "any":
        return [way for part in parts for way in part][:MOST_WAYS]
    found: list[Conjunction] = [()]
    for part in parts:
        found = [(*before, *way) for before in found for way in part][:MOST_WAYS]
    return found


def ways(levels: Iterable[Level]) -> list[Way]:
    return [Way(level, rule, terms) for level in levels for rule in level.rules for terms in alternatives(rule.when)]


def span_of(terms: Iterable[Condition], spec: FactSpec) -> Span:
    """Where the number must lie for the conditions on that fact."""
    span = Span(spec.minimum, spec.maximum)
    for term in terms:
        if term.metric == spec.metric:
            span = span.meet(_span(term, whole=spec.kind == "count"))
    return span


def _span(term: Condition, *, whole: bool) -> Span:
    number = _number(term.value)
    if number is None:
        return Span()
    step = Decimal(1) if whole and number == number.to_integral_value() else None
    if term.op == "is":
        return Span(number, number)
    if term.op == "at_least":
        return Span(low=number)
    if term.op == "at_most":
        return Span(high=number)
    if term.op == "more_than":
        return Span(low=number + step) if step else Span(low=number, low_open=True)
    if term.op == "less_than":
        return Span(high=number - step) if step else Span(high=number, high_open=True)
    return Span()


def _number(value: object) -> Decimal | None:
    return None if isinstance(value, bool) or not isinstance(value, int | Decimal) else Decimal(value)


def is_possible(terms: Conjunction, specs: Mapping[str, FactSpec]) -> bool:
    """Tell whether no two of the conditions contradict each other."""
    for metric in {term.metric for term in terms}:
        spec = specs.get(metric)
        if spec is None:
            return False
        if spec.kind in NUMERIC:
            if span_of(terms, spec).is_empty:
                return False
        elif not answers(terms, spec):
            return False
    return True


def answers(terms: Iterable[Condition], spec: FactSpec) -> list[Value]:
    """The values of a fact that is no number under which all conditions on it hold."""
    mine = [term for term in terms if term.metric == spec.metric]
    known: list[Value] = [choice.key for choice in spec.choices]
    if spec.kind == "flag":
        known = [True, False]
    elif spec.kind != "choice":
        known = [*(term.value for term in mine if isinstance(term.value, str)), "-"]
    return [value for value in known if all(_fits(term, value) for term in mine)]


def _fits(term: Condition, value: Value) -> bool:
    if isinstance(term.value, tuple):
        return value in term.value
    return (value == term.value) is (term.op != "is_not")
