"""Rosters of a large site, 2,000 people and a year of shifts: who is on, the week, 5,000 rows in, calendars out."""

import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import stage
from bench.figures import Figure, percentile
from incident import clock
from staffing import directory
from staffing.exchange import calendars, links, tables
from staffing.models import Person, Post, Shift, ShiftKind, Site, User

PEOPLE, DAYS, ROWS, ASKED, WARM_UP = 2000, 365, 5000, 300, 20
# Three shifts a day; everybody works three days of five, which makes 219 shifts a year.
LEADERS, SUPERVISORS = 40, 20

_PEOPLE = """
    INSERT INTO staffing_person (site_id, name, number, language, reserve, is_active, feed_serial)
    SELECT %(site)s, '示例座席' || n, (10000 + n)::text, 'zh-hans', '', true, 1 FROM generate_series(1, %(people)s) AS n
"""
_CONTACTS = """
    INSERT INTO staffing_contact (person_id, channel, address, "order")
    SELECT id, 'email', 'agent' || id || '@example.invalid', 1 FROM staffing_person WHERE number >= '10000'
"""
_SHIFTS = """
    INSERT INTO staffing_shift (post_id, person_id, kind_id, starts_at, ends_at, is_override, standby, source, note,
        uid, sequence, changed_at)
    SELECT
        CASE WHEN n <= %(leaders)s THEN %(leader)s WHEN n <= %(leaders)s + %(supervisors)s THEN %(supervisor)s
            ELSE %(agent)s END,
        person.id, (%(kinds)s)[n %% 3 + 1], start, start + interval '8 hours', false, false, 'rotation', '',
        gen_random_uuid(), 0, %(now)s
    FROM (SELECT id, number::int - 10000 AS n FROM staffing_person WHERE number >= '10000') AS person,
        generate_series(0, %(days)s - 1) AS day,
        LATERAL (SELECT %(first)s + day * interval '1 day' + (n %% 3) * interval '8 hours' AS start) AS moment
    WHERE (day + n) %% 5 < 3
"""
_RAW = """
    SELECT person_id FROM staffing_shift
    WHERE post_id = %s AND removed_at IS NULL AND tstzrange(starts_at, ends_at) @> %s ORDER BY starts_at LIMIT 20
"""


def run() -> list[Figure]:
    """Measure; needs Django set up and engines attached."""
    with stage.database():
        site, now = Site.objects.get(key="callcentre"), clock.wall_now()
        count = _fill(site, now)
        return [*_on_now(site, now, count), *_page(), *_import(site, now), *_feeds(site, now)]


def _fill(site: Site, now: datetime) -> int:
    kinds = [
        ShiftKind.objects.update_or_create(
            site=site,
            key=key,
            defaults={"zh": zh, "en": key, "starts": f"{at:02}:00", "ends": f"{(at + 8) % 24:02}:00"},
        )[0].pk
        for key, zh, at in (("bench-night", "夜班", 0), ("bench-day", "白班", 8), ("bench-evening", "晚班", 16))
    ]
    posts = dict(Post.objects.filter(site=site).values_list("key", "pk"))
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    words = {
        "site": site.pk, "people": PEOPLE, "days": DAYS, "now": now, "first": midnight - timedelta(days=180),
        "kinds": kinds, "leaders": LEADERS, "supervisors": SUPERVISORS, "leader": posts["team_leader"],
        "supervisor": posts["cc_supervisor"], "agent": posts["agent"],
    }  # fmt: skip
    with connection.cursor() as cursor:
        for statement in (_PEOPLE, _CONTACTS, _SHIFTS):
            cursor.execute(statement, words)
        cursor.execute("ANALYZE")
    return Shift.objects.count()


def _on_now(site: Site, now: datetime, count: int) -> list[Figure]:
    """One post, and all that a report of this plan asks for; at many moments of the year."""
    leader = Post.objects.get(site=site, key="team_leader").pk
    moments = [now + timedelta(hours=7 * n % 4000) for n in range(ASKED)]

    def raw(at: datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_RAW, [leader, at])
            cursor.fetchall()

    one = _spans([lambda at=at: directory.holders(site.pk, ["team_leader"], at) for at in moments])
    limit = _spans([lambda at=at: raw(at) for at in moments])
    keys = list(directory.post_names(site.pk))
    every = _spans([lambda at=at: directory.holders(site.pk, keys, at) for at in moments])
    note = f"{PEOPLE:,} people, {count:,} shifts; raw: the shifts of that post and moment"
    return [
        Figure("who holds this post now, p50", percentile(one, 0.5), "ms", 5, percentile(limit, 0.5), note),
        Figure("who holds this post now, p99", percentile(one, 0.99), "ms", 5, percentile(limit, 0.99)),
        Figure(f"who holds all {len(keys)} posts now, p50", percentile(every, 0.5), "ms", None, percentile(limit, 0.5)),
    ]


def _page() -> list[Figure]:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(username="dana"))
    found = []
    for key, what in (("callcentre", f"{PEOPLE:,} people"), ("online", "the demo's online service")):
        address = f"/roster/?site={key}"
        client.get(address)
        with CaptureQueriesContext(connection) as caught:
            answer = client.get(address)
            statements = len(caught)
        assert answer.status_code == 200, answer.status_code
        spans = _spans([lambda at=address: client.get(at)] * 10)
        size = f"{len(answer.content) / 1024:,.0f} KB"
        found += [
            Figure(f"roster week of {what}, SQL", statements, "statements", 15),
            Figure(f"roster week of {what}, GET p50", percentile(spans, 0.5), "ms", None, None, f"no network; {size}"),
        ]
    return found


def _import(site: Site, now: datetime) -> list[Figure]:
    """A file of 5,000 shifts of next year: looked at, then written; and the rows alone as the limit."""
    people = list(Person.objects.filter(site=site, number__gte="10000").order_by("pk")[: ROWS // 5])
    first = timezone.localtime(now).date() + timedelta(days=400)
    lines = [
        f"呼叫业务员,{one.number},{one.name},{first + timedelta(days=day)},白班" for day in range(5) for one in people
    ]
    source = "\n".join(["岗位,工号,姓名,日期,班次", *lines]).encode("gbk")
    ada = User.objects.get(username="ada")
    begun = time.perf_counter()
    preview = tables.look(source, site=site, kind="shifts", now=now)
    looked = time.perf_counter() - begun
    assert preview.counts["new"] == ROWS, preview.counts
    with transaction.atomic():
        begun = time.perf_counter()
        tables.carry_out(source, site=site, kind="shifts", actor=ada, now=now, mark=preview.mark)
        wrote = time.perf_counter() - begun
        transaction.set_rollback(True)
    rows = [
        Shift(uid=uuid.uuid4(), changed_at=now, **{k: v for k, v in row.wanted.items() if k != "standby"})
        for row in preview.rows
    ]
    with transaction.atomic():
        begun = time.perf_counter()
        Shift.objects.bulk_create(rows, batch_size=1000)
        raw = time.perf_counter() - begun
        transaction.set_rollback(True)
    return [
        Figure(f"preview of {ROWS:,} shifts (CSV, GBK)", looked, "s", 3),
        Figure(f"import of {ROWS:,} shifts", wrote, "s", 10, raw, "raw: the rows alone, without check and audit"),
    ]


def _feeds(site: Site, now: datetime) -> list[Figure]:
    client = Client(SERVER_NAME="127.0.0.1")
    person = Person.objects.filter(site=site, number__gte="10000").first()
    assert person is not None
    found = []
    for what, token, aim in (("a person", links.of_person(person), 100), ("the site", links.of_site(site), 3000)):
        address = f"/feeds/{token}.ics"
        answer = client.get(address)
        assert answer.status_code == 200, answer.status_code
        events = answer.content.count(b"BEGIN:VEVENT")
        fresh = _spans([lambda at=address: client.get(at)] * 5)
        known = {"If-None-Match": answer["ETag"]}
        same = _spans([lambda at=address, it=known: client.get(at, headers=it)] * 5)
        raw, note = percentile(same, 0.5), f"{events:,} events; raw: nothing new, 304"
        found.append(Figure(f"calendar of {what}, GET p50", percentile(fresh, 0.5), "ms", aim, raw, note))
    assert calendars.MOST >= ROWS
    return found


def _spans(asks: list[Callable[[], object]]) -> list[float]:
    """Milliseconds of each, after a warm-up."""
    for ask in asks[:WARM_UP]:
        ask()
    spans = []
    for ask in asks:
        begun = time.perf_counter()
        ask()
        spans.append((time.perf_counter() - begun) * 1000)
    return spans
