"""A session that is over, or an old token: the page's own requests get a sentence, never a page in place of a form."""

import pytest
from django.test import Client

HTMX = {"HX-Request": "true"}


@pytest.fixture
def strict(omar):
    client = Client(enforce_csrf_checks=True)
    client.force_login(omar)
    return client


def test_a_form_sent_after_the_session_is_told_to_sign_in_again(client, db):
    answer = client.post("/desk/", {"title": "断网"}, headers=HTMX)
    assert answer.status_code == 401
    assert answer["Content-Type"].startswith("text/plain")
    assert "登录已过期" in answer.content.decode()


def test_without_script_the_login_page_comes_and_leads_back(client, db):
    answer = client.get("/desk/")
    assert answer.status_code == 302
    assert answer["Location"] == "/login/?next=/desk/"


def test_an_old_token_is_refused_in_place(strict):
    answer = strict.post("/desk/", {"title": "断网"}, headers=HTMX)
    assert answer.status_code == 403
    assert answer["Content-Type"].startswith("text/plain")


def test_an_old_token_without_script_is_a_page(strict):
    answer = strict.post("/desk/", {"title": "断网"})
    assert answer.status_code == 403
    assert "<html" in answer.content.decode()


def test_people_who_are_signed_in_are_led_on(client, omar):
    client.force_login(omar)
    assert client.get("/", headers=HTMX).status_code == 302
