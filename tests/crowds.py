"""A site with as many people as a town's hotline has, each with shifts on most days: written by the database itself."""

from datetime import datetime

from django.db import connection

from staffing import planned
from staffing.models import Need, Post, Site
from tests import rosters

_PEOPLE = """
    INSERT INTO staffing_person (site_id, name, number, language, reserve, is_active, feed_serial)
    SELECT %(site)s, '示例座席' || n, (10000 + n)::text, 'zh-hans', '', true, 1 FROM generate_series(1, %(people)s) AS n
"""
_SHIFTS = """
    INSERT INTO staffing_shift (post_id, person_id, kind_id, starts_at, ends_at, is_override, standby, source, note,
        uid, sequence, changed_at)
    SELECT (%(posts)s)[n %% %(count)s + 1], person.id, (%(kinds)s)[n %% 3 + 1], start, start + interval '8 hours',
        false, false, 'rotation', '', gen_random_uuid(), 0, %(now)s
    FROM (SELECT id, number::int - 10000 AS n FROM staffing_person WHERE number ~ '^1[0-9]{4}$' AND site_id = %(site)s)
        AS person, generate_series(0, %(days)s - 1) AS day,
        LATERAL (SELECT %(first)s + day * interval '1 day' + (n %% 3) * interval '8 hours' AS start) AS moment
    WHERE (day + n) %% 5 < 3
"""


def fill(site: Site, now: datetime, *, people: int, days: int, posts: int = 20) -> list[Post]:
    """So many people on so many posts, each of which needs two round the clock; the days lie around the present one."""
    kinds = [
        rosters.kind(site, key, zh, at, at + 8) for key, zh, at in (("n", "夜", 0), ("d", "白", 8), ("e", "晚", 16))
    ]
    made = [rosters.post(site, f"crowd-{number}", zh=f"示例岗位{number}") for number in range(posts)]
    Need.objects.bulk_create(Need(post=post, kind=kind, count=2) for post in made for kind in kinds)
    today = planned.midnight(now.astimezone(planned.ZONE).date())
    words = {
        "site": site.pk, "people": people, "days": days, "now": now, "first": today - (days // 2) * planned.DAY,
        "kinds": [kind.pk for kind in kinds], "posts": [post.pk for post in made],
        "count": posts,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, words)
        cursor.execute(_SHIFTS, words)
        cursor.execute("ANALYZE staffing_shift")
    return made
