"""Who is there now: holders of posts with their contacts, the ladder a message climbs, names of posts, members."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from staffing import rights, roster
from staffing.models import Contact, Post, User

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
    """Return who answers for each post at the moment, first holders before deputies; one query.

    A composite post is answered by its own holders and those of the posts it stands for. A vacant or unknown post
    has an empty tuple.
    """
    wanted = tuple(dict.fromkeys(post_keys))
    if not wanted:
        return {}
    posts = _posts(site_id, at)
    stands_for = {post.post: post.stands_for for post in posts}
    people = {post.person_id: post for post in posts if post.person_id is not None}
    seats = [
        roster.Seat(post.post, post.person_id, post.rank, post.starts_at, post.ends_at)
        for post in posts
        if post.person_id is not None
    ]
    return {
        key: tuple(
            _held(seat, people[seat.person_id]) for seat in roster.on_post(roster.expand(key, stands_for), seats, at)
        )
        for key in wanted
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
    """A post with one of its holders, or with nobody, as plain values: this is asked for with every report."""

    post: str
    stands_for: list[str]
    person_id: int | None
    rank: int
    starts_at: datetime
    ends_at: datetime | None
    name: str
    language: str
    user_id: int | None
    is_active: bool | None
    user_language: str | None
    contacts: list[tuple[str, str]] | None


_POSTS = """
    SELECT post.key, post.stands_for, holder.person_id, holder.rank, holder.starts_at, holder.ends_at,
        person.name, person.language, person.user_id, account.is_active, account.language,
        (
            SELECT json_agg(json_build_array(channel, address) ORDER BY contact.order, contact.id)
            FROM staffing_contact AS contact WHERE contact.person_id = person.id
        )
    FROM staffing_post AS post
    LEFT JOIN staffing_holder AS holder
        ON holder.post_id = post.id AND holder.starts_at <= %(at)s
        AND (holder.ends_at IS NULL OR holder.ends_at > %(at)s)
    LEFT JOIN staffing_person AS person ON person.id = holder.person_id
    LEFT JOIN staffing_user AS account ON account.id = person.user_id
    WHERE post.site_id = %(site)s
"""


def _posts(site_id: int, at: datetime) -> list[_Row]:
    """Every post of the site with whoever holds it at the moment. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_POSTS, {"site": site_id, "at": at})
        return [_Row(*row) for row in cursor.fetchall()]


def _held(seat: roster.Seat, row: _Row) -> Held:
    return Held(
        person_id=seat.person_id,
        name=row.name,
        user_id=row.user_id if row.is_active else None,
        language=(row.user_language if row.is_active else None) or row.language,
        rank=seat.rank,
        contacts=tuple((channel, address) for channel, address in row.contacts or ()),
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
