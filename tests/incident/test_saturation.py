"""Seats that fill up: 15:00 starts the general plan by itself, 30:00 makes the same incident major, dated exactly."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from incident import catalogue, chain, facts, levels, lifecycle, proof, saturation, sweep
from incident.models import Duty, Entry, Fact, Incident, LevelDecision, Sample
from incident.models.topic import Topic
from incident.readings import Given
from playbooks import library
from staffing import intake
from staffing.models import Queue, Reading
from tests import rosters

SECOND = timedelta(seconds=1)
STEP = 10  # seconds between readings


@pytest.fixture
def hotline(online):
    return rosters.queue(online, starts="auto", dip_seconds=60, stale_seconds=30)


@pytest.fixture
def tell(online, now):
    """Readings of a queue, so many seconds after `now`; they come in with the last of them."""

    def send(*seconds, busy=30, queue="hotline", site=online, **more):
        rows = [
            {"queue": queue, "at": (now + at * SECOND).isoformat(), "staffed": 30, "busy": busy, "waiting": 4} | more
            for at in seconds
        ]
        return saturation.receive(site.pk, rows, now=now + seconds[-1] * SECOND, source="test")

    return send


@pytest.fixture
def full(tell):
    """Readings of full seats every ten seconds; they come in once a minute, and with the last one."""

    def run(start, end, **more):
        batch = []
        for second in range(start, end, STEP):
            batch.append(second)
            if second % 60 == 0 or second + STEP >= end:
                tell(*batch, **more)
                batch = []

    return run


def incidents():
    return list(Incident.objects.filter(playbook__key="KF-4").order_by("id"))


def only():
    (incident,) = incidents()
    return incident


def said(incident, metric="seats_full_minutes"):
    """What the incident knows of a fact now."""
    return Fact.objects.filter(incident=incident, metric=metric).order_by("id").last()


def reread(queue):
    return Queue.objects.get(pk=queue.pk)


def test_fifteen_minutes_start_the_general_plan_at_the_exact_moment(hotline, full, tell, now, minutes, online):
    full(0, 900)
    assert incidents() == []
    tell(900)
    incident = only()
    assert (incident.level, incident.state, incident.mode) == ("general", "reported", "real")
    assert incident.reported_at == incident.occurred_at == now + minutes(15)
    assert (incident.site, incident.title, incident.reporter) == (online, "示例热线座席占满", "系统：示例热线")
    assert (incident.reported_by, incident.place) == (None, online.place_zh)
    decision = LevelDecision.objects.get(incident=incident)
    assert (decision.level, decision.status, decision.at) == ("general", "confirmed", now + minutes(15))
    assert "KF-4.1-02" in decision.basis["clauses"][0]["requirements"]
    fact = said(incident)
    assert (fact.since, fact.source, fact.by, fact.heard_at) == (now, "queue:hotline", None, None)
    assert Duty.objects.filter(incident=incident, rule="KF-4.1-03", state="open").exists()
    assert incident.reassess_at == now + minutes(30)
    assert chain.broken_at(incident) is None


def test_it_starts_between_two_readings_while_the_data_are_fresh(hotline, tell, full, now, minutes):
    full(0, 890)
    tell(895)
    assert reread(hotline).due_at == now + minutes(15)
    sweep.sweep(now=now + minutes(15) - SECOND)
    assert incidents() == []
    sweep.sweep(now=now + minutes(15) + SECOND)
    assert only().reported_at == now + minutes(15)


def test_thirty_minutes_raise_the_same_incident(hotline, full, now, minutes):
    full(0, 1800)
    incident = only()
    assert incident.level == "general"
    sweep.sweep(now=now + minutes(30))
    incident = only()
    assert incident.level == "major"
    decisions = LevelDecision.objects.filter(incident=incident).order_by("id")
    assert [(one.level, one.status, one.at) for one in decisions] == [
        ("general", "passed", now + minutes(15)),
        ("major", "provisional", now + minutes(30)),
    ]


def test_a_reading_alone_raises_it_too(hotline, full, now, minutes):
    """No sweep ever came by; what waited is dated when it was due."""
    full(0, 1830)
    sweep.sweep(now=now + minutes(30) + 25 * SECOND)
    assert [one.at for one in LevelDecision.objects.order_by("id")] == [now + minutes(15), now + minutes(30)]


def test_seats_that_fill_up_for_less_start_nothing(hotline, full, tell, now):
    full(0, 890)
    tell(890, busy=20, waiting=0)
    full(900, 1000, busy=20, waiting=0)
    sweep.sweep(now=now + 1000 * SECOND)
    assert incidents() == []
    assert reread(hotline).full_since is None


def test_a_short_dip_is_tolerated(hotline, full, tell, now, minutes):
    full(0, 600)
    full(600, 650, busy=29, waiting=0)
    full(650, 910)
    assert only().reported_at == now + minutes(15)


def test_the_plan_is_not_started_while_a_seat_is_free(hotline, full, tell, now, minutes):
    full(0, 880)
    full(880, 920, busy=29, waiting=0)
    sweep.sweep(now=now + 915 * SECOND)
    assert incidents() == []
    tell(920)  # the dip is over: it was one run
    assert only().reported_at == now + minutes(15)


def test_a_dip_in_a_running_incident_neither_lowers_nor_resets(hotline, full, now, minutes):
    full(0, 1200)
    full(1200, 1250, busy=28, waiting=0)
    full(1250, 1810)
    incident = only()
    assert Fact.objects.filter(incident=incident, metric="seats_full_minutes").count() == 1
    sweep.sweep(now=now + minutes(30) + 5 * SECOND)
    assert only().level == "major"


def test_free_seats_stop_the_timer_and_leave_the_level(hotline, full, now, minutes):
    full(0, 1200)
    full(1200, 1270, busy=20, waiting=0)
    incident = only()
    fact = said(incident)
    assert (fact.value, fact.since, fact.heard_at) == ("0", None, None)
    assert (incident.level, incident.reassess_at) == ("general", None)
    sweep.sweep(now=now + minutes(60))
    assert only().level == "general"


def test_full_again_counts_from_the_new_beginning(hotline, full, now, minutes):
    full(0, 1200)
    full(1200, 1300, busy=20, waiting=0)
    full(1300, 3100)
    incident = only()
    assert said(incident).since == now + 1300 * SECOND
    sweep.sweep(now=now + 3099 * SECOND)
    assert only().level == "general"
    full(3100, 3101)
    sweep.sweep(now=now + 3101 * SECOND)
    decision = LevelDecision.objects.get(incident=incident, level="major")
    assert decision.at == now + 3100 * SECOND


def test_a_feed_that_stops_freezes_the_timer_and_says_so(hotline, full, tell, now, minutes):
    full(0, 1210)
    incident = only()
    sweep.sweep(now=now + 1231 * SECOND)
    fact = said(incident)
    assert (fact.since, fact.heard_at) == (now, now + 1200 * SECOND)
    assert only().reassess_at is None
    assert reread(hotline).is_stale
    entry = Entry.objects.filter(incident=incident, kind="facts").order_by("number").last()
    assert "数据源中断" in catalogue.words(entry, library.playbook(incident.playbook_id))
    sweep.sweep(now=now + minutes(60))
    assert only().level == "general"

    # It speaks again after an hour: twenty minutes were known, and they go on from there.
    tell(3600)
    fact = said(incident)
    assert (fact.since, fact.heard_at) == (now + 2400 * SECOND, None)
    assert only().reassess_at == now + 2400 * SECOND + minutes(30)
    assert not reread(hotline).is_stale
    full(3610, 4210)
    sweep.sweep(now=now + 4205 * SECOND)
    assert LevelDecision.objects.get(incident=incident, level="major").at == now + 4200 * SECOND


def test_a_feed_that_stops_before_fifteen_minutes_starts_nothing(hotline, full, tell, now, minutes):
    full(0, 861)
    assert only_none()
    sweep.sweep(now=now + minutes(20))
    assert incidents() == []
    assert reread(hotline).is_stale
    tell(1200, busy=30)
    assert incidents() == []
    full(1210, 1241)
    assert only().reported_at == now + 1240 * SECOND  # 14:20 known, and forty seconds more


def only_none():
    return incidents() == []


def test_time_that_nobody_looked_at_does_not_raise_what_had_fallen_silent(hotline, full, now, minutes):
    """Console and feed were away together: the timer stands where it was last heard, whoever comes back first."""
    full(0, 1210)
    sweep.sweep(now=now + minutes(45))
    incident = only()
    assert incident.level == "general"
    assert said(incident).heard_at == now + 1200 * SECOND


def test_the_feed_comes_back_before_anybody_looked(hotline, full, tell, now, minutes):
    full(0, 1210)
    tell(2700)
    incident = only()
    assert incident.level == "general"
    assert said(incident).since == now + 1500 * SECOND


def test_a_level_that_was_due_before_the_seats_were_free_is_not_lost(hotline, full, tell, now, minutes):
    """No sweep between 30:00 and the recovery: the major level came first."""
    full(0, 1810)
    full(1810, 1880, busy=10, waiting=0)
    assert [one.level for one in LevelDecision.objects.order_by("id")] == ["general", "major"]
    assert LevelDecision.objects.get(level="major").at == now + minutes(30)


def test_a_site_may_be_asked_instead(hotline, full, tell, now, minutes):
    Queue.objects.filter(pk=hotline.pk).update(starts="propose")
    full(0, 910)
    assert incidents() == []
    assert reread(hotline).suggests == {
        "playbook": "KF-4",
        "level": "general",
        "at": (now + minutes(15)).isoformat(),
    }
    full(910, 1810)
    assert reread(hotline).suggests["level"] == "major"
    full(1810, 1900, busy=3, waiting=0)
    assert reread(hotline).suggests == {}


def test_a_proposal_goes_when_somebody_reports(hotline, full, tell, report, now):
    Queue.objects.filter(pk=hotline.pk).update(starts="propose")
    full(0, 910)
    report("KF-4", at=now + 912 * SECOND)
    tell(920)
    assert reread(hotline).suggests == {}
    assert said(only()).since == now
    assert only().level == "general"


def test_a_queue_may_only_be_shown(hotline, full, now):
    Queue.objects.filter(pk=hotline.pk).update(starts="off")
    full(0, 1000)
    assert incidents() == []
    assert reread(hotline).full_since == now


def test_two_queues_are_one_incident(hotline, online, full, tell, now, minutes):
    rosters.queue(online, "second", zh="示例二线", en="Second line")
    for second in range(0, 1000, STEP):
        tell(second)
        if second >= 300:
            tell(second, queue="second")
    incident = only()
    assert said(incident).source == "queue:hotline"
    # The first line is free again, the second goes on: its own beginning counts.
    for second in range(1000, 1100, STEP):
        tell(second, busy=2, waiting=0)
        tell(second, queue="second")
    fact = said(incident)
    assert (fact.source, fact.since) == ("queue:second", now + 300 * SECOND)


def test_other_sites_are_not_moved(hotline, callcentre, full, tell, now):
    rosters.queue(callcentre, "hotline")
    for second in range(0, 1000, STEP):
        tell(second, site=callcentre)
    assert incidents() == []  # the call centre does not run that plan


def test_a_run_that_had_its_incident_does_not_start_another(hotline, full, tell, dana, now, minutes):
    full(0, 1000)
    lifecycle.cancel(incident_id=only().pk, actor=dana, now=now + 1001 * SECOND, reason="测试")
    full(1010, 1800)
    assert len(incidents()) == 1
    full(1800, 1811)  # thirty minutes are another matter
    assert [one.level for one in incidents()] == ["general", "major"]


def test_a_rejected_level_stays_rejected(hotline, full, dana, now, minutes):
    full(0, 1810)
    sweep.sweep(now=now + minutes(30) + 5 * SECOND)
    decision = LevelDecision.objects.get(status="provisional")
    levels.reject(decision_id=decision.pk, actor=dana, now=now + 1806 * SECOND, reason="演示大屏故障")
    full(1810, 2500)
    assert only().level == "general"


def test_what_a_person_corrects_stands_until_the_queue_changes_its_mind(hotline, full, tell, omar, now):
    full(0, 1000)
    given = {"seats_full_minutes": Given(since=now + 120 * SECOND)}
    facts.record(incident_id=only().pk, actor=omar, now=now + 1001 * SECOND, given=given, reason="监控录像")
    full(1010, 1100)
    assert said(only()).since == now + 120 * SECOND
    full(1100, 1200, busy=1, waiting=0)
    assert said(only()).value == "0"


def test_waiting_callers_are_written_into_a_surge_once_a_minute(callcentre, report, tell, now):
    rosters.queue(callcentre, "inbound", stale_seconds=30)
    Queue.objects.filter(site=callcentre).exclude(key="inbound").delete()
    incident = report("HJ-8", at=now)
    for second in range(1, 302, 10):
        tell(second, site=callcentre, queue="inbound", waiting=second)
    told = list(Fact.objects.filter(incident=incident, metric="waiting").order_by("id").values_list("value", flat=True))
    assert told == [1, 61, 121, 181, 241, 301]
    sweep.sweep(now=now + 400 * SECOND)
    silent = said(incident, "waiting")
    assert (silent.value, silent.heard_at) == (301, now + 301 * SECOND)
    tell(462, site=callcentre, queue="inbound", waiting=None)
    assert said(incident, "waiting").value is None  # not known is not zero


def test_the_readings_that_prove_it_stay_with_the_incident(hotline, full, now, minutes):
    full(-300, 0, busy=20)
    full(0, 1810)
    incident = only()
    sweep.sweep(now=now + minutes(30) + 5 * SECOND)
    full(1810, 1821)
    samples = Sample.objects.filter(incident=incident).order_by("at")
    assert samples[0].at == now - minutes(2)
    assert samples.last().at == now + 1820 * SECOND
    assert samples.count() == 12 + 183
    entries = Entry.objects.filter(incident=incident, kind="samples").order_by("number")
    assert [entry.data["rank"] for entry in entries] == [1, 2]
    assert [entry.data["count"] for entry in entries] == [12 + 91, 92]
    assert proof.broken(incident) == []
    for entry in entries:
        assert "示例热线" in catalogue.words(entry, library.playbook(incident.playbook_id))
    Reading.objects.all().delete()
    assert proof.broken(incident) == []


def test_samples_are_neither_changed_nor_deleted(hotline, full):
    full(0, 910)
    row = Sample.objects.first()
    for act in (row.delete, lambda: Sample.objects.update(busy=1), lambda: Sample.objects.update(queue_name="x")):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    hotline.delete()  # the samples no longer name it by row, but by name
    row = Sample.objects.get(pk=row.pk)
    assert (row.queue, row.queue_name) == (None, "示例热线")


def test_tampered_samples_are_found(hotline, full):
    full(0, 910)
    incident = only()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE incident_sample SET busy = 29 WHERE id = (SELECT max(id) FROM incident_sample)")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert proof.broken(incident) == [Entry.objects.get(incident=incident, kind="samples").number]


def test_the_pages_of_the_site_are_told(hotline, tell, online):
    before = dict(Topic.objects.values_list("name", "number")).get(f"site:{online.pk}", 0)
    tell(0)
    assert Topic.objects.get(name=f"site:{online.pk}").number == before + 1


def test_readings_are_kept_though_acting_on_them_fails(hotline, full, tell, now, monkeypatch):
    full(0, 900)

    def broken(**_more):
        raise RuntimeError("broken")

    monkeypatch.setattr(saturation.reporting, "start", broken)
    assert tell(900).accepted == 1
    assert Reading.objects.filter(at=now + 900 * SECOND).exists()
    assert reread(hotline).due_at == now + 930 * SECOND
    monkeypatch.undo()
    sweep.sweep(now=now + 929 * SECOND)
    assert incidents() == []
    sweep.sweep(now=now + 930 * SECOND)
    assert only().reported_at == now + 900 * SECOND


def test_a_broken_queue_does_not_keep_incidents_waiting(hotline, tell, report, now, minutes, monkeypatch):
    incident = report("HJ-2")
    tell(0)
    monkeypatch.setattr(saturation.intake, "look", lambda *_: 1 / 0)
    swept = sweep.sweep(now=now + minutes(6))
    assert swept.failed == 1
    assert Duty.objects.filter(incident=incident, late_at__isnull=False).exists()


def test_old_readings_are_purged(hotline, now):
    rows = [Reading(queue=hotline, at=now - timedelta(days=day), received_at=now, source="-") for day in (1, 34, 36)]
    Reading.objects.bulk_create(rows)
    assert intake.purge(now=now) == 1
    assert Reading.objects.count() == 2


def test_the_room_and_the_record_on_paper_show_what_proves_it(hotline, full, tell, client, omar):
    full(0, 910)
    full(910, 930, busy=28, waiting=0)
    number = only().number
    client.force_login(omar)
    room = client.get(f"/incidents/{number}/").content.decode()
    panel = room[room.index('id="live-samples"') :]
    assert "其中占满 91 条" in panel
    assert "28 / 30" in panel[: panel.index("</section>")]
    assert "座席数据 hotline" in room
    paper = client.get(f"/incidents/{number}/print/").content.decode()
    assert "与时间线中的校验值一致。" in paper
    assert paper.count("<td>30 / 30</td>") == 16  # one a minute


def test_an_incident_without_queues_shows_no_samples(report, client, omar):
    report("KF-4")
    client.force_login(omar)
    room = client.get(f"/incidents/{only().number}/").content.decode()
    assert 'id="live-samples" tabindex="-1" aria-labelledby="samples-title" hidden' in room
