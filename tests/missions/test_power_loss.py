"""Power is lost: the time the UPS still has runs down on the screen, and the plan acts at the very minute."""

from decimal import Decimal

import pytest

from incident import facts, readings, sweep
from incident.models import Duty, Entry
from playbooks.law import Condition, FactSpec, Group, Trigger
from tests.laws import bent, duty

UPS = FactSpec("ups_minutes", "countdown", unit="min", zh="UPS 剩余时间", en="UPS time left", asked=True)


@pytest.fixture
def playbook(law):
    found = law("HJ-2")
    low = Group("all", (Condition("ups_minutes", "at_most", Decimal(10)),))
    shut = duty("T-shut", zh="保存数据，有序关机", opens=Trigger("facts", when=low))
    with bent(found, duties=(*found.duties, shut), facts=(*found.facts, UPS)) as changed:
        yield changed


def test_ten_minutes_before_it_is_empty_the_shutdown_opens(playbook, report, omar, now, minutes):
    incident = report(facts={"scope": "all_applications"})
    given = {"ups_minutes": readings.Given(Decimal(33), since=now)}
    facts.record(incident_id=incident.pk, actor=omar, now=now + minutes(1), given=given)
    sweep.sweep(now=now + minutes(22.9))
    assert not Duty.objects.filter(incident=incident, rule="T-shut").exists()
    sweep.sweep(now=now + minutes(23.1))
    assert Duty.objects.get(incident=incident, rule="T-shut").opened_at == now + minutes(23)


def test_a_new_reading_moves_the_moment(playbook, report, omar, now, minutes):
    incident = report(facts={"scope": "all_applications"})
    for left, at in ((33, 0), (60, 5)):
        facts.record(
            incident_id=incident.pk, actor=omar, now=now + minutes(at),
            given={"ups_minutes": readings.Given(Decimal(left), since=now + minutes(at))},
        )  # fmt: skip
    sweep.sweep(now=now + minutes(54.9))
    assert not Duty.objects.filter(incident=incident, rule="T-shut").exists()
    sweep.sweep(now=now + minutes(55.1))
    assert Duty.objects.filter(incident=incident, rule="T-shut").exists()


def test_it_runs_in_the_facts_and_among_the_deadlines(playbook, report, client, omar, now, minutes):
    incident = report(at=now - minutes(10), facts={"scope": "all_applications"})
    client.force_login(omar)
    path = f"/incidents/{incident.number}/facts/"
    dialog = client.get(path, {"fact": "ups_minutes"}).content.decode()
    assert "何时看到的" in dialog
    seen_at = f"{(now - minutes(5)).astimezone(readings.timezone.get_default_timezone()):%H:%M:%S}"
    sent = {"fact-ups_minutes": "23", "was-fact-ups_minutes": "", "fact-ups_minutes-since": seen_at}
    assert client.post(path, sent).status_code == 303
    room = client.get(f"/incidents/{incident.number}/").content.decode()
    assert "UPS 剩余时间还有" in room
    assert "17:" in room or "18:00" in room  # 23 minutes, said five minutes ago
    said = Entry.objects.filter(incident=incident, kind="facts").order_by("number").last()
    assert said.data["facts"][0]["value"] == "23"
    again = client.get(path, {"fact": "ups_minutes"}).content.decode()
    assert 'value="17"' in again  # the dialog asks with what is left now
    assert client.post(path, {"fact-ups_minutes": "17", "was-fact-ups_minutes": "17"}).status_code == 422


@pytest.mark.parametrize("typed", ["-1", "abc", "1e400", "NaN"])
def test_nonsense_is_refused(playbook, report, client, omar, typed):
    incident = report(facts={"scope": "all_applications"})
    client.force_login(omar)
    answer = client.post(
        f"/incidents/{incident.number}/facts/", {"fact-ups_minutes": typed, "was-fact-ups_minutes": ""},
        headers={"HX-Request": "1"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert typed in answer.content.decode()
