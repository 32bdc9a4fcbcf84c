"""The report form: works, twice, wrong in every field at once, not allowed, and as an exercise."""

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client

from incident.models import Duty, Incident
from incident.models.incident import Mode
from staffing.models import Site


@pytest.fixture
def filled(law, callcentre):
    """The form as a shift lead fills it in."""
    return {
        "client_key": str(uuid.uuid4()),
        "site": callcentre.pk,
        "playbook": law("HJ-2").id,
        "fact-scope": "all_applications",
        "q": "xt",
    }


@pytest.fixture
def send(client, omar):
    def post(form, user=None, **headers):
        client.force_login(user or omar)
        return client.post("/desk/", form, headers=headers or None)

    return post


def test_a_report_starts_the_plan_and_leads_to_the_room(send, filled, omar, law):
    answer = send(filled)
    incident = Incident.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/incidents/{incident.number}/")
    assert (incident.mode, incident.reported_by, incident.title) == (Mode.REAL, omar, law("HJ-2").zh)
    assert Duty.objects.filter(incident=incident).exists()


def test_htmx_is_told_where_to_go(send, filled):
    answer = send(filled, **{"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == f"/incidents/{Incident.objects.get().number}/"


def test_the_same_form_twice_is_one_incident(send, filled):
    first, second = send(filled), send(filled)
    assert first["Location"] == second["Location"]
    assert Incident.objects.count() == 1


def test_a_tick_makes_it_an_exercise(send, filled):
    send(filled | {"mode": "exercise"})
    incident = Incident.objects.get()
    assert incident.mode == Mode.EXERCISE
    assert incident.number.startswith("EXE-")


def test_what_was_typed_about_place_time_and_reporter_counts(send, filled, now):
    send(
        filled
        | {
            "place": "二楼",
            "reporter": "路人甲",
            "occurred_at": f"{now - timedelta(days=1):%Y-%m-%d} 12:00",
            "title": "登录不了",
        }
    )
    incident = Incident.objects.get()
    assert (incident.place, incident.reporter, incident.title) == ("二楼", "路人甲", "登录不了")
    assert incident.occurred_at < incident.reported_at


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_everything_wrong_is_said_at_once_and_nothing_typed_is_lost(send, filled, headers):
    wrong = filled | {"occurred_at": "昨天下午", "fact-scope": "everything", "place": "二楼", "title": "登录不了"}
    answer = send(wrong, **headers)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert not Incident.objects.exists()
    for kept in ('value="昨天下午"', 'value="二楼"', 'value="登录不了"', filled["client_key"]):
        assert kept in html
    assert "请按 14:30 或" in html
    assert "请从列出的选项中选择" in html
    assert len(re.findall(r'aria-invalid="true"', html)) >= 2


def test_a_time_to_come_is_refused(send, filled):
    answer = send(filled | {"occurred_at": "2099-01-01 10:00"})
    assert answer.status_code == 422
    assert "在将来" in answer.content.decode()


def test_a_time_before_the_site_is_refused(send, filled):
    answer = send(filled | {"occurred_at": "2001-01-01 10:00"})
    assert answer.status_code == 422
    assert "早于站点启用" in answer.content.decode()


@pytest.mark.parametrize("playbook", ["", "0", "abc", "999999"])
def test_without_a_known_playbook_nothing_starts(send, filled, playbook):
    answer = send(filled | {"playbook": playbook})
    assert answer.status_code == 422
    assert "请先选择发生了什么" in answer.content.decode()
    assert not Incident.objects.exists()


def test_a_site_of_others_is_refused_and_nothing_starts_elsewhere(send, filled, world):
    foreign = Site.objects.exclude(memberships__user__username="omar").first()
    answer = send(filled | {"site": foreign.pk})
    assert answer.status_code == 422
    assert "您不能在这个站点报告事件" in answer.content.decode()
    assert not Incident.objects.exists()


def test_an_unknown_kind_of_incident_is_not_a_real_one(send, filled):
    answer = send(filled | {"mode": "drill"})
    assert answer.status_code == 422
    assert not Incident.objects.exists()


def test_a_viewer_is_refused(send, filled, vera):
    answer = send(filled, user=vera)
    assert answer.status_code == 403
    assert "需要“值班班长”" in answer.content.decode()
    assert not Incident.objects.exists()


def test_a_broken_key_is_replaced(send, filled):
    assert send(filled | {"client_key": "broken"}).status_code == 303


def test_other_methods_are_refused(client, omar):
    client.force_login(omar)
    assert client.delete("/desk/").status_code == 405
    assert client.post("/desk/mine/").status_code == 405


def test_without_a_token_nothing_is_reported(omar, filled):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(omar)
    assert strict.post("/desk/", filled).status_code == 403
    assert not Incident.objects.exists()


def test_reporting_takes_a_constant_number_of_statements(client, send, filled, django_assert_max_num_queries):
    send(filled)
    with django_assert_max_num_queries(25):
        client.post("/desk/", filled | {"client_key": str(uuid.uuid4())})
    assert Incident.objects.count() == 2
