"""Role x verb, and the edges of it: outsiders, the inactive, superusers, forgotten objects."""

import pytest

from staffing import granting, rights
from staffing.models import Membership, Person, Post, Site, User

TABLE = {
    "viewer": {"incident.view"},
    "shift_lead": {
        "incident.view", "incident.report", "incident.work", "incident.exercise", "staffing.contacts",
        "playbooks.restricted",
    },
    "supervisor": {
        "incident.view", "incident.report", "incident.work", "incident.exercise", "incident.decide",
        "staffing.roster", "staffing.contacts", "playbooks.restricted",
    },
    "admin": {
        "incident.view", "staffing.manage", "staffing.roster", "staffing.contacts", "playbooks.manage",
        "playbooks.restricted",
    },
    "drill_director": {"incident.view", "incident.report", "incident.exercise", "drills.direct"},
}  # fmt: skip
CASES = [(role, verb, verb in TABLE[role]) for role in TABLE for verb in sorted(rights.VERBS)]


@pytest.fixture
def somebody(db) -> User:
    return User.objects.create_user("somebody", password="x")


def test_table_names_every_role_and_verb():
    assert set(TABLE) == set(Membership.Role.values) == set(rights.ROLE_VERBS)
    assert set().union(*TABLE.values()) == rights.VERBS


@pytest.mark.parametrize(("role", "verb", "allowed"), CASES)
def test_role_allows_verb_on_its_site_only(somebody, two_sites, role, verb, allowed):
    here, there = two_sites
    granting.grant(somebody, here, role)
    assert somebody.has_perm(verb, here) is allowed
    assert somebody.has_perm(verb, there) is False
    assert rights.sites_with(somebody, verb) == ([here.pk] if allowed else [])


def test_two_roles_add_up(somebody, two_sites):
    granting.grant(somebody, two_sites[0], "admin")
    granting.grant(somebody, two_sites[0], "supervisor")
    assert somebody.has_perm("incident.decide", two_sites[0])
    assert somebody.has_perm("staffing.manage", two_sites[0])


def test_an_object_of_the_site_stands_for_it(omar, callcentre, northside):
    here, there = Post.objects.filter(site=callcentre).first(), Person.objects.filter(site=northside).first()
    assert omar.has_perm("incident.work", here)
    assert not omar.has_perm("incident.work", there)


def test_a_forgotten_object_opens_nothing(dana):
    assert not dana.has_perm("incident.view")
    assert not dana.has_perm("incident.view", object())


def test_inactive_users_may_nothing(dana, callcentre):
    dana.is_active = False
    dana.save(update_fields=["is_active"])
    fresh = User.objects.get(pk=dana.pk)
    assert not fresh.has_perm("incident.view", callcentre)
    assert rights.sites(fresh) == []
    assert rights.roles([fresh.pk]) == {}


def test_superusers_may_everything_everywhere(root, northside):
    assert all(root.has_perm(verb, northside) for verb in rights.VERBS)
    assert rights.sites(root) == sorted(Site.objects.values_list("pk", flat=True))


def test_unknown_verbs_are_an_error_not_a_no(omar):
    with pytest.raises(KeyError):
        rights.sites_with(omar, "incident.dance")


def test_rights_are_read_once_for_a_user_object(omar, callcentre, django_assert_num_queries):
    user = User.objects.get(pk=omar.pk)
    with django_assert_num_queries(1):
        for verb in rights.VERBS:
            user.has_perm(verb, callcentre)
        rights.sites(user)


def test_forget_reads_anew(somebody, two_sites):
    assert not somebody.has_perm("incident.view", two_sites[0])
    granting.grant(somebody, two_sites[0], "viewer")
    rights.forget(somebody)
    assert somebody.has_perm("incident.view", two_sites[0])


def test_roles_of_many_in_a_fixed_number_of_queries(omar, dana, eve, root, northside, django_assert_num_queries):
    with django_assert_num_queries(3):
        found = rights.roles([omar.pk, dana.pk, eve.pk, root.pk])
    assert found[eve.pk] == {northside.pk: frozenset({"shift_lead"})}
    assert found[root.pk][northside.pk] == frozenset(Membership.Role.values)


@pytest.mark.parametrize(
    ("name", "opens"), [("ada", True), ("omar", False), ("dana", False), ("vera", False), ("eve", False)]
)
def test_only_administrators_get_the_model_permissions_of_the_admin(world, name, opens):
    user = User.objects.get(username=name)
    assert user.has_module_perms("staffing") is opens
    assert user.has_perm("staffing.change_post") is opens
    assert user.is_staff is opens
    assert not user.has_perm("staffing.add_site")
    assert not user.has_perm("staffing.delete_user")


def test_admin_door_follows_the_last_admin_role(somebody, two_sites):
    granting.grant(somebody, two_sites[0], "admin")
    assert somebody.is_staff
    somebody.memberships.all().delete()
    granting.align_admin_door(somebody)
    assert not User.objects.get(pk=somebody.pk).is_staff
