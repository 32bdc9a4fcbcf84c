"""The desk: who sees what, the picker and the outcome, my tasks, and a fixed number of queries."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from incident import lifecycle, pages, work
from incident.models import Duty, Incident
from incident.screens import desk, on_duty
from staffing.models import Holder, Person, Post, Site


@pytest.fixture
def page(client):
    def get(user, path="/desk/", **query):
        client.force_login(user)
        return client.get(path, query)

    return get


def test_home_leads_to_where_the_work_is(page, omar, vera):
    assert page(omar, "/").url == reverse("desk")
    assert page(vera, "/").url == reverse("dashboard")


def test_logged_out_people_are_asked_to_log_in(client, db):
    for path in (
        "/desk/",
        "/desk/mine/",
        "/desk/playbooks/",
        "/desk/facts/",
        "/desk/outcome/",
        "/dashboard/",
        "/incidents/",
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.url.split("?")[0]) == (302, "/login/")


def test_a_viewer_may_look_and_is_told_why_not_report(page, vera, report):
    incident = report()
    answer = page(vera)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert incident.number in html
    assert "您可以查看，不能报告" in html
    assert "client_key" not in html


def test_a_stranger_to_the_site_sees_none_of_its_incidents(page, eve, report):
    incident = report()
    assert incident.number not in page(eve).content.decode()


def test_strips_stand_in_order_of_their_deadlines_and_exercises_apart(page, omar, report, now, minutes):
    later = report("HJ-2", title="后到期")
    sooner = report("HJ-2", title="先到期", occurred_at=now - minutes(4))
    drill = report("HJ-2", title="演示", mode="exercise", occurred_at=now - minutes(9))
    html = page(omar).content.decode()
    strips = html[html.index('id="live-strips"') : html.index('id="live-my-tasks"')]
    assert re.findall(r'id="strip-([A-Z0-9-]+)"', strips) == [sooner.number, later.number, drill.number]
    assert "【练习】演示" in strips
    assert 'class="strip is-drill"' in strips
    assert re.search(r'id="live-open-count">2<', html)


def test_the_top_bar_speaks_of_real_incidents_only(page, omar, report, now, minutes):
    report("HJ-2", mode="exercise", occurred_at=now - minutes(9))
    html = page(omar).content.decode()
    assert re.search(r'id="live-open-count" hidden', html)
    assert re.search(r'id="live-overdue" [^>]*hidden', html)
    assert re.search(r'id="live-nearest" hidden', html)


@pytest.mark.parametrize("typed", ["系统", "xt", "xitong", "HJ-2", "network"])
def test_the_picker_finds_a_playbook_by_what_people_type(page, omar, law, typed):
    html = page(omar, "/desk/playbooks/", q=typed).content.decode()
    assert re.search(rf'value="{law("HJ-2").id}"[^>]* checked', html)


def test_the_picker_says_so_when_nothing_matches(page, omar):
    html = page(omar, "/desk/playbooks/", q="<b>zzz").content.decode()
    assert "没有符合的预案" in html
    assert "&lt;b&gt;zzz" in html


def test_nothing_is_chosen_before_anything_is_typed(page, omar):
    assert " checked" not in page(omar, "/desk/playbooks/", q="").content.decode()


def test_choosing_a_playbook_shows_its_facts_and_what_would_happen(page, omar, law, callcentre):
    query = {"site": callcentre.pk, "playbook": law("HJ-2").id, "fact-scope": "all_applications"}
    html = page(omar, "/desk/facts/", **query).content.decode()
    assert 'name="fact-scope"' in html
    assert re.search(r'value="all_applications" checked', html)
    assert "全席故障" in html
    assert "5 分钟内" in html
    assert not Incident.objects.exists()


def test_a_fact_typed_wrongly_is_said_in_the_outcome_and_stops_nothing_else(page, omar, law, callcentre):
    query = {
        "site": callcentre.pk,
        "playbook": law("HJ-2").id,
        "fact-scope": "all_applications",
        "fact-seats_affected": "x",
    }
    answer = page(omar, "/desk/outcome/", **query)
    assert answer.status_code == 200
    assert "全席故障" in answer.content.decode()


def test_a_twin_is_offered(page, omar, law, callcentre, report):
    incident = report("HJ-2")
    html = page(omar, "/desk/outcome/", site=callcentre.pk, playbook=law("HJ-2").id).content.decode()
    assert f"{incident.number} 同类进行中" in html
    assert f'href="/incidents/{incident.number}/"' in html


def test_my_tasks_are_mine_by_deadline_with_what_was_just_done(page, omar, report, now, minutes):
    incident = report("HJ-2", facts={"scope": "all_applications"})
    mine = Duty.objects.filter(incident=incident, holder_user=omar, state="open").exclude(kind="prohibition")
    assert mine.exists()
    html = page(omar, "/desk/mine/").content.decode()
    assert {int(pk) for pk in re.findall(r'id="task-(\d+)"', html)} == set(mine.values_list("pk", flat=True))
    tick = mine.filter(kind="task").first() or mine.first()
    work.complete(duty_id=tick.pk, actor=omar, now=now + minutes(1), note="已办", choice="")
    tasks = desk.tasks(omar, (incident.site_id,), now + minutes(2))
    assert [task.id for task in tasks.done] == [tick.pk]
    assert tick.pk not in [task.id for task in tasks.open]


def test_tasks_of_closed_incidents_are_gone(omar, dana, report, now, minutes):
    incident = report("HJ-2")
    lifecycle.cancel(incident_id=incident.pk, actor=dana, now=now + minutes(1), reason="误报")
    assert desk.tasks(omar, (incident.site_id,), now + minutes(2)).open == ()


def test_a_post_without_a_holder_is_shown_vacant_and_first(callcentre, now):
    post = Post.objects.create(site=callcentre, key="porter", zh="门卫", en="Porter")
    Holder.objects.create(
        post=post,
        person=Person.objects.create(site=callcentre, name="示例门卫"),
        starts_at=now - timedelta(days=2),
        ends_at=now - timedelta(days=1),
    )
    roll = on_duty.roll((callcentre.pk,), now)
    assert (roll.sites[0].duties[0].post, roll.sites[0].duties[0].name) == ("门卫", "")
    assert roll.held == roll.total - 1


@pytest.mark.parametrize(
    ("phone", "shown"), [("13800000001", "138****0001"), ("000-0000-0001", "000-****-0001"), ("119", "1**"), ("", "")]
)
def test_telephones_are_masked(phone, shown):
    assert on_duty.masked(phone) == shown


def test_no_region_holds_anything_personal(omar, report, now):
    report("HJ-2")
    audience = pages.audience_for(omar, "desk")
    painted = pages.render(audience, None, now)
    for html in painted.html.values():
        assert "csrfmiddlewaretoken" not in html
        assert "client_key" not in html
        assert not re.search(r"\d{3}-\d{4}-\d{4}", html)


def test_every_region_is_painted_with_its_own_id_at_the_root(omar, report, now):
    report("HJ-2", facts={"scope": "all_applications"})
    for name in ("desk", "dashboard"):
        audience = pages.audience_for(omar, name)
        for region, html in pages.render(audience, None, now).html.items():
            assert re.match(rf'\s*<[a-z]+[^>]* id="{region}"', html), region


@pytest.mark.parametrize("count", [1, 12])
def test_the_desk_asks_the_database_a_fixed_number_of_times(count, client, omar, report, django_assert_max_num_queries):
    for number in range(count):
        report("HJ-2", title=f"事件{number}")
    client.force_login(omar)
    client.get("/desk/")
    with django_assert_max_num_queries(20):
        client.get("/desk/")


def test_what_another_site_has_is_offered_there(client, hana, world):
    client.force_login(hana)
    heating, project = (Site.objects.get(key=key) for key in ("heating", "project"))
    answer = client.get("/desk/playbooks/", {"site": heating.pk, "q": "GR-3"})
    found = re.search(r'href="(/desk/\?[^"]+)"', answer.content.decode())
    assert found and project.zh in answer.content.decode()
    there = client.get(unescape(found[1]), headers={"HX-Request": "true"}).content.decode()
    assert re.search(rf'value="{project.pk}" checked', there)
    assert "GR-3" in there


def test_what_no_site_has_is_offered_nowhere(client, hana, world):
    client.force_login(hana)
    answer = client.get("/desk/playbooks/", {"q": "没有这样的事"})
    assert "option-elsewhere" not in answer.content.decode()
