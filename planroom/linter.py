"""Reads a plan text as distrusted input and says what is wrong or doubtful about it, line by line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from planroom import lint_duties, lint_levels, lint_people, lint_words
from planroom.findings import Finding, Lines, of_mistakes, placed
from planroom.lint_people import Staffed
from playbooks import planfile
from playbooks.planfile import PlanDocument

__all__ = ["Checked", "Finding", "check", "findings_placed", "lint", "of_mistakes"]


@dataclass(frozen=True, slots=True)
class Checked:
    """A text that was read: its document, None where it has errors, and all that was found."""

    document: PlanDocument | None
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity == "warning")

    @property
    def notes(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity == "note")


def check(source: str | bytes, *, file: str, sites: Iterable[Staffed] = ()) -> Checked:
    """Read and, where it reads, lint. Never raises on bad input."""
    found = planfile.read(source, file=file)
    if found.document is None:
        return Checked(None, of_mistakes(found.mistakes))
    return Checked(found.document, lint(found.document, sites=sites))


def lint(document: PlanDocument, *, sites: Iterable[Staffed] = ()) -> tuple[Finding, ...]:
    """What a person should look at before this becomes law. Without `sites` nothing is said about people."""
    return placed(_all(document, sites), Lines(document.text))


def findings_placed(findings: Iterable[Finding], text: str) -> tuple[Finding, ...]:
    """Findings of a text with the lines on which they stand."""
    return placed(findings, Lines(text))


def _all(document: PlanDocument, sites: Iterable[Staffed]) -> Iterator[Finding]:
    for playbook in document.playbooks:
        yield from lint_levels.check(playbook)
        yield from lint_duties.check(playbook)
    yield from lint_words.check(document)
    yield from lint_people.check(document, sites)
