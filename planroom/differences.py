"""What changed between two texts of a plan, part by part and field by field, and line by line."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal

from planroom.elements import Element, walk
from playbooks import law
from playbooks.planfile import PlanDocument

ChangeKind = Literal["added", "removed", "changed"]

# Lines of one text times lines of the other, between what they share: beyond, comparing takes too long.
MOST_COMPARED: Final = 16_000_000

# Parts of their own, or told by others: never a field that changed.
_NOT_FIELDS: Final = {
    "playbook": {"id", "version_number", "plan_key", "search_text", "posts", "parties"}
    | {"facts", "levels", "duties", "notes", "forms"},
    "level": {"rules"},
    "form": {"items"},
    "duty": {"order"},  # its place in the file
}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a part, as it was and as it would be."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One part that is new, gone or different; `books` are the playbooks in which it is so, empty for the whole plan.

    `before` and `after` are the part itself; `old_book` and `new_book` the first playbook that holds it, for words.
    """

    kind: ChangeKind
    what: str
    key: str
    before: Any
    after: Any
    books: tuple[str, ...] = ()
    fields: tuple[FieldChange, ...] = ()
    old_book: law.Playbook | None = field(default=None, compare=False)
    new_book: law.Playbook | None = field(default=None, compare=False)

    @property
    def part(self) -> Any:
        """The part as it stands now, or stood last."""
        return self.before if self.after is None else self.after


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of the text difference: `mark` is "+", "-", " " or "@" where lines were left out."""

    mark: str
    text: str
    old_line: int | None = None
    new_line: int | None = None


def compare(old: PlanDocument, new: PlanDocument) -> tuple[Change, ...]:
    """Every part that differs, in the order of the new file; what is gone stands last within its kind."""
    return _joined(_changes(old, new))


def _changes(old: PlanDocument, new: PlanDocument) -> Iterator[Change]:
    head = _fields("plan", old, new, skip={"posts", "playbooks", "parties", "text", "key"})
    if head:
        yield Change("changed", "plan", new.key, old, new, (), head)
    before, after = ({_identity(one): one for one in walk(plan)} for plan in (old, new))
    books = [{book.key: book for book in plan.playbooks} for plan in (old, new)]
    for identity, element in after.items():
        was = before.get(identity)
        gone_book = element.playbook and element.playbook not in books[0]
        if was is None and (not gone_book or element.kind == "playbook"):
            yield _change("added", None, element, books)
        elif was is not None and (changed := _element_fields(was, element)):
            yield _change("changed", was, element, books, changed)
    for identity, element in before.items():
        gone_book = element.playbook and element.playbook not in books[1]
        if identity not in after and (not gone_book or element.kind == "playbook"):
            yield _change("removed", element, None, books)


def _identity(element: Element) -> tuple[str, str, str]:
    return element.kind, element.playbook, element.key


def _change(
    kind: ChangeKind,
    was: Element | None,
    now: Element | None,
    books: list[dict[str, law.Playbook]],
    changed: tuple[FieldChange, ...] = (),
) -> Change:
    known = now or was
    assert known is not None
    return Change(
        kind,
        known.kind,
        known.key or known.playbook,
        was.part if was else None,
        now.part if now else None,
        (known.playbook,) if known.playbook else (),
        changed,
        books[0].get(known.playbook),
        books[1].get(known.playbook),
    )


def _element_fields(was: Element, now: Element) -> tuple[FieldChange, ...]:
    moved = (FieldChange("level", was.parent, now.parent),) if was.parent != now.parent else ()
    return moved + _fields(now.kind, was.part, now.part, skip=_NOT_FIELDS.get(now.kind, set()))


def _fields(kind: str, was: Any, now: Any, *, skip: set[str]) -> tuple[FieldChange, ...]:
    if type(was) is not type(now):
        return ()
    names = [one.name for one in fields(now) if one.name not in skip]
    return tuple(
        FieldChange(name, getattr(was, name), getattr(now, name))
        for name in names
        if getattr(was, name) != getattr(now, name)
    )


def _joined(changes: Iterator[Change]) -> tuple[Change, ...]:
    """The same change in several playbooks (a common part) is told once, with all of them."""
    found: dict[tuple[Any, ...], Change] = {}
    for change in changes:
        same = (change.kind, change.what, change.key, repr(change.fields), repr(change.before), repr(change.after))
        if change.what == "playbook" or same not in found:
            found[(*same, change.books) if change.what == "playbook" else same] = change
            continue
        first = found[same]
        found[same] = Change(
            first.kind,
            first.what,
            first.key,
            first.before,
            first.after,
            first.books + change.books,
            first.fields,
            first.old_book,
            first.new_book,
        )
    return tuple(found.values())


def lines(old: str, new: str, *, around: int = 3) -> tuple[TextLine, ...]:
    """The two texts line by line, with `around` lines beside each change."""
    before, after = old.splitlines(), new.splitlines()
    found: list[TextLine] = []
    for group in _groups(before, after, around):
        if found or group[0][1] > 0:
            found.append(TextLine("@", ""))
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                found += [
                    TextLine(" ", before[place], place + 1, new_from + place - old_from + 1)
                    for place in range(old_from, old_to)
                ]
                continue
            found += [TextLine("-", before[place], place + 1) for place in range(old_from, old_to)]
            found += [TextLine("+", after[place], None, place + 1) for place in range(new_from, new_to)]
    return tuple(found)


_Codes = list[tuple[str, int, int, int, int]]


def _groups(before: list[str], after: list[str], around: int) -> list[_Codes]:
    """What changed, with its surroundings; texts that share too little are told as one change."""
    head = _shared(before, after)
    tail = min(_shared(before[::-1], after[::-1]), len(before) - head, len(after) - head)
    old_end, new_end = len(before) - tail, len(after) - tail
    if (old_end - head) * (new_end - head) <= MOST_COMPARED:
        return list(difflib.SequenceMatcher(None, before, after).get_grouped_opcodes(around))
    above, below = min(around, head), min(around, tail)
    return [
        [
            ("equal", head - above, head, head - above, head),
            ("replace", head, old_end, head, new_end),
            ("equal", old_end, old_end + below, new_end, new_end + below),
        ]
    ]


def _shared(one: list[str], two: list[str]) -> int:
    """How many lines at the beginning are the same."""
    pairs = zip(one, two, strict=False)
    return next((place for place, (left, right) in enumerate(pairs) if left != right), min(len(one), len(two)))
