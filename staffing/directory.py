"""Who is there now: holders of posts with their contacts, the ladder a message climbs, names of posts, members."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from staffing import rights, roster
from staffing.models import Contact, Post, User

MACHINE_CHANNELS = (Contact.Channel.IN_APP, Contact.Channel.EMAIL)


# A floor of five hundred agents is one post; a message climbs past the first of them to the next post.
MOST_ON_A_POST = 20


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
    source: str = roster.STANDING  # or override, shift, next
    up: str = ""  # the post this person really holds, where the call was passed on


def holders(site_id: int, post_keys: Iterable[str], at: datetime) -> dict[str, tuple[Held, ...]]:
    """Return who answers for each post at the moment, in the order in which they are tried; one query.

    A composite post is answered by its own holders and those of the posts it stands for. Behind them come the people
    of the posts to which calls are passed on (`source` "next"), also for a vacant post. A post that nobody answers
    for, or that is unknown, has an empty tuple. No more than MOST_ON_A_POST of one post are named.
    """
    wanted = tuple(dict.fromkeys(post_keys))
    if not wanted:
        return {}
    rows = _rows(site_id, wanted, at)
    stands_for = {row.post: row.stands_for for row in rows}
    next_post = {row.post: row.next_post for row in rows}
    people = {row.person_id: row for row in rows if row.person_id is not None}
    seats = [
        roster.Seat(row.post, row.person_id, row.rank, row.starts_at, row.ends_at, row.source)
        for row in rows
        if row.person_id is not None
    ]
    return {
        key: tuple(
            _held(place, people[place.seat.person_id])
            for place in roster.answering(key, seats, at, stands_for=stands_for, next_post=next_post)
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
    next_post: str
    person_id: int | None
    rank: int
    source: str
    starts_at: datetime
    ends_at: datetime | None
    name: str
    language: str
    user_id: int | None
    is_active: bool | None
    user_language: str | None
    contacts: list[tuple[str, str, bool]] | None


# The span of a shift is written as its exclusion constraint indexes it.
_HOLDERS = """
    WITH RECURSIVE wanted AS (
        SELECT id, key, stands_for, next_post FROM staffing_post WHERE site_id = %(site)s AND key = ANY(%(keys)s)
        UNION
        SELECT post.id, post.key, post.stands_for, post.next_post FROM staffing_post AS post
        JOIN wanted ON post.key = ANY(wanted.stands_for) OR post.key = wanted.next_post
        WHERE post.site_id = %(site)s
    ), seat AS (
        SELECT holder.post_id, person_id, holder.rank, 'standing' AS source, holder.starts_at, holder.ends_at, 2 AS tier
        FROM wanted JOIN staffing_holder AS holder ON holder.post_id = wanted.id
        WHERE holder.starts_at <= %(at)s AND (holder.ends_at IS NULL OR holder.ends_at > %(at)s)
        UNION ALL
        SELECT shift.post_id, person_id, 0, CASE WHEN is_override THEN 'override' ELSE 'shift' END,
            shift.starts_at, shift.ends_at, CASE WHEN is_override THEN 0 ELSE 1 END
        FROM wanted JOIN staffing_shift AS shift ON shift.post_id = wanted.id
        WHERE tstzrange(shift.starts_at, shift.ends_at, '[)') @> %(at)s::timestamptz
            AND shift.removed_at IS NULL AND NOT shift.standby
    ), present AS (
        SELECT seat.*, row_number() OVER (
            PARTITION BY post_id ORDER BY seat.rank, tier, seat.starts_at, person_id
        ) AS place
        FROM seat
        WHERE NOT EXISTS (
            SELECT FROM staffing_absence AS absence WHERE absence.person_id = seat.person_id
                AND absence.starts_at <= %(at)s AND absence.ends_at > %(at)s
        ) AND EXISTS (SELECT FROM staffing_person AS person WHERE person.id = seat.person_id AND person.is_active)
    )
    SELECT wanted.key, wanted.stands_for, wanted.next_post, present.person_id, present.rank, present.source,
        present.starts_at, present.ends_at,
        person.name, person.language, person.user_id, account.is_active, account.language,
        (
            SELECT json_agg(json_build_array(channel, address, CASE
                WHEN from_time IS NULL OR from_time = to_time THEN true
                WHEN from_time < to_time THEN moment.time >= from_time AND moment.time < to_time
                ELSE moment.time >= from_time OR moment.time < to_time
            END) ORDER BY contact.order, contact.id)
            FROM staffing_contact AS contact WHERE contact.person_id = person.id
        )
    FROM wanted
    CROSS JOIN (SELECT (%(at)s::timestamptz AT TIME ZONE %(zone)s)::time AS time) AS moment
    LEFT JOIN present ON present.post_id = wanted.id AND present.place <= %(most)s
    LEFT JOIN staffing_person AS person ON person.id = present.person_id
    LEFT JOIN staffing_user AS account ON account.id = person.user_id
"""


def _rows(site_id: int, keys: Sequence[str], at: datetime) -> list[_Row]:
    """The posts asked for, those they stand for and pass calls on to, with whoever holds each. One query."""
    values: dict[str, Any] = {
        "site": site_id,
        "keys": list(keys),
        "at": at,
        "zone": settings.TIME_ZONE,
        "most": MOST_ON_A_POST,
    }
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, values)
        return [_Row(*row) for row in cursor.fetchall()]


def _held(place: roster.Place, row: _Row) -> Held:
    seat = place.seat
    user_id = row.user_id if row.is_active else None
    return Held(
        person_id=seat.person_id,
        name=row.name,
        user_id=user_id,
        language=(row.user_language if row.is_active else None) or row.language,
        rank=seat.rank,
        contacts=_usable(row.contacts or (), has_login=user_id is not None),
        post=place.post,
        source=roster.NEXT if place.up else seat.source,
        up=place.up,
    )


def _usable(contacts: Sequence[tuple[str, str, bool]], *, has_login: bool) -> tuple[tuple[str, str], ...]:
    """The contacts within their hours; all of them where a machine could reach the person by none of those."""
    open_now = tuple((channel, address) for channel, address, is_open in contacts if is_open)
    if has_login or any(channel in MACHINE_CHANNELS for channel, _ in open_now):
        return open_now
    return tuple((channel, address) for channel, address, _ in contacts)


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
