"""The roster page: the week as it is read, every step with what it refuses, and who hears of it."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from dutyroom.screens import roster as screen
from incident.models import Topic
from notices.models import Notice
from staffing import planned
from staffing.models import Absence, Day, Edition, Need, Shift, Swap
from tests import rosters

HTMX = {"HX-Request": "true"}
WEEK = date(2090, 6, 5)  # a Monday to come for long; its public holidays are not announced yet
HOUR = timedelta(hours=1)


@pytest.fixture
def house(callcentre):
    return House(callcentre)


class House:
    """The call centre with two posts, three guards and two kinds of shift, in a week to come."""

    def __init__(self, site):
        Need.objects.filter(post__site=site).delete()
        self.site = site
        self.guard = rosters.post(site, "guard", zh="安保", en="Guard")
        self.gate = rosters.post(site, "gate", zh="门岗", en="Gate")
        self.f, self.v, self.z = (rosters.person(site, f"示例安保{letter}") for letter in "FVZ")
        self.day = rosters.kind(site, "day", "白", 8, 16)
        self.late = rosters.kind(site, "evening", "晚", 16, 24)

    def at(self, hour, day=0):
        return planned.midnight(WEEK) + timedelta(days=day, hours=hour)

    def shift(self, who=None, day=0, kind=None, **more):
        kind = kind or self.day
        starts_at, ends_at = planned.span(kind, WEEK + timedelta(days=day))
        values = {"post": self.guard, "person": who or self.f, "kind": kind, **more}
        return Shift.objects.create(starts_at=starts_at, ends_at=ends_at, **values)

    def form(self, **more):
        return {
            "site": self.site.key, "week": WEEK.isoformat(), "post": self.guard.pk, "person": self.f.pk,
            "kind": self.day.pk, "day": WEEK.isoformat(), **more,
        }  # fmt: skip

    def planned(self, post=None):
        return list(Shift.objects.filter(post=post or self.guard, removed_at__isnull=True).order_by("starts_at", "pk"))


@pytest.fixture
def desk(dana):
    """Dana's browser, as the page itself asks."""
    return Desk(dana)


class Desk:
    def __init__(self, user):
        self.client = Client(headers=HTMX)
        self.client.force_login(user)

    def page(self, week=WEEK, **more):
        query = {"site": "callcentre", "week": week.isoformat() if week else "", **more}
        answer = self.client.get("/roster/", query)
        assert answer.status_code == 200
        return answer.content.decode()

    def post(self, path, form=None):
        return self.client.post(f"/roster/{path}", form or {})


def said(answer):
    """What went wrong, as the form shows it."""
    text = answer.content.decode()
    return text.split('is-error"', 1)[1].split("</form>", 1)[0] if 'is-error"' in text else text


def refused(answer, words, status=422):
    assert answer.status_code == status, answer.content.decode()[:300]
    assert words in answer.content.decode()
    return True


# --- the page -------------------------------------------------------------------------------------------------------


def test_a_week_shows_posts_people_gaps_and_who_leads_to_them(house, desk):
    Need.objects.create(post=house.guard, kind=house.day)
    Need.objects.create(post=house.guard, kind=house.late)
    house.shift()
    house.shift(house.v, kind=house.late)
    page = desk.page()
    assert "6月5日 – 11日" in page and "第 23 周" in page
    assert "白 8–16" in page and "晚 16–24" in page
    assert "示例安保F" in page
    assert "发布（先补 12 处缺岗）" in page
    assert page.count('class="vacant" id="gap-') == 12
    assert "未发布" in page


def test_years_without_holidays_are_said_and_change_nothing_else(house, desk):
    Need.objects.create(post=house.guard, kind=house.day)
    assert "2090 年节假日数据缺失，请在管理中填写" in desk.page()
    for number in range(7):
        Day.objects.create(date=WEEK + timedelta(days=number), kind=Day.Kind.WORKDAY)
    Day.objects.filter(date=WEEK).update(kind=Day.Kind.HOLIDAY, zh="示例节")
    page = desk.page()
    assert "数据缺失" not in page
    assert "示例节" in page and "调休上班" in page


@pytest.mark.parametrize("week", ["", "x", "2027-13-40", "9999-12-31", "0001-01-01"])
def test_a_week_that_is_none_is_the_present_one(house, desk, week):
    Need.objects.create(post=house.guard, kind=house.day)
    answer = desk.client.get("/roster/", {"site": "callcentre", "week": week})
    assert answer.status_code == 200
    assert "今天" in answer.content.decode()


def test_the_year_turns_in_the_middle_of_a_week(house, desk):
    page = desk.page(week=date(2026, 12, 28))
    assert "12月28日 – 1月3日" in page and "元旦" not in page
    assert "2027 年节假日数据缺失" in page


def test_who_is_on_now_is_inverted_but_not_while_away(house, desk, now):
    monday = screen.monday("", now)
    rosters.shift(house.guard, house.f, now - HOUR, 2)
    assert page_of(desk, monday).count("on-now") == 1
    rosters.leave(house.f, now - HOUR, 2)
    assert page_of(desk, monday).count("on-now") == 0


def page_of(desk, monday):
    page = desk.page(week=monday)
    return page[page.index("<tbody>") :]


def test_standby_stands_apart_and_can_be_shown_and_printed_alone(house, desk):
    standby = rosters.kind(house.site, "standby", "备", 8, 8, standby=True)
    house.site.duty_phone = "000-0000-0100"
    house.site.save()
    house.shift(house.v)
    house.shift(house.f, kind=standby, standby=True)
    both, alone = desk.page(), desk.page(show="standby")
    assert both.index("示例安保V") < both.index('class="is-standby"') < both.index("示例安保F")
    assert "示例安保F" in alone and "示例安保V" not in alone
    paper = desk.client.get("/roster/print/", {"site": "callcentre", "week": WEEK, "show": "standby"}).content.decode()
    assert "应急备班表" in paper and "示例安保F" in paper and "示例安保V" not in paper
    assert "24 小时值班电话" in paper and "000-0000-0100" in paper


def test_marks_for_two_places_at_once_stand_ins_and_swaps(house, desk, dana):
    mine = house.shift()
    house.shift(post=house.gate)
    house.shift(house.v, is_override=True)
    Swap.objects.create(shift=mine, to_person=house.z, asked_by=dana, asked_at=planned.midnight(WEEK))
    page = desk.page()
    assert page.count('title="同时排在两处"') == 2
    assert page.count('title="临时顶替"') == 1
    assert page.count('title="换班待批"') == 1


def test_many_on_one_shift_are_folded_and_too_many_are_fetched(house, desk, monkeypatch):
    people = [rosters.person(house.site, f"示例众{number}") for number in range(6)]
    for who in people:
        house.shift(who)
    page = desk.page()
    assert "6 人" in page and "示例众5" in page
    monkeypatch.setattr(screen, "MOST_NAMED", 5)
    page = desk.page()
    assert "6 人" in page and "示例众5" not in page
    cell = desk.client.get(
        "/roster/cell/",
        {"site": "callcentre", "week": WEEK, "post": house.guard.pk, "kind": house.day.pk, "day": WEEK},
    )
    assert "示例众5" in cell.content.decode()


def test_english(house, desk, dana):
    dana.language = "en"
    dana.save()
    Need.objects.create(post=house.guard, kind=house.day)
    page = desk.page()
    assert "5 – 11 Jun" in page and "Guard" in page and "Publish (gaps first: 7)" in page
    assert "Public holidays of 2090 are missing" in page


def test_the_board_is_fetched_again_only_when_something_can_have_changed(house, desk):
    page = desk.page()
    mark = page.split("mark=")[1].split('"')[0]
    asked = {"site": "callcentre", "week": WEEK, "mark": mark}
    assert desk.client.get("/roster/board/", asked).status_code == 204
    desk.post("shifts/new/", house.form())
    again = desk.client.get("/roster/board/", asked)
    assert again.status_code == 200 and "示例安保F" in again.content.decode()


def test_without_script_every_form_is_a_page_and_leads_back(house, dana):
    plain = Client()
    plain.force_login(dana)
    shift = house.shift()
    for path in (
        "shifts/new/",
        "leave/",
        "rota/",
        "copy/",
        "publish/",
        f"shifts/{shift.pk}/",
        f"shifts/{shift.pk}/move/",
    ):
        answer = plain.get(f"/roster/{path}", {"site": "callcentre"})
        assert answer.status_code == 200 and "<main" in answer.content.decode()
    answer = plain.post("/roster/shifts/new/", house.form(person=house.v.pk))
    assert answer.status_code == 303
    assert answer["Location"] == f"/roster/?site=callcentre&week={WEEK}"


# --- one shift ------------------------------------------------------------------------------------------------------


def test_planning_tells_whoever_watches_the_site(house, desk):
    name = f"site:{house.site.pk}"
    before = Topic.objects.filter(name=name).values_list("number", flat=True).first() or 0
    answer = desk.post("shifts/new/", house.form())
    assert answer.status_code == 204
    assert "roster:changed" in answer["HX-Trigger"]
    (made,) = house.planned()
    assert (made.person, made.kind, made.starts_at) == (house.f, house.day, house.at(8))
    assert Topic.objects.get(name=name).number == before + 1


def test_a_part_of_a_shift_and_other_hours(house, desk):
    desk.post("shifts/new/", house.form(**{"from": "12:00"}))
    desk.post("shifts/new/", house.form(person=house.v.pk, kind="-", **{"from": "22:00", "to": "6:00"}))
    first, second = house.planned()
    assert (first.starts_at, first.ends_at) == (house.at(12), house.at(16))
    assert (second.starts_at, second.ends_at, second.kind) == (house.at(22), house.at(30), None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"post": ""}, "请选择岗位"),
        ({"person": ""}, "请选择人员"),
        ({"person": "999999"}, "不属于本站点"),
        ({"day": ""}, "请填写日期"),
        ({"day": "soon"}, "日期应为日期"),
        ({"day": "9999-01-01"}, "2000 年至 2099 年"),
        ({"kind": "-"}, "从几点到几点"),
        ({"kind": "777777"}, "没有这个班次"),
        ({"from": "25:00"}, "应为时间"),
        ({"from": "noon"}, "应为时间"),
        ({"from": "12:00", "to": "12:00"}, "晚于"),
        ({"post": "999999"}, "没有这个岗位"),
    ],
)
def test_a_form_that_makes_no_sense(house, desk, change, words):
    assert refused(desk.post("shifts/new/", house.form(**change)), words)
    assert house.planned() == []


def test_a_person_of_another_site_away_or_gone(house, desk, online):
    stranger = rosters.person(online, "示例外站")
    assert refused(desk.post("shifts/new/", house.form(person=stranger.pk)), "不属于本站点")
    rosters.leave(house.f, house.at(0))
    assert refused(desk.post("shifts/new/", house.form()), "请假，不能排班")
    house.v.is_active = False
    house.v.save()
    assert refused(desk.post("shifts/new/", house.form(person=house.v.pk)), "离职")


def test_twice_on_a_post_is_refused_and_in_two_places_only_when_meant(house, desk):
    house.shift()
    assert refused(desk.post("shifts/new/", house.form(**{"from": "15:00"})), "已排在这个岗位")
    gate = house.form(post=house.gate.pk)
    answer = desk.post("shifts/new/", gate)
    assert refused(answer, "已排在“安保”，时间重叠") and refused(answer, "仍要同时排在两处")
    assert desk.post("shifts/new/", {**gate, "double": "yes"}).status_code == 204


def test_the_past_is_rewritten_only_with_a_reason(house, desk, now):
    day = (now - timedelta(days=2)).astimezone(planned.ZONE).date().isoformat()
    assert refused(desk.post("shifts/new/", house.form(day=day)), "须写明理由")
    assert desk.post("shifts/new/", house.form(day=day, reason="当时口头安排")).status_code == 204
    (made,) = house.planned()
    assert refused(desk.post(f"shifts/{made.pk}/move/", {"person": house.v.pk, "seen": 0}), "须写明理由")
    assert refused(desk.post(f"shifts/{made.pk}/remove/", {"seen": 0}), "须写明理由")
    assert desk.post(f"shifts/{made.pk}/remove/", {"seen": 0, "reason": "记错"}).status_code == 204
    made.refresh_from_db()
    assert made.note == "当时口头安排 · 记错"


def test_a_drag_sends_only_what_it_changes(house, desk):
    made = house.shift()
    to = {"day": (WEEK + timedelta(days=3)).isoformat(), "post": house.gate.pk, "seen": 0}
    assert desk.post(f"shifts/{made.pk}/move/", to).status_code == 204
    (moved,) = house.planned(house.gate)
    assert (moved.pk, moved.person, moved.starts_at, moved.kind) == (made.pk, house.f, house.at(8, 3), house.day)
    assert desk.post(f"shifts/{made.pk}/move/", {"person": house.z.pk, "seen": 1}).status_code == 204
    assert [shift.person for shift in house.planned(house.gate)] == [house.z]


def test_a_page_that_is_out_of_date_is_told_and_fetches_the_board(house, desk):
    made = house.shift()
    desk.post(f"shifts/{made.pk}/move/", {"person": house.f.pk, "from": "9:00", "seen": 0})
    for path in ("move", "remove"):
        answer = desk.post(f"shifts/{made.pk}/{path}/", {"seen": 0})
        assert refused(answer, "已被改动，未作任何改动", 409)
        assert answer["HX-Trigger"] == "roster:changed"
    desk.post(f"shifts/{made.pk}/remove/", {"seen": 1})
    assert refused(desk.post(f"shifts/{made.pk}/remove/", {"seen": 2}), "已被移除", 409)
    assert "已于" in desk.client.get(f"/roster/shifts/{made.pk}/").content.decode()


def test_a_stand_in_for_a_part(house, desk):
    made = house.shift()
    answer = desk.post(f"shifts/{made.pk}/stand-in/", {"person": house.v.pk, "from": "12:00", "seen": 0})
    assert answer.status_code == 204
    other = Shift.objects.get(person=house.v)
    assert (other.is_override, other.starts_at, other.ends_at) == (True, house.at(12), house.at(16))
    assert refused(desk.post(f"shifts/{made.pk}/stand-in/", {"person": house.z.pk, "to": "17:00"}), "之内")
    before = desk.post(f"shifts/{made.pk}/stand-in/", {"person": house.z.pk, "from": "03:00"})
    assert refused(before, "之内") and 'id="field-from"' in before.content.decode()
    assert 'aria-invalid="true"' in before.content.decode().partition('id="field-from"')[2].partition(">")[0]
    assert refused(desk.post(f"shifts/{made.pk}/stand-in/", {"person": house.f.pk}), "不能是本人")
    assert refused(desk.post(f"shifts/{made.pk}/stand-in/", {}), "请选择人员")


# --- gaps -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def lacking(house):
    """The guard of one day is missing; v has worked the post, f is planned 16 hours in the week."""
    Need.objects.create(post=house.guard, kind=house.day, weekdays=[3])
    return house


def test_a_gap_names_who_could_take_it_and_one_press_assigns(lacking, desk, now):
    rosters.shift(lacking.guard, lacking.v, now - timedelta(days=3))
    rosters.shift(lacking.guard, lacking.f, now - timedelta(days=2))
    lacking.shift(lacking.f, day=0)
    monday = screen.monday("", now) + planned.WEEK
    page = desk.page(week=monday)
    panel = page[page.index('id="live-gaps"') :]
    assert panel.index("示例安保F") > 0 and "指派" in panel and "本周 0 小时" in panel
    form = {
        **lacking.form(), "week": monday, "day": monday + timedelta(days=2), "person": lacking.v.pk, "from": "08:00",
        "to": "16:00", "gap": "yes",
    }  # fmt: skip
    assert desk.post("shifts/new/", form).status_code == 204
    assert "没有缺岗" in desk.page(week=monday)
    assert refused(desk.post("shifts/new/", {**form, "person": lacking.z.pk}), "刚刚已有人排上", 409)


def test_a_gap_that_runs_is_filled_from_now_on_without_a_reason(house, desk, now):
    local = now.astimezone(planned.ZONE)
    kind = rosters.kind(house.site, "whole", "全", local.hour, local.hour)
    Need.objects.create(post=house.guard, kind=kind)
    form = {
        **house.form(kind=kind.pk), "day": local.date(), "from": f"{local.hour}:00", "to": f"{local.hour}:00",
        "gap": "yes",
    }  # fmt: skip
    assert desk.post("shifts/new/", form).status_code == 204
    (made,) = house.planned()
    assert now <= made.starts_at < now + timedelta(minutes=1)


# --- leave ----------------------------------------------------------------------------------------------------------


def leave_form(house, **more):
    return {
        "site": "callcentre", "week": WEEK, "person": house.f.pk, "starts-day": WEEK, "ends-day": WEEK, "why": "sick",
        **more,
    }  # fmt: skip


def test_leave_shows_first_what_it_tears_and_is_written_when_meant(house, desk):
    Need.objects.create(post=house.guard, kind=house.day)
    house.shift()
    first = desk.post("leave/", leave_form(house))
    assert first.status_code == 200 and "会空出 1 处" in first.content.decode()
    assert not Absence.objects.filter(person=house.f).exists()
    mark = first.content.decode().split('name="mark" value="')[1].split('"')[0]
    assert desk.post("leave/", leave_form(house, mark=mark)).status_code == 204
    made = Absence.objects.get(person=house.f)
    assert (made.starts_at, made.ends_at, made.reason) == (house.at(0), house.at(24), "sick")
    page = desk.page()
    assert "病假" in page and 'title="离岗"' in page
    assert desk.post(f"leave/{made.pk}/end/").status_code == 204
    assert not Absence.objects.filter(person=house.f).exists()


def test_leave_that_tears_nothing_is_written_at_once(house, desk):
    assert desk.post("leave/", leave_form(house, ends="12:00")).status_code == 204
    assert Absence.objects.get(person=house.f).ends_at == house.at(12)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"person": ""}, "请选择人员"),
        ({"starts-day": ""}, "请填写开始日期"),
        ({"ends-day": "soon"}, "结束日期应为日期"),
        ({"ends-day": "2090-06-01"}, "晚于"),
        ({"ends-day": "2092-01-01"}, "366 天"),
        ({"starts-day": "2020-01-01", "ends-day": "2020-01-02"}, "已经过去"),
        ({"why": "whim"}, "离岗原因"),
        ({"starts": "noon"}, "应为时间"),
    ],
)
def test_leave_that_makes_no_sense(house, desk, change, words):
    assert refused(desk.post("leave/", leave_form(house, **change)), words)


# --- swaps ----------------------------------------------------------------------------------------------------------


def test_a_swap_is_asked_by_a_lead_and_decided_by_another(house, desk, omar):
    mine, theirs = house.shift(), house.shift(house.v, day=2)
    lead = Desk(omar)
    assert lead.post(f"shifts/{mine.pk}/swap/", {"with": f"{house.v.pk}-{theirs.pk}", "seen": 0}).status_code == 204
    swap = Swap.objects.get()
    assert "换回" in desk.page() and "撤回" in lead.page()
    assert lead.post(f"swaps/{swap.pk}/approve/").status_code == 403
    assert desk.post(f"swaps/{swap.pk}/approve/").status_code == 204
    assert [shift.person for shift in house.planned()] == [house.v, house.f]
    assert refused(desk.post(f"swaps/{swap.pk}/refuse/", {"reason": "x"}), "已经处理过", 409)


def test_whoever_asked_does_not_approve(house, desk):
    mine = house.shift()
    desk.post(f"shifts/{mine.pk}/swap/", {"with": house.v.pk, "seen": 0})
    swap = Swap.objects.get()
    assert refused(desk.post(f"swaps/{swap.pk}/approve/"), "不能自批", 403)
    assert desk.post(f"swaps/{swap.pk}/withdraw/").status_code == 204


def test_a_person_asks_for_their_own_shift(house, vera):
    mine = house.shift()
    eyes = Desk(vera)
    assert eyes.post(f"shifts/{mine.pk}/swap/", {"with": house.v.pk}).status_code == 403
    house.f.user = vera
    house.f.save()
    assert eyes.post(f"shifts/{mine.pk}/swap/", {"with": house.v.pk, "seen": 0}).status_code == 204


def test_a_swap_refused_needs_a_reason(house, desk, omar):
    mine = house.shift()
    Desk(omar).post(f"shifts/{mine.pk}/swap/", {"with": house.v.pk, "seen": 0})
    swap = Swap.objects.get()
    assert refused(desk.post(f"swaps/{swap.pk}/refuse/", {"reason": ""}), "不批准的理由")
    assert desk.post(f"swaps/{swap.pk}/refuse/", {"reason": "人手不足"}).status_code == 204
    assert refused(Desk(omar).post(f"shifts/{mine.pk}/swap/", {}), "请选择由谁顶班")


# --- weeks ----------------------------------------------------------------------------------------------------------


def rota_form(house, **more):
    return {
        "site": "callcentre", "week": WEEK, "post": house.guard.pk, "people": "示例安保F\n示例安保V",
        "pattern": "白 晚 休", "starts_on": WEEK, "until": WEEK + timedelta(days=5), **more,
    }  # fmt: skip


def test_a_rota_is_shown_and_then_written(house, desk):
    rosters.leave(house.f, house.at(0))
    first = desk.post("rota/", rota_form(house))
    text = first.content.decode()
    assert "可排 7 班，1 班排不上" in text and "示例安保F：离岗" in text
    assert house.planned() == []
    mark = text.split('name="mark" value="')[1].split('"')[0]
    assert desk.post("rota/", rota_form(house, mark=mark)).status_code == 204
    assert len(house.planned()) == 7
    again = desk.post("rota/", rota_form(house, mark=mark))
    assert again.status_code == 200 and "可排 0 班" in again.content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"post": ""}, "请选择岗位"),
        ({"people": ""}, "至少一个人"),
        ({"people": "示例无名"}, "找不到“示例无名”"),
        ({"people": "示例安保F, 示例安保F"}, "只写一次"),
        ({"people": "示例安保F," * 61}, "最多 60 人"),
        ({"pattern": "白 中"}, "没有班次“中”"),
        ({"pattern": "休 休"}, "至少一个班次"),
        ({"until": "2090-06-01"}, "不能早于"),
        ({"until": "2092-06-01"}, "366 天"),
        ({"starts_on": "x"}, "应为日期"),
    ],
)
def test_a_rota_that_makes_no_sense(house, desk, change, words):
    assert refused(desk.post("rota/", rota_form(house, **change)), words)


def test_publishing_tells_whose_shifts_changed(house, desk, omar):
    house.f.user = omar
    house.f.save()
    house.shift()
    week = {"site": "callcentre", "week": WEEK}
    assert desk.post("publish/", {**week, "seen": 0}).status_code == 204
    edition = Edition.objects.get(site=house.site, week=WEEK)
    assert (edition.number, edition.by_name) == (1, "示例主管B")
    notice = Notice.objects.get(kind="roster_changed")
    assert notice.person == "示例安保F" and notice.data["shifts_zh"] == "6月5日 08:00–16:00 白 安保"
    assert "第 1 版" in desk.page()
    assert refused(desk.post("publish/", {**week, "seen": 1}), "没有改动")
    assert refused(desk.post("publish/", {**week, "seen": 0}), "刚刚发布过第 1 版", 409)
    desk.post("shifts/new/", house.form(person=house.v.pk))
    assert "之后改动 1 处" in desk.page()


def test_publishing_with_gaps_needs_a_reason(house, desk):
    Need.objects.create(post=house.guard, kind=house.day)
    house.shift()
    week = {"site": "callcentre", "week": WEEK, "seen": 0}
    assert "带缺岗发布的理由" in desk.client.get("/roster/publish/", week).content.decode()
    assert refused(desk.post("publish/", week), "6 处缺岗")
    assert desk.post("publish/", {**week, "reason": "等新人"}).status_code == 204


def test_copying_a_week(house, desk):
    house.shift()
    assert desk.post("copy/", {"site": "callcentre", "week": WEEK}).status_code == 204
    assert [shift.starts_at for shift in house.planned()] == [house.at(8), house.at(8, 7)]
    empty = {"site": "callcentre", "week": WEEK + 5 * planned.WEEK}
    assert refused(desk.post("copy/", empty), "没有可复制")


def test_the_present_week_may_be_read_by_its_day(desk, house):
    assert isinstance(screen.monday("2090-06-07", datetime.now(planned.ZONE)), date)
    assert screen.monday("2090-06-07", datetime.now(planned.ZONE)) == WEEK
