"""A change of shift: everything open is taken over by name, and what nobody takes goes to the supervisor."""

import threading

import pytest
from django.db import connection

from incident import catalogue, chain, handover, handover_opening, lifecycle, sweep, telling, work
from incident.models import CallOut, Duty, Entry, Handover, HandoverItem, Incident, Summons
from incident.refusals import AlreadyDone, Denied, Invalid, NotNow
from notices import words as notice_words
from notices.models import Notice
from playbooks import library
from staffing.models import Holder, Membership, Person, Post, Shift, User
from tests import rosters

pytestmark = pytest.mark.django_db
THREADS = pytest.mark.django_db(transaction=True)  # each with a connection of its own

FAULT = {"scope": "all_applications"}


def said(entry: Entry) -> str:
    return catalogue.words(entry, library.playbook(entry.incident.playbook_id))


def entries(incident, kind: str) -> list[Entry]:
    return list(Entry.objects.filter(incident=incident, kind=kind).order_by("number"))


@pytest.fixture
def leader(callcentre):
    """The team leader of the call centre hands over; who holds the post follows from shifts alone."""
    Post.objects.filter(site=callcentre, key="team_leader").update(hands_over=True, next_post="cc_supervisor")
    Holder.objects.filter(post__site=callcentre, post__key="team_leader").delete()
    return Post.objects.get(site=callcentre, key="team_leader")


@pytest.fixture
def iris(callcentre):
    """Leads the shift after omar."""
    user = User.objects.create(username="iris", name="示例班长I")
    Membership.objects.create(user=user, site=callcentre, role=Membership.Role.SHIFT_LEAD)
    Person.objects.filter(site=callcentre, name="示例班长I").update(user=user)
    return user


@pytest.fixture
def people(callcentre):
    return {person.name[-1]: person for person in Person.objects.filter(site=callcentre)}


@pytest.fixture
def roster(leader, iris, people, now, minutes):
    """omar until in ten minutes, then iris."""
    change = now + minutes(10)
    first = rosters.shift(leader, people["A"], change - minutes(480))
    second = rosters.shift(leader, people["I"], change)
    return first, second


@pytest.fixture
def change(now, minutes):
    return now + minutes(10)


@pytest.fixture
def incident(roster, report, omar):
    found = report("HJ-2", facts=FAULT)
    lifecycle.take(incident_id=found.pk, actor=omar, now=found.recorded_at)
    return found


@pytest.fixture
def opened(incident, change):
    """The sweep opened it as the shift changed."""
    sweep.sweep(now=change)
    return Handover.objects.get()


def his(incident) -> list[Duty]:
    mine = Duty.objects.filter(incident=incident, state="open", holder="示例班长A")
    return list(mine.exclude(kind="prohibition").order_by("id"))


# --- opening ---------------------------------------------------------------------------------------------------------


def test_it_opens_by_itself_when_the_shift_changes(incident, change, minutes, iris, omar):
    sweep.sweep(now=change - minutes(1))
    assert not Handover.objects.exists()
    sweep.sweep(now=change)
    opened = Handover.objects.get()
    assert (opened.post, opened.shift_at) == ("team_leader", change)
    assert (opened.from_name, opened.from_user, opened.to_name, opened.to_user) == (
        "示例班长A", omar, "示例班长I", iris,
    )  # fmt: skip
    assert opened.window_ends_at == opened.due_at == change + minutes(15)
    items = opened.items.order_by("id")
    assert [item.duty_id for item in items] == [None, *[duty.pk for duty in his(incident)]]
    assert {item.state for item in items} == {"open"}
    sweep.sweep(now=change + minutes(1))
    assert Handover.objects.count() == 1


def test_the_record_is_what_stood_open_then(opened, incident, omar, change, minutes):
    record = opened.record
    (line,) = record["incidents"]
    assert (line["number"], line["lead"], line["level"]) == (incident.number, "示例班长A", incident.level)
    assert line["next"]["rule"] in {duty.rule for duty in Duty.objects.filter(incident=incident)}
    assert {row["rule"] for row in record["undone"]} >= {duty.rule for duty in his(incident)}
    assert {row["rule"] for row in record["done"]} == {
        duty.rule for duty in Duty.objects.filter(incident=incident, state="done").exclude(kind="prohibition")
    }
    work.complete(duty_id=his(incident)[0].pk, actor=omar, now=change + minutes(1))
    assert Handover.objects.get().record == record


def test_the_record_counts_each_call_out_by_itself(incident, change, people, minutes):
    for states in (["told", "on_the_way"], ["arrived", "acknowledged", "refused"], []):
        one = CallOut.objects.create(
            incident=incident, post="agent", quota=4, by_at=change, opened_at=change, waves=["off_shift"]
        )
        for person, state in zip(people.values(), states, strict=False):
            arrived = change if state == "arrived" else None
            Summons.objects.create(
                incident=incident, call_out=one, person=person, name=person.name, told_at=change, state=state,
                wave="off_shift", arrived_at=arrived,
            )  # fmt: skip
    Incident.objects.filter(pk=incident.pk).update(has_summons=True)
    handover_opening.open_due(now=change)
    record = Handover.objects.get().record
    counts = [(row["promised"], row["coming"], row["arrived"]) for row in record["call_outs"]]
    assert counts == [(1, 1, 0), (2, 1, 1), (0, 0, 0)]
    assert [row["number"] for row in record["reserve"]] == [incident.number] * 3


def test_prohibitions_and_exercises_are_not_handed_over(roster, report, change):
    report("HJ-2", facts=FAULT, mode="exercise")
    sweep.sweep(now=change)
    assert Handover.objects.get().items.count() == 0
    assert Handover.objects.get().due_at is None


def test_who_goes_on_hands_over_to_nobody(leader, people, incident, roster, change):
    roster[1].delete()
    rosters.shift(leader, people["A"], change)
    sweep.sweep(now=change)
    assert not Handover.objects.exists()


def test_a_post_that_does_not_hand_over_opens_nothing(incident, leader, change):
    Post.objects.filter(pk=leader.pk).update(hands_over=False)
    sweep.sweep(now=change)
    assert not Handover.objects.exists()


def test_a_change_the_console_slept_through_is_opened_within_the_hour(incident, change, minutes):
    assert handover_opening.changes(now=change + minutes(61)) == []
    sweep.sweep(now=change + minutes(40))
    assert Handover.objects.get().shift_at == change


def test_a_removed_shift_and_a_standby_are_no_change(incident, roster, leader, people, change):
    Shift.objects.update(removed_at=change)
    rosters.shift(leader, people["I"], change, standby=True)
    sweep.sweep(now=change)
    assert not Handover.objects.exists()


@THREADS
def test_many_sweeps_open_it_once(incident, change):
    at_once([lambda: handover_opening.open_due(now=change)] * 4)
    opened = Handover.objects.get()
    assert opened.items.count() == 1 + len(his(incident))


def test_opening_is_one_query_when_nothing_changes(roster, now, django_assert_num_queries):
    with django_assert_num_queries(1):
        handover_opening.open_due(now=now)
    with django_assert_num_queries(1 + 1):  # and what the sweep asks of those that run
        handover_opening.open_due(now=now)
        handover.pass_due(now=now)


# --- taking over -----------------------------------------------------------------------------------------------------


def test_an_incident_is_taken_by_name(opened, incident, iris, change, minutes):
    item = opened.items.get(duty=None)
    assert handover.take(handover_id=opened.pk, actor=iris, now=change + minutes(2), items=[item.pk]) == 1
    item.refresh_from_db()
    assert (item.state, item.by, item.by_name, item.at) == ("taken", iris, "示例班长I", change + minutes(2))
    assert Incident.objects.get(pk=incident.pk).lead == iris
    (entry,) = entries(incident, "taken_over")
    assert said(entry) == "接班：示例班长I 接手本事件（原由 示例班长A）"
    assert entry.actor == iris
    assert Handover.objects.get().due_at is not None  # duties are left


def test_a_duty_is_taken_by_name(opened, incident, iris, change, minutes):
    duty = his(incident)[0]
    handover.take(handover_id=opened.pk, actor=iris, now=change + minutes(2), items=[opened.items.get(duty=duty).pk])
    held = Duty.objects.get(pk=duty.pk)
    assert (held.holder, held.holder_user) == ("示例班长I", iris)
    assert "接手 1 项职责" in said(entries(incident, "taken_over")[0])
    assert len(his(incident)) == opened.items.count() - 2  # the others stay where they were


def test_all_at_once_after_reading(opened, incident, iris, change, minutes):
    count = opened.items.count()
    assert handover.take(handover_id=opened.pk, actor=iris, now=change + minutes(2)) == count
    assert his(incident) == []
    assert len(entries(incident, "taken_over")) == 1
    assert Handover.objects.get().due_at is None
    sweep.sweep(now=change + minutes(30))
    assert entries(incident, "handover_passed") == []
    assert chain.broken_at(Incident.objects.get(pk=incident.pk)) is None


def test_in_english(opened, incident, iris, change, english):
    handover.take(handover_id=opened.pk, actor=iris, now=change)
    assert said(entries(incident, "taken_over")[0]).startswith("Handover: 示例班长I took over this incident")


def test_what_the_one_before_left_unanswered_is_confirmed_by_taking_it(
    roster, report, dana, iris, omar, change, minutes
):
    incident = report("HJ-2", by=dana, facts=FAULT)
    waiting = list(Notice.objects.unanswered().filter(incident=incident, person="示例班长A", kind="duty"))
    assert waiting
    sweep.sweep(now=change)
    handover.take(handover_id=Handover.objects.get().pk, actor=iris, now=change + minutes(1))
    for notice in Notice.objects.filter(pk__in=[one.pk for one in waiting]):
        assert (notice.state, notice.acknowledged_by, notice.acknowledged_via) == (
            "acknowledged", "示例班长I", "handover",
        )  # fmt: skip
    assert "接班时确认收到通知" in "".join(said(entry) for entry in entries(incident, "acknowledged"))


def test_a_notice_about_more_than_was_taken_still_waits(roster, report, dana, iris, change, minutes):
    incident = report("HJ-2", by=dana, facts=FAULT)
    notice = Notice.objects.unanswered().filter(incident=incident, person="示例班长A", kind="duty").first()
    sweep.sweep(now=change)
    opened = Handover.objects.get()
    named = [item for item in opened.items.exclude(duty=None) if item.duty.rule in notice.data["rules"]]
    assert len(named) > 1
    handover.take(handover_id=opened.pk, actor=iris, now=change + minutes(1), items=[named[0].pk])
    notice.refresh_from_db()
    assert notice.state != "acknowledged"


def test_what_was_done_meanwhile_is_gone(opened, incident, omar, iris, change, minutes):
    done = his(incident)[0]
    work.complete(duty_id=done.pk, actor=omar, now=change + minutes(1))
    handover.take(handover_id=opened.pk, actor=iris, now=change + minutes(2))
    assert opened.items.get(duty=done).state == "gone"
    assert Duty.objects.get(pk=done.pk).holder == "示例班长A"


def test_twice_is_said_and_changes_nothing(opened, incident, iris, dana, change, minutes):
    handover.take(handover_id=opened.pk, actor=iris, now=change + minutes(1))
    with pytest.raises(AlreadyDone, match="示例班长I 已在"):
        handover.take(handover_id=opened.pk, actor=dana, now=change + minutes(2))
    assert len(entries(incident, "taken_over")) == 1


def test_who_goes_cannot_take_it_back(opened, omar, change):
    with pytest.raises(Denied, match="只有接班人"):
        handover.take(handover_id=opened.pk, actor=omar, now=change)


def test_a_supervisor_may_take(opened, incident, dana, change):
    handover.take(handover_id=opened.pk, actor=dana, now=change)
    assert Incident.objects.get(pk=incident.pk).lead == dana


@THREADS
def test_two_people_at_one_item_take_it_once(opened, incident, iris, dana, change):
    raised = at_once(
        [lambda user=user: handover.take(handover_id=opened.pk, actor=user, now=change) for user in (iris, dana)]
    )
    assert [type(one) for one in raised if one] == [AlreadyDone]
    assert len(entries(incident, "taken_over")) == 1


# --- what nobody takes -----------------------------------------------------------------------------------------------


def test_what_is_not_taken_in_time_goes_to_the_supervisor(opened, incident, dana, iris, change, minutes):
    duties = his(incident)
    kept = duties[0]
    handover.take(handover_id=opened.pk, actor=iris, now=change + minutes(1), items=[opened.items.get(duty=kept).pk])
    sweep.sweep(now=change + minutes(14))
    assert entries(incident, "handover_passed") == []
    sweep.sweep(now=change + minutes(15))
    states = {item.duty_id: item.state for item in opened.items.all()}
    assert states[kept.pk] == "taken"
    assert {state for duty_id, state in states.items() if duty_id != kept.pk} == {"passed"}
    assert Incident.objects.get(pk=incident.pk).lead == dana
    assert {duty.holder_user for duty in Duty.objects.filter(pk__in=[duty.pk for duty in duties[1:]])} == {dana}
    (entry,) = entries(incident, "handover_passed")
    assert said(entry).startswith("交班时限已过，值班组长无人接手，转值班主管 示例主管B：本事件；")
    assert entry.actor is None
    told = Notice.objects.get(incident=incident, kind="handover_passed")
    assert [rung["user_id"] for rung in told.ladder][0] == dana.pk
    assert Handover.objects.get().due_at is None
    sweep.sweep(now=change + minutes(30))
    assert len(entries(incident, "handover_passed")) == 1


def test_the_words_of_that_notice(opened, incident, change, minutes):
    sweep.sweep(now=change + minutes(15))
    told = Notice.objects.get(incident=incident, kind="handover_passed")
    for language, what in (("zh-hans", "交接班无人接手"), ("en", "Not taken at the handover")):
        text = notice_words.render(kind=told.kind, data=told.data, language=language, mode="real")
        assert what in text.what
        assert any("示例班长A" in line for line in text.lines)


@THREADS
def test_two_sweeps_pass_it_on_once(opened, incident, change, minutes):
    late = change + minutes(16)
    at_once([lambda: handover.pass_due(now=late)] * 4)
    handover.pass_due(now=late)
    assert len(entries(incident, "handover_passed")) == 1
    assert Notice.objects.filter(incident=incident, kind="handover_passed").count() == 1
    assert {item.state for item in opened.items.all()} == {"passed"}


@THREADS
def test_taking_and_passing_at_once_do_each_item_once(opened, incident, iris, change, minutes):
    late = change + minutes(16)
    items = list(opened.items.order_by("id").values_list("pk", flat=True))
    takers = [lambda pk=pk: handover.take(handover_id=opened.pk, actor=iris, now=late, items=[pk]) for pk in items]
    at_once([*takers, lambda: handover.pass_due(now=late), lambda: handover.pass_due(now=late)])
    handover.pass_due(now=late)
    taken = sum(len(entry.data["duties"]) + entry.data["lead"] for entry in entries(incident, "taken_over"))
    passed = sum(len(entry.data["duties"]) + entry.data["lead"] for entry in entries(incident, "handover_passed"))
    states = list(opened.items.values_list("state", flat=True))
    assert (taken, passed) == (states.count("taken"), states.count("passed"))
    assert taken + passed == len(items)
    assert chain.broken_at(Incident.objects.get(pk=incident.pk)) is None


def test_a_broken_incident_keeps_no_other_waiting(opened, incident, roster, report, change, minutes, monkeypatch):
    real = handover._pass_on

    def fail(one, incident_id, *, now):
        if incident_id == incident.pk:
            raise RuntimeError("broken")
        real(one, incident_id, now=now)

    other = report("HJ-2", facts=FAULT)
    HandoverItem.objects.create(handover=opened, incident=other)
    monkeypatch.setattr(handover, "_pass_on", fail)
    assert handover.pass_due(now=change + minutes(16)) == ["RuntimeError: broken"]
    assert len(entries(other, "handover_passed")) == 1
    assert Handover.objects.get().due_at is not None  # tried again


def test_nobody_comes_is_said_at_once(roster, report, dana, change, minutes):
    roster[1].delete()
    incident = report("HJ-2", facts=FAULT)
    sweep.sweep(now=change)
    opened = Handover.objects.get()
    assert (opened.to_name, opened.to_user) == ("", None)
    (entry,) = entries(incident, "handover_gap")
    assert "值班组长" in said(entry)
    assert "无人接班（交班人 示例班长A）" in said(entry)
    told = Notice.objects.get(incident=incident, kind="handover_gap")
    assert told.ladder[0]["user_id"] == dana.pk
    sweep.sweep(now=change + minutes(15))
    assert len(entries(incident, "handover_gap")) == 1
    assert said(entries(incident, "handover_passed")[0]).startswith("交班时限已过")
    assert Duty.objects.filter(incident=incident, holder_user=dana, post="team_leader").exists()


def test_who_steps_in_where_nobody_comes_is_the_one_who_comes(roster, report, iris, change, minutes):
    roster[1].delete()
    report("HJ-2", facts=FAULT)
    sweep.sweep(now=change)
    opened = Handover.objects.get()
    handover.take(handover_id=opened.pk, actor=iris, now=change + minutes(1))
    opened.refresh_from_db()
    assert (opened.to_user, opened.to_name, opened.due_at) == (iris, "示例班长I", None)


def test_without_any_supervisor_it_says_to_telephone(opened, incident, callcentre, change, minutes):
    Membership.objects.filter(site=callcentre, role=Membership.Role.SUPERVISOR).delete()
    sweep.sweep(now=change + minutes(15))
    (entry,) = entries(incident, "handover_passed")
    assert "也没有值班主管可转，请打电话" in said(entry)
    assert his(incident)  # they stay with whom they were


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_who_goes_opens_it_early(incident, omar, iris, callcentre, now, change, minutes):
    opened = handover_opening.open_by_hand(
        site_id=callcentre.pk, post="team_leader", actor=omar, now=now + minutes(5), gives=True
    )
    assert (opened.shift_at, opened.to_user) == (change, iris)
    sweep.sweep(now=change)
    assert Handover.objects.count() == 1


def test_who_comes_opens_it(incident, omar, iris, callcentre, now, minutes):
    opened = handover_opening.open_by_hand(
        site_id=callcentre.pk, post="team_leader", actor=iris, now=now + minutes(1), gives=False
    )
    assert (opened.from_user, opened.to_user) == (omar, iris)
    assert handover.take(handover_id=opened.pk, actor=iris, now=now + minutes(2)) == opened.items.count()


def test_somebody_else_is_named(incident, omar, callcentre, people, dana, now, minutes):
    opened = handover_opening.open_by_hand(
        site_id=callcentre.pk, post="team_leader", actor=omar, now=now + minutes(1), gives=True,
        to_person=people["B"].pk,
    )  # fmt: skip
    assert (opened.to_user, opened.to_name) == (dana, "示例主管B")


def test_what_cannot_be_opened_by_hand(incident, omar, iris, eve, callcentre, people, now, minutes):
    def by(actor, *, gives=True, post="team_leader", to=None):
        return handover_opening.open_by_hand(
            site_id=callcentre.pk, post=post, actor=actor, now=now + minutes(1), gives=gives, to_person=to
        )

    with pytest.raises(Invalid, match="不需要交接班"):
        by(omar, post="agent")
    with pytest.raises(Invalid, match="请从列表中选择接班人"):
        by(omar, to=people["A"].pk)
    with pytest.raises(Invalid, match="请从列表中选择接班人"):
        by(omar, to=0)
    with pytest.raises(NotNow, match="您现在不在这个岗位上"):
        by(iris)
    with pytest.raises(NotNow, match="您已经在这个岗位上"):
        by(omar, gives=False)
    by(omar)
    with pytest.raises(NotNow, match="已经打开"):
        by(iris, gives=False)


# --- note and signatures ---------------------------------------------------------------------------------------------


def test_the_one_who_goes_writes_what_there_is_to_say(opened, omar, iris, change):
    handover.write_note(handover_id=opened.pk, actor=omar, now=change, text=" 示例：机房钥匙在值班台。 ")
    assert Handover.objects.get().note == "示例：机房钥匙在值班台。"
    with pytest.raises(Denied):
        handover.write_note(handover_id=opened.pk, actor=iris, now=change, text="示例")
    with pytest.raises(Invalid, match="最多 2000 字"):
        handover.write_note(handover_id=opened.pk, actor=omar, now=change, text="字" * 2001)
    handover.sign(handover_id=opened.pk, actor=omar, now=change)
    with pytest.raises(NotNow, match="已签字"):
        handover.write_note(handover_id=opened.pk, actor=omar, now=change, text="示例")


def test_both_sign(opened, omar, iris, vera, dana, change, minutes):
    with pytest.raises(NotNow, match="项没有接手"):
        handover.sign(handover_id=opened.pk, actor=iris, now=change)
    handover.take(handover_id=opened.pk, actor=iris, now=change)
    handover.sign(handover_id=opened.pk, actor=iris, now=change + minutes(1))
    handover.sign(handover_id=opened.pk, actor=omar, now=change + minutes(2))
    opened.refresh_from_db()
    assert (opened.signed_to_at, opened.signed_from_at) == (change + minutes(1), change + minutes(2))
    with pytest.raises(AlreadyDone, match="您已在"):
        handover.sign(handover_id=opened.pk, actor=omar, now=change + minutes(3))
    with pytest.raises(Denied):
        handover.sign(handover_id=opened.pk, actor=dana, now=change)
    with pytest.raises(Denied):
        handover.sign(handover_id=opened.pk, actor=vera, now=change)


def test_a_notice_answered_after_the_handover_is_still_answered(roster, report, dana, omar, change, minutes):
    """The one who went answers an old message: nothing breaks, the holder stays who took over."""
    incident = report("HJ-2", by=dana, facts=FAULT)
    notice = Notice.objects.unanswered().filter(incident=incident, person="示例班长A", kind="duty").first()
    sweep.sweep(now=change)
    sweep.sweep(now=change + minutes(16))
    telling.acknowledge(notice_id=notice.pk, actor=omar, by=str(omar), via="screen", now=change + minutes(17))
    assert Duty.objects.filter(incident=incident, holder_user=dana, state="open").exists()


def at_once(works):
    """Run each in a thread of its own, all starting together; what each raised, None for nothing."""
    start, raised = threading.Barrier(len(works)), [None] * len(works)

    def run(place, job):
        try:
            start.wait(timeout=20)
            job()
        except Exception as reason:
            raised[place] = reason
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, job)) for place, job in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return raised
