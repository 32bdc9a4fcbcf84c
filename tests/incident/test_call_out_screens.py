"""Calling people in from the room, and answering: the forms, what is wrong with them, and who may."""

import uuid
from datetime import timedelta

import pytest

from incident import callouts, pages
from incident.models import CallOut, Duty, Incident, Summons
from notices import links
from notices.models import Notice
from staffing.models import Contact
from tests import rosters

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def floor(online, now):
    """Five agents who worked yesterday, and nobody on the seats."""
    post = rosters.vacant(rosters.post(online, "cs_agent"))
    for number in range(5):
        person = rosters.person(online, f"示例座席{number}")
        Contact.objects.create(person=person, channel="email", address=f"seat{number}@example.invalid")
        rosters.shift(post, person, now - 30 * HOUR, hours=4 + number)
    return post


@pytest.fixture
def incident(report, floor):
    return report("KF-4")


@pytest.fixture
def call_out(incident, dana, now):
    wanted = callouts.Wanted(post="cs_agent", quota=2, by_at=now + 40 * MINUTE, waves=("off_shift",))
    return callouts.start(incident_id=incident.pk, actor=dana, now=now, client_key=uuid.uuid4(), wanted=wanted)


def form(now, **more):
    local = (now + HOUR).astimezone()
    return {
        "client_key": str(uuid.uuid4()), "post": "cs_agent", "quota": "2", "by_at": f"{local:%Y-%m-%d %H:%M}",
        "until_at": "", "wait": "180", "waves": ["off_shift"], **more,
    }  # fmt: skip


def first(call_out):
    return Summons.objects.filter(call_out=call_out).order_by("id").first()


def new(incident):
    return f"/incidents/{incident.number}/call-outs/new/"


# --- the form ---------------------------------------------------------------------------------------------------------


def test_the_form_counts_each_wave_and_names_who_is_first(client, dana, incident):
    client.force_login(dana)
    html = client.get(new(incident), headers=HTMX).content.decode()
    assert "现有 5 人" in html and "本周" in html and "劳动法" in html
    assert html.index("示例座席0") < html.index("示例座席1")


def test_the_form_is_filled_from_the_duty_that_asks_for_it(client, omar, incident, now):
    client.force_login(omar)
    duty = Duty.objects.create(
        incident=incident, rule="KF-4.1-03", kind="task", post="cs_supervisor", opened_at=now, anchor_at=now
    )
    html = client.get(f"{new(incident)}?duty={duty.pk}", headers=HTMX).content.decode()
    assert "增加一名客服上席" in html and 'name="quota" inputmode="numeric" value="1"' in html
    assert "您可以召集预案写明的 1 人" in html
    dialog = client.get(f"/incidents/{incident.number}/duties/{duty.pk}/", headers=HTMX).content.decode()
    assert f"call-outs/new/?duty={duty.pk}" in dialog
    answer = client.post(new(incident), form(now, quota="1", duty=duty.pk), headers=HTMX)
    assert answer.status_code == 204
    assert CallOut.objects.get().duty == duty
    room = client.get(f"/incidents/{incident.number}/").content.decode()
    assert "待答复" in room and "示例座席0" in room


def test_what_was_typed_stays_while_the_waves_are_counted_again(client, dana, incident, now):
    client.force_login(dana)
    html = client.post(new(incident), form(now, quota="7", preview="1"), headers=HTMX).content.decode()
    assert 'value="7"' in html
    assert not CallOut.objects.exists()


def test_without_script_it_is_a_page(client, dana, incident, now):
    client.force_login(dana)
    assert "开始召集" in client.get(new(incident)).content.decode()
    answer = client.post(new(incident), form(now))
    assert (answer.status_code, answer["Location"]) == (303, f"/incidents/{incident.number}/")
    assert Summons.objects.count() == 2


def test_everybody_who_can_be_asked(client, dana, incident, now):
    client.force_login(dana)
    assert client.post(new(incident), form(now, quota="", all="yes"), headers=HTMX).status_code == 204
    assert CallOut.objects.get().quota == Summons.objects.count() == 5


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"quota": ""}, "请填人数"),
        ({"quota": "zwölf"}, "请填人数"),
        ({"quota": "0"}, "人数应在 1 到 500 之间"),
        ({"quota": "99999"}, "人数应在 1 到 500 之间"),
        ({"quota": "9" * 40}, "请填人数"),
        ({"by_at": ""}, "请填到岗时间"),
        ({"by_at": "soon"}, "14:30"),
        ({"by_at": "2020-01-01 10:00"}, "时间已经过去"),
        ({"until_at": "2020-01-01 10:00"}, "须晚于到岗时间"),
        ({"waves": []}, "请至少选择一个波次"),
        ({"waves": ["everybody"]}, "请至少选择一个波次"),
        ({"post": "leaders", "waves": ["functional"]}, "没有一个人可以召集"),
        ({"post": "nowhere"}, "没有这个岗位"),
    ],
)
def test_bad_input_is_said_beside_the_question(client, dana, incident, now, given, words):
    client.force_login(dana)
    answer = client.post(new(incident), form(now, **given), headers=HTMX)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not CallOut.objects.exists()


def test_a_lead_beyond_the_plan_is_refused_and_told_before(client, omar, incident, now):
    client.force_login(omar)
    assert "需要“主管”角色" in client.get(new(incident), headers=HTMX).content.decode()
    assert client.post(new(incident), form(now), headers=HTMX).status_code == 403


def test_the_same_form_twice(client, dana, incident, now):
    client.force_login(dana)
    filled = form(now)
    for _ in range(2):
        assert client.post(new(incident), filled, headers=HTMX).status_code == 204
    assert CallOut.objects.count() == 1
    answer = client.post(new(incident), form(now), headers=HTMX)  # another lead, the same thought
    assert answer.status_code == 409
    assert "为同一岗位召集 2 人" in answer.content.decode()


def test_number_stop_and_the_telephone(client, dana, omar, incident, call_out):
    client.force_login(dana)
    base = f"/incidents/{incident.number}/call-outs/{call_out.pk}/"
    assert "改召集人数" in client.get(f"{base}quota/", headers=HTMX).content.decode()
    assert client.post(f"{base}quota/", {"quota": "x"}, headers=HTMX).status_code == 422
    assert client.post(f"{base}quota/", {"quota": "3"}, headers=HTMX).status_code == 204
    assert Summons.objects.count() == 3
    client.force_login(omar)
    one = first(call_out)
    by_hand = f"/incidents/{incident.number}/summons/{one.pk}/"
    assert client.post(by_hand, {"what": ""}, headers=HTMX).status_code == 422
    assert client.post(by_hand, {"what": "come", "minutes": "ten"}, headers=HTMX).status_code == 422
    assert client.post(by_hand, {"what": "come", "minutes": "10"}, headers=HTMX).status_code == 204
    assert first(call_out).by_name == str(omar)
    assert client.post(f"{base}stop/", {"also_coming": "yes"}, headers=HTMX).status_code == 204
    assert client.post(f"{base}stop/", headers=HTMX).status_code == 409
    assert client.post(f"{base}quota/", {"quota": "3"}, headers=HTMX).status_code == 409
    assert client.post(by_hand, {"what": "come", "minutes": "10"}, headers=HTMX).status_code == 409


def test_another_incidents_call_out_is_not_found_here(client, dana, report, call_out):
    other = report("KF-4")
    client.force_login(dana)
    base = f"/incidents/{other.number}"
    assert client.get(f"{base}/call-outs/{call_out.pk}/stop/").status_code == 404
    assert client.get(f"{base}/summons/{first(call_out).pk}/").status_code == 404


# --- the room ---------------------------------------------------------------------------------------------------------


def test_the_panel_has_counts_a_curve_and_its_table(client, vera, incident, call_out, now):
    client.force_login(vera)
    one = first(call_out)
    client.post(links.path(one.notice, 0), {"come": "20"})
    html = client.get(f"/incidents/{incident.number}/").content.decode()
    panel = html[html.index('id="live-summons"') : html.index("incident-lower")]
    assert 'role="img" aria-label="自' in panel and "以表格显示" in panel
    assert "在途" in panel and "代记" not in panel  # she only looks
    assert "style=" not in panel


def test_an_incident_that_calls_nobody_shows_no_panel(client, dana, report):
    incident = report("HJ-2", facts={"scope": "all_applications"})
    client.force_login(dana)
    html = client.get(f"/incidents/{incident.number}/").content.decode()
    assert 'id="live-summons" tabindex="-1" aria-labelledby="summons-title" hidden' in html


def test_the_region_is_pushed_when_somebody_answers(call_out, incident, dana, client, now):
    audience = pages.audience_for(dana, "room", incident.number)
    before = pages.render(audience, ["live-summons"], now).html["live-summons"]
    client.post(links.path(first(call_out).notice, 0), {"do": "acknowledge"})
    assert pages.render(audience, ["live-summons"], now).html["live-summons"] != before


# --- answering --------------------------------------------------------------------------------------------------------


def test_by_link_each_step_and_back(client, call_out):
    one = first(call_out)
    path = links.path(one.notice, 0)
    assert "已通知，待答复" in client.get(path).content.decode()
    assert "收到" in client.post(path, {"summons": one.pk, "do": "acknowledge"}).content.decode()
    assert "在途" in client.post(path, {"summons": one.pk, "come": "30"}).content.decode()
    assert "不能来" in client.post(path, {"summons": one.pk, "refuse": "身体不适"}).content.decode()
    assert first(call_out).state == "refused"


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({}, 422, "请选择"),
        ({"come": "soon"}, 422, "整数"),
        ({"come": "9999"}, 422, "分钟数应在"),
        ({"do": "come", "coming_at": ""}, 422, "大约多久"),
        ({"do": "come", "coming_at": "later"}, 422, "格式"),
        ({"do": "refuse"}, 422, "理由"),
        ({"do": "sleep"}, 422, "请选择"),
        ({"summons": "999999"}, 404, "链接无效"),
        ({"summons": "x"}, 404, "链接无效"),
    ],
)
def test_nonsense_by_link(client, call_out, given, status, words):
    answer = client.post(links.path(first(call_out).notice, 0), given)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert first(call_out).state == "told"


def test_a_foreign_token_answers_nothing(client, call_out):
    other = Notice.objects.filter(incident=call_out.incident).exclude(kind="call_out").first()
    one = first(call_out)
    answer = client.post(links.path(other, 0), {"summons": one.pk, "come": "10"})
    assert answer.status_code == 200  # it answered the notice that it belongs to
    assert first(call_out).state == "told"
    forged = links.path(one.notice, 0).replace("/a/", "/a/1")
    assert client.post(forged, {"come": "10"}).status_code == 404


def test_after_the_stop_the_link_says_so(client, call_out, dana, now):
    one = first(call_out)
    callouts.close(call_out_id=call_out.pk, actor=dana, now=now + MINUTE)
    page = client.get(links.path(one.notice, 0)).content.decode()
    assert "不用来了，谢谢" in page and "<button" not in page
    answer = client.post(links.path(one.notice, 0), {"come": "10"})
    assert answer.status_code == 409 and "召集已经停止" in answer.content.decode()


def test_the_link_speaks_the_language_of_the_person(client, call_out):
    one = first(call_out)
    one.notice.ladder[0]["language"] = "en"
    one.notice.save(update_fields=["ladder"])
    page = client.get(links.path(one.notice, 0)).content.decode()
    assert "I am coming" in page and "Cannot come" in page


@pytest.fixture
def mine(call_out, vera):
    """The first of those asked is vera's."""
    one = first(call_out)
    one.person.user = vera
    one.person.save(update_fields=["user"])
    return one


def test_my_own_summons_beside_my_notices(client, vera, eve, mine):
    client.force_login(vera)
    desk = client.get("/desk/").content.decode()
    assert f'id="my-summons-{mine.pk}"' in desk
    assert f'id="summons-{mine.pk}"' in client.get("/summons/").content.decode()
    piece = client.post(f"/summons/{mine.pk}/", {"come": "20"}, headers=HTMX)
    assert piece.status_code == 200 and "在途" in piece.content.decode()
    assert client.post(f"/summons/{mine.pk}/", {"do": "arrive"}).status_code == 302
    assert Summons.objects.get(pk=mine.pk).via == "screen"
    assert "现在没有人召集您" in client.get("/summons/").content.decode()
    assert client.post(f"/summons/{mine.pk}/", {"do": "arrive"}).status_code == 409
    client.force_login(eve)
    assert client.post(f"/summons/{mine.pk}/", {"do": "arrive"}).status_code == 404


def test_my_own_nonsense_is_said(client, vera, mine):
    client.force_login(vera)
    answer = client.post(f"/summons/{mine.pk}/", {"come": "never"})
    assert answer.status_code == 422 and "整数" in answer.content.decode()


def test_who_left_the_site_answers_nothing(client, vera, mine):
    vera.memberships.all().delete()
    client.force_login(vera)
    assert client.post(f"/summons/{mine.pk}/", {"come": "10"}).status_code == 404
    assert Incident.objects.get(pk=mine.incident_id).has_summons


@pytest.mark.parametrize("answer", [{}, {"come": "soon"}, {"do": "refuse", "reason": "路上封了"}])
def test_the_link_speaks_the_language_of_its_message(client, call_out, answer):
    """A telephone set to English that opens a Chinese message must not be told half of it in English."""
    path, english = links.path(first(call_out).notice, 0), {"HTTP_ACCEPT_LANGUAGE": "en"}
    page = client.post(path, answer, **english) if answer else client.get(path, **english)
    main = page.content.decode().partition("<main")[2]
    assert not [said for said in ("no answer", "cannot come", "whole number", "by 1", "until") if said in main]
    assert "客服专员" in main
