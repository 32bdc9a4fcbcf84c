"""Nobody answers: the next channel, the deputy, the next post; and who should have answered is on record."""

import threading

import pytest
from django.db import connection

from incident import catalogue, exercises, facts, lifecycle, readings, sweep, telling, timeline, work
from incident.models import Duty, Entry
from incident.screens import room
from notices import delivery
from notices import words as notice_words
from notices.models import Notice
from playbooks import library
from staffing.models import Holder, Person, Post, Site
from tests import rosters
from tests.laws import bent, duty

pytestmark = pytest.mark.django_db
DELIVERED = pytest.mark.django_db(transaction=True)  # delivery sends between its transactions

FAULT = {"scope": "all_applications"}


def said(entry: Entry) -> str:
    return catalogue.words(entry, library.playbook(entry.incident.playbook_id))


def entries(incident, kind: str) -> list[Entry]:
    return list(Entry.objects.filter(incident=incident, kind=kind).order_by("number"))


@pytest.fixture
def leader(callcentre):
    """The post of the team leader, whose calls go on to the supervisor."""
    post = Post.objects.get(site=callcentre, key="team_leader")
    post.next_post = "cc_supervisor"
    post.save()
    return post


@pytest.fixture
def only_omar(leader):
    """No deputy: behind omar comes the next post."""
    Holder.objects.filter(post=leader, rank__gt=0).delete()
    return leader


def notice_of(incident, post="team_leader") -> Notice:
    return Notice.objects.filter(incident=incident, post=post, kind="duty").order_by("id").first()


def until_passed(notice: Notice, start, minutes) -> Notice:
    """Deliver on until somebody was passed over."""
    for step in range(20):
        delivery.deliver(now=start + minutes(step))
        notice.refresh_from_db()
        if notice.missed:
            return notice
    raise AssertionError("nobody was passed over")


def test_the_ladder_leads_from_the_person_to_the_next_post(report, dana, only_omar):
    notice = notice_of(report("HJ-2", by=dana, facts=FAULT))
    people = list(dict.fromkeys((rung["person"], rung.get("post", "")) for rung in notice.ladder))
    assert people[0] == ("示例班长A", "")
    assert people[1] == ("示例主管B", "cc_supervisor")


@DELIVERED
def test_who_should_have_answered_is_written_down_once(report, dana, only_omar, now, minutes):
    incident = report("HJ-2", by=dana, facts=FAULT)
    notice = until_passed(notice_of(incident), now, minutes)
    later = now + minutes(15)
    sweep.sweep(now=later)
    (entry,) = entries(incident, "passed_over")
    first = next(person for person in entry.data["people"] if person["person"] == "示例班长A")
    assert (first["post"], first["next"], first["next_post"]) == ("team_leader", "示例主管B", "cc_supervisor")
    assert "示例班长A（值班组长）" in said(entry)
    assert "分钟未应答，已转 示例主管B（呼叫中心主管）" in said(entry)
    sweep.sweep(now=later + minutes(1))
    assert len(entries(incident, "passed_over")) == 1
    assert not any(
        person["person"] == notice.person for entry in entries(incident, "unreached") for person in entry.data["people"]
    )
    assert notice.state == "accepted"


@DELIVERED
def test_it_is_said_in_english(report, dana, only_omar, now, minutes, english):
    incident = report("HJ-2", by=dana, facts=FAULT)
    until_passed(notice_of(incident), now, minutes)
    sweep.sweep(now=now + minutes(15))
    text = said(entries(incident, "passed_over")[0])
    assert "did not answer" in text
    assert "now asked: 示例主管B" in text


@DELIVERED
def test_an_answer_before_the_sweep_does_not_wipe_out_who_did_not_answer(report, dana, only_omar, now, minutes):
    incident = report("HJ-2", by=dana, facts=FAULT)
    notice = until_passed(notice_of(incident), now, minutes)
    telling.acknowledge(notice_id=notice.pk, actor=dana, by=str(dana), via="screen", now=now + minutes(14))
    (entry,) = entries(incident, "passed_over")
    assert [person["person"] for person in entry.data["people"]] == ["示例班长A"]
    sweep.sweep(now=now + minutes(15))
    assert not any(
        person["person"] == "示例班长A" and person["post"] == "team_leader"
        for later in entries(incident, "passed_over")[1:]
        for person in later.data["people"]
    )


@DELIVERED
def test_the_room_and_the_paper_show_it(client, report, dana, only_omar, now, minutes):
    incident = report("HJ-2", by=dana, facts=FAULT)
    until_passed(notice_of(incident), now, minutes)
    client.force_login(dana)
    for address in (f"/incidents/{incident.number}/", f"/incidents/{incident.number}/print/"):
        assert "应答人 示例班长A 未应答，已转 示例主管B" in client.get(address).content.decode(), address
    assert room.REGIONS  # the panel is one of them


def test_a_vacant_post_goes_up_and_says_so(report, dana, only_omar, callcentre):
    rosters.vacant(only_omar)
    incident = report("HJ-2", facts=FAULT)
    held = Duty.objects.filter(incident=incident, post="team_leader", state="open").first()
    assert (held.holder, held.holder_user_id) == ("示例主管B", dana.pk)
    told = [said(entry) for entry in entries(incident, "vacant")]
    assert any("岗位空缺：值班组长，已转 示例主管B" in words for words in told)
    assert "岗位无人：值班组长" not in "".join(told)
    assert notice_of(incident).person == "示例主管B"


def test_leave_makes_a_post_vacant_too(report, dana, only_omar, now, minutes):
    rosters.leave(Person.objects.get(site=only_omar.site, name="示例班长A"), now - minutes(60))
    incident = report("HJ-2", by=dana, facts=FAULT)
    assert Duty.objects.filter(incident=incident, post="team_leader", state="open").first().holder == "示例主管B"


def test_a_vacant_post_without_a_next_one_says_whom_to_telephone(report, dana, only_omar):
    rosters.vacant(only_omar)
    Post.objects.filter(pk=only_omar.pk).update(next_post="")
    incident = report("HJ-2", by=dana, facts=FAULT)
    told = "".join(said(entry) for entry in entries(incident, "vacant"))
    assert "岗位无人" in told
    assert "值班组长" in told
    assert Duty.objects.filter(incident=incident, post="team_leader", state="open").first().holder == ""


def test_a_ring_of_posts_does_no_harm(report, dana, only_omar, callcentre):
    Post.objects.filter(site=callcentre, key="cc_supervisor").update(next_post="team_leader")
    notice = notice_of(report("HJ-2", by=dana, facts=FAULT))
    people = [rung["person"] for rung in notice.ladder]
    assert people[0] == "示例班长A"
    assert len(set(people)) < len(people) + 1


def test_passing_on_costs_no_query_more(report, dana, only_omar, django_assert_max_num_queries):
    report("HJ-2", by=dana, facts=FAULT)
    with django_assert_max_num_queries(25 + 8):
        report("HJ-2", by=dana, facts=FAULT)
    assert connection.vendor == "postgresql"


# --- a confirmation that nothing follows -----------------------------------------------------------------------------

WAIT = 10  # Site.follow_minutes in these tests


@pytest.fixture
def confirmed(report, dana, omar, only_omar, callcentre, now, minutes):
    """omar has confirmed what he must do, a minute after the report."""
    Site.objects.filter(pk=callcentre.pk).update(follow_minutes=WAIT)
    incident = report("HJ-2", by=dana, facts=FAULT)
    notice = notice_of(incident)
    telling.acknowledge(notice_id=notice.pk, actor=omar, by=str(omar), via="screen", now=now + minutes(1))
    return incident


def followed(incident) -> list[Duty]:
    return list(Duty.objects.filter(incident=incident, follow_at__isnull=False).order_by("id"))


def test_it_is_off_where_the_site_says_nothing(report, dana, omar, only_omar, now, minutes):
    incident = report("HJ-2", by=dana, facts=FAULT)
    telling.acknowledge(notice_id=notice_of(incident).pk, actor=omar, by=str(omar), via="screen", now=now + minutes(1))
    assert followed(incident) == []


def test_confirmed_and_nothing_follows_is_told_again(confirmed, omar, now, minutes):
    duties = followed(confirmed)
    assert duties
    assert {duty.holder for duty in duties} == {"示例班长A"}
    assert {duty.follow_at for duty in duties} == {now + minutes(1 + WAIT)}
    sweep.sweep(now=now + minutes(WAIT))
    assert entries(confirmed, "nothing_followed") == []
    assert confirmed.pk in sweep.due(now=now + minutes(WAIT + 1))
    sweep.sweep(now=now + minutes(WAIT + 2))
    told = entries(confirmed, "nothing_followed")
    assert [entry.data["duty"] for entry in told] == [duty.rule for duty in duties]
    assert {entry.at for entry in told} == {now + minutes(1 + WAIT)}  # dated when it fell due, not when it was found
    assert f"示例班长A 确认后 {WAIT} 分钟没有动静，再次通知" in said(told[0])
    (again,) = Notice.objects.filter(incident=confirmed, kind="nothing_followed")
    assert list(dict.fromkeys(rung["person"] for rung in again.ladder))[:2] == ["示例班长A", "示例主管B"]
    sweep.sweep(now=now + minutes(WAIT + 20))
    assert len(entries(confirmed, "nothing_followed")) == len(duties)


def test_the_words_of_the_notice(confirmed, now, minutes):
    sweep.sweep(now=now + minutes(WAIT + 2))
    again = Notice.objects.get(incident=confirmed, kind="nothing_followed")
    for language, words in (("zh-hans", "没有动静"), ("en", "nothing has followed")):
        text = notice_words.render(kind=again.kind, data=again.data, language=language, mode="real")
        assert words in text.what
        assert any("示例班长A" in line for line in text.lines)


@pytest.mark.parametrize("deed", ["fact", "record", "tick"])
def test_whatever_the_person_does_is_what_should_follow(confirmed, omar, now, minutes, deed):
    if deed == "fact":
        facts.record(
            incident_id=confirmed.pk,
            actor=omar,
            now=now + minutes(3),
            given={"scope": readings.Given(value="slow")},
        )
    elif deed == "tick":
        work.complete(duty_id=followed(confirmed)[0].pk, actor=omar, now=now + minutes(3))
    else:
        lifecycle.take(incident_id=confirmed.pk, actor=omar, now=now + minutes(3))
    sweep.sweep(now=now + minutes(WAIT + 30))
    assert entries(confirmed, "nothing_followed") == []
    assert followed(confirmed) == []


def test_what_others_do_does_not_count(confirmed, dana, now, minutes):
    timeline.note(incident_id=confirmed.pk, actor=dana, now=now + minutes(3), text="示例：已电话联系机房。")
    sweep.sweep(now=now + minutes(WAIT + 2))
    assert entries(confirmed, "nothing_followed")


def test_a_note_gives_the_same_time_once_more(confirmed, omar, now, minutes):
    timeline.note(incident_id=confirmed.pk, actor=omar, now=now + minutes(3), text="示例：正在联系。")
    sweep.sweep(now=now + minutes(WAIT + 2))
    assert entries(confirmed, "nothing_followed") == []
    assert {duty.follow_at for duty in followed(confirmed)} == {now + minutes(1 + 2 * WAIT)}
    sweep.sweep(now=now + minutes(2 * WAIT + 2))
    assert "20 分钟没有动静" in said(entries(confirmed, "nothing_followed")[0])
    assert followed(confirmed) == []


def test_done_or_waived_by_anybody_ends_it(confirmed, dana, now, minutes):
    first, *rest = followed(confirmed)
    work.waive(duty_id=first.pk, actor=dana, now=now + minutes(2), reason="示例：不需要")
    assert [duty.pk for duty in followed(confirmed)] == [duty.pk for duty in rest]


def test_an_exercise_that_is_moved_on_moves_it_too(report, dana, omar, only_omar, callcentre, now, minutes):
    Site.objects.filter(pk=callcentre.pk).update(follow_minutes=WAIT)
    incident = report("HJ-2", by=dana, facts=FAULT, mode="exercise")
    telling.acknowledge(notice_id=notice_of(incident).pk, actor=omar, by=str(omar), via="screen", now=now + minutes(1))
    exercises.fast_forward(incident_id=incident.pk, minutes=WAIT, now=now + minutes(1))
    assert entries(incident, "nothing_followed")


# --- several must confirm --------------------------------------------------------------------------------------------


@pytest.fixture
def two_of_three(report, law):
    """A duty that is done when two of the three people told have confirmed."""
    playbook = law("HJ-2")
    told = duty("X-1", kind="notification", tell=("cc_supervisor", "maintenance", "ops_supervisor"), answers="2")
    with bent(playbook, duties=(told,)):
        yield report("HJ-2", facts=FAULT)


def answer(notice: Notice, who: str, at) -> None:
    telling.acknowledge(notice_id=notice.pk, actor=None, by=who, via="link", now=at)


def test_two_of_those_told_must_confirm(client, omar, two_of_three, now, minutes):
    open_duty = Duty.objects.get(incident=two_of_three, rule="X-1")
    first, second, third = open_duty.told.order_by("id")
    client.force_login(omar)
    page = client.get(f"/incidents/{two_of_three.number}/").content.decode()
    assert "已确认 0 / 需 2" in page
    answer(first, first.person, now + minutes(1))
    assert Duty.objects.get(pk=open_duty.pk).state == "open"
    assert "已确认 1 / 需 2" in client.get(f"/incidents/{two_of_three.number}/").content.decode()
    answer(third, third.person, now + minutes(2))
    assert Duty.objects.get(pk=open_duty.pk).state == "done"
    answer(second, second.person, now + minutes(3))
    assert len(entries(two_of_three, "duty_done")) == 1


def test_the_same_person_twice_is_one(two_of_three, now, minutes):
    first = Duty.objects.get(incident=two_of_three, rule="X-1").told.order_by("id").first()
    answer(first, first.person, now + minutes(1))
    answer(first, first.person, now + minutes(2))
    assert Duty.objects.get(incident=two_of_three, rule="X-1").state == "open"


# --- whatever happens to the processes -------------------------------------------------------------------------------


@DELIVERED
def test_two_sweeps_and_an_answer_at_once_say_it_once(report, dana, only_omar, now, minutes):
    incident = report("HJ-2", by=dana, facts=FAULT)
    notice = until_passed(notice_of(incident), now, minutes)
    later = now + minutes(15)

    def run(job):
        try:
            job()
        finally:
            connection.close()

    jobs = [lambda: telling.take_troubles(incident.pk, now=later)] * 3
    jobs.append(lambda: telling.acknowledge(notice_id=notice.pk, actor=dana, by=str(dana), via="screen", now=later))
    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    telling.take_troubles(incident.pk, now=later)
    said_of_omar = [
        person
        for entry in entries(incident, "passed_over")
        for person in entry.data["people"]
        if (person["person"], person["post"]) == ("示例班长A", "team_leader")
    ]
    assert len(said_of_omar) == 1


@DELIVERED
def test_a_sweep_that_dies_half_way_says_it_once(report, dana, only_omar, now, minutes, monkeypatch):
    """Entry and mark live or die together: the next sweep finds what the dead one had not kept."""
    incident = report("HJ-2", by=dana, facts=FAULT)
    until_passed(notice_of(incident), now, minutes)

    def die(*stories):
        raise SystemExit("killed")

    with monkeypatch.context() as patch:
        patch.setattr(telling.writing, "save", die)
        with pytest.raises(SystemExit):
            telling.take_troubles(incident.pk, now=now + minutes(15))
    assert entries(incident, "passed_over") == []
    sweep.sweep(now=now + minutes(15))
    sweep.sweep(now=now + minutes(16))
    assert len(entries(incident, "passed_over")) == 1


def test_a_part_of_a_composite_post_is_named_as_the_site_calls_it(online, report, now):
    """The plan tells the coordination group; who could not be reached holds the product department of the site."""
    incident = report("KF-4")
    Notice.objects.filter(incident=incident, post="product").update(state="exhausted", due_at=None, trouble_at=now)
    telling.take_troubles(incident.pk, now=now)
    assert "示例产品R（产品部）" in said(entries(incident, "unreached")[-1])
