"""The dashboard's table of who is on: now and next, who has not answered, where somebody lacks within 24 hours."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from incident import pages
from notices.models import Notice
from staffing import planned
from staffing.models import Need
from tests import rosters

HOUR = timedelta(hours=1)


@pytest.fixture
def noon():
    """A fixed Tuesday, 14:32."""
    return datetime(2026, 12, 15, 14, 32, tzinfo=planned.ZONE)


@pytest.fixture
def guard(callcentre):
    """A post that is needed round the clock, and its three kinds of shift."""
    Need.objects.filter(post__site=callcentre).delete()
    post = rosters.post(callcentre, "guard", zh="安保", en="Guard")
    for key, zh, at in (("night", "夜", 0), ("day", "白", 8), ("evening", "晚", 16)):
        Need.objects.create(post=post, kind=rosters.kind(callcentre, key, zh, at, at + 8))
    return post


def shift(post, name, at, hours=8, **more):
    return rosters.shift(post, rosters.person(post.site, name), planned.midnight(at[0]) + at[1] * HOUR, hours, **more)


def paint(user, now, regions=("live-coverage", "live-annunciator")):
    html = pages.render(pages.audience_for(user, "dashboard"), regions, now).html
    return html["live-coverage"], html["live-annunciator"]


def test_now_and_next_stand_side_by_side_and_a_gap_is_named_on_the_board(guard, dana, noon):
    today = noon.date()
    shift(guard, "示例安保F", (today, 8))
    shift(guard, "示例安保V", (today, 16))
    panel, board = paint(dana, noon)
    heads = [panel.index(words) for words in ("白班 现在", "晚班 16–24", "夜班 0–8")]
    assert heads == sorted(heads)
    assert "示例安保F" in panel and "示例安保V" in panel
    assert panel.count("缺岗") == 1
    assert "24 小时内缺岗" in board and "夜班 安保" in board


def test_all_are_there_and_nobody_is_needed(guard, dana, noon):
    for day in (0, 1):
        for at, name in ((0, "示例安保W"), (8, "示例安保F"), (16, "示例安保V")):
            shift(guard, name, (noon.date() + day * planned.DAY, at))
    panel, board = paint(dana, noon)
    assert "缺岗</span>" not in panel and "都有人" in board
    Need.objects.filter(post=guard).delete()
    panel, board = paint(dana, noon)
    assert "还没有设置用人需求" in panel and "未设用人需求" in board


def test_who_is_on_leave_or_gone_home_is_not_shown_as_there_now(guard, dana, noon):
    shift(guard, "示例安保F", (noon.date(), 8), 4)
    away = shift(guard, "示例安保V", (noon.date(), 8))
    rosters.leave(away.person, noon - HOUR, 2)
    cell = paint(dana, noon)[0].split('class="is-now">')[2].split("</td>")[0]
    assert "示例安保" not in cell and "缺岗" in cell


def test_who_has_not_answered_a_live_incident_is_marked(guard, dana, report):
    now = timezone.now()
    incident = report("HJ-2", facts={"scope": "all_applications"})
    late, lost = (rosters.person(guard.site, f"示例安保{letter}") for letter in "FV")
    Need.objects.filter(post=guard).update(count=2)
    for who in (late, lost):
        rosters.shift(guard, who, now - HOUR)
    ladder = [{"person": who.name, "person_id": who.pk, "channel": "in_app", "address": ""} for who in (lost, late)]
    Notice.objects.create(
        key="x", incident=incident, site_id=guard.site_id, kind="duty", mode="real", ladder=ladder, rung=1,
        state="accepted", created_at=now, wants_answer=True,
    )  # fmt: skip
    panel = paint(dana, now)[0]
    assert '<span class="reach is-late">示例安保F' in panel
    assert '<span class="reach is-lost">示例安保V' in panel


def test_of_many_the_first_is_named_and_all_are_counted(guard, dana, noon):
    Need.objects.filter(post=guard).update(count=4)
    for number in range(5):
        shift(guard, f"示例众{number}", (noon.date(), 8))
    assert "等 5 人" in paint(dana, noon)[0]


def test_in_the_table_there_is_nobody_of_another_site(guard, eve, noon):
    shift(guard, "示例安保F", (noon.date(), 8))
    assert "示例安保F" not in paint(eve, noon)[0]
