"""Nobody answers: the next channel, the deputy, the next post; and who should have answered is on record."""

import pytest
from django.db import connection

from incident import catalogue, sweep, telling
from incident.models import Duty, Entry
from incident.screens import room
from notices import delivery
from notices.models import Notice
from playbooks import library
from staffing.models import Holder, Person, Post
from tests import rosters

pytestmark = pytest.mark.django_db(transaction=True)

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


def test_it_is_said_in_english(report, dana, only_omar, now, minutes, english):
    incident = report("HJ-2", by=dana, facts=FAULT)
    until_passed(notice_of(incident), now, minutes)
    sweep.sweep(now=now + minutes(15))
    text = said(entries(incident, "passed_over")[0])
    assert "did not answer" in text
    assert "now asked: 示例主管B" in text


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
    duty = Duty.objects.filter(incident=incident, post="team_leader", state="open").first()
    assert (duty.holder, duty.holder_user_id) == ("示例主管B", dana.pk)
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
