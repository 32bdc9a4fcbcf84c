"""Duties from the screen: ticked, decided, told by phone, waived; once, and by those who may."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incident.models import Duty

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def incident(report):
    return report()


def _duty(incident, kind="task"):
    return Duty.objects.filter(incident=incident, kind=kind, state="open").order_by("id").first()


def _url(incident, duty, what="done/"):
    return f"/incidents/{incident.number}/duties/{duty.pk}/{what}"


def test_a_tick(client, omar, incident):
    duty = _duty(incident)
    client.force_login(omar)
    assert client.post(_url(incident, duty), headers=HTMX).status_code == 204
    duty = Duty.objects.get(pk=duty.pk)
    assert (duty.state, duty.done_by) == ("done", omar)


def test_a_tick_without_script(client, omar, incident):
    client.force_login(omar)
    assert client.post(_url(incident, _duty(incident))).status_code == 303


def test_twice_the_second_learns_who_was_first(client, omar, dana, incident):
    duty = _duty(incident)
    client.force_login(omar)
    client.post(_url(incident, duty), headers=HTMX)
    client.force_login(dana)
    answer = client.post(_url(incident, duty), headers=HTMX)
    assert answer.status_code == 409
    assert str(omar) in answer.content.decode()
    assert Duty.objects.get(pk=duty.pk).done_by == omar
    assert str(omar) in client.post(_url(incident, duty)).content.decode()


def test_an_old_page_may_still_tick(client, omar, dana, incident):
    """Ticking does not depend on what else has changed."""
    first, second = Duty.objects.filter(incident=incident, kind="task", state="open").order_by("id")[:2]
    client.force_login(dana)
    client.post(_url(incident, first), headers=HTMX)
    client.force_login(omar)
    answer = client.post(_url(incident, second), {"seen": incident.revision}, headers=HTMX)
    assert answer.status_code == 204


def test_told_by_phone(client, omar, incident):
    duty = _duty(incident, "notification")
    client.force_login(omar)
    assert "dialog-title" in client.get(_url(incident, duty, ""), headers=HTMX).content.decode()
    client.post(_url(incident, duty), {"note": "电话告知示例主管B"}, headers=HTMX)
    assert Duty.objects.get(pk=duty.pk).note == "电话告知示例主管B"


def test_done_earlier(client, omar, incident, report, now):
    incident = report(occurred_at=now - timedelta(minutes=30))
    duty = _duty(incident)
    client.force_login(omar)
    answer = client.post(_url(incident, duty), {"done_at": "25:99"}, headers=HTMX)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    early = timezone.localtime(now - timedelta(minutes=10))
    client.post(_url(incident, duty), {"done_at": early.strftime("%Y-%m-%d %H:%M:%S")}, headers=HTMX)
    assert Duty.objects.get(pk=duty.pk).done_at == early.replace(microsecond=0)


def test_a_decision_asks_for_its_choice(client, omar, incident):
    duty = _duty(incident, "decision")
    client.force_login(omar)
    form = client.get(_url(incident, duty, ""), headers=HTMX).content.decode()
    assert 'type="radio"' in form
    answer = client.post(_url(incident, duty), headers=HTMX)
    assert answer.status_code == 422
    assert "请选择" in answer.content.decode()
    choice = form.split('name="choice" value="')[1].split('"')[0]
    assert client.post(_url(incident, duty), {"choice": choice}, headers=HTMX).status_code == 204
    assert Duty.objects.get(pk=duty.pk).choice == choice


def test_waive_with_a_reason(client, dana, incident):
    duty = _duty(incident)
    client.force_login(dana)
    assert client.get(_url(incident, duty, "waive/"), headers=HTMX).status_code == 200
    assert client.post(_url(incident, duty, "waive/"), headers=HTMX).status_code == 422
    assert client.post(_url(incident, duty, "waive/"), {"reason": "已由总部处理"}, headers=HTMX).status_code == 204
    assert Duty.objects.get(pk=duty.pk).state == "waived"


@pytest.mark.parametrize(("who", "what", "status"), [
    ("vera", "done/", 403), ("ada", "done/", 403), ("eve", "done/", 404),
    ("omar", "waive/", 403), ("eve", "waive/", 404),
])  # fmt: skip
def test_who_may(client, request, incident, who, what, status):
    duty = _duty(incident)
    client.force_login(request.getfixturevalue(who))
    assert client.post(_url(incident, duty, what), {"reason": "x"}, headers=HTMX).status_code == status
    assert Duty.objects.get(pk=duty.pk).state == "open"


def test_a_duty_of_another_incident_is_unknown_here(client, omar, incident, report):
    other = report()
    client.force_login(omar)
    assert client.post(_url(incident, _duty(other)), headers=HTMX).status_code == 404


def test_a_tick_is_no_link(client, omar, incident):
    client.force_login(omar)
    assert client.get(_url(incident, _duty(incident))).status_code == 405


def test_a_prohibition_is_not_ticked(client, omar, incident):
    duty = _duty(incident, "prohibition")
    client.force_login(omar)
    assert client.post(_url(incident, duty), headers=HTMX).status_code == 409
    page = client.get(f"/incidents/{incident.number}/").content.decode()
    assert f'id="tick-{duty.pk}"' not in page
