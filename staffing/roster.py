"""Who holds a post at a moment, in which order. Pure: no Django, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Seat:
    """A person on a post from `starts_at` until before `ends_at` (None: open end); rank 0 holds, 1 and up deputise."""

    post: str
    person_id: int
    rank: int
    starts_at: datetime
    ends_at: datetime | None = None


def is_held(seat: Seat, at: datetime) -> bool:
    """Tell whether the span holds at the moment: its start belongs to it, its end does not."""
    return seat.starts_at <= at and (seat.ends_at is None or at < seat.ends_at)


def expand(post: str, stands_for: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the post and all posts it stands for, itself first, each once; a ring of posts does no harm."""
    found: dict[str, None] = {}
    waiting = [post]
    while waiting:
        key = waiting.pop(0)
        if key not in found:
            found[key] = None
            waiting = [*stands_for.get(key, ()), *waiting]
    return tuple(found)


def on_post(posts: Sequence[str], seats: Iterable[Seat], at: datetime) -> tuple[Seat, ...]:
    """Return who answers for these posts at the moment, each person once.

    Every first holder comes before any deputy; among equals the order of the posts decides, then who came first.
    """
    place = {post: number for number, post in enumerate(posts)}
    present = [seat for seat in seats if seat.post in place and is_held(seat, at)]
    present.sort(key=lambda seat: (seat.rank, place[seat.post], seat.starts_at, seat.person_id))
    first: dict[int, Seat] = {}
    for seat in present:
        first.setdefault(seat.person_id, seat)
    return tuple(first.values())
