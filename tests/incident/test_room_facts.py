"""Facts and the time of the event from the screen: only what changed is recorded, and the level follows at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incident.models import Fact, Incident

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def incident(report):
    return report("KF-4")


@pytest.fixture
def url(incident):
    return f"/incidents/{incident.number}/facts/"


def _at(moment):
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")


def test_the_level_follows_at_once(client, omar, incident, url, report, now):
    client.force_login(omar)
    since = _at(now - timedelta(minutes=16))
    answer = client.post(url, {"fact-seats_full_minutes-since": since}, headers=HTMX)
    assert answer.status_code == 204
    assert Incident.objects.get(pk=incident.pk).level == "general"


def test_only_what_changed_is_recorded(client, omar, incident, url):
    client.force_login(omar)
    before = Fact.objects.filter(incident=incident).count()
    metric = next(
        part.split('"')[0].removeprefix("was-fact-")
        for part in client.get(url, headers=HTMX).content.decode().split('name="')
        if part.startswith("was-fact-") and not part.split('"')[0].endswith("-since")
    )
    form = {f"fact-{metric}": "", f"was-fact-{metric}": ""}
    answer = client.post(url, form, headers=HTMX)
    assert answer.status_code == 422
    assert "没有改动" in answer.content.decode()
    assert Fact.objects.filter(incident=incident).count() == before


@pytest.mark.parametrize("value", ["25:00", "昨天", "2999-01-01 00:00"])
def test_nonsense_is_said_beside_the_question(client, omar, incident, url, value):
    client.force_login(omar)
    answer = client.post(url, {"fact-seats_full_minutes-since": value, "reason": "补录"}, headers=HTMX)
    assert answer.status_code == 422
    assert "补录" in answer.content.decode()
    assert not Fact.objects.filter(incident=incident, metric="seats_full_minutes").exists()


@pytest.mark.parametrize(
    "value", ["NaN", "-Infinity", "1e999999", "1e12", "9" * 400, "1e-9999999", "0." + "1" * 30, "1_0"]
)
@pytest.mark.parametrize("field", ["fact-seats_full_minutes", "fact-expected_minutes"])
def test_a_number_nobody_can_mean_is_refused_and_harms_nothing(client, omar, incident, url, field, value):
    client.force_login(omar)
    before = Fact.objects.filter(incident=incident).count()
    answer = client.post(url, {field: value}, headers=HTMX)
    assert answer.status_code == 422
    assert Fact.objects.filter(incident=incident).count() == before


@pytest.mark.parametrize("since", ["0001-01-01 00:00", "1999-12-31 23:59", "9999-12-31 23:59"])
def test_a_moment_that_the_database_cannot_give_back_is_refused(client, omar, incident, url, since):
    """In UTC the first hours of the year 1 lie before it: such a row could never be read again."""
    client.force_login(omar)
    assert client.post(url, {"fact-seats_full_minutes-since": since}, headers=HTMX).status_code == 422
    assert client.get(f"/incidents/{incident.number}/").status_code == 200


def test_a_fact_of_another_plan_is_refused(client, omar, incident, url):
    client.force_login(omar)
    assert client.post(url, {"fact-nonsense": "1"}, headers=HTMX).status_code == 422


@pytest.mark.parametrize(("who", "status"), [("vera", 403), ("eve", 404)])
def test_who_may(client, request, incident, url, who, status):
    client.force_login(request.getfixturevalue(who))
    assert client.post(url, {"fact-x": "1"}, headers=HTMX).status_code == status
    assert client.get(url, headers=HTMX).status_code == status
    assert client.post(f"/incidents/{incident.number}/occurred/", headers=HTMX).status_code == status


def test_wrong_method(client, omar, url):
    client.force_login(omar)
    assert client.delete(url).status_code == 405


def test_correct_the_time_with_a_reason(client, omar, dana, report, now):
    incident = report("HJ-2")
    url = f"/incidents/{incident.number}/occurred/"
    earlier = _at(now - timedelta(minutes=20))
    client.force_login(omar)
    assert client.post(url, {"occurred_at": earlier, "reason": "x"}, headers=HTMX).status_code == 403
    client.force_login(dana)
    assert client.get(url, headers=HTMX).status_code == 200
    assert client.post(url, {"occurred_at": earlier}, headers=HTMX).status_code == 422
    assert client.post(url, {"occurred_at": "", "reason": "x"}, headers=HTMX).status_code == 422
    old = {"occurred_at": earlier, "reason": "座席更早发现", "seen": incident.revision + 7}
    assert client.post(url, old, headers=HTMX).status_code == 409
    assert client.post(url, old | {"seen": incident.revision}, headers=HTMX).status_code == 204
    assert Incident.objects.get(pk=incident.pk).occurred_at < now - timedelta(minutes=19)
