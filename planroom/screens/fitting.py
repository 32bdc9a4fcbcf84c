"""How tightly a card must be set, and what it must leave out, to stay on one A4 page: heights in millimetres."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from planroom.screens import cards
from planroom.screens.playbook import ClockStep

# By density 1 to 4, as static/css/paper.css sets them: type in points, a row of the log, the gap between parts.
SIZES = (10.5, 9.5, 8.4, 7.4)
ROWS = (8.4, 8.4, 7.6, 7.0)
GAPS = (3.0, 3.0, 2.0, 1.5)
POINT = 0.3528
LINE = 1.35  # line height in ems
LATIN = 0.53  # mean width of a letter in ems, the space lost at the end of a line included
CJK_FROM = 0x2E7F
PAGE = 277.0  # within the margins
WIDTH = 190.0
HEAD, FOOT, LOG_HEAD = 19.0, 15.5, 10.5
LEAST_LOG_ROWS = 4
CLOCK_LINES = 4  # more are cut
SAFETY = 1.03  # a font may be a little wider than ours
TRIMS = ("", "notes", "after", "untimed", "first")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is printed: the sections that stay, how tightly, whether with their small lines, and how many steps not."""

    density: int
    sections: tuple["Section", ...]
    has_notes: bool
    left_out: int


@dataclass(frozen=True, slots=True)
class Section:
    """The steps of one post (on the card of all) or of one phase (on a post's own)."""

    words: str
    steps: tuple[cards.Step, ...]


def fit(
    sections: Sequence[Section],
    after: frozenset[str],
    *,
    columns: int,
    clock: Sequence[ClockStep],
    lists: Sequence[str],
    phones: int,
) -> Plan:
    """The roomiest setting that fits: first everything, then without the small lines, without what comes after
    recovery (`after` are the keys), then with the steps alone that are urgent or have a number, at last with those
    of them that start with the report.
    """
    total = sum(len(section.steps) for section in sections)

    def fits(kept: Sequence[Section], density: int, *, has_notes: bool) -> bool:
        size = SIZES[density - 1]
        used = _clock(clock, size) + _steps(kept, columns, size, has_notes=has_notes) + _lists(lists, phones, size)
        return used * SAFETY <= _room(density)

    kept = tuple(sections)
    for trim in TRIMS:
        kept = tuple(_trimmed(sections, trim, after))
        for density in range(1, len(SIZES) + 1):
            if fits(kept, density, has_notes=not trim):
                return Plan(density, kept, not trim, total - _count(kept))
    while _count(kept) > 1 and not fits(kept, len(SIZES), has_notes=False):
        kept = _shorter(kept)
    return Plan(len(SIZES), kept, False, total - _count(kept))


def _room(density: int) -> float:
    """What is left for clock, steps and lists beside what every card has."""
    place = density - 1
    return PAGE - HEAD - FOOT - LOG_HEAD - LEAST_LOG_ROWS * ROWS[place] - 4 * GAPS[place]


def _count(sections: Iterable[Section]) -> int:
    return sum(len(section.steps) for section in sections)


def _shorter(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Without the last step of the longest section; one that is urgent goes last."""
    longest = max(sections, key=lambda section: len(section.steps))
    plain = [step for step in longest.steps if not step.is_urgent]
    dropped = (plain or list(longest.steps))[-1]
    steps = tuple(step for step in longest.steps if step is not dropped)
    return tuple(
        Section(section.words, steps if section is longest else section.steps)
        for section in sections
        if section is not longest or steps
    )


def _trimmed(sections: Iterable[Section], trim: str, after: frozenset[str]) -> Iterator[Section]:
    for section in sections:
        steps = section.steps
        if trim in ("after", "untimed", "first"):
            steps = tuple(step for step in steps if step.key not in after)
        if trim in ("untimed", "first"):
            steps = tuple(step for step in steps if step.is_urgent or step.due)
        if trim == "first":
            steps = tuple(step for step in steps if step.is_urgent or not step.opens)
        if steps:
            yield Section(section.words, steps)


def lines(text: str, millimetres: float, size: float) -> int:
    """How many lines a text takes at a width."""
    ems = sum(1.0 if ord(sign) > CJK_FROM else LATIN for sign in text)
    return max(1, math.ceil(ems * size * POINT / millimetres))


def _line(size: float) -> float:
    return size * POINT * LINE


def _steps(sections: Sequence[Section], columns: int, size: float, *, has_notes: bool) -> float:
    """Balanced columns: their mean, and the tallest step that may stand over."""
    gap = 4.0 if columns > 2 else 6.0
    width = (WIDTH - gap * (columns - 1)) / columns - 5
    heights = [
        lines(step.words + (f" {step.note}" if has_notes and step.note else ""), width, size) * _line(size) + 1.6
        for section in sections
        for step in section.steps
    ]
    heads = len(sections) * (1.08 * _line(size) + 2.7)
    return (sum(heights) + heads) / columns + max(heights, default=0.0)


def _clock(clock: Sequence[ClockStep], size: float) -> float:
    if not clock:
        return 0.0
    beside = {5: 5, 6: 3, 7: 4, 8: 4}.get(len(clock), len(clock))
    width = WIDTH / beside - 5
    height = 0.0
    for start in range(0, len(clock), beside):
        texts = [f"{step.note} {'；'.join(step.lines)} 另 9 项" for step in clock[start : start + beside]]
        tallest = min(CLOCK_LINES, max(lines(text, width, size) for text in texts))
        height += tallest * _line(size) + (1.55 * 1.1 + 1.1 * LINE) * size * POINT + 4.4
    return height


def _lists(texts: Sequence[str], phones: int, size: float) -> float:
    """Telephones, prohibitions and safety rules in two columns."""
    width = (WIDTH - 5) / 2 - 5
    rows = phones * (_line(size) + 1.4) + sum(lines(text, width, size) * _line(size) + 0.8 for text in texts)
    heads = 2 * (1.08 * _line(size) + 1.5)
    return (rows + heads) / 2 + 2 * _line(size)
