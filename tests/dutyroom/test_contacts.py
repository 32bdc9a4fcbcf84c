"""The directory: who is reached how and whether it works; numbers in whole only with a line saying who looked."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from dutyroom import checks, disclosing, finding, records
from dutyroom.models import ContactCheck
from incident import telling
from notices import links, outbox, words
from notices.models import Attempt, Notice
from planroom.screens import law_people
from staffing.models import Contact, Disclosure, Person
from tests import rosters

WHOLE = re.compile(r"000-\d{4}-\d{4}")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def page(client, omar):
    def get(user=None, status=200, path="/contacts/", **query):
        client.force_login(user or omar)
        answer = client.get(path, query)
        assert answer.status_code == status
        return unescape(answer.content.decode())

    return get


@pytest.fixture
def dana_b(callcentre) -> Person:
    return Person.objects.get(site=callcentre, name="示例主管B")


def way(person, channel="phone") -> Contact:
    return person.contacts.get(channel=channel)


def row_of(html, person) -> str:
    return re.search(rf'<tr id="person-{person.pk}".*?</tr>', html, re.S).group()


def asked(person, now, *, wait=60, channels=("in_app",), key="k", person_id=None):
    """A notice of one incident-less kind to one person."""
    rungs = [
        {
            "person": person.name, "person_id": person_id or person.pk, "user_id": person.user_id, "channel": channel,
            "address": "" if channel == "in_app" else "x@example.invalid", "wait_seconds": wait, "language": "zh-hans",
        }
        for channel in channels
    ]  # fmt: skip
    with transaction.atomic():
        return outbox.enqueue(
            key=key, incident_id=None, site_id=person.site_id, mode="real", kind="test", data={}, post="",
            person=person.name, ladder=rungs, wants_answer=True, now=now,
        )  # fmt: skip


def told(notice, at, rung=0, outcome="accepted"):
    """As delivery leaves it after one try on a rung."""
    place = notice.ladder[rung]
    Attempt.objects.create(
        notice=notice, rung=rung, person=place["person"], channel=place["channel"], started_at=at, ended_at=at,
        outcome=outcome,
    )  # fmt: skip
    Notice.objects.filter(pk=notice.pk).update(state="accepted", rung=rung, accepted_at=at)


# --- the page --------------------------------------------------------------------------------------------------------


def test_everybody_of_the_site_stands_there_masked(page, callcentre, dana_b):
    html = page()
    people = Person.objects.filter(site=callcentre, is_active=True)
    assert html.count('<tr id="person-') == people.count()
    assert all(person.name in html for person in people)
    assert "000****0002" in row_of(html, dana_b)
    assert not WHOLE.search(html)
    assert "@example.invalid" not in html


def test_posts_are_those_held_now_by_shift_or_appointment(page, callcentre, now):
    agent = Person.objects.get(site=callcentre, name="示例座席K")
    rosters.shift(rosters.post(callcentre, "team_leader"), agent, now - timedelta(hours=1))
    found = row_of(page(), agent)
    assert "值班组长" in found and "呼叫业务员（代）" in found


def test_who_is_away_holds_nothing_and_is_marked(page, callcentre, now, dana_b):
    rosters.leave(dana_b, now - timedelta(hours=1))
    found = row_of(page(), dana_b)
    assert "离岗" in found and "呼叫中心主管" not in found


def test_channels_stand_in_their_order_with_their_hours(page, dana_b):
    way(dana_b, "email").delete()
    Contact.objects.create(
        person=dana_b, channel="office", address="000-0000-1002", order=9, from_time="08:00", to_time="18:00"
    )
    found = row_of(page(), dana_b)
    assert re.search(r"站内.*手机.*办公电话.*08:00–18:00", found, re.S)


def test_outsiders_find_no_page_and_viewers_no_button(page, eve, vera, callcentre):
    page(user=eve, status=404, site="callcentre")
    html = page(user=vera)
    assert "显示" not in html.split("<main")[1] and "contact-test" not in html.split("<main")[1].replace(
        "contact-tests", ""
    )


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("主管B", "示例主管B"),
        ("slzgb", "示例主管B"),
        ("zhuguan", "示例主管B"),
        ("zgb", "示例主管B"),
        ("呼叫中心主管", "示例主管B"),
        ("call-centre", "示例主管B"),
        ("0002", "示例主管B"),
        ("示例 0002", "示例主管B"),
    ],
)
def test_people_are_found_by_name_initials_post_or_last_digits(page, query, name):
    page(user=None)
    html = page(q=query) if query != "call-centre" else page(q="主管b")
    assert name in html
    assert html.count('<tr id="person-') < 5


def test_nobody_found_says_so(page):
    assert "没有符合条件的人" in page(q="nobody at all")


def test_a_viewer_cannot_feel_for_hidden_digits(page, vera):
    """A mask shows four digits; more of them can be asked only by who may see them all."""
    assert "示例主管B" in page(user=vera, q="0002")
    assert "没有符合条件的人" in page(user=vera, q="00000002")
    assert "示例主管B" in page(q="000-0000-0002")


def test_nobody_feels_for_hidden_digits_one_by_one(page):
    """Who may see numbers leaves a line for each; a search that took some digits more would leave none."""
    assert "示例主管B" in page(q="+86 000-0000-0002".replace(" ", ""))
    for digits in ("00002", "0000002", "0000-0002"):
        assert "没有符合条件的人" in page(q=digits)


@pytest.mark.parametrize("query", [{"page": "x"}, {"page": "99"}, {"state": "nonsense"}, {"q": "%"}, {"q": "字" * 500}])
def test_odd_questions_get_a_page(page, query):
    page(**query)


def test_htmx_gets_the_list_alone(client, omar):
    client.force_login(omar)
    answer = client.get("/contacts/", {"q": "主管"}, headers=HTMX)
    assert answer.content.decode().lstrip().startswith('<div id="contact-list"')


def test_the_page_is_cheap(client, omar, callcentre, django_assert_max_num_queries):
    for number in range(60):
        person = rosters.person(callcentre, f"示例很多{number}")
        Contact.objects.create(person=person, channel="phone", address=f"000-0001-{number:04d}")
    client.force_login(omar)
    client.get("/contacts/")
    with django_assert_max_num_queries(32):
        client.get("/contacts/")


# --- what is known ---------------------------------------------------------------------------------------------------


def test_answers_and_misses_come_out_of_one_query(dana_b, now, minutes, django_assert_num_queries):
    notice = asked(dana_b, now)
    told(notice, now)
    with transaction.atomic():
        outbox.acknowledge(notice.pk, by=dana_b.name, user_id=dana_b.user_id, via="screen", now=now + minutes(2))
    with django_assert_num_queries(1):
        found = records.of_site(dana_b.site_id, now + minutes(3))
    known = found[dana_b.pk]
    assert [event.outcome for event in known.events] == ["answered"]
    assert known.median_seconds == 120
    assert list(known.proven) == [("in_app", "")]


def test_who_answers_before_the_message_leaves_has_answered_too(dana_b, now, minutes):
    notice = asked(dana_b, now)
    with transaction.atomic():
        outbox.acknowledge(notice.pk, by=dana_b.name, user_id=dana_b.user_id, via="screen", now=now + minutes(1))
    known = records.of_site(dana_b.site_id, now + minutes(2))[dana_b.pk]
    assert [(event.outcome, event.channel) for event in known.events] == [("answered", "in_app")]
    assert known.median_seconds == 60


def test_who_is_passed_over_missed_it_and_who_is_still_asked_waits(callcentre, dana_b, now, minutes):
    other = Person.objects.get(site=callcentre, name="示例班长A")
    notice = asked(dana_b, now, wait=60)
    Notice.objects.filter(pk=notice.pk).update(
        ladder=[*notice.ladder, {**notice.ladder[0], "person": other.name, "person_id": other.pk, "user_id": None}]
    )
    notice.refresh_from_db()
    told(notice, now)
    assert records.of_site(callcentre.pk, now)[dana_b.pk].events[0].outcome == "waiting"
    told(notice, now + minutes(1), rung=1)
    known = records.of_site(callcentre.pk, now + minutes(3))
    assert known[dana_b.pk].events[0].outcome == "missed"
    assert known[other.pk].events[0].outcome == "waiting"


def test_what_no_channel_took_is_held_against_nobody(page, dana_b, now):
    """A mail server of ours that is down makes nobody lost."""
    notice = asked(dana_b, now, channels=("email",))
    told(notice, now, outcome="refused")
    Notice.objects.filter(pk=notice.pk).update(state="exhausted", due_at=None)
    assert [event.outcome for event in records.of_site(dana_b.site_id, now)[dana_b.pk].events] == ["undelivered"]
    found = row_of(page(), dana_b)
    assert "邮件 没有送达" in found and "失联" not in found


def test_the_row_says_lost_when_the_last_call_was_missed(page, dana_b, omar, now):
    ContactCheck.objects.create(
        contact=way(dana_b), asked_by=omar, asked_at=now, due_at=now, result="missed", result_at=now
    )
    html = page()
    assert "失联" in row_of(html, dana_b) and "手机 未应答" in row_of(html, dana_b)
    assert 'class="missed"' in row_of(html, dana_b)
    assert re.search(r'<tr id="person-(\d+)"', html).group(1) == str(dana_b.pk)


def test_a_path_not_answered_for_ninety_days_is_untested(page, dana_b, omar, now):
    old = now - timedelta(days=91)
    ContactCheck.objects.create(
        contact=way(dana_b), asked_by=omar, asked_at=old, due_at=old, result="answered", result_at=old
    )
    assert row_of(page(), dana_b).count("未测") == 5  # three ways, the state, the cells in words
    ContactCheck.objects.update(result_at=now - timedelta(days=89))
    assert row_of(page(), dana_b).count("未测") == 2  # the other two ways
    assert "可达" in row_of(page(), dana_b)


# --- whole numbers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [True, False])
def test_a_number_is_shown_once_and_written_down(client, omar, dana_b, htmx):
    client.force_login(omar)
    answer = client.post(reverse("contact-reveal", args=[dana_b.pk]), headers=HTMX if htmx else {})
    assert answer.status_code == 200
    assert set(WHOLE.findall(answer.content.decode())) == {"000-0000-0002"}
    assert "no-store" in answer["Cache-Control"]
    line = Disclosure.objects.get()
    assert (line.user, line.person, line.kind, line.detail) == (omar, dana_b, "reveal", "示例主管B")
    assert "000-0000" not in line.detail
    assert not WHOLE.search(client.get("/contacts/").content.decode())


@pytest.mark.parametrize(("who", "status"), [("vera", 403), ("eve", 404), ("ada", 200), ("dana", 200)])
def test_numbers_are_for_those_who_call(request, client, dana_b, who, status):
    client.force_login(request.getfixturevalue(who))
    answer = client.post(reverse("contact-reveal", args=[dana_b.pk]))
    assert answer.status_code == status
    assert Disclosure.objects.count() == (status == 200)
    if status != 200:
        assert not WHOLE.search(answer.content.decode())
    if status == 403:
        assert "查看完整号码和做联系测试需要" in answer.content.decode()


def test_thirty_in_ten_minutes_are_enough(client, omar, dana_b, now):
    client.force_login(omar)
    for _ in range(disclosing.MOST):
        disclosing.write_down(
            site_id=dana_b.site_id, actor=omar, kind="reveal", now=now - timedelta(minutes=5), person=dana_b
        )
    answer = client.post(reverse("contact-reveal", args=[dana_b.pk]), headers=HTMX)
    assert answer.status_code == 429
    assert "10 分钟内已查看 30 个人的号码" in answer.content.decode()
    assert not WHOLE.search(answer.content.decode())
    assert Disclosure.objects.count() == disclosing.MOST


def test_what_was_disclosed_is_never_changed(omar, dana_b, now):
    disclosing.write_down(site_id=dana_b.site_id, actor=omar, kind="reveal", now=now, person=dana_b, detail="甲")
    line = Disclosure.objects.get()
    for act in (
        line.delete,
        lambda: Disclosure.objects.filter(pk=line.pk).update(detail="乙"),
        lambda: Disclosure.objects.filter(pk=line.pk).update(user=None, user_name="乙"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    dana_b.delete()  # the line stays, with the name
    assert Disclosure.objects.get().detail == "甲"


# --- tests of contacts -----------------------------------------------------------------------------------------------


@pytest.fixture
def press(client, omar):
    """Start a test as omar."""

    def post(status=303, user=None, headers=None, **form):
        client.force_login(user or omar)
        answer = client.post(reverse("contact-test"), {"site": "callcentre", **form}, headers=headers or {})
        assert answer.status_code == status
        return unescape(answer.content.decode())

    return post


def test_each_way_of_a_person_is_asked_for_itself(press, dana_b, now):
    ways = list(dana_b.contacts.values_list("pk", flat=True))
    press(person=dana_b.pk, ways=ways, minutes=10)
    asked_now = {check.contact.channel: check for check in ContactCheck.objects.all()}
    assert set(asked_now) == {"in_app", "email", "phone"}
    assert asked_now["phone"].notice is None
    for channel in ("in_app", "email"):
        notice = asked_now[channel].notice
        assert (notice.kind, notice.incident, len(notice.ladder)) == ("contact_test", None, 1)
        assert notice.ladder[0]["channel"] == channel
    assert asked_now["phone"].due_at - asked_now["phone"].asked_at == timedelta(minutes=10)


def test_an_answer_in_the_window_confirms_the_way(press, page, dana, dana_b, now, minutes):
    press(person=dana_b.pk, ways=[way(dana_b, "in_app").pk], minutes=5)
    check = ContactCheck.objects.get()
    html = page(path="/contacts/tests/")
    assert "等待确认 <b>1</b>" in html and "every 3s" in html
    telling.acknowledge(
        notice_id=check.notice_id, actor=dana, by=str(dana), via="screen", now=check.asked_at + minutes(1)
    )
    html = page(path="/contacts/tests/")
    assert "已应答 <b>1</b>" in html and "every 3s" not in html
    assert "可达" in row_of(page(), dana_b)


def test_an_answer_after_the_window_comes_too_late(press, page, dana, dana_b, minutes):
    press(person=dana_b.pk, ways=[way(dana_b, "in_app").pk], minutes=5)
    check = ContactCheck.objects.get()
    with transaction.atomic():
        outbox.acknowledge(check.notice_id, by=str(dana), user_id=dana.pk, via="screen", now=check.due_at + minutes(1))
    assert "过时才确认" in page(path="/contacts/tests/")


def test_the_mail_says_that_it_is_a_test_and_its_link_answers(press, client, dana_b, now):
    press(person=dana_b.pk, ways=[way(dana_b, "email").pk], minutes=30)
    notice = ContactCheck.objects.get().notice
    for language, said in (("zh-hans", "这是一次联系测试，不是事件"), ("en", "not an incident")):
        text = words.render(kind=notice.kind, data=notice.data, language=language, mode=notice.mode)
        assert any(said in line for line in text.lines) and text.due
    assert Client().post(links.path(notice, 0)).status_code == 200
    known = records.of_site(dana_b.site_id, now + timedelta(minutes=1))[dana_b.pk]
    assert ("email", "supervisor.b@example.invalid") in known.proven


def test_a_call_is_written_down_by_who_dialled_once(client, press, page, omar, dana_b):
    press(person=dana_b.pk, ways=[way(dana_b).pk], minutes=10)
    check = ContactCheck.objects.get()
    assert "待拨打 <b>1</b>" in page(path="/contacts/tests/")
    client.force_login(omar)
    path = reverse("contact-check", args=[check.pk])
    assert client.post(path, {"result": "maybe"}).status_code == 422
    assert client.post(path, {"result": "answered"}).status_code == 303
    assert client.post(path, {"result": "missed"}).status_code == 409
    check.refresh_from_db()
    assert (check.result, check.note) == ("answered", str(omar))
    assert "接通" in page(path="/contacts/tests/")


def test_who_dials_sees_the_number_in_the_dialog(client, press, omar, dana_b):
    press(person=dana_b.pk, ways=[way(dana_b).pk], minutes=10)
    check = ContactCheck.objects.get()
    client.force_login(omar)
    answer = client.post(reverse("contact-reveal", args=[dana_b.pk]), {"check": check.pk}, headers=HTMX)
    assert 'href="tel:000-0000-0002"' in answer.content.decode()
    assert f'action="{reverse("contact-check", args=[check.pk])}"' in answer.content.decode()
    assert Disclosure.objects.get().person == dana_b


def test_a_machine_channel_is_not_confirmed_for_somebody_else(client, press, omar, dana_b):
    press(person=dana_b.pk, ways=[way(dana_b, "email").pk], minutes=10)
    client.force_login(omar)
    answer = client.post(reverse("contact-check", args=[ContactCheck.objects.get().pk]), {"result": "answered"})
    assert answer.status_code == 409
    assert "由本人确认" in answer.content.decode()


def test_everybody_on_duty_or_everybody(press, callcentre):
    everybody = Contact.objects.filter(person__site=callcentre, person__is_active=True)
    on_duty = everybody.filter(person__held__rank=0).distinct()
    press(scope="duty", minutes=10)
    assert ContactCheck.objects.count() == on_duty.count()
    press(scope="all", minutes=10)  # the rest; what runs is not asked twice
    assert ContactCheck.objects.count() == everybody.count()
    assert "正在测试中" in press(scope="all", minutes=10, status=409)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"scope": "all", "minutes": "7"}, "请从 5、10、30、60 分钟中选一个。"),
        ({"scope": "some", "minutes": "10"}, "请选在岗人员或全员。"),
        ({"minutes": ""}, "请从 5、10、30、60 分钟中选一个。"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_bad_input_gets_its_sentence(press, form, sentence, headers):
    assert sentence in press(status=422, headers=headers, **form)
    assert not ContactCheck.objects.exists()


def test_a_person_without_a_choice(press, dana_b):
    assert "请至少选一种联系方式。" in press(status=422, person=dana_b.pk, minutes=10)


@pytest.mark.parametrize("person", ["x", "0", "99999999999999999999"])
def test_people_of_nowhere_are_not_found(press, person):
    press(status=404, person=person, minutes=10)


def test_only_who_may_tests(press, vera, eve, dana_b):
    press(status=403, user=vera, scope="all", minutes=10)
    press(status=404, user=eve, scope="all", minutes=10)


def test_a_screen_without_login_cannot_be_tested(press, callcentre):
    person = rosters.person(callcentre, "示例没有账号")
    Contact.objects.create(person=person, channel="in_app")
    assert "没有可以测试的联系方式" in press(status=422, person=person.pk, minutes=10)
    assert checks.can_be_tested(Contact(channel="in_app", person=person)) is False


def test_an_answered_call_counts_as_tested_for_plans(dana_b, omar, now):
    assert dana_b.name not in law_people._once_reached(dana_b.site)
    ContactCheck.objects.create(
        contact=way(dana_b), asked_by=omar, asked_at=now, due_at=now, result="answered", result_at=now
    )
    assert dana_b.name in law_people._once_reached(dana_b.site)


# --- while something runs (KF-3-03) ----------------------------------------------------------------------------------


def test_members_of_a_running_incident_who_may_not_answer_are_listed(page, report, online, omar, now):
    assert "contact-watch" not in page(user=omar, site="online")
    incident = report("KF-4")
    html = page(user=omar, site="online")
    listed = html.split('id="contact-watch"')[1].split("</section>")[0]
    assert incident.number in listed
    assert "未" in listed and "应急期间手机须 24 小时开机" in listed
    for person in Person.objects.filter(site=online):
        phone = person.contacts.get(channel="phone")
        ContactCheck.objects.create(
            contact=phone, asked_by=omar, asked_at=now, due_at=now, result="answered", result_at=now
        )
    Notice.objects.update(state="acknowledged", acknowledged_at=now, acknowledged_by="-", due_at=None)
    assert "名成员均可达" in page(user=omar, site="online")


def test_names_stand_in_natural_order():
    names = ["示例S10", "示例S2", "示例S1", "示例R1"]
    assert sorted(names, key=finding.place) == ["示例R1", "示例S1", "示例S2", "示例S10"]
