"""The dashboard: counts of real incidents, what is due, delivery, the sweep's age; fourteen queries at most."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incident import pages, sweep, telling
from incident.models import Heartbeat
from incident.screens.board import Board, TopBar
from incident.screens.dashboard import Dashboard
from notices.models import Notice


@pytest.fixture
def html(client):
    def get(user):
        client.force_login(user)
        answer = client.get("/dashboard/")
        assert answer.status_code == 200
        return answer.content.decode()

    return get


def test_everybody_of_the_site_sees_it_and_nobody_else(html, vera, dana, eve, report):
    incident = report()
    assert incident.number in html(vera)
    assert incident.number in html(dana)
    assert incident.number not in html(eve)


def test_it_counts_overdue_duties_and_open_incidents_by_colour(dana, report, now, minutes):
    incident = report("HJ-2", facts={"scope": "all_applications"}, occurred_at=now - minutes(6))
    report("HJ-2", mode="exercise", occurred_at=now - minutes(30))
    board = Board((incident.site_id,), now + minutes(1))
    assert board.open_count == 1
    assert board.overdue
    assert board.longest_overdue.number == incident.number
    assert [(key, count) for key, _words, count in board.colours] == [("yellow", 1)]
    assert all(deadline.due_at <= now + minutes(16) for deadline in board.due)


def test_the_small_top_bar_and_the_board_agree(report, now, minutes):
    incident = report("HJ-2", facts={"scope": "all_applications"}, occurred_at=now - minutes(6))
    report("HJ-2", mode="exercise")
    later = now + minutes(2)
    sweep.sweep(now=later)
    small, board = TopBar((incident.site_id,), later), Board((incident.site_id,), later)
    assert (small.open_count, small.overdue_count) == (board.open_count, board.overdue_count)
    assert small.nearest == board.nearest


def test_an_exercise_moved_on_shows_wall_countdowns(report, now, minutes):
    incident = report("HJ-2", mode="exercise")
    incident.clock_shift = minutes(3)
    incident.save()
    (row,) = Board((incident.site_id,), now).exercises
    assert row.due_at == now + minutes(2)


def test_notices_wait_until_somebody_answers(report, now, minutes):
    incident = report("HJ-2", facts={"scope": "all_applications"})
    before = Dashboard(Board((incident.site_id,), now)).told
    assert before.unanswered == before.total > 0
    first = Notice.objects.filter(incident=incident).first()
    telling.acknowledge(notice_id=first.pk, actor=None, by=first.person, via="link", now=now + minutes(1))
    assert Dashboard(Board((incident.site_id,), now)).told.unanswered < before.unanswered


def test_deadlines_of_today_are_kept_or_not(report, now, minutes):
    incident = report("HJ-2", facts={"scope": "all_applications"}, occurred_at=now - minutes(6))
    met = Dashboard(Board((incident.site_id,), now)).met
    assert (met.kept, met.percent) == (0, "0.0%" if met.total else "")


def test_a_sweep_that_stands_still_is_red(client, html, dana, now):
    assert "未启动" in html(dana)
    Heartbeat.objects.update_or_create(name="sweep", defaults={"at": now})
    assert "未启动" not in html(dana)
    assert "已停" not in html(dana)
    Heartbeat.objects.filter(name="sweep").update(at=now - timedelta(minutes=1))
    piece = client.get("/dashboard/sweep/").content.decode()
    assert "已停" in piece
    assert 'data-state="breached"' in piece


def test_an_exercise_is_marked_on_its_strip(html, dana, report):
    report("HJ-2", title="演示", mode="exercise")
    page = html(dana)
    assert "【练习】演示" in page
    assert re.search(r'class="strip is-drill"', page)


def test_english_reads_english(client, dana, report):
    report("HJ-2")
    dana.language = "en"
    dana.save()
    client.force_login(dana)
    page = client.get("/dashboard/").content.decode()
    assert '<html lang="en"' in page
    assert "Application or network fault" in page


def test_queries_do_not_grow_with_incidents(client, dana, report):
    client.force_login(dana)
    counts = []
    made = 0
    for wanted in (3, 30):
        while made < wanted:
            report("HJ-2", title=f"事件{made}")
            made += 1
        client.get("/dashboard/")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get("/dashboard/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 16


def test_one_region_asks_only_for_what_it_shows(dana, report, now):
    report("HJ-2")
    audience = pages.audience_for(dana, "dashboard")
    with CaptureQueriesContext(connection) as asked:
        painted = pages.render(audience, {"live-ticker"}, now)
    assert list(painted.html) == ["live-ticker"]
    assert len(asked) <= 2


def test_a_strip_is_rendered_once_for_as_long_as_it_looks_the_same(report, now, minutes):
    incident = report("HJ-2", facts={"scope": "all_applications"})
    first = Board((incident.site_id,), now).rows[0].wide
    moved = Board((incident.site_id,), now + minutes(1)).rows[0].wide
    assert "05:00" in first
    assert "04:00" in moved
