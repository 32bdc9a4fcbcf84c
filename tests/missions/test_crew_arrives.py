"""GR-3.3: the repair crew is on site within 15 or 30 minutes, and says so itself from a telephone."""

import pytest

from incident import sweep
from incident.models import Duty, Entry, Summons
from notices import links
from notices.models import Notice
from staffing.models import Person

CREW = "示例抢修DE"


@pytest.fixture
def pipe(report, hana):
    return report("GR-3", site="project", by=hana, facts={"pipe_accident": True})


def crew(incident, rule="GR-3.3-08"):
    return Summons.objects.get(incident=incident, duty__rule=rule)


def duty(incident, rule="GR-3.3-08"):
    return Duty.objects.get(incident=incident, rule=rule)


def link(one):
    return links.path(one.notice, 0)


def test_the_crew_that_is_told_checks_in_without_a_login(pipe, client):
    one = crew(pipe)
    assert (one.name, one.state, one.offer) == (CREW, "told", "site")
    page = client.get(link(one)).content.decode()
    assert "到现场" in page and "已到场" in page and "不能来" in page
    assert crew(pipe).state == "told"  # a scanner of mail follows links too
    page = client.post(link(one), {"summons": one.pk, "come": "10"}).content.decode()
    assert "在途" in page and "预计" in page
    assert duty(pipe).state == "open"
    page = client.post(link(one), {"summons": one.pk, "do": "arrive"}).content.decode()
    assert "已记下您到了" in page
    one = crew(pipe)
    assert (one.state, one.via, one.by_name) == ("arrived", "link", "")
    done = duty(pipe)
    assert (done.state, done.done_at, done.done_name, done.late_at) == ("done", one.arrived_at, CREW, None)
    assert Notice.objects.get(pk=one.notice_id).acknowledged_by == CREW


def test_fifteen_minutes_for_a_pipe_and_late_stays_late(pipe, client, now, minutes, omar):
    due = duty(pipe).plan_due_at
    assert due == pipe.occurred_at + minutes(15)
    sweep.sweep(now=due + minutes(1))
    assert duty(pipe).late_at == due
    told = Notice.objects.filter(incident=pipe, kind="told_late", post="project_leader")
    assert told.count() == 1
    client.post(link(crew(pipe)), {"do": "arrive"})
    done = duty(pipe)
    assert (done.state, done.late_at) == ("done", due)


def test_thirty_minutes_for_equipment(report, hana, minutes):
    incident = report("GR-3", site="project", by=hana, facts={"equipment_fault": True, "pipe_accident": False})
    assert duty(incident, "GR-3.3-02").plan_due_at == incident.occurred_at + minutes(30)
    assert crew(incident, "GR-3.3-02").name == CREW


def test_a_crew_that_cannot_come_brings_the_next(pipe, client):
    one = crew(pipe)
    client.post(link(one), {"summons": one.pk, "refuse": "无法到达"})
    second = Summons.objects.exclude(pk=one.pk).get(incident=pipe, duty__rule="GR-3.3-08")
    assert (second.state, second.notice.kind) == ("told", "call_out")
    assert second.name == Person.objects.get(user__username="hana", site__key="project").name
    client.post(link(second), {"do": "arrive"})
    assert (duty(pipe).state, duty(pipe).done_name) == ("done", second.name)
    assert Entry.objects.filter(incident=pipe, kind="summons_refused").count() == 1


def test_the_lead_checks_somebody_in_by_hand(pipe, client, hana):
    client.force_login(hana)
    one = crew(pipe)
    answer = client.post(f"/incidents/{pipe.number}/summons/{one.pk}/", {"what": "arrive", "arrived_at": ""})
    assert answer.status_code == 303, answer.content.decode()
    one = crew(pipe)
    assert (one.state, one.via, one.by_name) == ("arrived", "by", str(hana))
    assert duty(pipe).state == "done"


def test_a_practice_says_that_it_is_one(report, hana, client):
    incident = report("GR-3", site="project", by=hana, mode="exercise", facts={"pipe_accident": True})
    page = client.get(link(crew(incident))).content.decode()
    assert "【练习】" in page
