"""HJ-2: the supervisor is told within 5 minutes, the fault judged within 10, other action considered at 60."""

from incident import clock, lifecycle, sweep, telling
from incident.models import Duty, Entry, Incident
from incident.models.incident import State
from notices.models import Notice
from tests.filling import fulfil


def duty(incident: Incident, key: str) -> Duty:
    return Duty.objects.get(incident=incident, rule=key)


def test_five_ten_and_sixty_minutes_pass_one_after_the_other(report, now, minutes):
    incident = report("HJ-2", facts={"scope": "all_applications"})
    dues = {key: duty(incident, key).plan_due_at - now for key in ("HJ-2-05", "HJ-2-07", "HJ-2-08")}
    assert dues == {"HJ-2-05": minutes(5), "HJ-2-07": minutes(10), "HJ-2-08": minutes(60)}

    sweep.sweep(now=now + minutes(5) - minutes(1 / 60))
    assert duty(incident, "HJ-2-05").late_at is None
    sweep.sweep(now=now + minutes(5.5))
    assert duty(incident, "HJ-2-05").late_at == now + minutes(5)  # dated at its time, not at the sweep's
    assert Notice.objects.filter(incident=incident, kind="told_late", post="centre_manager").count() == 1

    sweep.sweep(now=now + minutes(61))
    assert duty(incident, "HJ-2-07").late_at == now + minutes(10)
    told = duty(incident, "HJ-2-07-tell")
    assert told.opened_at == now + minutes(10)
    assert {notice.post for notice in told.told.all()} == {"ops_supervisor", "centre_manager"}
    assert duty(incident, "HJ-2-08").late_at == now + minutes(60)

    before = Entry.objects.filter(incident=incident).count()
    sweep.sweep(now=now + minutes(62))
    assert Entry.objects.filter(incident=incident).count() == before  # late once


def test_an_answer_in_time_is_the_report_to_the_supervisor(report, dana, now, minutes):
    incident = report("HJ-2", facts={"scope": "all_applications"})
    notice = duty(incident, "HJ-2-05").told.get()
    telling.acknowledge(notice_id=notice.pk, actor=dana, by=str(dana), via="screen", now=now + minutes(2))
    reported = duty(incident, "HJ-2-05")
    assert (reported.state, reported.done_at, reported.late_at) == (Duty.State.DONE, now + minutes(2), None)


def test_the_whole_road(report, law, omar, dana, now, minutes):
    incident = report("HJ-2", facts={"scope": "all_applications"})
    lifecycle.take(incident_id=incident.pk, actor=omar, now=now + minutes(1))
    for notice in Notice.objects.filter(incident=incident):
        telling.acknowledge(notice_id=notice.pk, actor=None, by=notice.person, via="link", now=now + minutes(2))
    lifecycle.restore(incident_id=incident.pk, actor=omar, now=now + minutes(8))
    again = duty(incident, "HJ-2-14")
    assert {notice.kind for notice in again.told.all()} == {"recovered"}
    people = set(Notice.objects.filter(incident=incident).exclude(kind="recovered").values_list("person", flat=True))
    assert {notice.person for notice in again.told.all()} == people  # everyone told before is told again
    for notice in again.told.all():
        telling.acknowledge(notice_id=notice.pk, actor=None, by=notice.person, via="link", now=now + minutes(9))
    assert duty(incident, "HJ-2-14").state == Duty.State.DONE
    for open_duty in Duty.objects.filter(incident=incident, state="open", gate="end"):
        fulfil(open_duty, law("HJ-2"), actor=omar, now=now + minutes(10), note="已记录")
    lifecycle.declare_end(incident_id=incident.pk, actor=dana, now=now + minutes(11))
    assert not Duty.objects.filter(incident=incident, state="open").exists()
    lifecycle.close(incident_id=incident.pk, actor=dana, now=now + minutes(12))
    incident = Incident.objects.get(pk=incident.pk)
    assert incident.state == State.CLOSED
    assert incident.clock_shift.total_seconds() == 0
    numbers = list(Entry.objects.filter(incident=incident).order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert clock.at(incident, now) == now


def test_whoever_reports_is_not_told_what_he_reports(report, omar):
    incident = report("HJ-2")  # omar holds the post of team leader
    assert duty(incident, "HJ-2-02").state == Duty.State.DONE
    assert not Notice.objects.filter(incident=incident, person=str(omar)).exists()


def test_once_restored_nobody_is_told_that_it_cannot_be(report, omar, now, minutes):
    incident = report("HJ-2", facts={"scope": "all_applications"})
    lifecycle.take(incident_id=incident.pk, actor=omar, now=now + minutes(1))
    lifecycle.restore(incident_id=incident.pk, actor=omar, now=now + minutes(8))
    sweep.sweep(now=now + minutes(30))
    assert not Duty.objects.filter(incident=incident, rule="HJ-2-07-tell").exists()
    assert Incident.objects.get(pk=incident.pk).reassess_at is None
