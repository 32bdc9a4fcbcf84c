"""What rows of a roster would do to a site, and that they are written whole or not at all."""

import functools
from datetime import time, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from staffing.exchange import tables, times
from staffing.exchange.tables import WorldChangedError
from staffing.models import Person, Post, Shift
from tests import rosters, sheets
from tests.sheets import HEADS, NOW, as_csv, as_xlsx, local, outcomes, planned, wall, why

pytestmark = pytest.mark.django_db


@pytest.fixture
def look(callcentre):
    return functools.partial(sheets.look, callcentre)


@pytest.fixture
def bring(callcentre, ada):
    return functools.partial(sheets.bring, callcentre, ada)


@pytest.fixture
def kinds(callcentre):
    rosters.kind(callcentre)
    rosters.kind(callcentre, "evening", "晚", 16, 24)
    return rosters.kind(callcentre, "night", "夜", 0, 8)


# Shifts


@pytest.mark.parametrize(
    "day",
    ["2026-12-15", "2026/12/15", "2026.12.15", "２０２６－１２－１５", "2026年12月15日", "46371", "2026-12-15 00:00"],
)
def test_days_as_people_write_them(look, kinds, day):
    found = look("shifts", planned(日期=day, 班次="晚"))
    assert outcomes(found) == ["new"], why(found)
    assert times.shown(found.rows[0].wanted["starts_at"]) == "2026-12-15 16:00"
    assert times.shown(found.rows[0].wanted["ends_at"]) == "2026-12-16 00:00"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-12-15 16:00", "2026-12-16 00:00"),
        ("2026/12/15 16:00:00", "24:00"),
        ("２０２６－１２－１５　１６：００", "00:00"),
        ("2026年12月15日 16时", "2026-12-15 24:00"),
        ("2026-12-15T16:00", "0:00"),
        ("46371.6666666667", "46372"),
    ],
)
def test_moments_as_people_write_them(look, start, end):
    found = look("shifts", planned(开始=start, 结束=end if end != "46372" else "46372.0000001"))
    assert outcomes(found) == ["new"], why(found)
    assert times.shown(found.rows[0].wanted["starts_at"]) == "2026-12-15 16:00"
    assert times.shown(found.rows[0].wanted["ends_at"]) == "2026-12-16 00:00"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (wall("2026-12-15T16:00"), wall("2026-12-16")),
        (46371 + 16 / 24, time()),
        (wall("2026-12-15T16:00"), timedelta(hours=24)),
        ("2026-12-15 16:00", 1.0),
    ],
)
def test_moments_as_spreadsheets_keep_them(look, start, end):
    row = planned(开始=start, 结束=end)
    found = look("shifts", row, make=as_xlsx)
    assert outcomes(found) == ["new"], why(found)
    assert times.shown(found.rows[0].wanted["ends_at"]) == "2026-12-16 00:00"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"post": "运维员"}, "岗位“运维员”不存在，应为“系统运维专员”？"),
        ({"post": "主管"}, ""),
        ({"post": ""}, "请填写岗位"),
        ({"班次": "大夜"}, "班次“大夜”不存在，应为“夜”？"),
        ({"班次": "zz"}, "可填：白、晚、夜"),
        ({"name": "示例班长Q"}, "本站没有“示例班长Q”，应为"),
        (
            {"开始": "2026-12-15 16:00", "结束": "2026-12-15 08:00"},
            "结束（2026-12-15 08:00）早于开始（2026-12-15 16:00）",
        ),
        ({"开始": "2026-12-15 16:00", "结束": "2026-12-17 16:00"}, "最长 24 小时"),
        ({"日期": "2026-02-30"}, "没有“2026-02-30”这一天"),
        ({"日期": "2026-12-15", "开始": "25:00"}, "没有“25:00”这个时刻"),
        ({"日期": "12月15日"}, "不是日期或时间"),
        ({"日期": "1926-12-15"}, "年份 1926 不对"),
        ({"日期": "", "班次": ""}, "请填写开始和结束，或者日期和班次"),
        ({"日期": ""}, "请填写日期"),
        ({"日期": "2026-12-15", "班次": "", "开始": "16:00"}, "请填写结束时间"),
        ({"开始": "2026-12-15"}, "只有日期，请写上时刻"),
        ({"日期": "2026-11-15"}, "已经开始或已过去，改动须在“说明”里写明理由"),
        ({"日期": "=TODAY()"}, "“=TODAY()”是公式"),
        ({"备班": "?"}, "请填“是”或“否”"),
    ],
)
def test_what_is_wrong_with_a_shift(look, kinds, more, sentence):
    found = look("shifts", planned(**({"日期": "2026-12-15", "班次": "晚"} | more)))
    assert sentence in why(found)
    assert outcomes(found) == (["refused"] if sentence else ["new"])


def test_a_post_may_be_named_by_an_alias_or_its_key_or_in_english(look, kinds):
    posts = ["组长", "team_leader", "Shift team leader", "ＴＥＡＭ_leader"]
    found = look("shifts", *(planned(post=post, 日期=f"2026-12-{n}", 班次="晚") for n, post in enumerate(posts, 10)))
    assert {row.wanted["post"].key for row in found.rows} == {"team_leader"}


def test_an_alias_of_two_posts_is_asked_about(look, kinds, callcentre):
    Post.objects.filter(site=callcentre, key="ops_supervisor").update(aliases=["主管"])
    assert "叫“主管”的岗位不止一个" in why(look("shifts", planned(post="主管", 日期="2026-12-15", 班次="晚")))


def test_shifts_that_overlap(look, kinds, callcentre):
    leader = rosters.post(callcentre, "team_leader")
    who = rosters.person(callcentre, "示例班长A")
    rosters.shift(leader, who, local("2026-12-20T08:00"))
    found = look(
        "shifts",
        planned(日期="2026-12-15", 班次="晚"),
        planned(开始="2026-12-15 20:00", 结束="2026-12-15 21:00"),
        planned(name="示例班长A", 开始="2026-12-20 12:00", 结束="2026-12-20 18:00"),
        planned(name="示例班长A", 开始="2026-12-20 16:00", 结束="2026-12-20 18:00", post="呼叫业务员"),
        planned(日期="2026-12-16", 班次="夜"),
    )
    assert outcomes(found) == ["new", "refused", "refused", "new", "new"]
    assert "与第 2 行重叠：12-15 16:00–12-16 00:00" in why(found, 1)
    assert "与已排的班次重叠：12-20 08:00–12-20 16:00" in why(found, 2)


def test_two_posts_at_once_are_said_and_not_refused(look, kinds):
    found = look(
        "shifts",
        planned(日期="2026-12-15", 班次="晚"),
        planned(post="呼叫业务员", 日期="2026-12-15", 班次="晚"),
        planned(post="呼叫中心主管", 日期="2026-12-15", 班次="晚", 备班="是"),
    )
    assert outcomes(found) == ["new", "new", "new"]
    assert [bool(row.notes) for row in found.rows] == [False, True, False]
    assert "同时在两处：值班组长" in found.rows[1].notes[0]


def test_who_is_away_or_has_left_is_not_planned(look, kinds, callcentre):
    rosters.leave(rosters.person(callcentre, "示例班长I"), local("2026-12-15"))
    Person.objects.filter(site=callcentre, name="示例座席J").update(is_active=False)
    found = look(
        "shifts", planned(日期="2026-12-15", 班次="晚"), planned(name="示例座席J", 日期="2026-12-15", 班次="晚")
    )
    assert "此人请假：12-15 00:00–12-16 00:00" in why(found)
    assert "已离职或停用" in why(found, 1)


def test_a_shift_is_changed_by_its_start_or_by_its_kind_on_that_day(bring, look, kinds, callcentre):
    bring("shifts", planned(日期="2026-12-15", 班次="晚"), planned(日期="2026-12-17", 班次="晚"))
    first, second = Shift.objects.filter(source="import").order_by("starts_at")
    rows = [
        planned(日期="2026-12-15", 班次="晚", 结束="2026-12-15 23:00"),
        planned(班次="晚", 开始="2026-12-17 17:00", 结束="2026-12-18 01:00", 说明="换到五点"),
    ]
    found = look("shifts", *rows)
    assert [[(one.column, one.old, one.new) for one in row.changes] for row in found.rows] == [
        [("结束", "2026-12-16 00:00", "2026-12-15 23:00")],
        [("说明", "", "换到五点"), ("开始", "2026-12-17 16:00", "2026-12-17 17:00"),
         ("结束", "2026-12-18 00:00", "2026-12-18 01:00")],
    ]  # fmt: skip
    bring("shifts", *rows)
    again = Shift.objects.order_by("starts_at").filter(source="import")
    assert [(one.pk, one.uid, one.sequence) for one in again] == [(first.pk, first.uid, 1), (second.pk, second.uid, 1)]


def test_the_past_may_be_changed_with_a_reason(look, kinds):
    assert outcomes(look("shifts", planned(日期="2026-11-15", 班次="晚", 说明="补记"))) == ["new"]


def test_merged_cells_stop_a_file(look, kinds, callcentre):
    rows = [HEADS["shifts"], planned(日期="2026-12-15", 班次="晚"), planned(日期="2026-12-16", 班次="晚")]
    source = as_xlsx(rows, lambda sheet: sheet.merge_cells("A2:A3"))
    found = tables.look(source, site=callcentre, kind="shifts", now=NOW)
    assert outcomes(found) == ["refused", "refused"]
    assert "A2:A3" in why(found)


# As a whole


def test_looking_writes_nothing_and_asks_little(look, kinds):
    rows = [planned(name="示例座席J", post="呼叫业务员", 日期=f"2027-01-{day:02}", 班次="白") for day in range(1, 31)]
    with CaptureQueriesContext(connection) as caught:
        found = look("shifts", *rows)
    assert outcomes(found) == ["new"] * 30
    assert len(caught) == 6, [one["sql"][:60] for one in caught]
    assert not [one for one in caught if not one["sql"].startswith("SELECT")]
    assert not Shift.objects.filter(source="import").exists()


def test_importing_asks_as_little_for_many_as_for_one(bring, kinds, django_assert_max_num_queries):
    rows = [planned(name="示例座席J", post="呼叫业务员", 日期=f"2027-01-{day:02}", 班次="白") for day in range(1, 31)]
    with django_assert_max_num_queries(26):
        bring("shifts", *rows)
    assert Shift.objects.filter(source="import").count() == 30


def test_one_wrong_row_and_none_is_written(bring, kinds):
    with pytest.raises(WorldChangedError):
        bring("shifts", planned(日期="2026-12-15", 班次="晚"), planned(post="没有", 日期="2026-12-16", 班次="晚"))
    assert not Shift.objects.filter(source="import").exists()


def test_what_the_database_refuses_at_last_takes_everything_back(callcentre, ada, kinds, monkeypatch):
    """A hand that no lock stops: the last row meets a shift that the import could not know of."""
    source = as_csv([HEADS["shifts"], planned(日期="2026-12-15", 班次="晚"), planned(日期="2026-12-16", 班次="晚")])
    mark = tables.look(source, site=callcentre, kind="shifts", now=NOW).mark
    rosters.shift(
        rosters.post(callcentre, "team_leader"),
        rosters.person(callcentre, "示例班长I"),
        local("2026-12-16T17:00"),
    )
    monkeypatch.setattr("staffing.exchange.shifts.ShiftsResource.get_queryset", lambda _self: Shift.objects.none())
    with pytest.raises(WorldChangedError), transaction.atomic():
        tables.carry_out(source, site=callcentre, kind="shifts", actor=ada, now=NOW, mark=mark)
    assert not Shift.objects.filter(source="import").exists()


def test_the_mark_is_the_same_in_both_languages(look, callcentre, kinds):
    first = look("people", ["", "示例班长A", "", "英文", "候补人员", ""]).mark
    with translation.override("en"):
        assert look("people", ["", "示例班长A", "", "英文", "候补人员", ""]).mark == first
