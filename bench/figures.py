"""A measured figure: beside what it aims at and the raw limit of the same machine in the same run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `aim` is the most it should be, `raw` the least it could be; None where there is no such thing."""

    name: str
    value: float
    unit: str
    aim: float | None = None
    raw: float | None = None
    note: str = ""

    @property
    def is_met(self) -> bool:
        return self.aim is None or self.value <= self.aim


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a Markdown table."""

    def shown(number: float | None) -> str:
        return "" if number is None else f"{number:.4g}"

    lines = ["| figure | value | aim | raw limit | |", "|---|---|---|---|---|"]
    for one in figures:
        verdict = "" if one.aim is None else ("met" if one.is_met else "MISSED")
        value, note = f"{shown(one.value)} {one.unit}", "; ".join(filter(None, (verdict, one.note)))
        lines.append(f"| {one.name} | {value} | {shown(one.aim)} | {shown(one.raw)} | {note} |")
    return "\n".join(lines)
