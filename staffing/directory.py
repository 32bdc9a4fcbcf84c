"""Who is there now: holders of posts with their contacts, the ladder a message climbs, names of posts, members."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q

from staffing import rights, roster
from staffing.models import Contact, Holder, Post, User

MACHINE_CHANNELS = (Contact.Channel.IN_APP, Contact.Channel.EMAIL)


@dataclass(frozen=True)
class Held:
    """A person who answers for a post; `post` is the one held: not the one asked for where that is composite."""

    person_id: int
    name: str
    user_id: int | None  # None: no login, or one that was switched off
    language: str
    rank: int
    contacts: tuple[tuple[str, str], ...]  # (channel, address) in the order in which they are tried
    post: str = ""


def holders(site_id: int, post_keys: Iterable[str], at: datetime) -> dict[str, tuple[Held, ...]]:
    """Return who answers for each post at the moment, first holders before deputies; three queries at most.

    A composite post is answered by its own holders and those of the posts it stands for. A vacant or unknown post
    has an empty tuple.
    """
    wanted = tuple(dict.fromkeys(post_keys))
    if not wanted:
        return {}
    stands_for = dict(Post.objects.filter(site_id=site_id).values_list("key", "stands_for"))
    reach = {key: roster.expand(key, stands_for) for key in wanted}
    seats = _seats(site_id, {key for keys in reach.values() for key in keys}, at)
    contacts = _contacts({seat.person_id for seat in seats})
    people = {seat.person_id: seat for seat in seats}
    found = [roster.Seat(seat.post, seat.person_id, seat.rank, seat.starts_at, seat.ends_at) for seat in seats]
    return {
        key: tuple(
            _held(seat, people[seat.person_id], contacts.get(seat.person_id, ()))
            for seat in roster.on_post(keys, found, at)
        )
        for key, keys in reach.items()
    }


def ladder(held: Sequence[Held], *, wait_seconds: int) -> list[dict[str, Any]]:
    """Return the rungs of a notice, as `Notice.ladder` keeps them: every machine channel of one person, then the next.

    A telephone is no machine channel. Who has a login is always reached on the screen too, first when no order is
    given. Empty when nobody can be reached by machine.
    """
    return [
        {
            "person": person.name,
            "person_id": person.person_id,
            "user_id": person.user_id,
            "channel": channel,
            "address": address,
            "wait_seconds": wait_seconds,
            "language": person.language,
        }
        for person in held
        for channel, address in _machine_channels(person)
    ]


def post_names(site_id: int) -> dict[str, tuple[str, str]]:
    """Return post key -> (Chinese name, English name) as this site calls its posts; one query."""
    return {key: (zh, en) for key, zh, en in Post.objects.filter(site_id=site_id).values_list("key", "zh", "en")}


def members(site_id: int, verb: str) -> list[User]:
    """Return the active users whose role on the site allows the verb, oldest account first; one query."""
    allowed = [role for role, verbs in rights.ROLE_VERBS.items() if verb in verbs]
    found = User.objects.filter(is_active=True, memberships__site_id=site_id, memberships__role__in=allowed)
    return list(found.order_by("pk").distinct())


class _Row(NamedTuple):
    """A seat with its person, read as plain values: this is asked for with every report."""

    post: str
    person_id: int
    rank: int
    starts_at: datetime
    ends_at: datetime | None
    name: str
    language: str
    user_id: int | None
    is_active: bool | None
    user_language: str | None


def _seats(site_id: int, keys: set[str], at: datetime) -> list[_Row]:
    open_now = Q(starts_at__lte=at) & (Q(ends_at__isnull=True) | Q(ends_at__gt=at))
    rows = Holder.objects.filter(open_now, post__site_id=site_id, post__key__in=keys).values_list(
        "post__key",
        "person_id",
        "rank",
        "starts_at",
        "ends_at",
        "person__name",
        "person__language",
        "person__user_id",
        "person__user__is_active",
        "person__user__language",
    )
    return [_Row(*row) for row in rows]


def _contacts(people: set[int]) -> dict[int, tuple[tuple[str, str], ...]]:
    found: dict[int, list[tuple[str, str]]] = {}
    if people:
        rows = Contact.objects.filter(person_id__in=people).order_by("order", "pk")
        for person_id, channel, address in rows.values_list("person_id", "channel", "address"):
            found.setdefault(person_id, []).append((channel, address))
    return {person_id: tuple(contacts) for person_id, contacts in found.items()}


def _held(seat: roster.Seat, row: _Row, contacts: tuple[tuple[str, str], ...]) -> Held:
    return Held(
        person_id=row.person_id,
        name=row.name,
        user_id=row.user_id if row.is_active else None,
        language=(row.user_language if row.is_active else None) or row.language,
        rank=seat.rank,
        contacts=contacts,
        post=seat.post,
    )


def _machine_channels(person: Held) -> list[tuple[str, str]]:
    screen = (Contact.Channel.IN_APP.value, "")
    found = [
        screen if channel == Contact.Channel.IN_APP else (channel, address)
        for channel, address in person.contacts
        if channel in MACHINE_CHANNELS
    ]
    if person.user_id is None:
        return [rung for rung in found if rung != screen]
    return list(dict.fromkeys(found if screen in found else [screen, *found]))
