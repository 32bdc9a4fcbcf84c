"""Which stretches of time meet: of one person on one post, or on two posts at once."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Span:
    """A half-open stretch of time; `row` is the row of the file that brings it, None: it is there already."""

    starts_at: datetime
    ends_at: datetime
    of: Hashable
    row: Any = None
    what: Any = None


def meeting(spans: Iterable[Span]) -> Iterator[tuple[Span, Span]]:
    """Every two that belong to the same and overlap, the one that a row brings first; the later row goes first."""
    grouped: dict[Hashable, list[Span]] = defaultdict(list)
    for span in spans:
        grouped[span.of].append(span)
    for group in grouped.values():
        yield from _meeting(sorted(group, key=lambda one: (one.starts_at, one.ends_at)))


def _meeting(group: list[Span]) -> Iterator[tuple[Span, Span]]:
    running: list[Span] = []
    for span in group:
        running = [one for one in running if one.ends_at > span.starts_at]
        for one in running:
            first, second = sorted((one, span), key=_rank, reverse=True)
            if first.row is not None:
                yield first, second
        running.append(span)


def _rank(span: Span) -> int:
    return -1 if span.row is None else span.row.number
