"""The strip of seats on the desk, the two-hour chart and the tiers on the dashboard, and what they cost."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localtime

from incident import levels, pages, sweep
from incident.models import LevelDecision
from incident.screens import seat_map, thresholds
from incident.screens.board import Board
from incident.screens.seats import Seats
from incident.screens.tiers import Ladders
from playbooks import law as words
from staffing.models import Queue, Reading
from tests import rosters
from tests.laws import bent

FULL = {"staffed": 10, "busy": 10, "paused": 2, "waiting": 27, "longest_wait": 250}
ASKED = {"playbook": "KF-4", "level": "general", "at": "2026-12-15T14:28:44+08:00"}  # as incident.saturation leaves it
FREE = {"staffed": 10, "busy": 6, "paused": 0, "waiting": 0, "longest_wait": 0}


@pytest.fixture(autouse=True)
def _own_queues(world):
    """The demo's own queues would come in between."""
    Queue.objects.all().delete()


@pytest.fixture
def queue(online):
    """Twelve seats at the site that runs the plan with marks for full seats."""

    def make(key="hotline", site=online, **more):
        return rosters.queue(site, key, **({"seats": 12, "source": "push"} | more))

    return make


@pytest.fixture
def full(queue, now, minutes):
    """Full for so many minutes, heard just now unless it was some seconds ago."""

    def make(length, *, heard_ago=0.0, numbers=FULL, **more):
        heard = now - timedelta(seconds=heard_ago)
        return queue(heard_at=heard, full_since=now - minutes(length), newest=numbers, **more)

    return make


@pytest.fixture
def seats(online, callcentre, now):
    def look(at=None):
        return Seats(Board((online.pk, callcentre.pk), at or now))

    return look


def read(queue, at, **numbers):
    return Reading.objects.create(queue=queue, at=at, received_at=at, source="test", **numbers)


@pytest.fixture
def painted(dana, now):
    """A region as it is pushed."""

    def paint(region, page="desk", at=None):
        return pages.render(pages.audience_for(dana, page), [region], at or now).html[region]

    return paint


def flat(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


# --- marks ----------------------------------------------------------------------------------------------------------


def test_the_marks_are_those_of_the_plan(law):
    found = thresholds.of(law("KF-4"))
    assert found.metric == "seats_full_minutes"
    assert [(mark.after, mark.level.key) for mark in found.marks] == [
        (timedelta(minutes=15), "general"),
        (timedelta(minutes=30), "major"),
    ]
    assert thresholds.of(law("HJ-2")) is None


def test_other_numbers_in_the_plan_are_other_marks(law):
    book = law("KF-4")
    general = book.level("general")
    sooner = words.Rule(
        "sooner", "四", "4", (), words.Group("all", (words.Condition("seats_full_minutes", "at_least", Decimal(8)),)),
        "八分钟", "Eight minutes",
    )  # fmt: skip
    bent_general = words.Level(
        general.key, general.rank, general.colour, general.starts, general.zh, general.en, (sooner,)
    )
    with bent(book, levels=(bent_general, book.level("major"))) as other:
        found = thresholds.of(other)
    assert [mark.after for mark in found.marks] == [timedelta(minutes=8), timedelta(minutes=30)]


# --- the strip ------------------------------------------------------------------------------------------------------


def test_no_queue_no_strip(painted):
    html = painted("live-seats")
    assert 'id="live-seats" hidden' in html
    assert "座席" not in html


def test_the_figure_ticks_from_when_the_seats_filled(full, painted, now, minutes):
    one = full(18.4)
    html = painted("live-seats")
    assert "座席占满已持续" in html
    assert f'data-since datetime="{localtime(one.full_since).isoformat(timespec="milliseconds")}">18:24<' in html
    reaches = localtime(one.full_since + minutes(30))
    assert f"{reaches:%H:%M} 到达 · 还有" in html
    assert "data-due" in html
    assert "11:36" in html
    for said in ("27", "04:10", "15 分 · 一般", "30 分 · 重大"):
        assert said in html


def test_marks_and_time_are_to_scale(full, seats):
    full(18.4)
    gauge = seats().main.gauge
    assert [place.x for place in gauge.places] == ["41.7%", "83.3%"]
    assert [(bar.x, bar.width, bar.colour) for bar in gauge.bars] == [
        ("0.0%", "41.7%", ""),
        ("41.7%", "9.4%", "yellow"),
    ]
    assert "18 分 24 秒" in gauge.label


def test_beyond_the_last_mark_the_scale_goes_on(full, seats):
    full(90)
    gauge = seats().main.gauge
    assert [bar.colour for bar in gauge.bars] == ["", "yellow", "orange"]
    total = sum(float(bar.width.rstrip("%")) for bar in gauge.bars)
    assert 90 < total < 100
    assert all(place.due_at is None for place in gauge.places)


def test_stale_data_freeze_the_figure(full, painted, seats, now):
    one = full(18.4, heard_ago=90)
    html = painted("live-seats")
    assert "16:54" in html  # up to what was heard
    assert "data-since" not in html
    assert "data-due" not in html
    assert f"数据截至 {localtime(one.heard_at):%H:%M:%S}，计时已冻结" in html
    assert seats().main.next_at is None


def test_not_full_says_how_full_and_since_when_a_seat_is_free(queue, painted, now, minutes):
    one = queue(heard_at=now, newest=FREE)
    read(one, now - minutes(40), **FULL)
    freed = read(one, now - minutes(20), **FREE)
    read(one, now - minutes(1), **FREE)
    html = painted("live-seats")
    assert "60%" in html
    assert f"{localtime(freed.at):%H:%M} 起有空闲" in html
    assert "data-since" not in html


def test_unknown_is_not_zero(queue, painted, seats, now):
    queue(heard_at=now, newest={"waiting": 0})
    html = flat(painted("live-seats"))
    assert "座席占用 不清楚" in html
    assert "排队 0" in html
    assert "最长等待 不清楚" in html
    assert "接通率 不清楚" in html
    assert seats().main.map.cells == ()


def test_callers_and_nobody_staffed_count_as_full_and_are_called_that(full, painted):
    full(3, numbers={"staffed": 0, "busy": 0, "waiting": 4})
    assert "有人排队、无人在席已持续" in painted("live-seats")


def test_a_short_dip_is_told_and_the_figure_runs_on(full, painted, now):
    full(18, dip_since=now - timedelta(seconds=12), dip_seconds=60)
    html = painted("live-seats")
    assert "60 秒内计时不断" in html
    assert "data-since" in html


def test_the_fullest_first_the_others_a_line_each(full, queue, painted, seats, now, minutes):
    queue("calm", zh="示例预约", heard_at=now, newest=FREE)
    full(5, key="second", zh="示例投诉")
    full(18, key="first", zh="示例热线")
    assert [row.name for row in seats().rows] == ["示例热线", "示例投诉", "示例预约"]
    html = painted("live-seats")
    others = html[html.index("seats-others") :]
    assert "示例热线" not in others
    assert re.search("示例投诉.*座席占满", flat(others))
    assert re.search("示例预约.*占用 60%", flat(others))


@pytest.mark.parametrize(
    ("newest", "seats_there", "words_of_it", "cells"),
    [
        ({"staffed": 34, "busy": 34, "paused": 2}, 38, "38 席：占用 34 · 示忙 2 · 未登录 2", 38),
        ({"staffed": 10, "busy": 6, "wrapping": 1, "paused": 0}, 0, "10 席：占用 6 · 话后 1 · 空闲 3", 10),
        ({"staffed": 3, "busy": 1}, 2, "3 席：占用 1 · 空闲 2", 3),  # more than are said to be there
        ({"staffed": None, "busy": 4}, 30, "座席情况不清楚", 0),
    ],
)
def test_the_map_of_the_seats(newest, seats_there, words_of_it, cells):
    found = seat_map.seat_map(Queue(newest=newest, seats=seats_there))
    assert found.words == words_of_it
    assert len(found.cells) == cells


def test_a_large_room_has_cells_for_several_seats():
    found = seat_map.seat_map(Queue(newest={"staffed": 900, "busy": 899, "paused": 1}, seats=1000))
    assert found.each == 9
    assert len(found.cells) <= seat_map.MOST_CELLS + len(seat_map.KINDS)
    assert set(found.cells) == {"busy", "free", "paused", "down"}


def test_what_a_person_is_to_start_is_one_press_away(full, painted, client, dana, law, now):
    one = full(16, starts="propose", suggests=ASKED)
    html = painted("live-seats")
    assert "启动“一般”" in html
    address = re.search(r'href="(/desk/\?[^"]+)"', html)[1].replace("&amp;", "&")
    client.force_login(dana)
    form = client.get(address).content.decode()
    assert f'value="{law("KF-4").id}" checked' in form or f'value="{law("KF-4").id}"' in form
    assert f"{localtime(one.full_since):%Y-%m-%d %H:%M:%S}" in form


@pytest.mark.parametrize("starts", ["propose", "auto", "off"])
def test_there_is_no_button_where_nobody_is_asked(starts, full, painted):
    full(16, starts=starts)
    assert "seats-start" not in painted("live-seats")


def test_a_mark_says_that_its_plan_has_started(full, report, seats, now, minutes):
    full(16, starts="propose", suggests=ASKED)
    assert "待启动" in seats().main.gauge.places[0].note
    report("KF-4", facts={"problem": "recharge"})
    row = seats().main
    assert "已启动" in row.gauge.places[0].note
    assert row.start is None
    assert row.gauge.places[1].due_at is not None


def test_a_site_without_such_a_plan_has_no_gauge(queue, callcentre, painted, now, minutes):
    queue(site=callcentre, heard_at=now, full_since=now - minutes(20), newest=FULL)
    html = painted("live-seats")
    assert "座席占满已持续" in html
    assert '<svg class="gauge"' not in html


def test_the_connection_rate_is_of_the_last_half_hour_by_the_queues_formula(queue, painted, now, minutes):
    one = queue(heard_at=now, newest=FREE, formula="short_out")
    read(one, now - minutes(29), offered=100, answered=70, abandoned=20, abandoned_soon=5)
    read(one, now, **FREE, offered=240, answered=170, abandoned=52, abandoned_soon=13)
    html = painted("live-seats")
    assert "75.76%" in html
    assert "connect.short_out.1" in html
    assert "近 29 分钟" in html


# --- the dashboard --------------------------------------------------------------------------------------------------


def test_the_chart_has_gaps_where_data_have_them(queue, seats, now, minutes):
    one = queue(heard_at=now, newest=FREE)
    for ago in (100, 99, 98, 60, 59, 30):
        read(one, now - minutes(ago), **FREE)
    read(one, now - minutes(29), waiting=3)  # who is there is not known
    read(one, now - minutes(28), **FREE)
    lines = seats().main.chart.lines
    assert [len(line.split()) for line in lines] == [3, 2, 2, 2]  # a lone point is a dot: itself twice
    assert lines[2].split()[0] == lines[2].split()[1]


def test_last_week_is_faint_only_where_there_is_any(queue, seats, now, minutes):
    one = queue(heard_at=now, newest=FREE)
    read(one, now - minutes(1), **FREE)
    assert seats().main.chart.faint == ()
    for ago in (10, 9, 8):
        read(one, now - minutes(ago) - timedelta(days=7), **FULL)
    chart = seats().main.chart
    assert len(chart.faint) == 1
    assert chart.faint_words == f"上周{'一二三四五六日'[localtime(now).weekday()]}同时段"


def test_the_chart_draws_fullness_and_the_marks(full, painted, now, minutes):
    one = full(18.4)
    for ago in range(40, -1, -1):
        read(one, now - minutes(ago), **(FULL if ago <= 18 else FREE))
    html = painted("live-saturation", "dashboard")
    assert 'class="band"' in html
    assert html.count('class="threshold is-passed"') == 1
    assert html.count('class="threshold"') == 1
    assert "15 分 一般" in html
    assert "30 分 重大" in html
    assert 'style="' not in html
    label = re.search(r'class="chart"[^>]*aria-label="([^"]+)"', html)[1]
    assert "18 分 24 秒" in label
    rows = re.findall(r"<tr><th scope=\"row\">", html)
    assert 4 <= len(rows) <= 6
    assert "100%" in html


def test_without_a_queue_the_dashboard_has_no_chart(painted):
    assert 'id="live-saturation" hidden' in painted("live-saturation", "dashboard")
    assert "座席" not in painted("live-annunciator", "dashboard")


def test_the_tiles_say_how_long_and_how_well(full, painted, now, minutes):
    one = full(18.4, connect_target=85)
    read(one, now - minutes(20), offered=100, answered=70)
    read(one, now, **FULL, offered=240, answered=170)
    html = flat(painted("live-annunciator", "dashboard"))
    assert re.search(r"座席占满 18:24 30 分 重大", html)
    assert re.search(r"接通率 71\.43% .* 目标 85%", html)


def test_tiers_of_a_surge(report, seats, online, callcentre, now, minutes, painted, dana):
    assert 'id="live-tier" hidden' in painted("live-tier", "dashboard")
    incident = report("HJ-8")
    board = Board((callcentre.pk,), now + minutes(10))
    (ladder,) = Ladders(board).all
    first, second, third = ladder.tiers
    assert first.is_active
    assert first.since_at == incident.reported_at
    assert second.due_at == incident.reported_at + minutes(30)
    assert third.due_at == second.due_at + minutes(30)
    assert "各服务单位" in first.words
    sweep.sweep(now=now + minutes(31))
    (ladder,) = Ladders(Board((callcentre.pk,), now + minutes(31))).all
    assert ladder.tiers[1].is_proposed
    assert ladder.tiers[2].due_at is None
    assert ladder.tiers[2].after_minutes == "30"
    assert "待确认" in painted("live-tier", "dashboard", now + minutes(31))
    decision = LevelDecision.objects.get(incident=incident, status="proposed")
    levels.confirm(decision_id=decision.pk, actor=dana, now=now + minutes(33))
    (ladder,) = Ladders(Board((callcentre.pk,), now + minutes(34))).all
    assert ladder.tiers[1].is_active
    assert ladder.tiers[1].since_at == now + minutes(33)
    assert ladder.tiers[2].due_at == now + minutes(63)


def test_an_exercise_is_no_tier(report, painted):
    report("HJ-8", mode="exercise")
    assert 'id="live-tier" hidden' in painted("live-tier", "dashboard")


def test_english(full, dana, now, english):
    full(18.4)
    html = pages.render(pages.audience_for(dana, "desk"), ["live-seats"], now).html["live-seats"]
    assert "Seats full for" in html
    assert "15 min · General" in html
    assert not re.search("[\u4e00-\u9fff]", html)


@pytest.mark.parametrize(("page", "region", "most"), [("desk", "live-seats", 4), ("dashboard", "live-saturation", 4)])
def test_a_push_costs_few_queries_however_many_queues(page, region, most, full, dana, now):
    for place in range(9):
        full(place + 16, key=f"queue{place}")
    audience = pages.audience_for(dana, page)
    pages.render(audience, [region], now)
    with CaptureQueriesContext(connection) as asked:
        pages.render(audience, [region], now)
    assert len(asked) <= most, [query["sql"][:90] for query in asked]
