"""Levels from the screen: changed with a reason, confirmed, rejected; once, and by those who may."""

from datetime import timedelta

import pytest

from incident import readings
from incident.models import Incident, LevelDecision

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def incident(report, now):
    """Major since the seats have been full for half an hour: in force, and waiting to be confirmed."""
    return report("KF-4", facts={"seats_full_minutes": readings.Given(since=now - timedelta(minutes=31))})


@pytest.fixture
def decision(incident):
    return LevelDecision.objects.get(incident=incident, status="provisional")


def _url(incident, decision, what):
    return f"/incidents/{incident.number}/decisions/{decision.pk}/{what}/"


def test_the_room_offers_it_to_those_who_may(client, omar, dana, incident, decision):
    for user, can in ((omar, False), (dana, True)):
        client.force_login(user)
        page = client.get(f"/incidents/{incident.number}/").content.decode()
        assert (f'id="confirm-{decision.pk}"' in page) is can


def test_confirm(client, dana, incident, decision):
    client.force_login(dana)
    assert client.post(_url(incident, decision, "confirm"), headers=HTMX).status_code == 204
    assert LevelDecision.objects.get(pk=decision.pk).status == "confirmed"


def test_the_second_learns_who_was_first(client, dana, incident, decision):
    client.force_login(dana)
    client.post(_url(incident, decision, "confirm"), headers=HTMX)
    answer = client.post(_url(incident, decision, "confirm"), headers=HTMX)
    assert answer.status_code == 409
    assert str(dana) in answer.content.decode()


def test_reject_with_a_reason(client, dana, incident, decision):
    client.force_login(dana)
    assert client.get(_url(incident, decision, "reject"), headers=HTMX).status_code == 200
    assert client.post(_url(incident, decision, "reject"), headers=HTMX).status_code == 422
    assert client.post(_url(incident, decision, "reject"), {"reason": "误计"}, headers=HTMX).status_code == 204
    assert LevelDecision.objects.get(pk=decision.pk).settled_reason == "误计"


def test_change_the_level(client, dana, incident):
    client.force_login(dana)
    url = f"/incidents/{incident.number}/level/"
    assert "general" in client.get(url, headers=HTMX).content.decode()
    assert client.post(url, {"level": "general"}, headers=HTMX).status_code == 422
    assert client.post(url, {"level": "nonsense", "reason": "x"}, headers=HTMX).status_code == 422
    stale = {"level": "general", "reason": "队列已清", "seen": incident.revision + 3}
    refused = client.post(url, stale, headers=HTMX)
    assert refused.status_code == 409
    assert refused["HX-Retarget"] == "#dialog"  # the form stays, with what was typed and the newest revision
    assert "队列已清" in refused.content.decode()
    assert f'name="seen" value="{incident.revision}"' in refused.content.decode()
    assert client.post(url, stale | {"seen": incident.revision}, headers=HTMX).status_code == 204
    assert Incident.objects.get(pk=incident.pk).level == "general"


@pytest.mark.parametrize(("who", "status"), [("omar", 403), ("vera", 403), ("eve", 404)])
def test_who_may(client, request, incident, decision, who, status):
    client.force_login(request.getfixturevalue(who))
    for url in (_url(incident, decision, "confirm"), _url(incident, decision, "reject")):
        assert client.post(url, {"reason": "x"}, headers=HTMX).status_code == status
    level = {"level": "general", "reason": "x"}
    assert client.post(f"/incidents/{incident.number}/level/", level, headers=HTMX).status_code == status
    assert LevelDecision.objects.get(pk=decision.pk).status == "provisional"


def test_confirming_is_no_link(client, dana, incident, decision):
    client.force_login(dana)
    assert client.get(_url(incident, decision, "confirm")).status_code == 405


def test_a_decision_of_another_incident_is_unknown_here(client, dana, report, decision):
    client.force_login(dana)
    assert client.post(_url(report(), decision, "confirm"), headers=HTMX).status_code == 404
