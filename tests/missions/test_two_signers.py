"""Found property, money counted: two people sign the same words, each as themselves; a change is signed anew."""

import pytest

from incident import catalogue, work
from incident.models import Duty, Entry, Signature
from incident.records import Draft
from incident.refusals import AlreadyDone, NotNow, Stale
from playbooks.law import Form, Item
from tests.laws import bent, duty

COUNT = Form("count", "清点表", "Count", items=(Item("sum", "number", "金额", "Sum", required=True),))


@pytest.fixture
def playbook(law):
    found = law("HJ-2")
    duties = (
        *found.duties,
        duty("T-count", kind="record", form="count", signers=2),
        duty("T-watch", signers=2),
        duty("T-approve"),
        duty("T-declare", apart_from=("T-approve",)),
    )
    with bent(found, duties=duties, forms=(COUNT,)) as changed:
        yield changed


@pytest.fixture
def incident(playbook, report):
    return report(facts={"scope": "all_applications"})


def opened(incident, rule):
    return Duty.objects.get(incident=incident, rule=rule)


def count(value, base=0):
    return Draft(form="count", data={"sum": value}, row=1, base=base)


def test_two_people_sign_the_same_version(incident, omar, dana, now):
    found = opened(incident, "T-count")
    work.complete(duty_id=found.pk, actor=omar, now=now, draft=count("100"))
    assert opened(incident, "T-count").state == "open"
    with pytest.raises(AlreadyDone, match="另一人"):
        work.complete(duty_id=found.pk, actor=omar, now=now)
    work.complete(duty_id=found.pk, actor=dana, now=now)
    done = opened(incident, "T-count")
    assert done.state == "done"
    assert done.done_name == f"{omar}、{dana}"
    assert [one.edition for one in Signature.objects.order_by("id")] == [1, 1]


def test_a_change_voids_what_was_signed(incident, omar, dana, now, playbook):
    found = opened(incident, "T-count")
    work.complete(duty_id=found.pk, actor=omar, now=now, draft=count("100"))
    work.complete(duty_id=found.pk, actor=dana, now=now, draft=count("90", base=1))
    assert opened(incident, "T-count").state == "open"
    changed = Entry.objects.filter(incident=incident, kind="record_written").order_by("number").last()
    assert str(omar) in catalogue.words(changed, playbook)
    work.complete(duty_id=found.pk, actor=omar, now=now)
    assert opened(incident, "T-count").state == "done"
    assert Signature.objects.count() == 3


def test_nobody_signs_what_they_have_not_seen(incident, omar, dana, now):
    found = opened(incident, "T-count")
    work.complete(duty_id=found.pk, actor=omar, now=now, draft=count("100"))
    with pytest.raises(Stale):
        work.complete(duty_id=found.pk, actor=dana, now=now, edition=0)


def test_the_dialog_says_who_signed_and_who_is_missing(incident, client, omar, dana, now):
    found = opened(incident, "T-watch")
    work.complete(duty_id=found.pk, actor=omar, now=now)
    client.force_login(dana)
    html = client.get(f"/incidents/{incident.number}/duties/{found.pk}/").content.decode()
    assert f"{omar} 已于" in html
    assert "还差 1 人" in html
    assert f"{omar} 已签字" in client.get(f"/incidents/{incident.number}/").content.decode()
    assert client.post(f"/incidents/{incident.number}/duties/{found.pk}/done/", {"edition": "0"}).status_code == 303
    assert opened(incident, "T-watch").state == "done"


def test_the_same_person_does_not_do_both(incident, client, omar, dana, now):
    work.complete(duty_id=opened(incident, "T-approve").pk, actor=omar, now=now)
    found = opened(incident, "T-declare")
    with pytest.raises(NotNow, match=str(dana)):
        work.complete(duty_id=found.pk, actor=omar, now=now)
    client.force_login(omar)
    html = client.get(f"/incidents/{incident.number}/duties/{found.pk}/").content.decode()
    assert "须由另一人完成" in html and "disabled" in html
    work.complete(duty_id=found.pk, actor=dana, now=now)
    assert opened(incident, "T-declare").state == "done"


def test_a_supervisor_may_with_a_written_reason(incident, client, dana, now, playbook):
    work.complete(duty_id=opened(incident, "T-approve").pk, actor=dana, now=now)
    found = opened(incident, "T-declare")
    client.force_login(dana)
    path = f"/incidents/{incident.number}/duties/{found.pk}/done/"
    refused = client.post(path, {}, headers={"HX-Request": "1"})
    assert refused.status_code == 422
    assert "受权代行的理由" in refused.content.decode()
    assert client.post(path, {"deputed": "夜间只有一人"}).status_code == 303
    said = Entry.objects.get(incident=incident, kind="deputed")
    assert "夜间只有一人" in catalogue.words(said, playbook)
