"""What the linter finds, where it stands in the file, and how it is said."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from playbooks import plannodes
from playbooks.mistakes import Ledger, Mistake

Severity = Literal["error", "warning", "note"]
ORDER: Final = {"error": 0, "warning": 1, "note": 2}
_NAMED_BY: Final = ("key", "metric")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. An error keeps the file from being stored; a warning and a note are for a person to judge."""

    severity: Severity
    path: str
    zh: str
    en: str
    line: int = 0

    def said(self, file: str) -> str:
        """One line for a terminal."""
        return f"{file}:{self.line}: {self.severity}: {self.path}: {self.zh} / {self.en}"


def of_mistakes(mistakes: Iterable[Mistake]) -> tuple[Finding, ...]:
    """The reader's mistakes as findings."""
    return tuple(Finding("error", one.path, one.reason_zh, one.reason_en, one.line) for one in mistakes)


class Lines:
    """The line on which each path of a file stands."""

    def __init__(self, text: str) -> None:
        self.of: dict[str, int] = {}
        root = plannodes.parse(text, Ledger(""))
        if root is not None:
            self._mapping(root, "")

    def place(self, path: str) -> tuple[str, int]:
        """Path and line; a part that a playbook has from `common` is found there."""
        if path in self.of:
            return path, self.of[path]
        _, _, rest = path.partition("].")
        shared = f"common.{rest}"
        if path.startswith("playbooks[") and shared in self.of:
            return shared, self.of[shared]
        near = path
        while near and near not in self.of:
            near = near[: max(near.rfind("."), near.rfind("["), 0)]
        return path, self.of.get(near, 1)

    def _mapping(self, node: plannodes.Mapping, path: str) -> None:
        for key, value in node.pairs:
            under = f"{path}.{key.value}" if path else key.value
            self.of.setdefault(under, key.line)
            if isinstance(value, plannodes.Mapping):
                self._mapping(value, under)
            elif isinstance(value, plannodes.Sequence):
                self._sequence(value, under)

    def _sequence(self, node: plannodes.Sequence, path: str) -> None:
        for item in node.items:
            if isinstance(item, plannodes.Scalar):
                self.of.setdefault(f"{path}[{item.value}]", item.line)
            elif isinstance(item, plannodes.Mapping) and (name := _name(item)):
                self.of.setdefault(f"{path}[{name}]", item.line)
                self._mapping(item, f"{path}[{name}]")


def _name(node: plannodes.Mapping) -> str:
    for key, value in node.pairs:
        if key.value in _NAMED_BY and isinstance(value, plannodes.Scalar):
            return value.value
    return ""


def placed(findings: Iterable[Finding], lines: Lines) -> tuple[Finding, ...]:
    """With their lines, each once, gravest first and then down the file."""
    found = set()
    for one in findings:
        path, line = lines.place(one.path) if not one.line else (one.path, one.line)
        found.add(Finding(one.severity, path, one.zh, one.en, line))
    return tuple(sorted(found, key=lambda one: (ORDER[one.severity], one.line, one.path, one.zh)))
