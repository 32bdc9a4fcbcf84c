"""The page of handovers: what runs, the buttons, the record, the list, and the banner of the desk."""

import pytest

from incident import handover, sweep, timeline
from incident.models import Handover, Incident
from staffing.models import Holder, Membership, Person, Post, User
from tests import rosters

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def iris(callcentre):
    user = User.objects.create(username="iris", name="示例班长I")
    Membership.objects.create(user=user, site=callcentre, role=Membership.Role.SHIFT_LEAD)
    Person.objects.filter(site=callcentre, name="示例班长I").update(user=user)
    return user


@pytest.fixture
def change(now, minutes, iris, callcentre):
    """The shift changes from omar to iris just now."""
    Post.objects.filter(site=callcentre, key="team_leader").update(hands_over=True)
    Holder.objects.filter(post__site=callcentre, post__key="team_leader").delete()
    post = Post.objects.get(site=callcentre, key="team_leader")
    rosters.shift(post, Person.objects.get(site=callcentre, name="示例班长A"), now - minutes(480))
    rosters.shift(post, Person.objects.get(site=callcentre, name="示例班长I"), now)
    return now


@pytest.fixture
def opened(change, report, minutes):
    report("HJ-2", at=change - minutes(3), facts={"scope": "all_applications"})
    sweep.sweep(now=change)
    return Handover.objects.get()


def page(client, user, **query) -> str:
    client.force_login(user)
    answer = client.get("/handover/", {"site": "callcentre"} | query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_incoming_lead_sees_what_is_to_be_taken(client, iris, opened):
    text = page(client, iris)
    number = Incident.objects.get().number
    for words in (
        "值班组长", "示例班长A", "示例班长I", number, "接手事件", "全部接手", "以上", "交接班记录", "对外公告",
        "未结事件与下一时限", "座席",
    ):  # fmt: skip
        assert words in text, words
    assert text.count('name="item"') == opened.items.count()
    assert 'data-due datetime="' in text


@pytest.mark.parametrize("name", ["omar", "vera", "ada"])
def test_others_see_it_without_the_buttons_of_taking(client, request, opened, name):
    text = page(client, request.getfixturevalue(name))
    assert "待接" in text
    assert 'name="item"' not in text
    assert "全部接手" not in text


def test_one_item_is_taken_from_the_page(client, iris, opened):
    client.force_login(iris)
    item = opened.items.get(duty=None)
    answer = client.post(f"/handover/{opened.pk}/take/", {"item": item.pk}, headers=HTMX)
    assert answer.status_code == 200
    assert "示例班长I 已接手" in answer.content.decode()
    item.refresh_from_db()
    assert item.state == "taken"


def test_everything_is_taken_after_reading(client, iris, opened):
    client.force_login(iris)
    answer = client.post(f"/handover/{opened.pk}/take/", {}, headers=HTMX)
    assert (answer.status_code, "请先逐项看过" in answer.content.decode()) == (422, True)
    answer = client.post(f"/handover/{opened.pk}/take/", {"read": "yes"})
    assert (answer.status_code, answer["Location"]) == (303, "/handover/?site=callcentre")
    assert set(opened.items.values_list("state", flat=True)) == {"taken"}


@pytest.mark.parametrize("item", ["0", "x", "-1", "9" * 40, "１２"])
def test_an_item_that_is_none(client, iris, opened, item):
    client.force_login(iris)
    answer = client.post(f"/handover/{opened.pk}/take/", {"item": item}, headers=HTMX)
    assert (answer.status_code, "没有等待接手的事项" in answer.content.decode()) == (409, True)


def test_the_item_of_another_handover_is_not_taken(client, iris, opened, change, minutes):
    other = Handover.objects.create(
        site=opened.site, post="cc_supervisor", shift_at=change, opened_at=change, window_ends_at=change + minutes(15)
    )
    client.force_login(iris)
    answer = client.post(f"/handover/{other.pk}/take/", {"item": opened.items.first().pk}, headers=HTMX)
    assert answer.status_code == 409


def test_who_goes_cannot_take(client, omar, opened):
    client.force_login(omar)
    answer = client.post(f"/handover/{opened.pk}/take/", {"read": "yes"}, headers=HTMX)
    assert (answer.status_code, "只有接班人" in answer.content.decode()) == (403, True)


def test_twice_is_a_plain_sentence(client, iris, opened):
    client.force_login(iris)
    item = opened.items.first()
    client.post(f"/handover/{opened.pk}/take/", {"item": item.pk})
    answer = client.post(f"/handover/{opened.pk}/take/", {"item": item.pk}, headers=HTMX)
    assert (answer.status_code, "没有重复记录" in answer.content.decode()) == (409, True)


def test_the_notes_of_the_one_who_goes(client, omar, iris, opened):
    client.force_login(omar)
    answer = client.post(f"/handover/{opened.pk}/note/", {"note": "示例：钥匙在值班台 <b>"}, headers=HTMX)
    assert answer.status_code == 200
    assert "已保存" in answer.content.decode()
    assert "示例：钥匙在值班台 &lt;b&gt;" in page(client, iris)
    client.force_login(omar)
    answer = client.post(f"/handover/{opened.pk}/note/", {"note": "字" * 2001}, headers=HTMX)
    assert (answer.status_code, "最多 2000 字" in answer.content.decode()) == (422, True)


def test_both_sign_and_it_leaves_the_page(client, omar, iris, opened):
    client.force_login(iris)
    answer = client.post(f"/handover/{opened.pk}/sign/", headers=HTMX)
    assert (answer.status_code, "没有接手" in answer.content.decode()) == (409, True)
    client.post(f"/handover/{opened.pk}/take/", {"read": "yes"})
    client.post(f"/handover/{opened.pk}/sign/")
    client.force_login(omar)
    client.post(f"/handover/{opened.pk}/sign/")
    text = page(client, iris)
    assert "现在没有交接班" in text
    assert "双方已签" in text
    whole = client.get(f"/handover/{opened.pk}/").content.decode()
    assert "示例班长I 已接手" in whole


def test_it_is_opened_by_hand(client, omar, callcentre, change, iris):
    sweep.sweep(now=change)
    Handover.objects.all().delete()
    client.force_login(iris)
    answer = client.post("/handover/open/", {"site": "callcentre", "post": "team_leader", "way": "give", "to": ""})
    assert answer.status_code == 303
    assert Handover.objects.get().from_user == iris


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({"way": ""}, 422, "请选择交班或接班"),
        ({"way": "give", "post": ""}, 422, "不需要交接班"),
        ({"way": "give", "post": "agent"}, 422, "不需要交接班"),
        ({"way": "give", "to": "99999999"}, 422, "请从列表中选择接班人"),
        ({"way": "give", "to": "abc"}, 422, "请从列表中选择接班人"),
        ({"way": "take"}, 409, "您已经在这个岗位上"),
    ],
)
def test_what_cannot_be_opened(client, iris, change, form, status, words):
    client.force_login(iris)
    sent = {"site": "callcentre", "post": "team_leader"} | form
    answer = client.post("/handover/open/", sent, headers=HTMX)
    assert (answer.status_code, words in answer.content.decode()) == (status, True)


def test_the_part_that_follows_is_sent_only_when_it_changed(client, iris, opened):
    text = page(client, iris)
    mark = text.split("&amp;mark=")[1].split('"')[0]
    same = client.get("/handover/", {"site": "callcentre", "mark": mark}, headers=HTMX)
    assert same.status_code == 204
    client.post(f"/handover/{opened.pk}/take/", {"item": opened.items.first().pk})
    other = client.get("/handover/", {"site": "callcentre", "mark": mark}, headers=HTMX)
    assert (other.status_code, "<html" in other.content.decode()) == (200, False)


def test_nobody_comes(client, dana, callcentre, change, report, minutes, iris):
    post = Post.objects.get(site=callcentre, key="team_leader")
    post.shifts.filter(person__user=iris).delete()
    post.shifts.update(ends_at=change)
    report("HJ-2", at=change - minutes(3), facts={"scope": "all_applications"})
    sweep.sweep(now=change)
    assert "值班表上没有接班人" in page(client, dana)
    sweep.sweep(now=change + minutes(16))
    assert "已转值班主管 示例主管B" in page(client, dana)


def test_on_paper(client, vera, omar, opened, change):
    handover.write_note(handover_id=opened.pk, actor=omar, now=change, text="示例：备用话机在二号柜。")
    client.force_login(vera)
    text = client.get(f"/handover/{opened.pk}/print/").content.decode()
    for words in (
        "交接班记录", "班次", "交班人", "接班人", "未结事件与下一时限", "逐项接手", "未完成", "本班已完成", "对外公告",
        "召集与备班", "座席", "示例：备用话机在二号柜。", "签字",
    ):  # fmt: skip
        assert words in text, words
    assert "<form" not in text


def test_in_english(client, iris, opened):
    client.cookies["django_language"] = "en"
    User.objects.filter(pk=iris.pk).update(language="en")
    text = page(client, User.objects.get(pk=iris.pk))
    for words in ("Handover", "Take everything over", "Take the incident", "Open incidents and next deadlines"):
        assert words in text, words
    assert "接手事件" not in text


def test_outsiders_and_unknown_ones(client, eve, omar, opened):
    client.force_login(eve)
    for path in ("", "print/", "take/", "sign/", "note/"):
        answer = client.get if path in ("", "print/") else client.post
        assert answer(f"/handover/{opened.pk}/{path}").status_code == 404, path
    client.force_login(omar)
    assert client.get("/handover/999999/").status_code == 404


def test_the_banner_stands_on_both_desks(client, omar, iris, dana, opened):
    for user, words in ((omar, "您正在交班：值班组长"), (iris, "您正在接班：值班组长")):
        client.force_login(user)
        for path in ("/desk/", "/handover/mine/"):
            text = client.get(path).content.decode()
            assert words in text, path
            assert f"{opened.items.count()} 项待接" in text
    client.force_login(dana)
    assert "您正在" not in client.get("/desk/").content.decode()
    handover.sign(handover_id=opened.pk, actor=omar, now=opened.opened_at)
    client.force_login(omar)
    assert "您正在" not in client.get("/desk/").content.decode()


def test_the_page_costs_the_same_however_much_there_is(
    client, iris, opened, report, minutes, change, django_assert_max_num_queries
):
    page(client, iris)
    with django_assert_max_num_queries(60) as few:
        page(client, iris)
    for _ in range(3):
        incident = report("HJ-2", at=change, facts={"scope": "all_applications"})
        opened.items.create(incident=incident)
        timeline.note(incident_id=incident.pk, actor=iris, now=change + minutes(1), text="示例")
    with django_assert_max_num_queries(len(few.captured_queries)):
        page(client, iris)
