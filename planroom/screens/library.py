"""The library: every playbook of the plans that the reader's sites run, by plan, and what a search finds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from incident.screens import room_words as say
from planroom.door import Reader
from planroom.screens import playbook as reading_view
from planroom.screens.whatif import Mark, mark
from playbooks import law, models, search, standing

LONGEST = 80  # of a search


@dataclass(frozen=True, slots=True)
class Row:
    """One playbook. `words` are pieces of its name; True marks what the search found."""

    key: str
    url: str
    words: tuple[tuple[str, bool], ...]
    keyword: str
    icon: str
    summary: str
    levels: tuple[Mark, ...]
    first: str  # its shortest deadline of the plan
    is_urgent: bool
    is_restricted: bool
    is_current: bool

    @property
    def name(self) -> str:
        return "".join(piece for piece, _hit in self.words)


@dataclass(frozen=True, slots=True)
class Group:
    """One plan with its playbooks, all of them or those found."""

    key: str
    url: str
    words: str
    number: int
    published_at: datetime | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Library:
    groups: tuple[Group, ...]
    asked: str
    total: int
    found: int


def build(reader: Reader, query: str, *, current: str = "") -> Library:
    """The library as a search leaves it; `current` is the key of the playbook on the page."""
    asked = query.strip()[:LONGEST]
    laws, versions = reader.books, reader.versions
    groups: dict[str, list[Row]] = {}
    matches = search.find(laws, asked)
    for match in matches:
        groups.setdefault(match.playbook.plan_key, []).append(_row(reader, match, current))
    shown = [_group(key, versions[key], rows) for key, rows in groups.items() if key in versions]
    return Library(
        groups=tuple(shown if asked else [*shown, *_without_playbooks(reader, versions)]),
        asked=asked,
        total=len(laws),
        found=len(matches),
    )


def _without_playbooks(reader: Reader, versions: dict[str, models.PlanVersion]) -> Iterable[Group]:
    """Rules that a site keeps to at all times and that start no incident."""
    for plan in standing.shipped().plans:
        if plan.key in reader.plans and plan.key not in versions:
            yield Group(plan.key, reverse("plan", args=[plan.key]), say.pick(plan), 0, None, ())


def _group(key: str, version: models.PlanVersion, rows: list[Row]) -> Group:
    return Group(
        key=key,
        url=reverse("plan", args=[key]),
        words=say.pick(version),
        number=version.number,
        published_at=version.published_at,
        rows=tuple(rows),
    )


def _row(reader: Reader, match: search.Match, current: str) -> Row:
    book = match.playbook
    is_hidden = book.restricted and not reader.is_trusted(book.plan_key)
    spans = match.spans.get("en" if say.is_english() else "zh", ())
    levels = {level.key: level for level in book.levels}
    ladder = sorted(book.levels, key=lambda level: level.rank)
    return Row(
        key=book.key,
        url=reverse("playbook", args=[book.plan_key, book.key]),
        words=_pieces(say.pick(book), spans),
        keyword="" if spans else match.keyword,
        icon=book.icon,
        summary="" if is_hidden else say.pick(book, "summary"),
        levels=() if is_hidden else tuple(mark(levels, level.key) for level in ladder),
        first="" if is_hidden else _first(book),
        is_urgent=book.life_safety,
        is_restricted=book.restricted,
        is_current=book.key == current,
    )


def _first(book: law.Playbook) -> str:
    """The shortest number of the plan, such as "5 分"; empty where it names none."""
    amounts = [duty.minutes for duty in book.duties if duty.minutes]
    return " ".join(reading_view.amount_words(min(amounts))) if amounts else ""


def _pieces(name: str, spans: Iterable[tuple[int, int]]) -> tuple[tuple[str, bool], ...]:
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in spans:
        if start >= at and end <= len(name):
            pieces += [(name[at:start], False), (name[start:end], True)]
            at = end
    pieces.append((name[at:], False))
    return tuple(piece for piece in pieces if piece[0])
