"""Everybody who could be asked to come to a post, with their shifts, hours and contacts; and what a promise changes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

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
    week: float
    day: float
    month: float
    contacts: list[tuple[str, str, bool]] | None


# Times of day and weeks are those of the site's clock: %(midnight)s and the others are worked out there.
_PEOPLE = """
    WITH worked AS (
        SELECT person_id,
            sum(greatest(0, extract(epoch FROM least(ends_at, %(week_end)s) - greatest(starts_at, %(week)s)))) AS week
        FROM staffing_shift
        WHERE removed_at IS NULL AND NOT standby AND post_id IN (SELECT id FROM staffing_post WHERE site_id = %(site)s)
            AND tstzrange(starts_at, ends_at, '[)') && tstzrange(%(week)s, %(week_end)s, '[)')
        GROUP BY person_id
    ), extra AS (
        SELECT person_id,
            sum(extract(epoch FROM ends_at - starts_at)) FILTER (WHERE starts_at >= %(midnight)s) AS day,
            sum(extract(epoch FROM ends_at - starts_at)) AS month
        FROM staffing_shift
        WHERE removed_at IS NULL AND source = 'call_out' AND starts_at >= %(month)s AND starts_at < %(month_end)s
        GROUP BY person_id
    ), works AS (
        SELECT person_id FROM staffing_shift
        WHERE removed_at IS NULL AND post_id = ANY(%(posts)s)
            AND starts_at >= %(back)s AND starts_at < %(ahead)s
        UNION
        SELECT person_id FROM staffing_holder
        WHERE post_id = ANY(%(posts)s) AND starts_at <= %(now)s AND (ends_at IS NULL OR ends_at > %(now)s)
    )
    SELECT person.id, person.name, person.reserve, person.language, person.user_id, account.is_active,
        account.language, works.person_id IS NOT NULL, coalesce(worked.week, 0), coalesce(extra.day, 0),
        coalesce(extra.month, 0),
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
    LEFT JOIN worked ON worked.person_id = person.id
    LEFT JOIN extra ON extra.person_id = person.id
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

_AWAY = """
    SELECT person_id, starts_at, ends_at FROM staffing_absence
    WHERE person_id = ANY(%(people)s) AND ends_at > %(now)s AND starts_at < %(near)s
"""


def gather(site_id: int, post: str, *, now: datetime) -> Pool:
    """Everybody of the site who works the post or is named as a reserve. Four statements, however many people."""
    rows = Post.objects.filter(site_id=site_id).values_list("pk", "key", "stands_for")
    ids = {key: pk for pk, key, _ in rows}
    posts = [key for key in roster.expand(post, {key: stands_for for _, key, stands_for in rows}) if key in ids]
    if post not in ids:
        return Pool(frozenset(), (), {})
    people = _people(site_id, [ids[key] for key in posts], now)
    asked: dict[str, Any] = {"people": [row.person_id for row in people], "now": now, "near": now + NEAR}
    stints: dict[int, list[callouts.Stint]] = {}
    away: dict[int, list[tuple[datetime, datetime]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_STINTS, asked)
        for person_id, key, starts_at, ends_at, standby in cursor.fetchall():
            stints.setdefault(person_id, []).append(callouts.Stint(key, starts_at, ends_at, standby))
        cursor.execute(_AWAY, asked)
        for person_id, starts_at, ends_at in cursor.fetchall():
            away.setdefault(person_id, []).append((starts_at, ends_at))
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
                *(timedelta(seconds=float(span)) for span in (row.week, row.day, row.month)),
            )
            for row in people
        ),
        {row.person_id: _held(row, post) for row in people},
    )


def _people(site_id: int, posts: list[int], now: datetime) -> list[_Row]:
    local = now.astimezone(ZONE)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    week = midnight - timedelta(days=midnight.weekday())
    month = midnight.replace(day=1)
    values: dict[str, Any] = {
        "site": site_id,
        "posts": posts,
        "now": now,
        "clock": local.time(),
        "midnight": midnight,
        "week": week,
        "week_end": week + timedelta(days=7),
        "month": month,
        "month_end": (month + timedelta(days=32)).replace(day=1),
        "back": now - LOOK_BACK,
        "ahead": now + LOOK_BACK,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, values)
        return [_Row(*row) for row in cursor.fetchall()]


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
