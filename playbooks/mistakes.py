"""Mistakes of a plan file: where each is and why, in both languages, all of them at once."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake; `path` names the place by keys: `playbooks[HJ-2].duties[HJ-2-05].minutes`."""

    file: str
    line: int
    path: str
    reason_zh: str
    reason_en: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path}: {self.reason_zh} / {self.reason_en}"


@dataclass(slots=True)
class Ledger:
    """Collects the mistakes of one file and remembers on which line each path stands."""

    file: str
    lines: dict[str, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def add(self, line: int, path: str, zh: str, en: str) -> None:
        self.mistakes.append(Mistake(self.file, line, path, zh, en))

    def add_at(self, path: str, zh: str, en: str) -> None:
        """A mistake at a path read earlier, on its line or that of the nearest path around it."""
        known = path
        while known and known not in self.lines:
            known = known[: max(known.rfind("."), known.rfind("["), 0)]
        self.add(self.lines.get(known, 1), path, zh, en)

    def sorted(self) -> tuple[Mistake, ...]:
        return tuple(sorted(set(self.mistakes)))


def hint(word: str, known: Iterable[str]) -> tuple[str, str]:
    """`(zh, en)` naming the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return (f"（是否为 {near[0]}？）", f" (did you mean {near[0]}?)") if near else ("", "")
