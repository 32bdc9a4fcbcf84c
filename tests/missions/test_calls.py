"""119, 120 and 110 wait for nobody: each ends with the time it was called, or with why it was not needed."""

import pytest

from incident import catalogue, work
from incident.models import Duty, Entry
from incident.refusals import AlreadyDone, Denied, Invalid
from playbooks.law import Party
from tests.laws import bent, duty

FIRE = Party("fire_119", "消防救援 119", "Fire service 119", number="119")


@pytest.fixture
def playbook(law):
    call = duty("T-119", kind="call", outside=("fire_119",), life_safety=True, gate="restore")
    found = law("HJ-2")
    with bent(found, duties=(*found.duties, call), parties=(FIRE,)) as changed:
        yield changed


@pytest.fixture
def call(playbook, report):
    return Duty.objects.get(incident=report(facts={"scope": "all_applications"}), rule="T-119")


def entry(call, kind, playbook):
    found = Entry.objects.get(incident=call.incident_id, kind=kind)
    return catalogue.words(found, playbook)


def test_it_opens_with_the_report_and_nobody_approves_it(call, client, omar, playbook, now):
    client.force_login(omar)
    path = f"/incidents/{call.incident.number}/duties/{call.pk}/"
    html = client.get(path).content.decode()
    assert 'class="dialog-number"' in html and 'href="tel:119"' in html
    assert "已拨打 119" in html and "不需要" in html
    assert client.post(f"{path}done/", {"do": "called"}).status_code == 303
    done = Duty.objects.get(pk=call.pk)
    assert (done.state, done.choice, done.done_by) == ("done", "called", omar)
    assert entry(call, "called", playbook).startswith("119 已于 ")
    assert str(omar) in entry(call, "called", playbook)


def test_called_earlier_is_recorded_with_its_time(call, omar, now, playbook):
    work.call(duty_id=call.pk, actor=omar, now=now, outcome="called", called_at=call.incident.occurred_at)
    assert Duty.objects.get(pk=call.pk).done_at == call.incident.occurred_at


def test_not_needed_wants_a_reason_and_nobody_else(call, client, omar, playbook):
    client.force_login(omar)
    path = f"/incidents/{call.incident.number}/duties/{call.pk}/done/"
    refused = client.post(path, {"do": "not_needed"}, headers={"HX-Request": "1"})
    assert refused.status_code == 422
    assert "为什么不需要拨打" in refused.content.decode()
    assert client.post(path, {"do": "not_needed", "reason": "烟雾来自演示设备"}).status_code == 303
    assert entry(call, "call_not_needed", playbook) == "119 不需要拨打：烟雾来自演示设备"
    room = client.get(f"/incidents/{call.incident.number}/").content.decode()
    assert "不需要拨打" in room and "烟雾来自演示设备" in room


def test_a_call_is_no_plain_tick_and_ends_once(call, omar, vera, now):
    with pytest.raises(Invalid):
        work.complete(duty_id=call.pk, actor=omar, now=now)
    with pytest.raises(Invalid):
        work.call(duty_id=call.pk, actor=omar, now=now, outcome="perhaps")
    with pytest.raises(Denied):
        work.call(duty_id=call.pk, actor=vera, now=now, outcome="called")
    work.call(duty_id=call.pk, actor=omar, now=now, outcome="called")
    with pytest.raises(AlreadyDone):
        work.call(duty_id=call.pk, actor=omar, now=now, outcome="not_needed", reason="x")


@pytest.mark.parametrize("typed", ["2099-01-01 10:00", "2001-01-01 10:00", "soon"])
def test_a_time_that_cannot_be_is_refused(call, client, omar, typed):
    client.force_login(omar)
    path = f"/incidents/{call.incident.number}/duties/{call.pk}/done/"
    refused = client.post(path, {"do": "called", "called_at": typed}, headers={"HX-Request": "1"})
    assert refused.status_code == 422
    assert typed in refused.content.decode()
    assert Duty.objects.get(pk=call.pk).state == "open"


def test_nobody_dials_in_an_exercise(playbook, report, client, omar):
    call = Duty.objects.get(incident=report(mode="exercise", facts={"scope": "all_applications"}), rule="T-119")
    client.force_login(omar)
    html = client.get(f"/incidents/{call.incident.number}/duties/{call.pk}/").content.decode()
    assert "tel:" not in html
    assert "不要真的拨打" in html
