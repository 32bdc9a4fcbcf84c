"""The page of seats: readings by hand, settings, tokens for machines, and how many more seats it takes."""

import re
from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from dutyroom import seat_forms
from dutyroom.screens import seat_needs
from incident.screens.board import Board
from incident.screens.seats import Seats
from staffing import tokens
from staffing.models import FeedToken, Queue, Reading
from tests import rosters


@pytest.fixture
def queue(online):
    Queue.objects.all().delete()
    return rosters.queue(online, seats=12, stale_seconds=900)


@pytest.fixture
def at(client):
    """A page as somebody sees it."""

    def look(user, path="/seats/", **asked):
        client.force_login(user)
        return client.get(path, {"site": "online"} | asked)

    return look


@pytest.fixture
def enter(client, queue):
    def send(user, **typed):
        client.force_login(user)
        return client.post(reverse("seat-reading", args=[queue.pk]), typed)

    return send


def flat(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.decode() if isinstance(html, bytes) else html))


# --- the page -------------------------------------------------------------------------------------------------------


def test_everybody_of_the_site_sees_it_and_an_outsider_does_not(at, queue, vera, eve):
    assert at(vera).status_code == 200
    assert at(eve).status_code == 404


def test_a_site_without_a_queue_says_who_makes_one(at, queue, omar, ada, callcentre):
    assert "请本站管理员建立队列" in at(omar, site="callcentre").content.decode()
    assert reverse("seat-queue-new") in at(ada, site="callcentre").content.decode()


def test_every_figure_stands_with_its_formula(at, queue, vera, now, minutes):
    for ago, counts in ((25, (100, 70, 60, 20)), (0, (240, 170, 130, 52))):
        names = ("offered", "answered", "answered_in_time", "abandoned")
        Reading.objects.create(
            queue=queue, at=now - minutes(ago), received_at=now, source="t", staffed=10, busy=8,
            **dict(zip(names, counts, strict=True)),
        )  # fmt: skip
    Queue.objects.filter(pk=queue.pk).update(heard_at=now, newest={"staffed": 10, "busy": 8})
    said = flat(at(vera, "/seats/now/").content)
    for figure, formula in (
        ("71.43%", "connect.all.1"),
        ("50.00%", "level.all.1"),
        ("22.86%", "abandon.all.1"),
        ("80.00%", "occupancy.busy.1"),
    ):
        assert figure in said
        assert formula in said
    assert "接听数 ÷ 全部人工请求" in said
    assert "近 25 分钟 · 100 / 140" in said


def test_several_queues_have_tabs_and_the_one_asked_for_is_shown(at, queue, vera, online):
    rosters.queue(online, "second", zh="示例投诉")
    page = at(vera, queue="second").content.decode()
    assert re.search(r'queue=second" aria-current="true"', page)
    assert "queue-tabs" in page
    assert "示例投诉 · 数据来源" in flat(page)


# --- by hand --------------------------------------------------------------------------------------------------------


def test_what_is_typed_is_a_reading_and_empty_is_unknown(enter, queue, omar):
    answer = enter(omar, staffed="10", busy="１０", waiting="3", longest_wait="04:10", paused="")
    assert answer.status_code == 302
    row = Reading.objects.get(queue=queue)
    assert (row.staffed, row.busy, row.waiting, row.longest_wait) == (10, 10, 3, 250)
    assert (row.paused, row.offered) == (None, None)
    assert row.source == "hand"
    queue.refresh_from_db()
    assert queue.full_since == row.at


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"staffed": "-1"}, "staffed", "请填 0 或正整数"),
        ({"staffed": "很多"}, "staffed", "请填 0 或正整数"),
        ({"waiting": "3.5"}, "waiting", "请填 0 或正整数"),
        ({"staffed": "9" * 30}, "staffed", "请填 0 或正整数"),
        ({"longest_wait": "4:99"}, "longest_wait", "04:10"),
        ({"staffed": "5", "busy": "6"}, "busy", "多于"),
        ({"staffed": "5", "at": "25:00"}, "at", "14:30"),
        ({"staffed": "5", "at": "2030-01-01 00:00"}, "at", "将来"),
        ({}, "staffed", "至少填一项"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(typed, field, sentence, enter, queue, omar):
    answer = enter(omar, **typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    found = re.search(rf'id="entry-{field}-wrong">([^<]+)<', page)
    assert sentence in found[1]
    assert re.search(rf'id="entry-{field}"[^>]* aria-invalid="true"', page)
    for name, text in typed.items():
        assert f'name="{name}" value="{text}"' in page
    assert not Reading.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("vera", 403), ("ada", 403), ("eve", 404)])
def test_only_those_who_work_there_enter(who, status, enter, request):
    assert enter(request.getfixturevalue(who), staffed="5").status_code == status


def test_the_same_moment_twice_is_recorded_once(enter, queue, omar, now):
    typed = {"staffed": "10", "busy": "4", "at": f"{now.astimezone():%Y-%m-%d %H:%M}"}
    assert enter(omar, **typed).status_code == 302
    answer = enter(omar, **typed)
    assert answer.status_code == 422
    assert "没有重复记录" in answer.content.decode()
    assert Reading.objects.count() == 1


# --- how many more --------------------------------------------------------------------------------------------------

LOAD = {"calls": "120", "handle": "240", "seats": "9", "target": "80", "within": "20"}


def test_how_many_more_for_eighty_in_twenty(at, queue, omar):
    said = flat(at(omar, "/seats/needed/", **LOAD).content)
    assert "加 2 席即可达到 80/20（共 11 席）。" in said
    assert "话务量 8.0 Erl" in said
    assert re.search(r"8 -1 不稳定 — —", said)
    assert re.search(r"现在 9 0 39\.9% 2 分 37 秒 88\.9%", said)
    assert re.search(r"达标 11 \+2 80\.9% 19\.6 秒 72\.7%", said)


def test_an_unstable_queue_is_called_that_without_a_number(at, queue, omar):
    said = flat(at(omar, "/seats/needed/", **LOAD | {"seats": "8"}).content)
    assert "不稳定：话务量大于座席数" in said
    assert "加 3 席即可达到 80/20" in said
    assert re.search(r"现在 8 0 不稳定 — —", said)


def test_enough_is_enough_and_a_hundred_percent_is_no_target(at, queue, omar):
    assert "现有 14 席已达到 80/20。" in flat(at(omar, "/seats/needed/", **LOAD | {"seats": "14"}).content)
    assert "没有多少座席能保证 100%" in flat(at(omar, "/seats/needed/", **LOAD | {"target": "100"}).content)


def test_missing_staff_and_the_connection_rate(at, queue, omar):
    said = flat(at(omar, "/seats/needed/", **LOAD | {"seats": "11", "missing": "4"}).content)
    assert "缺 4 人后 7 席：不稳定，接通率最多 87.50%（目标 85%）。" in said
    assert "补 4 席可回到 80/20" in said
    assert "connect.carried.1" in said
    said = flat(at(omar, "/seats/needed/", **LOAD | {"seats": "11", "missing": "1"}).content)
    assert "缺 1 人后 10 席：接得下全部来电，但等待变长。" in said
    assert "服务水平 65.4%，平均等待 49.1 秒，占用率 80.0%" in said


def test_staff_come_from_where_they_can_be_spared(queue, online, now, minutes):
    calm = rosters.queue(
        online, "calm", zh="示例预约", heard_at=now, newest={"staffed": 9, "busy": 1}, stale_seconds=900
    )
    for ago, count in ((20, 0), (10, 20), (0, 40)):
        Reading.objects.create(
            queue=calm, at=now - minutes(ago), received_at=now, source="t", staffed=9, busy=2, offered=count,
            answered=count,
        )  # fmt: skip
    rows = Seats(Board((online.pk,), now)).rows
    calm_row = next(row for row in rows if row.queue == calm)
    asked = seat_forms.load(LOAD | {"missing": "2"}, {})
    found = seat_needs.needs(asked, calm_row.history.connected, queue, [calm_row])
    assert found.missing.helpers == ("示例预约 可抽 5 席",)


def test_the_load_of_the_last_half_hour_stands_in_the_form(at, queue, omar, now, minutes):
    for ago in range(20, -1, -1):
        Reading.objects.create(
            queue=queue, at=now - minutes(ago), received_at=now, source="t", staffed=10, busy=8,
            offered=100 + 2 * (20 - ago), answered=90 + 2 * (20 - ago),
        )  # fmt: skip
    Queue.objects.filter(pk=queue.pk).update(heard_at=now, newest={"staffed": 10, "busy": 8})
    page = at(omar).content.decode()
    assert re.search(r'name="calls" value="120"', page)
    assert re.search(r'name="handle" value="240"', page)
    assert re.search(r'name="seats" value="10"', page)
    assert "加 1 席即可达到 80/20" in page


def test_without_readings_nothing_is_guessed(at, queue, omar):
    page = flat(at(omar).content)
    assert "不清楚时不猜" in page
    assert "即可达到" not in page


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("calls", "-5"), ("calls", "viele"), ("calls", "1e999"), ("calls", "nan"), ("handle", "0"), ("seats", "9.5"),
        ("seats", "1000000"), ("target", "0"), ("target", "101"), ("within", "-1"), ("missing", "10"),
    ],
)  # fmt: skip
def test_a_load_that_means_nothing_says_so(field, text, at, queue, omar):
    answer = at(omar, "/seats/needed/", **LOAD | {field: text})
    assert answer.status_code == 422
    assert re.search("请填|缺员不能多于", flat(answer.content))
    assert at(omar, **LOAD | {field: text}).status_code == 200  # the page itself stays


def test_thousands_of_seats_are_answered_with_a_short_table(at, queue, omar):
    said = at(omar, "/seats/needed/", **LOAD | {"calls": "60000", "seats": "3900"}).content.decode()
    assert "即可达到" in said
    assert 3 <= said.count("<tr") <= 14


# --- settings and tokens --------------------------------------------------------------------------------------------

SETTINGS = {
    "zh": "示例热线", "en": "Sample hotline", "seats": "40", "source": "ami", "outside_name": "support",
    "starts": "propose", "dip_seconds": "45", "stale_seconds": "20", "connect_target": "90", "answer_target": "85",
    "answer_seconds": "15", "formula": "short_out",
}  # fmt: skip


def test_an_administrator_sets_a_queue_and_readings_are_left_alone(client, queue, ada, now):
    Queue.objects.filter(pk=queue.pk).update(newest={"staffed": 3}, heard_at=now)
    client.force_login(ada)
    path = reverse("seat-queue", args=[queue.pk])
    assert client.get(path).status_code == 200
    assert client.post(path, SETTINGS).status_code == 302
    queue.refresh_from_db()
    assert (queue.seats, queue.starts, queue.formula, queue.dip_seconds) == (40, "propose", "short_out", 45)
    assert (queue.key, queue.newest) == ("hotline", {"staffed": 3})


def test_a_new_queue(client, queue, ada, online):
    client.force_login(ada)
    made = {"site": "online", "key": "second", **SETTINGS}
    assert client.post(reverse("seat-queue-new"), made).status_code == 302
    assert Queue.objects.get(key="second").site == online
    again = client.post(reverse("seat-queue-new"), made)
    assert again.status_code == 422
    assert "本站已有这个代号的队列" in again.content.decode()


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("seats", "-1", "0"),
        ("dip_seconds", "9999", "600"),
        ("stale_seconds", "1", "5"),
        ("connect_target", "101", "100"),
        ("answer_seconds", "0", "至少为 1"),
        ("outside_name", "", "须填它里面的队列名"),
        ("starts", "never", "有效"),
        ("zh", "", "必填"),
    ],
)
def test_settings_that_cannot_be_are_refused(field, text, sentence, client, queue, ada):
    client.force_login(ada)
    answer = client.post(reverse("seat-queue", args=[queue.pk]), SETTINGS | {field: text})
    assert answer.status_code == 422
    found = re.search(rf'id="id_{field}_error">([^<]+)<', answer.content.decode())
    assert sentence in found[1]
    queue.refresh_from_db()
    assert queue.seats == 12


@pytest.mark.parametrize(("who", "status"), [("omar", 403), ("dana", 403), ("vera", 403), ("eve", 404)])
def test_only_administrators_set_up(who, status, client, queue, request):
    client.force_login(request.getfixturevalue(who))
    for path in (reverse("seat-queue", args=[queue.pk]), f"{reverse('seat-queue-new')}?site=online"):
        assert client.get(path).status_code == status
    assert client.post(reverse("seat-tokens"), {"site": "online", "name": "x"}).status_code == status
    assert not FeedToken.objects.exists()


def test_a_token_is_shown_once_works_and_is_revoked(client, queue, ada, now):
    client.force_login(ada)
    made = client.post(reverse("seat-tokens"), {"site": "online", "name": "示例话务系统"}).content.decode()
    secret = re.search(r'<code class="secret">([^<]+)<', made)[1]
    token = FeedToken.objects.get()
    assert tokens.find(secret) == token
    assert f"Authorization: Bearer {secret}" in made.replace("&#x27;", "'")
    assert reverse("seats-push") in made
    later = client.get("/seats/", {"site": "online"}).content.decode()
    assert "示例话务系统" in later
    assert secret not in later
    assert client.post(reverse("seat-token-revoke", args=[token.pk])).status_code == 302
    lines = LogEntry.objects.get_for_object(token).order_by("pk")
    assert [(line.actor, line.additional_data) for line in lines] == [(ada, {"site_id": queue.site_id})] * 2
    assert "revoked_at" in lines[1].changes_dict
    assert token.digest not in str([line.changes for line in lines])
    assert tokens.find(secret) is None


def test_a_token_needs_a_name(client, queue, ada):
    client.force_login(ada)
    answer = client.post(reverse("seat-tokens"), {"site": "online", "name": " "})
    assert answer.status_code == 422
    assert "请写明是哪套系统" in answer.content.decode()


def test_tokens_are_nobody_elses_business(at, queue, dana, ada, online, now):
    tokens.make(online, "示例话务系统", ada, now)
    assert "示例话务系统" not in at(dana).content.decode()
    assert "示例话务系统" in at(ada).content.decode()


def test_the_page_costs_a_fixed_number_of_queries(at, client, queue, dana, online, django_assert_max_num_queries, now):
    for place in range(6):
        rosters.queue(online, f"queue{place}", heard_at=now - timedelta(seconds=1), newest={"staffed": 3, "busy": 1})
    at(dana)
    with django_assert_max_num_queries(12):
        client.get("/seats/", {"site": "online"})


def test_english(at, queue, dana):
    dana.language = "en"
    dana.save()
    page = at(dana).content.decode()
    assert "How many more seats" in page
    assert "Staffed, not paused" in page
