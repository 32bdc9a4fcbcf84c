"""Answers to notices: my inbox, and the signed link that mail scanners may follow but not answer."""

from datetime import timedelta

import pytest

from incident.models import Duty, Entry
from notices import links
from notices.models import Notice
from staffing.models import User

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def notice(report, dana):
    """The first notice that dana may answer."""
    incident = report()
    found = [notice for notice in Notice.objects.filter(incident=incident).order_by("id") if _rungs(notice, dana)]
    notice = found[0]
    Notice.objects.filter(pk=notice.pk).update(rung=_rungs(notice, dana)[0], state="accepted")
    notice.refresh_from_db()
    return notice


def _rungs(notice, user):
    return [place for place, rung in enumerate(notice.ladder) if rung.get("user_id") == user.pk]


def _state(notice):
    return Notice.objects.get(pk=notice.pk)


def test_the_button(client, dana, notice):
    client.force_login(dana)
    answer = client.post(f"/inbox/{notice.pk}/acknowledge/", headers=HTMX)
    assert answer.status_code == 200
    assert 'id="live-inbox"' in answer.content.decode()
    assert _state(notice).acknowledged_by == str(dana)
    assert _state(notice).acknowledged_via == "screen"
    assert Entry.objects.filter(incident=notice.incident, kind="acknowledged").count() == 1


def test_who_belongs_to_the_site_no_more_reads_and_answers_nothing(client, dana, notice):
    client.force_login(dana)
    assert notice.incident.number in client.get("/inbox/").content.decode()
    dana.memberships.all().delete()
    client.force_login(User.objects.get(pk=dana.pk))
    assert notice.incident.number not in client.get("/inbox/").content.decode()
    assert client.post(f"/inbox/{notice.pk}/acknowledge/").status_code == 404
    assert _state(notice).state == "accepted"


def test_twice_is_once(client, dana, notice):
    client.force_login(dana)
    for _ in range(2):
        assert client.post(f"/inbox/{notice.pk}/acknowledge/").status_code == 302
    assert Entry.objects.filter(incident=notice.incident, kind="acknowledged").count() == 1


def test_an_answer_fulfils_the_duty_to_tell(client, dana, notice):
    duty = Duty.objects.filter(told=notice, state="open").first()
    client.force_login(dana)
    client.post(f"/inbox/{notice.pk}/acknowledge/", headers=HTMX)
    if duty is not None:
        others = Notice.objects.filter(pk__in=duty.told.values("pk")).exclude(state="acknowledged").exists()
        assert Duty.objects.get(pk=duty.pk).state == ("open" if others else "done")


def test_nobody_answers_for_another(client, eve, vera, notice):
    for user in (eve, vera):
        client.force_login(user)
        assert client.post(f"/inbox/{notice.pk}/acknowledge/", headers=HTMX).status_code == 404
    assert _state(notice).state == "accepted"


def test_the_inbox_shows_only_mine(client, vera):
    client.force_login(vera)
    assert "letter-" not in client.get("/inbox/", headers=HTMX).content.decode()
    assert client.get("/inbox/").status_code == 200
    assert client.post("/inbox/").status_code == 405
    assert client.post("/inbox/987654/acknowledge/").status_code == 404


def test_a_scanner_that_follows_the_link_answers_nothing(client, notice):
    path = links.path(notice, 0)
    for _ in range(3):
        answer = client.get(path)
        assert answer.status_code == 200
    assert client.head(path).status_code == 200
    assert _state(notice).state == "accepted"


def test_the_link_and_its_button(client, notice):
    answer = client.post(links.path(notice, 0))
    assert answer.status_code == 200
    assert 'data-answer="first"' in answer.content.decode()
    assert _state(notice).acknowledged_via == "link"
    assert _state(notice).acknowledged_by == notice.ladder[0]["person"]
    assert 'data-answer="again"' in client.get(links.path(notice, 0)).content.decode()


def test_the_second_person_learns_who_answered(client, dana, notice):
    client.force_login(dana)
    client.post(f"/inbox/{notice.pk}/acknowledge/")
    client.logout()
    others = [place for place, rung in enumerate(notice.ladder) if rung["person"] != str(dana)]
    if others:
        page = client.post(links.path(notice, others[0])).content.decode()
        assert str(dana) in page


def test_forged_and_expired_links(client, notice, monkeypatch):
    assert client.get("/a/nonsense/").status_code == 404
    token = links.path(notice, 0)
    assert client.get(token[:-3] + "x/").status_code == 404
    monkeypatch.setattr(links, "LIFETIME", timedelta(days=-1))
    assert client.get(links.path(notice, 0)).status_code == 410
    assert _state(notice).state == "accepted"
