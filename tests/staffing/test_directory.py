"""Who answers for a post now, on which channels, in which order - in a fixed number of queries."""

from datetime import timedelta

import pytest

from staffing import directory
from staffing.models import Contact, Holder, Person, Post


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
