"""Who answers for a post now, on which channels, in which order - in a fixed number of queries."""

from datetime import time, timedelta

import pytest

from incident import clock
from staffing import directory
from staffing.models import Contact, Holder, Person, Post
from tests import rosters


@pytest.fixture
def ask(callcentre, now):
    """Names of who answers for a post of the call centre, at a moment (now)."""

    def names(post: str, at=None) -> list[str]:
        return [held.name for held in directory.holders(callcentre.pk, [post], at or now)[post]]

    return names


def test_holder_first_then_deputies(ask):
    assert ask("team_leader") == ["示例班长A", "示例班长I", "示例主管B"]


def test_composite_post_is_answered_by_its_parts(ask):
    assert ask("centre_leadership") == ["示例经理C", "示例主管B", "示例运营D"]


def test_vacant_and_unknown_posts_are_empty(callcentre, now, ask):
    Holder.objects.filter(post__site=callcentre, post__key="agent").delete()
    assert ask("agent") == []
    assert ask("no_such_post") == []
    assert directory.holders(callcentre.pk, [], now) == {}


def test_spans_are_half_open(callcentre, now, ask):
    Holder.objects.filter(post__site=callcentre, post__key="maintenance", rank=0).update(ends_at=now)
    assert ask("maintenance", now - timedelta(microseconds=1))[0] == "示例运维E"
    assert ask("maintenance", now) == ["示例运维F"]


def test_other_sites_are_not_asked(northside, now):
    found = directory.holders(northside.pk, ["team_leader"], now)["team_leader"]
    assert [held.name for held in found] == ["示例班长W", "示例主管X"]


def test_one_query_whatever_the_number_of_posts(callcentre, now, django_assert_num_queries):
    keys = list(Post.objects.filter(site=callcentre).values_list("key", flat=True))
    with django_assert_num_queries(1):
        directory.holders(callcentre.pk, keys, now)


def test_switched_off_login_is_not_reached_on_the_screen(callcentre, omar, now):
    omar.is_active = False
    omar.save(update_fields=["is_active"])
    held = directory.holders(callcentre.pk, ["team_leader"], now)["team_leader"][0]
    assert held.user_id is None
    assert [rung["channel"] for rung in directory.ladder([held], wait_seconds=60)] == ["email"]


def test_language_of_the_login_wins(callcentre, omar, now):
    omar.language = "en"
    omar.save(update_fields=["language"])
    assert directory.holders(callcentre.pk, ["team_leader"], now)["team_leader"][0].language == "en"


def test_ladder_takes_machine_channels_in_order_and_then_the_deputy(callcentre, omar, now):
    held = directory.holders(callcentre.pk, ["team_leader"], now)["team_leader"]
    rungs = directory.ladder(held[:2], wait_seconds=90)
    assert rungs[0] == {
        "person": "示例班长A",
        "person_id": held[0].person_id,
        "user_id": omar.pk,
        "channel": "in_app",
        "address": "",
        "wait_seconds": 90,
        "language": "zh-hans",
    }
    assert [(rung["person"], rung["channel"], rung["address"]) for rung in rungs] == [
        ("示例班长A", "in_app", ""),
        ("示例班长A", "email", "lead.a@example.invalid"),
        ("示例班长I", "email", "lead.i@example.invalid"),
    ]
    assert {type(rung["channel"]) for rung in rungs} == {str}


@pytest.mark.parametrize(
    ("contacts", "has_login", "expected"),
    [
        ([], True, ["in_app"]),
        ([], False, []),
        ([("phone", "000-0000-0099")], False, []),
        ([("email", "a@example.invalid"), ("in_app", "")], True, ["email", "in_app"]),
        ([("email", "a@example.invalid"), ("email", "b@example.invalid")], True, ["in_app", "email", "email"]),
        ([("in_app", "")], False, []),
    ],
)
def test_which_contacts_become_rungs(callcentre, vera, now, contacts, has_login, expected):
    person = Person.objects.create(site=callcentre, name="示例新人", user=vera if has_login else None)
    for order, (channel, address) in enumerate(contacts):
        Contact.objects.create(person=person, channel=channel, address=address, order=order)
    post = Post.objects.create(site=callcentre, key="new_post", zh="新岗", en="New post")
    Holder.objects.create(post=post, person=person, starts_at=now)
    held = directory.holders(callcentre.pk, ["new_post"], now)["new_post"]
    assert [rung["channel"] for rung in directory.ladder(held, wait_seconds=60)] == expected


def test_post_names_as_the_site_says_them(callcentre, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert directory.post_names(callcentre.pk)["team_leader"] == ("值班组长", "Shift team leader")


def test_members_by_verb(callcentre, omar, dana, vera, ada, abel, eve):
    assert directory.members(callcentre.pk, "incident.work") == [omar, dana]
    assert directory.members(callcentre.pk, "incident.view") == [omar, dana, vera, ada, abel]
    omar.is_active = False
    omar.save(update_fields=["is_active"])
    assert directory.members(callcentre.pk, "incident.work") == [dana]


@pytest.fixture
def lead(callcentre) -> Post:
    return rosters.post(callcentre, "team_leader")


def test_a_shift_goes_before_the_appointment_and_an_override_before_both(callcentre, lead, now, ask):
    rosters.shift(lead, rosters.person(callcentre, "示例夜班A"), now)
    assert ask("team_leader")[:2] == ["示例夜班A", "示例班长A"]
    rosters.shift(lead, rosters.person(callcentre, "示例顶班B"), now, hours=1, is_override=True)
    assert ask("team_leader")[:3] == ["示例顶班B", "示例夜班A", "示例班长A"]
    assert ask("team_leader", now + timedelta(hours=1))[:2] == ["示例夜班A", "示例班长A"]
    assert ask("team_leader", now + timedelta(hours=8))[0] == "示例班长A"


def test_shifts_taken_away_and_standby_hold_nothing(callcentre, lead, now, ask):
    before = ask("team_leader")
    rosters.shift(lead, rosters.person(callcentre, "示例撤班"), now, removed_at=now)
    rosters.shift(lead, rosters.person(callcentre, "示例备班"), now, standby=True)
    assert ask("team_leader") == before


def test_leave_takes_a_person_off_every_post(callcentre, now, ask):
    rosters.leave(Person.objects.get(site=callcentre, name="示例班长A"), now, hours=2)
    assert ask("team_leader") == ["示例班长I", "示例主管B"]
    assert ask("team_leader", now + timedelta(hours=2))[0] == "示例班长A"


def test_who_has_left_is_not_called(callcentre, now, ask):
    Person.objects.filter(site=callcentre, name="示例班长A").update(is_active=False)
    assert ask("team_leader")[0] == "示例班长I"


def test_a_vacant_post_is_answered_by_the_next_post(callcentre, lead, now):
    rosters.vacant(lead)
    Post.objects.filter(pk=lead.pk).update(next_post="centre_manager")
    found = directory.holders(callcentre.pk, ["team_leader"], now)["team_leader"]
    assert [(one.name, one.source, one.post, one.up) for one in found] == [
        ("示例经理C", "next", "team_leader", "centre_manager"),
        ("示例运营D", "next", "team_leader", "centre_manager"),
    ]


@pytest.mark.parametrize(
    ("hours", "usable"),
    [((8, 18), False), ((20, 6), True), ((6, 20), False), ((22, 23), False), ((1, 1), True)],
)
def test_a_contact_is_used_within_its_hours(callcentre, now, hours, usable):
    at = now.astimezone(clock.ZONE).replace(hour=2, minute=0)
    maintainer = Person.objects.get(site=callcentre, name="示例运维E")
    Contact.objects.create(
        person=maintainer, channel="email", address="day@example.invalid", order=0,
        from_time=time(hours[0]), to_time=time(hours[1]),
    )  # fmt: skip
    found = directory.holders(callcentre.pk, ["maintenance"], at)["maintenance"][0]
    assert (("email", "day@example.invalid") in found.contacts) is usable


def test_the_only_way_to_reach_somebody_is_used_at_any_hour(callcentre, now):
    at = now.astimezone(clock.ZONE).replace(hour=2, minute=0)
    Contact.objects.filter(person__name="示例运维E").update(from_time=time(8), to_time=time(18))
    found = directory.holders(callcentre.pk, ["maintenance"], at)["maintenance"][0]
    assert [channel for channel, _ in found.contacts] == ["email", "phone"]


def test_of_a_full_floor_the_first_twenty_are_named(callcentre, now):
    floor = rosters.vacant(rosters.post(callcentre, "agent"))
    for number in range(30):
        rosters.shift(floor, rosters.person(callcentre, f"示例座席{number}"), now)
    assert len(directory.holders(callcentre.pk, ["agent"], now)["agent"]) == directory.MOST_ON_A_POST
