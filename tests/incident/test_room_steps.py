"""The steps of the road from the screen: each works, asks, refuses, and is taken once."""

import html
import re
from datetime import timedelta

import pytest

from incident import lifecycle
from incident.models import Duty, Incident
from tests.filling import fulfil

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def _url(incident, name):
    return f"/incidents/{incident.number}/steps/{name}/"


def _state(incident):
    return Incident.objects.get(pk=incident.pk).state


@pytest.fixture
def taken(report, omar, now):
    incident = report()
    return lifecycle.take(incident_id=incident.pk, actor=omar, now=now)


def test_take_with_one_button(client, omar, report):
    incident = report()
    client.force_login(omar)
    answer = client.post(_url(incident, "take"), {"seen": incident.revision}, headers=HTMX)
    assert answer.status_code == 204
    assert answer["HX-Trigger"] == "room:changed"
    assert _state(incident) == "responding"


def test_without_script_the_room_is_shown_again(client, omar, report):
    incident = report()
    client.force_login(omar)
    answer = client.post(_url(incident, "take"))
    assert answer.status_code == 303
    assert answer["Location"] == f"/incidents/{incident.number}/"


def test_the_whole_road(client, dana, report):
    incident = report()
    client.force_login(dana)
    for name, state in (("take", "responding"), ("restore", "recovering"), ("relapse", "responding")):
        assert client.post(_url(incident, name), {"reason": "又断了"}, headers=HTMX).status_code == 204
        assert _state(incident) == state


@pytest.mark.parametrize("name", ["restore", "relapse", "declare_end", "close", "reopen", "cancel", "merge", "take"])
def test_every_step_says_what_it_will_do(client, dana, taken, name):
    client.force_login(dana)
    answer = client.get(_url(taken, name), headers=HTMX)
    assert answer.status_code == 200
    assert b"dialog-title" in answer.content
    assert b"<html" not in answer.content
    page = client.get(_url(taken, name)).content
    assert b"<html" in page
    assert b"hx-disable" in page  # its form is sent as a plain one


def test_two_people_at_the_same_button(client, omar, dana, report):
    incident = report()
    client.force_login(omar)
    client.post(_url(incident, "take"), {"seen": incident.revision}, headers=HTMX)
    client.force_login(dana)
    answer = client.post(_url(incident, "take"), {"seen": incident.revision}, headers=HTMX)
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#form-errors"
    assert "接手处置，没有重复记录" in answer.content.decode()
    again = client.post(_url(incident, "take"), headers=HTMX)
    assert again.status_code == 409
    assert Incident.objects.get(pk=incident.pk).lead == omar


def test_a_reason_is_asked_for_in_place(client, dana, taken):
    client.force_login(dana)
    answer = client.post(_url(taken, "cancel"), {"reason": " "}, headers=HTMX)
    assert answer.status_code == 422
    assert answer["HX-Retarget"] == "#dialog"
    assert 'aria-invalid="true"' in answer.content.decode()
    assert _state(taken) == "responding"


def test_a_time_in_the_future_is_refused_and_the_form_kept(client, omar, taken, now):
    client.force_login(omar)
    ahead = (now + timedelta(days=2)).strftime("%Y-%m-%d %H:%M")
    answer = client.post(_url(taken, "restore"), {"at": ahead, "note": "换了交换机"}, headers=HTMX)
    assert answer.status_code == 422
    assert "换了交换机" in answer.content.decode()
    assert _state(taken) == "responding"


def test_merge_needs_a_known_number(client, dana, report):
    incident, other = report(), report()
    client.force_login(dana)
    assert client.post(_url(incident, "merge"), {"into": "INC-1"}, headers=HTMX).status_code == 422
    assert client.post(_url(incident, "merge"), {"into": f" {other.number.lower()}"}, headers=HTMX).status_code == 204
    assert Incident.objects.get(pk=incident.pk).merged_into == other


@pytest.mark.parametrize(("name", "who", "status"), [
    ("take", "vera", 403), ("take", "ada", 403), ("take", "eve", 404),
    ("cancel", "omar", 403), ("close", "omar", 403), ("cancel", "eve", 404), ("nonsense", "dana", 404),
])  # fmt: skip
def test_who_may(client, request, report, name, who, status):
    incident = report()
    client.force_login(request.getfixturevalue(who))
    assert client.post(_url(incident, name), {"reason": "x"}, headers=HTMX).status_code == status
    assert client.get(_url(incident, name)).status_code == status
    assert _state(incident) == "reported"


def test_wrong_method(client, omar, report):
    client.force_login(omar)
    assert client.put(_url(report(), "take")).status_code == 405


def test_a_token_is_needed(omar, report, client):
    client.handler.enforce_csrf_checks = True
    client.force_login(omar)
    incident = report()
    assert client.post(_url(incident, "take")).status_code == 403
    assert _state(incident) == "reported"


def test_a_step_too_far_says_what_comes_first(client, dana, report):
    incident = report()
    client.force_login(dana)
    answer = client.post(_url(incident, "close"), headers=HTMX)
    assert answer.status_code == 409
    assert "refusal" in answer.content.decode()


@pytest.mark.parametrize("who", ["omar", "dana", "vera"])
def test_the_menu_offers_what_this_person_may(client, request, report, who):
    incident = report()
    client.force_login(request.getfixturevalue(who))
    menu = client.get(f"/incidents/{incident.number}/menu/", headers=HTMX).content.decode()
    assert ("menu-cancel" in menu) is (who == "dana")
    assert ("menu-facts" in menu) is (who != "vera")
    assert "menu-print" in menu
    assert "menu-follow" not in menu


@pytest.mark.parametrize("who", ["dana", "vera"])
def test_what_comes_back_after_the_close_is_a_new_incident(client, request, taken, law, who, now):
    dana = request.getfixturevalue("dana")
    lifecycle.restore(incident_id=taken.pk, actor=dana, now=now)
    for duty in Duty.objects.filter(incident=taken, state="open").exclude(gate=""):
        fulfil(duty, law("HJ-2"), actor=dana, now=now)
    lifecycle.declare_end(incident_id=taken.pk, actor=dana, now=now)
    lifecycle.close(incident_id=taken.pk, actor=dana, now=now)
    client.force_login(request.getfixturevalue(who))
    menu = client.get(f"/incidents/{taken.number}/menu/", headers=HTMX).content.decode()
    link = re.search(r'id="menu-follow" href="([^"]+)"', menu)
    assert (link is not None) is (who == "dana")
    if link:
        form = client.get(html.unescape(link[1])).content.decode()
        assert f'name="follows" value="{taken.number}"' in form
        assert re.search(rf'value="{taken.playbook_id}"[^>]* checked', form)
