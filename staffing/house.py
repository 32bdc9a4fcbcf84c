"""A site as a roster needs it, in one query: posts, kinds of shift, needs, who is away, and days that are special."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from types import SimpleNamespace
from typing import Any

from django.db import connection

from staffing import coverage, planned, workdays
from staffing.models import Need, Post, Shift, ShiftKind


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody away."""

    id: int
    person_id: int
    name: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class Row:
    """One shift as the screens show it."""

    id: int
    post_id: int
    person_id: int
    starts_at: datetime
    ends_at: datetime
    standby: bool
    is_override: bool
    kind_id: int | None
    name: str
    source: str
    note: str
    sequence: int

    @property
    def work(self) -> coverage.Work:
        return coverage.Work(
            self.id, self.post_id, self.person_id, self.starts_at, self.ends_at, self.standby, self.is_override
        )

    @property
    def day(self) -> date:
        """The day on which it starts, at the sites."""
        return self.starts_at.astimezone(planned.ZONE).date()


ROW = ("id", "post_id", "person_id", "starts_at", "ends_at", "standby", "is_override", "kind_id", "person__name",
       "source", "note", "sequence")  # fmt: skip


@dataclass(frozen=True, slots=True)
class House:
    """One site; `posts` and `kinds` are rows without their site's other fields, in their order."""

    site_id: int
    key: str
    zh: str
    en: str
    posts: dict[int, Post]
    kinds: dict[int, ShiftKind]
    needs: list[Need]
    leave: list[Leave]
    days: dict[date, workdays.Known]

    @property
    def away(self) -> list[coverage.Away]:
        return [coverage.Away(one.person_id, one.starts_at, one.ends_at) for one in self.leave]

    def turns(self, days: Iterable[date]) -> list[coverage.Turn]:
        return planned.turns(self.needs, (self.days[day] for day in days))


_HOUSE = """
    SELECT site.id, site.key, site.zh, site.en,
        (SELECT json_agg(json_build_array(id, key, zh, en, kind) ORDER BY id)
            FROM staffing_post WHERE site_id = site.id),
        (SELECT json_agg(json_build_array(id, key, zh, en, starts, ends, standby) ORDER BY "order", starts, id)
            FROM staffing_shiftkind WHERE site_id = site.id),
        (SELECT json_agg(json_build_array(need.post_id, kind_id, count, weekdays, workdays_only))
            FROM staffing_need AS need JOIN staffing_post AS post ON post.id = need.post_id
            WHERE post.site_id = site.id AND count > 0),
        (SELECT json_agg(json_build_array(
                absence.id, person.id, name, extract(epoch FROM starts_at), extract(epoch FROM ends_at), reason, note
            ) ORDER BY starts_at, absence.id)
            FROM staffing_absence AS absence JOIN staffing_person AS person ON person.id = absence.person_id
            WHERE person.site_id = site.id AND person.is_active
                AND starts_at < %(until)s AND ends_at > %(since)s),
        (SELECT json_agg(json_build_array(date, kind, zh, en)) FROM staffing_day
            WHERE date BETWEEN %(first)s AND %(last)s)
    FROM staffing_site AS site WHERE site.id = ANY(%(sites)s) ORDER BY site.id
"""


def read(sites: Collection[int], first: date, last: date) -> dict[int, House]:
    """The houses of the sites for the days from first to last, both included. One query."""
    values: dict[str, Any] = {
        "sites": list(sites),
        "first": first,
        "last": last,
        "since": planned.midnight(first - planned.DAY),
        "until": planned.midnight(last + 2 * planned.DAY),
    }
    with connection.cursor() as cursor:
        cursor.execute(_HOUSE, values)
        return {row[0]: _house(row, first, last) for row in cursor.fetchall()}


def shifts(sites: Collection[int], starts_at: datetime, ends_at: datetime) -> list[Row]:
    """The shifts of people who still work there that share a moment with the span, in order of time. One query."""
    found = Shift.objects.filter(planned.touching(starts_at, ends_at), removed_at__isnull=True)
    found = found.filter(post__site_id__in=list(sites), person__is_active=True)
    rows = found.order_by("starts_at", "person__name", "pk").values_list(*ROW)
    return [Row(*row) for row in rows]


def _house(row: Any, first: date, last: date) -> House:
    site_id, key, zh, en, posts, kinds, needs, leave, days = row
    shown = {one[0]: _kind(one) for one in kinds or ()}
    own = {date.fromisoformat(day): SimpleNamespace(kind=kind, zh=zh, en=en) for day, kind, zh, en in days or ()}
    return House(
        site_id=site_id,
        key=key,
        zh=zh,
        en=en,
        posts={
            row[0]: Post(site_id=site_id, **dict(zip(("pk", "key", "zh", "en", "kind"), row, strict=True)))
            for row in posts or ()
        },
        kinds=shown,
        needs=[
            Need(post_id=post, kind=shown[kind], count=count, weekdays=weekdays, workdays_only=workdays_only)
            for post, kind, count, weekdays, workdays_only in needs or ()
        ],
        leave=[
            Leave(pk, person, name, _moment(starts), _moment(ends), reason, note)
            for pk, person, name, starts, ends, reason, note in leave or ()
        ],
        days=workdays.known(first, last, own),
    )


def _kind(row: Any) -> ShiftKind:
    pk, key, zh, en, starts, ends, standby = row
    times = {"starts": time.fromisoformat(starts), "ends": time.fromisoformat(ends)}
    return ShiftKind(pk=pk, key=key, zh=zh, en=en, standby=standby, **times)


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, planned.ZONE)
