"""Everybody who could be asked to come to a post, with their shifts, hours and contacts; and what a promise changes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.utils import timezone

from staffing import callouts, directory, roster
from staffing.models import Post, Shift

ZONE = timezone.get_default_timezone()  # weeks and months are those of the sites
LOOK_BACK = timedelta(days=30)  # whoever had a shift on the post within that time works it
NEAR = timedelta(hours=36)  # shifts so far away decide who is free


@dataclass(frozen=True)
class Pool:
    """Whom a call-out can ask: the people, and how each is reached."""

    posts: frozenset[str]  # the post and those it stands for; empty where the site has no such post
    people: tuple[callouts.Somebody, ...]
    held: dict[int, directory.Held]

    def ladder(self, person_id: int, wait_seconds: int) -> list[dict[str, Any]]:
        """The rungs of one person alone, which together take `wait_seconds`. Empty: only the telephone is left."""
        rungs = directory.ladder([self.held[person_id]], wait_seconds=0)
        return [rung | {"wait_seconds": max(15, wait_seconds // len(rungs))} for rung in rungs]


class _Row(NamedTuple):
    person_id: int
    name: str
    reserve: str
    language: str
    user_id: int | None
    user_active: bool | None
    user_language: str | None
    works: bool
    contacts: list[tuple[str, str, bool]] | None


_PEOPLE = """
    WITH works AS (
        SELECT person_id FROM staffing_shift
        WHERE removed_at IS NULL AND post_id = ANY(%(posts)s)
            AND starts_at >= %(back)s AND starts_at < %(ahead)s
        UNION
        SELECT person_id FROM staffing_holder
        WHERE post_id = ANY(%(posts)s) AND starts_at <= %(now)s AND (ends_at IS NULL OR ends_at > %(now)s)
    )
    SELECT person.id, person.name, person.reserve, person.language, person.user_id, account.is_active,
        account.language, works.person_id IS NOT NULL,
        (
            SELECT json_agg(json_build_array(channel, address, CASE
                WHEN from_time IS NULL OR from_time = to_time THEN true
                WHEN from_time < to_time THEN %(clock)s::time >= from_time AND %(clock)s::time < to_time
                ELSE %(clock)s::time >= from_time OR %(clock)s::time < to_time
            END) ORDER BY contact.order, contact.id)
            FROM staffing_contact AS contact WHERE contact.person_id = person.id
        )
    FROM staffing_person AS person
    LEFT JOIN staffing_user AS account ON account.id = person.user_id
    LEFT JOIN works ON works.person_id = person.id
    WHERE person.site_id = %(site)s AND person.is_active AND (works.person_id IS NOT NULL OR person.reserve <> '')
    ORDER BY person.id
"""

_STINTS = """
    SELECT shift.person_id, post.key, shift.starts_at, shift.ends_at, shift.standby
    FROM staffing_shift AS shift JOIN staffing_post AS post ON post.id = shift.post_id
    WHERE shift.removed_at IS NULL AND shift.person_id = ANY(%(people)s)
        AND tstzrange(shift.starts_at, shift.ends_at, '[)') && tstzrange(%(now)s, %(near)s, '[)')
    ORDER BY shift.starts_at
"""

# By the day of the site's clock on which each shift starts, as staffing.hours counts them.
_DAYS = """
    SELECT person_id, (starts_at AT TIME ZONE %(zone)s)::date, sum(extract(epoch FROM ends_at - starts_at))
    FROM staffing_shift
    WHERE removed_at IS NULL AND NOT standby AND person_id = ANY(%(people)s)
        AND starts_at >= %(first)s AND starts_at < %(last)s
    GROUP BY 1, 2
"""

_AWAY = """
    SELECT person_id, starts_at, ends_at FROM staffing_absence
    WHERE person_id = ANY(%(people)s) AND ends_at > %(now)s AND starts_at < %(near)s
"""


def gather(site_id: int, post: str, *, now: datetime) -> Pool:
    """Everybody of the site who works the post or is named as a reserve. Five statements, however many people."""
    rows = Post.objects.filter(site_id=site_id).values_list("pk", "key", "stands_for")
    ids = {key: pk for pk, key, _ in rows}
    posts = [key for key in roster.expand(post, {key: stands_for for _, key, stands_for in rows}) if key in ids]
    if post not in ids:
        return Pool(frozenset(), (), {})
    people = _people(site_id, [ids[key] for key in posts], now)
    asked = {"people": [row.person_id for row in people], "now": now, "near": now + NEAR, **_month(now)}
    stints: dict[int, list[callouts.Stint]] = {}
    for person_id, key, starts_at, ends_at, standby in _rows(_STINTS, asked):
        stints.setdefault(person_id, []).append(callouts.Stint(key, starts_at, ends_at, standby))
    away: dict[int, list[tuple[datetime, datetime]]] = {}
    for person_id, starts_at, ends_at in _rows(_AWAY, asked):
        away.setdefault(person_id, []).append((starts_at, ends_at))
    days: dict[int, dict[date, timedelta]] = {}
    for person_id, day, seconds in _rows(_DAYS, asked):
        days.setdefault(person_id, {})[day] = timedelta(seconds=float(seconds))
    return Pool(
        frozenset(posts),
        tuple(
            callouts.Somebody(
                row.person_id,
                row.name,
                row.works,
                row.reserve,
                tuple(stints.get(row.person_id, ())),
                tuple(away.get(row.person_id, ())),
                days.get(row.person_id, {}),
            )
            for row in people
        ),
        {row.person_id: _held(row, post) for row in people},
    )


def _rows(query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def _month(now: datetime) -> dict[str, Any]:
    """This month and the weeks it touches, on the site's clock."""
    midnight = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight.replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1)
    return {
        "zone": settings.TIME_ZONE,
        "first": first - timedelta(days=first.weekday()),
        "last": last + timedelta(days=-last.weekday() % 7),
    }


def _people(site_id: int, posts: list[int], now: datetime) -> list[_Row]:
    values = {
        "site": site_id,
        "posts": posts,
        "now": now,
        "clock": now.astimezone(ZONE).time(),
        "back": now - LOOK_BACK,
        "ahead": now + LOOK_BACK,
    }
    return [_Row(*row) for row in _rows(_PEOPLE, values)]


def _held(row: _Row, post: str) -> directory.Held:
    user_id = row.user_id if row.user_active else None
    contacts = row.contacts or []
    open_now = tuple((channel, address) for channel, address, is_open in contacts if is_open)
    whole = tuple((channel, address) for channel, address, _ in contacts)
    reachable = user_id is not None or any(channel in directory.MACHINE_CHANNELS for channel, _ in open_now)
    return directory.Held(
        person_id=row.person_id,
        name=row.name,
        user_id=user_id,
        language=(row.user_language if row.user_active else None) or row.language,
        rank=0,
        contacts=open_now if reachable else whole,
        post=post,
    )


def keep(
    *, site_id: int, post: str, person_id: int, from_at: datetime, until_at: datetime, note: str, now: datetime
) -> bool:
    """Write the promised hours into the roster; False where the person is on that post then already, or no such post.

    Needs a transaction. Three statements.
    """
    found = Post.objects.filter(site_id=site_id, key=post).values_list("pk", flat=True).first()
    if found is None or from_at >= until_at:
        return False
    promised = Shift(
        post_id=found,
        person_id=person_id,
        starts_at=from_at,
        ends_at=until_at,
        source=Shift.Source.CALL_OUT,
        note=note[:120],
        changed_at=now,
    )
    Shift.objects.bulk_create([promised], ignore_conflicts=True)
    return Shift.objects.filter(uid=promised.uid).exists()


def take_back(*, person_id: int, from_at: datetime, until_at: datetime, note: str, now: datetime) -> int:
    """Take promised hours out of the roster again; how many rows that were."""
    rows = Shift.objects.filter(
        person_id=person_id,
        source=Shift.Source.CALL_OUT,
        starts_at=from_at,
        ends_at=until_at,
        note=note[:120],
        removed_at__isnull=True,
    )
    return rows.update(removed_at=now, changed_at=now)
