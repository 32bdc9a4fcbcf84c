"""Who holds a post at a moment, in which order. Pure: no Django, no clock.

Whoever stands in for a shift comes first, then the shift, then who is appointed for good, then the deputies by rank.
Who is away holds nothing. After all of them comes the post to which an unanswered call is passed on, and so on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

OVERRIDE: Final = "override"
SHIFT: Final = "shift"
STANDING: Final = "standing"  # appointed for good; a deputy from rank 1 on
NEXT: Final = "next"  # holds another post, to which this one passes its calls on
ORDER: Final = (OVERRIDE, SHIFT, STANDING)


@dataclass(frozen=True)
class Seat:
    """A person on a post from `starts_at` until before `ends_at` (None: open end); rank 0 holds, 1 and up deputise."""

    post: str
    person_id: int
    rank: int
    starts_at: datetime
    ends_at: datetime | None = None
    source: str = STANDING


@dataclass(frozen=True)
class Away:
    """A person away from `starts_at` until before `ends_at`."""

    person_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Place:
    """Who answers for a post: `post` is the one held or stood in for, `up` the one reached by passing the call on."""

    seat: Seat
    post: str
    up: str = ""


def is_held(seat: Seat | Away, at: datetime) -> bool:
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


def on_post(posts: Sequence[str], seats: Iterable[Seat], at: datetime, away: Iterable[Away] = ()) -> tuple[Seat, ...]:
    """Return who answers for these posts at the moment, each person once.

    Every first holder comes before any deputy; among equals the order of the posts decides, then who came first.
    """
    place = {post: number for number, post in enumerate(posts)}
    gone = {one.person_id for one in away if is_held(one, at)}
    present = [seat for seat in seats if seat.post in place and seat.person_id not in gone and is_held(seat, at)]
    present.sort(
        key=lambda seat: (seat.rank, ORDER.index(seat.source), place[seat.post], seat.starts_at, seat.person_id)
    )
    first: dict[int, Seat] = {}
    for seat in present:
        first.setdefault(seat.person_id, seat)
    return tuple(first.values())


def answering(
    post: str,
    seats: Sequence[Seat],
    at: datetime,
    *,
    stands_for: Mapping[str, Sequence[str]],
    next_post: Mapping[str, str],
    away: Sequence[Away] = (),
) -> tuple[Place, ...]:
    """Return who answers for a post, in the order in which they are tried; each person once for each post held.

    The people of the posts to which calls are passed on follow last, also where the post itself is vacant.
    """
    parts = expand(post, stands_for)
    own = on_post(parts, seats, at, away)
    places = [Place(seat, seat.post) for seat in own]
    held = {seat.post for seat in own} or {post}
    for part in (part for part in parts if part in held):
        known = {place.seat.person_id for place in places if place.post == part}
        for key in chain(part, next_post) or chain(post, next_post):
            for seat in on_post(expand(key, stands_for), seats, at, away):
                if seat.person_id not in known:
                    known.add(seat.person_id)
                    places.append(Place(seat, part, key))
    return tuple(places)


def chain(post: str, next_post: Mapping[str, str]) -> tuple[str, ...]:
    """Return the posts to which a call is passed on, nearest first; a ring ends where it would close."""
    found: dict[str, None] = {}
    key = next_post.get(post, "")
    while key and key != post and key not in found:
        found[key] = None
        key = next_post.get(key, "")
    return tuple(found)
