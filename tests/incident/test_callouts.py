"""People are called in: waves, answers, refills, no-shows, the quota; the engine with its time moved by hand."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incident import answering, callouts, catalogue, exercises, lifecycle, settle, sweep
from incident.models import CallOut, Duty, Entry, Incident, Summons
from incident.refusals import AlreadyDone, Denied, Invalid, NotNow
from notices.models import Notice
from playbooks import library
from staffing.callouts import State
from staffing.models import Contact, Person, Shift
from tests import rosters

pytestmark = pytest.mark.django_db

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
GENERAL = {"seats_full_minutes": 16}


@pytest.fixture
def floor(online):
    """The post of the agents, held by nobody for good."""
    return rosters.vacant(rosters.post(online, "cs_agent"))


@pytest.fixture
def off_shift(floor, online, now):
    """So many agents who worked yesterday; the first has worked least."""

    def make(count, letter="甲"):
        people = []
        for number in range(count):
            person = rosters.person(online, f"示例座席{letter}{number:03}")
            Contact.objects.create(person=person, channel="email", address=f"{letter}{number}@example.invalid")
            rosters.shift(floor, person, now - 30 * HOUR, hours=4 + number / 100)
            people.append(person)
        return people

    return make


@pytest.fixture
def incident(report):
    return report("KF-4")


@pytest.fixture
def call(incident, dana, now):
    def start(quota=2, *, by=None, at=None, minutes=40, waves=("off_shift",), key=None, on=None, **more):
        moment = at or now
        wanted = callouts.Wanted(
            post=more.pop("post", "cs_agent"), quota=quota, by_at=moment + minutes * MINUTE, waves=waves, **more
        )
        return callouts.start(
            incident_id=(on or incident).pk, actor=by or dana, now=moment, client_key=key or uuid.uuid4(), wanted=wanted
        )

    return start


def states(call_out):
    rows = Summons.objects.filter(call_out=call_out).order_by("id")
    return [row.state for row in rows]


def summons(call_out, place=0):
    return Summons.objects.filter(call_out=call_out).order_by("id")[place]


def say(one, what, now, **more):
    return answering.answer(summons_id=one.pk, what=what, by=one.name, via="link", now=now, **more)


def again(call_out):
    return CallOut.objects.get(pk=call_out.pk)


def log(incident, kind):
    return list(Entry.objects.filter(incident=incident, kind=kind).order_by("number"))


def test_the_first_are_asked_at_once_each_by_a_notice_of_their_own(call, off_shift, incident):
    people = off_shift(4)
    call_out = call(2)
    asked = list(Summons.objects.filter(call_out=call_out).order_by("id"))
    assert [one.person_id for one in asked] == [people[0].pk, people[1].pk]
    for one in asked:
        assert (one.notice.kind, one.notice.person, one.notice.state) == ("call_out", one.name, "queued")
        assert {rung["person_id"] for rung in one.notice.ladder} == {one.person_id}
    assert (call_out.state, call_out.is_dry) == ("open", False)
    assert [entry.kind for entry in incident.entries.order_by("-number")[:2]] == ["summoned", "call_out_opened"]


def test_told_acknowledged_on_the_way_arrived(call, off_shift, incident, now):
    off_shift(1)
    call_out = call(1)
    one = summons(call_out)
    say(one, "acknowledge", now + MINUTE)
    assert summons(call_out).state == State.ACKNOWLEDGED
    say(one, "come", now + 2 * MINUTE, minutes=20)
    assert (summons(call_out).state, summons(call_out).coming_at) == (State.ON_THE_WAY, now + 22 * MINUTE)
    say(one, "come", now + 5 * MINUTE, minutes=30)
    assert summons(call_out).coming_at == now + 35 * MINUTE
    say(one, "arrive", now + 33 * MINUTE)
    one = summons(call_out)
    assert (one.state, one.arrived_at, one.via) == (State.ARRIVED, now + 33 * MINUTE, "link")
    assert again(call_out).state == "filled"
    assert again(call_out).due_at is None
    assert Notice.objects.get(pk=one.notice_id).state == "acknowledged"
    kinds = [entry.kind for entry in incident.entries.order_by("number") if entry.kind.startswith(("summons", "call"))]
    assert kinds == [
        "call_out_opened", "summons_acknowledged", "summons_coming", "summons_coming", "summons_arrived",
        "call_out_filled",
    ]  # fmt: skip


def test_a_refusal_brings_the_next_and_nobody_is_asked_twice(call, off_shift, now):
    people = off_shift(3)
    call_out = call(1)
    say(summons(call_out), "refuse", now + MINUTE, reason="在外地")
    assert states(call_out) == [State.REFUSED, State.TOLD]
    say(summons(call_out, 1), "refuse", now + 2 * MINUTE, reason="身体不适")
    say(summons(call_out, 2), "refuse", now + 3 * MINUTE, reason="身体不适")
    assert states(call_out) == [State.REFUSED] * 3
    assert [one.person_id for one in Summons.objects.order_by("id")] == [person.pk for person in people]


def test_silence_brings_the_next_after_the_wait(call, off_shift, incident, now):
    off_shift(2)
    call_out = call(1, wait_seconds=180)
    sweep.sweep(now=now + 179 * timedelta(seconds=1))
    assert states(call_out) == [State.TOLD]
    sweep.sweep(now=now + 181 * timedelta(seconds=1))
    assert states(call_out) == [State.SILENT, State.TOLD]
    first = summons(call_out)
    assert first.ended_at == now + 180 * timedelta(seconds=1)  # dated when it was due
    assert summons(call_out, 1).told_at == now + 181 * timedelta(seconds=1)  # but nobody loses time to answer
    assert Notice.objects.get(pk=first.notice_id).state == "cancelled"
    assert log(incident, "summons_silent")[0].at == first.ended_at


def test_a_sweep_that_was_late_by_an_hour_gives_the_next_their_whole_wait(call, off_shift, now):
    off_shift(3)
    call_out = call(1, wait_seconds=180, minutes=120)
    sweep.sweep(now=now + HOUR)
    assert states(call_out) == [State.SILENT, State.TOLD]


def test_who_does_not_come_is_given_up_after_ten_minutes_and_may_still_turn_up(call, off_shift, incident, now):
    off_shift(2)
    call_out = call(1)
    say(summons(call_out), "come", now + MINUTE, minutes=20)
    sweep.sweep(now=now + 30 * MINUTE)
    assert states(call_out) == [State.ON_THE_WAY]
    sweep.sweep(now=now + 31.5 * MINUTE)
    assert states(call_out) == [State.NO_SHOW, State.TOLD]
    say(summons(call_out), "arrive", now + 32 * MINUTE)
    assert states(call_out) == [State.ARRIVED, State.STOOD_DOWN]  # the other one need not come
    letter = Notice.objects.get(kind="stood_down")
    assert (letter.person, letter.wants_answer) == (summons(call_out, 1).name, False)
    assert log(incident, "stood_down")


def test_one_wave_after_the_other(call, off_shift, online, floor, now):
    off_shift(1)
    reserve = rosters.person(online, "示例候补", reserve="reserve")
    call_out = call(1, waves=("reserve", "off_shift"))
    assert [one.person_id for one in Summons.objects.filter(call_out=call_out)] == [reserve.pk]
    sweep.sweep(now=now + 4 * MINUTE)
    assert states(call_out) == [State.SILENT, State.TOLD]
    assert again(call_out).wave == 1
    assert summons(call_out, 1).wave == "off_shift"


def test_dry_is_said_loudly_once(call, off_shift, incident, now):
    off_shift(1)
    call_out = call(3)
    assert again(call_out).is_dry
    sweep.sweep(now=now + 4 * MINUTE)
    sweep.sweep(now=now + 8 * MINUTE)
    entries = log(incident, "call_out_dry")
    assert [entry.data["wanting"] for entry in entries] == [2]
    words = catalogue.words(entries[0], library.playbook(incident.playbook_id))
    assert "无人可再召集" in words and "还差 2 人" in words
    assert again(call_out).due_at is None  # it ended


def test_somebody_given_up_may_come_after_all_while_a_place_is_free(call, off_shift, now):
    off_shift(2)
    call_out = call(1)
    sweep.sweep(now=now + 4 * MINUTE)
    say(summons(call_out), "come", now + 5 * MINUTE, minutes=10)
    assert states(call_out) == [State.ON_THE_WAY, State.STOOD_DOWN]
    with pytest.raises(NotNow, match="不用来了"):
        say(summons(call_out, 1), "come", now + 6 * MINUTE, minutes=10)


def test_somebody_given_up_hears_that_there_are_enough(call, off_shift, now):
    off_shift(2)
    call_out = call(1)
    say(summons(call_out), "refuse", now + MINUTE, reason="有事")
    say(summons(call_out, 1), "come", now + 2 * MINUTE, minutes=10)
    with pytest.raises(NotNow, match="人已经够了"):
        say(summons(call_out), "come", now + 3 * MINUTE, minutes=5)
    assert states(call_out) == [State.REFUSED, State.ON_THE_WAY]


def test_fewer_are_wanted(call, off_shift, dana, now):
    off_shift(4)
    call_out = call(3)
    say(summons(call_out), "come", now + MINUTE, minutes=10)
    callouts.change_quota(call_out_id=call_out.pk, actor=dana, now=now + 2 * MINUTE, quota=1)
    assert states(call_out) == [State.ON_THE_WAY, State.STOOD_DOWN, State.STOOD_DOWN]
    callouts.change_quota(call_out_id=call_out.pk, actor=dana, now=now + 3 * MINUTE, quota=2)
    assert states(call_out)[3:] == [State.TOLD]


def test_stopping_tells_who_has_not_answered_and_those_on_the_way_if_asked(call, off_shift, omar, dana, now):
    off_shift(2)
    call_out = call(2)
    say(summons(call_out), "come", now + MINUTE, minutes=10)
    callouts.close(call_out_id=call_out.pk, actor=omar, now=now + 2 * MINUTE, reason="人手已够")
    assert states(call_out) == [State.ON_THE_WAY, State.STOOD_DOWN]
    say(summons(call_out), "arrive", now + 9 * MINUTE)  # was on the way
    with pytest.raises(NotNow, match="召集已经停止"):
        say(summons(call_out, 1), "come", now + 9 * MINUTE, minutes=5)
    with pytest.raises(AlreadyDone, match="停止"):
        callouts.close(call_out_id=call_out.pk, actor=dana, now=now + 10 * MINUTE)
    assert again(call_out).due_at is None


def test_everybody_is_sent_home(call, off_shift, dana, now):
    off_shift(2)
    call_out = call(2)
    say(summons(call_out), "come", now + MINUTE, minutes=10)
    callouts.close(call_out_id=call_out.pk, actor=dana, now=now + 2 * MINUTE, also_coming=True)
    assert states(call_out) == [State.STOOD_DOWN] * 2
    assert Notice.objects.filter(kind="stood_down").count() == 2


def test_the_end_of_the_emergency_ends_the_call_outs(call, off_shift, incident, dana, now):
    off_shift(2)
    call_out = call(2)
    lifecycle.take(incident_id=incident.pk, actor=dana, now=now + MINUTE)
    lifecycle.cancel(incident_id=incident.pk, actor=dana, now=now + 2 * MINUTE, reason="误报")
    assert states(call_out) == [State.STOOD_DOWN] * 2
    assert again(call_out).state == "closed"
    assert not Notice.objects.filter(kind="stood_down").exists()  # the cancellation tells them
    with pytest.raises(NotNow):
        say(summons(call_out), "come", now + 3 * MINUTE, minutes=5)
    assert sweep.due(now=now + 5 * HOUR) == []


# --- rights, and two at once ------------------------------------------------------------------------------------------


def _duty(incident, rule, now):
    return Duty.objects.create(
        incident=incident, rule=rule, kind="task", post="cs_supervisor", opened_at=now, anchor_at=now
    )


def test_a_shift_lead_calls_in_what_the_plan_names(call, off_shift, incident, omar, dana, now):
    off_shift(3)
    duty = _duty(incident, "KF-4.1-03", now)
    with pytest.raises(Denied, match="预案写明召集 1 人"):
        call(2, by=omar, duty_id=duty.pk)
    with pytest.raises(Denied, match="主管"):
        call(1, by=omar)
    call_out = call(1, by=omar, duty_id=duty.pk)
    with pytest.raises(Denied):
        callouts.change_quota(call_out_id=call_out.pk, actor=omar, now=now, quota=3)
    callouts.change_quota(call_out_id=call_out.pk, actor=dana, now=now, quota=3)


def test_viewers_call_nobody_in(call, off_shift, vera):
    off_shift(1)
    with pytest.raises(Denied):
        call(1, by=vera)


def test_the_duty_is_done_when_all_are_there(call, off_shift, incident, omar, now):
    off_shift(1)
    duty = _duty(incident, "KF-4.1-03", now)
    call_out = call(1, by=omar, duty_id=duty.pk)
    say(summons(call_out), "arrive", now + 7 * MINUTE)
    duty = Duty.objects.get(pk=duty.pk)
    assert (duty.state, duty.done_at) == ("done", now + 7 * MINUTE)


def test_the_same_form_twice_is_one_call_out(call, off_shift):
    off_shift(3)
    key = uuid.uuid4()
    assert call(1, key=key).pk == call(1, key=key).pk
    assert Summons.objects.count() == 1


def test_two_leads_with_the_same_thought(call, off_shift, dana, omar):
    off_shift(3)
    call(1)
    with pytest.raises(AlreadyDone, match=f"{dana}.*召集 1 人"):
        call(2)


def test_who_is_needed_elsewhere_is_not_asked(call, off_shift, report, now):
    off_shift(2)
    call(1)
    other = report("KF-4")
    second = call(2, on=other)
    assert [one.name for one in Summons.objects.filter(call_out=second)] == ["示例座席甲001"]
    assert again(second).is_dry


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"quota": 0}, "quota", "人数应在"),
        ({"quota": 501}, "quota", "人数应在"),
        ({"minutes": -5}, "by_at", "已经过去"),
        ({"minutes": 60 * 25}, "by_at", "24 小时"),
        ({"waves": ()}, "waves", "至少选择一个"),
        ({"waves": ("friends",)}, "waves", "至少选择一个"),
        ({"wait_seconds": 5}, "wait", "30 秒"),
        ({"post": "nobody"}, "post", "没有这个岗位"),
        ({"post": "leaders", "waves": ("reserve",)}, "waves", "没有一个人"),
        ({"duty_id": 999999}, "duty", "已经完成或不再需要"),
    ],
)
def test_what_is_wrong_is_said(call, off_shift, given, field, words):
    off_shift(1)
    with pytest.raises(Invalid) as wrong:
        call(**{"quota": 1, **given})
    assert words in wrong.value.fields[field]
    assert not CallOut.objects.exists()


@pytest.mark.parametrize(
    ("what", "given", "field"),
    [
        ("dance", {}, "what"),
        ("come", {}, "minutes"),
        ("come", {"minutes": 0}, "minutes"),
        ("come", {"minutes": 100000}, "minutes"),
        ("come", {"coming_at": -10}, "coming_at"),
        ("arrive", {"arrived_at": 10}, "arrived_at"),
        ("arrive", {"arrived_at": -600}, "arrived_at"),  # before they were told
        ("refuse", {"reason": "  "}, "reason"),
    ],
)
def test_what_is_wrong_in_an_answer_is_said(call, off_shift, now, what, given, field):
    off_shift(1)
    one = summons(call(1))
    given = {key: now + value * MINUTE if key.endswith("_at") else value for key, value in given.items()}
    with pytest.raises(Invalid) as wrong:
        say(one, what, now + MINUTE, **given)
    assert field in wrong.value.fields
    assert summons(one.call_out).state == State.TOLD


def test_answering_twice_records_nothing_twice(call, off_shift, incident, now):
    off_shift(1)
    one = summons(call(1))
    say(one, "arrive", now + MINUTE)
    for what in ("arrive", "acknowledge", "refuse"):
        with pytest.raises(AlreadyDone):
            say(one, what, now + 2 * MINUTE, reason="有事")
    assert len(log(incident, "summons_arrived")) == 1


def test_somebody_who_telephoned_is_written_down(call, off_shift, omar, vera, incident, now):
    off_shift(1)
    one = summons(call(1))
    with pytest.raises(Denied):
        callouts.write_down(summons_id=one.pk, actor=vera, now=now + MINUTE, what="come", minutes=10)
    callouts.write_down(summons_id=one.pk, actor=omar, now=now + MINUTE, what="come", minutes=10)
    one = summons(one.call_out)
    assert (one.state, one.via, one.by_name) == (State.ON_THE_WAY, "by", str(omar))
    words = catalogue.words(log(incident, "summons_coming")[0], library.playbook(incident.playbook_id))
    assert f"{one.name}（{omar} 代记） 在途" in words


# --- the roster -------------------------------------------------------------------------------------------------------


def test_staying_longer_is_a_shift_of_the_roster_and_counts_at_once(call, floor, online, incident, now):
    person = rosters.person(online, "示例座席乙")
    rosters.shift(floor, person, now - 6 * HOUR, hours=6.5)
    call_out = call(1, waves=("extend",), until_at=now + 2 * HOUR)
    one = summons(call_out)
    assert (one.offer, one.from_at, one.until_at) == ("extend", now + HOUR / 2, now + 2 * HOUR)
    assert "延长本班至" in one.notice.data["offer_zh"]
    assert "加班" in one.notice.data["overtime_zh"]
    say(one, "come", now + MINUTE)
    extra = Shift.objects.get(person=person, source="call_out")
    assert (extra.starts_at, extra.ends_at, extra.note) == (one.from_at, one.until_at, incident.number)
    assert summons(call_out).state == State.ARRIVED  # is there already


def test_starting_early_and_then_not_being_able_to(call, floor, online, now):
    person = rosters.person(online, "示例座席丙")
    rosters.shift(floor, person, now + 3 * HOUR)
    call_out = call(1, waves=("early",))
    one = summons(call_out)
    assert (one.offer, one.from_at, one.until_at) == ("early", now + 40 * MINUTE, now + 3 * HOUR)
    say(one, "come", now + MINUTE, minutes=30)
    assert Shift.objects.filter(person=person, source="call_out", removed_at__isnull=True).count() == 1
    say(one, "refuse", now + 5 * MINUTE, reason="车坏了")
    assert not Shift.objects.filter(person=person, source="call_out", removed_at__isnull=True).exists()


def test_an_exercise_leaves_the_roster_alone_and_says_what_it_is(call, off_shift, report, now):
    off_shift(1)
    practice = report("KF-4", mode="exercise")
    call_out = call(1, on=practice)
    assert summons(call_out).notice.mode == "exercise"
    say(summons(call_out), "come", now + MINUTE, minutes=10)
    assert not Shift.objects.filter(source="call_out").exists()


def test_an_exercise_moved_on_gives_up_who_is_silent(call, off_shift, report, now):
    off_shift(2)
    practice = report("KF-4", mode="exercise")
    call_out = call(1, on=practice, wait_seconds=600)
    exercises.fast_forward(incident_id=practice.pk, minutes=11, now=now + MINUTE)
    assert states(call_out) == [State.SILENT, State.TOLD]


# --- size -------------------------------------------------------------------------------------------------------------


def test_a_call_out_of_two_hundred_takes_as_many_statements_as_one_of_ten(call, off_shift, report, now):
    off_shift(220)
    counts = {}
    for quota in (1, 10, 200):  # the first reads the law
        other = report("KF-4")
        with CaptureQueriesContext(connection) as caught:
            call(quota, on=other)
        counts[quota] = len([query for query in caught.captured_queries if "SAVEPOINT" not in query["sql"]])
    assert Summons.objects.count() == 211
    assert counts[10] == counts[200] <= 20, counts


def test_an_incident_without_call_outs_is_not_asked_about_them(incident, omar, now):
    with CaptureQueriesContext(connection) as caught:
        lifecycle.take(incident_id=incident.pk, actor=omar, now=now + MINUTE)
    assert not [query for query in caught.captured_queries if "incident_callout" in query["sql"]]
    assert not [query for query in caught.captured_queries if "incident_summons" in query["sql"]]


def test_every_entry_reads_in_both_languages(call, off_shift, incident, dana, now, english):
    off_shift(4)
    call_out = call(3)
    say(summons(call_out), "come", now + MINUTE, minutes=10)
    say(summons(call_out, 1), "refuse", now + MINUTE, reason="away")
    say(summons(call_out), "arrive", now + 9 * MINUTE)
    sweep.sweep(now=now + 20 * MINUTE)
    callouts.change_quota(call_out_id=call_out.pk, actor=dana, now=now + 21 * MINUTE, quota=1)
    callouts.close(call_out_id=call_out.pk, actor=dana, now=now + 22 * MINUTE)
    playbook = library.playbook(Incident.objects.get(pk=incident.pk).playbook_id)
    for entry in Entry.objects.filter(incident=incident, kind__contains="sum"):
        said = catalogue.words(entry, playbook)
        assert said != entry.kind, entry.kind
    assert Person.objects.filter(name__startswith="示例座席甲").count() == 4
    assert settle.MOST_STEPS
