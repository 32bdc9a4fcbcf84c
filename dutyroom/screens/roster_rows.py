"""What the roster page asks the tables beside shifts and the house: editions, swaps, who could fill a gap, a month."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import connection

from dutyroom import reach
from staffing import house, planned
from staffing.models import Shift

POOL_DAYS = 28  # who worked a post within four weeks knows it


@dataclass(frozen=True, slots=True)
class Edition:
    """The newest edition of the week, and how many shifts changed since."""

    number: int
    by_name: str
    at: datetime
    reason: str
    changed: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A swap that waits for a decision."""

    id: int
    shift_id: int
    to_name: str
    back_id: int | None
    reason: str
    asked_by_id: int | None
    asked_by: str
    owner_id: int | None  # the login of whose shift it is
    taker_id: int | None  # and of who would take it


@dataclass(frozen=True, slots=True)
class Office:
    """What is decided about the week."""

    edition: Edition | None
    swaps: dict[int, Asked]  # by shift


_OFFICE = """
    WITH newest AS (
        SELECT number, by_name, at, reason FROM staffing_edition
        WHERE site_id = %(site)s AND week = %(week)s ORDER BY number DESC LIMIT 1
    ), changed AS (
        SELECT count(*) AS count FROM staffing_shift AS shift JOIN staffing_post AS post ON post.id = shift.post_id
        WHERE post.site_id = %(site)s AND shift.starts_at >= %(since)s AND shift.starts_at < %(until)s
            AND shift.changed_at > (SELECT at FROM newest)
    )
    SELECT 'edition', number, NULL, by_name, NULL, reason, (SELECT count FROM changed), '', extract(epoch FROM at), NULL
    FROM newest
    UNION ALL
    SELECT 'swap', swap.id, swap.shift_id, taker.name, swap.back_shift_id, swap.reason, swap.asked_by_id,
        coalesce(nullif(account.name, ''), account.username, ''), owner.user_id, taker.user_id
    FROM staffing_swap AS swap
    JOIN staffing_shift AS shift ON shift.id = swap.shift_id
    JOIN staffing_person AS owner ON owner.id = shift.person_id
    JOIN staffing_person AS taker ON taker.id = swap.to_person_id
    LEFT JOIN staffing_user AS account ON account.id = swap.asked_by_id
    WHERE swap.state = 'asked' AND owner.site_id = %(site)s
        AND shift.starts_at >= %(since)s AND shift.starts_at < %(until)s
"""


def office(site_id: int, week: date) -> Office:
    """One query."""
    values: dict[str, Any] = {
        "site": site_id,
        "week": week,
        "since": planned.midnight(week),
        "until": planned.midnight(week + planned.WEEK),
    }
    edition, swaps = None, {}
    with connection.cursor() as cursor:
        cursor.execute(_OFFICE, values)
        for what, number, shift, name, back, reason, count, by, last, taker in cursor.fetchall():
            if what == "edition":
                edition = Edition(number, name, datetime.fromtimestamp(float(last), planned.ZONE), reason, count)
            else:
                owner = None if last is None else int(last)
                swaps[shift] = Asked(number, shift, name, back, reason, count, by, owner, taker)
    return Office(edition, swaps)


@dataclass(frozen=True, slots=True)
class Able:
    """Somebody who holds a post or has worked it lately."""

    post_id: int
    person_id: int
    name: str
    nearness: int  # 0 holds the post, 1 deputises, 2 has worked it
    ways: tuple[reach.Hours, ...]


_ABLE = """
    WITH able AS (
        SELECT post_id, person_id, least(rank, 1) AS near FROM staffing_holder
        WHERE post_id = ANY(%(posts)s) AND starts_at <= %(now)s AND (ends_at IS NULL OR ends_at > %(now)s)
        UNION ALL
        SELECT DISTINCT post_id, person_id, 2 FROM staffing_shift
        WHERE post_id = ANY(%(posts)s) AND removed_at IS NULL AND starts_at > %(since)s AND starts_at < %(until)s
    )
    SELECT able.post_id, person.id, person.name, min(near), (
        SELECT json_agg(json_build_array(from_time, to_time)) FROM staffing_contact WHERE person_id = person.id
    )
    FROM able JOIN staffing_person AS person ON person.id = able.person_id
    WHERE person.is_active GROUP BY able.post_id, person.id
"""


def able(posts: Collection[int], now: datetime) -> dict[int, list[Able]]:
    """Who could take a shift on these posts, by post. One query."""
    days = POOL_DAYS * planned.DAY
    values: dict[str, Any] = {"posts": sorted(posts), "now": now, "since": now - days, "until": now + days}
    found: dict[int, list[Able]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_ABLE, values)
        for post_id, person_id, name, near, ways in cursor.fetchall():
            hours = tuple(reach.Hours(_time(starts), _time(ends)) for starts, ends in ways or ())
            found[post_id].append(Able(post_id, person_id, name, near, hours))
    return found


def month(people: Collection[int], week: date) -> dict[int, list[house.Row]]:
    """The shifts on duty of these people in the month of the week's Monday and the weeks it touches. One query."""
    first = week.replace(day=1)
    since, until = planned.midnight(first - planned.WEEK), planned.midnight(first + 38 * planned.DAY)
    rows = Shift.objects.filter(
        person_id__in=list(people), starts_at__gte=since, starts_at__lt=until, removed_at__isnull=True, standby=False
    ).values_list(*house.ROW)
    return by_person(house.Row(*row) for row in rows)


def by_person(rows: Iterable[house.Row]) -> dict[int, list[house.Row]]:
    """The same rows, gathered by person."""
    found: dict[int, list[house.Row]] = defaultdict(list)
    for row in rows:
        found[row.person_id].append(row)
    return found


def _time(text: str | None) -> time | None:
    return None if text is None else time.fromisoformat(text)
