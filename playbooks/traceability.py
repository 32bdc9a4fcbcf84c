"""Where each row of the written plans lives: row id -> element of a plan file -> screen and test."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from playbooks import law
from playbooks.planfile import PlanDocument
from playbooks.standing import Shelf

RowKind = Literal["TRG", "CLS", "ROL", "ACT", "DDL", "NTF", "REC", "RPT", "PRH", "PRE", "END", "SAF"]
Shape = Literal[
    "playbook", "post", "party", "fact", "choice", "rule", "duty", "form", "item", "note", "standing", "feature"
]

_DOES: Final = ("task", "decision", "arrival", "call", "record", "acknowledgement", "report", "notification")
_TELLS: Final = ("notification", "call", "acknowledgement")

# Where an element of that shape is shown, and the test that shows it.
SHOWN: Final[Mapping[Shape, tuple[str, str]]] = {
    "playbook": ("library, desk", "tests/missions/test_every_playbook.py"),
    "post": ("plan page, action cards", "tests/planroom/test_library.py"),
    "party": ("plan page, duties", "tests/planroom/test_library.py"),
    "fact": ("report form, room: facts", "tests/missions/test_every_playbook.py"),
    "choice": ("report form, decisions", "tests/missions/test_every_playbook.py"),
    "rule": ("room: why this level; playbook page: levels", "tests/planroom/test_whatif.py"),
    "duty": ("room: action cards; playbook page", "tests/missions/test_every_playbook.py"),
    "form": ("room: records; printable blank", "tests/missions/test_every_playbook.py"),
    "item": ("room: records; printable blank", "tests/missions/test_every_playbook.py"),
    "note": ("playbook page: rules and safety", "tests/planroom/test_playbook.py"),
    "standing": ("plan page: standing duties", "tests/planroom/test_library.py"),
    "feature": ("", ""),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a written plan; `minutes` of a deadline."""

    id: str
    kind: RowKind
    minutes: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """Something that names rows. `kind`: of a duty or note; `screen` and `test` where they are its own."""

    shape: Shape
    place: str
    kind: str = ""
    minutes: Decimal | None = None
    gate: bool = False
    has_form: bool = False
    screen: str = ""
    test: str = ""


def rows(table: Mapping[str, str]) -> list[Row]:
    """The rows of `fixtures/requirements.yaml`, in their order: `id: KIND` or `id: DDL minutes`."""
    found = []
    for key, value in table.items():
        kind, _, minutes = value.partition(" ")
        found.append(Row(key, kind, Decimal(minutes) if minutes else None))  # type: ignore[arg-type]
    return found


def homes(documents: Iterable[PlanDocument], shelf: Shelf) -> dict[str, list[Element]]:
    """Every element that names a row, by row id; what a plan shares between playbooks is named once."""
    found: defaultdict[str, dict[Element, None]] = defaultdict(dict)
    named = [pair for document in documents for pair in _of_plan(document)]
    named += [
        (duty.requirements, Element("standing", f"{plan.key} {duty.key}"))
        for plan in shelf.plans
        for duty in plan.duties
    ]
    for feature in shelf.features:
        test = feature.test or f"issue {feature.issue}"
        named.append((feature.requirements, Element("feature", feature.key, screen=feature.screen, test=test)))
    for requirements, element in named:
        for requirement in requirements:
            found[requirement][element] = None
    return {key: list(elements) for key, elements in found.items()}


def fits(row: Row, element: Element) -> bool:
    """Whether an element of that shape can carry a row of that kind; a deadline must have that very number."""
    if row.id.startswith("AQ-"):
        return element.shape == "standing"
    if row.kind == "DDL":
        return element.shape == "duty" and element.minutes == row.minutes
    if row.kind == "END":
        return element.shape == "duty" and element.gate
    if element.shape == "duty":
        return element.kind in _DUTIES[row.kind] or (row.kind == "SAF" and element.has_form)
    return element.shape in _SHAPES[row.kind]


_DUTIES: Final[Mapping[RowKind, tuple[str, ...]]] = {
    "TRG": (),
    "CLS": ("decision",),
    "ROL": _DOES,
    "ACT": _DOES,
    "NTF": _TELLS,
    "REC": ("record",),
    "RPT": ("report",),
    "PRH": ("prohibition",),
    "PRE": (),
    "SAF": (),
}
_SHAPES: Final[Mapping[RowKind, tuple[Shape, ...]]] = {
    "TRG": ("rule",),
    "CLS": ("playbook", "rule", "choice", "note", "item", "form"),
    "ROL": ("post", "note", "standing"),
    "ACT": (),
    "NTF": (),
    "REC": ("form", "item", "feature"),
    "RPT": ("form", "item"),
    "PRH": (),
    "PRE": ("standing", "feature"),
    "SAF": ("note",),
}


def _of_plan(document: PlanDocument) -> Iterator[tuple[tuple[str, ...], Element]]:
    for post in document.posts:
        yield post.requirements, Element("post", f"{document.key} {post.key}")
    # A playbook's own part of a shared name carries rows of its own.
    seen: set[tuple[Shape, str, tuple[str, ...]]] = set()
    for playbook in document.playbooks:
        yield playbook.requirements, Element("playbook", playbook.key)
        for requirements, name, element in _of_playbook(playbook):
            if (element.shape, name, requirements) not in seen or element.shape == "rule":
                yield requirements, element
            seen.add((element.shape, name, requirements))


Named = tuple[tuple[str, ...], str, Element]


def _of_playbook(playbook: law.Playbook) -> Iterator[Named]:
    key = playbook.key
    for party in playbook.parties:
        yield party.requirements, party.key, Element("party", f"{key} {party.key}")
    for spec in playbook.facts:
        yield spec.requirements, spec.metric, Element("fact", f"{key} {spec.metric}")
        yield from _choices(key, spec.metric, spec.choices)
    for level in playbook.levels:
        for rule in level.rules:
            yield rule.requirements, rule.key, Element("rule", f"{key} {level.key}/{rule.key}")
    for duty in playbook.duties:
        yield duty.requirements, duty.key, _duty(duty, f"{key} {duty.key}")
        yield from _choices(key, duty.key, duty.choices)
    for form in playbook.forms:
        yield from _of_form(key, form)
    for note in playbook.notes:
        yield note.requirements, note.key, Element("note", f"{key} {note.key}", kind=note.kind)


def _choices(key: str, owner: str, choices: Iterable[law.Choice]) -> Iterator[Named]:
    for choice in choices:
        name = f"{owner}={choice.key}"
        yield choice.requirements, name, Element("choice", f"{key} {name}")


def _of_form(key: str, form: law.Form) -> Iterator[Named]:
    yield form.requirements, form.key, Element("form", f"{key} {form.key}")
    for item in form.items:
        name = f"{form.key}.{item.key}"
        yield item.requirements, name, Element("item", f"{key} {name}")


def _duty(duty: law.DutyRule, place: str) -> Element:
    return Element(
        "duty", place, kind=duty.kind, minutes=duty.minutes, gate=duty.gate is not None, has_form=bool(duty.form)
    )


def page(all_rows: Iterable[Row], homes_of: Mapping[str, list[Element]]) -> str:
    """The traceability page: one line a row, best home first."""
    lines = [
        "# Traceability",
        "",
        "Each row of the six written plans, the element of a plan file that carries it, where it is shown and the test",
        "that shows it. Generated by `python manage.py traceability`; a test compares it with the plan files.",
    ]
    plan = ""
    for row in all_rows:
        if plan != row.id.partition("-")[0]:
            plan = row.id.partition("-")[0]
            lines += ["", f"## {plan}", "", "| row | kind | element | screen | test |", "|---|---|---|---|---|"]
        lines.append(_line(row, homes_of.get(row.id, [])))
    return "\n".join(lines) + "\n"


def _line(row: Row, elements: list[Element]) -> str:
    number = f" {row.minutes:g} min" if row.minutes is not None else ""
    fitting = [element for element in elements if fits(row, element)]
    if not fitting:
        return f"| {row.id} | {row.kind}{number} | – | – | – |"
    best = fitting[0]
    more = f" and {len(fitting) - 1} more" if len(fitting) > 1 else ""
    screen, test = SHOWN[best.shape]
    kind = f" ({best.kind})" if best.kind else ""
    return (
        f"| {row.id} | {row.kind}{number} | {best.shape}{kind} `{best.place}`{more} "
        f"| {best.screen or screen} | {best.test or test} |"
    )
