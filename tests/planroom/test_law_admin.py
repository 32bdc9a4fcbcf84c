"""The rows of the law in the admin: to look at, for those who manage the plan, and never to change."""

import pytest
from django.urls import reverse

from playbooks.models import PlanVersion, Playbook
from staffing import granting
from staffing.models import Site, User

KINDS = {"versionrows": PlanVersion, "playbookrows": Playbook}


@pytest.fixture
def noor(world):
    """Administers the other site, which does not use KF."""
    user = User.objects.create_user("noor", password="noor-demo", name="示例管理员Z")
    granting.grant(user, Site.objects.get(key="northside"), "admin")
    return user


def listed(kind):
    return reverse(f"admin:planroom_{kind}_changelist")


@pytest.mark.parametrize("kind", KINDS)
def test_an_administrator_looks_at_rows_and_changes_none(client, ada, kind):
    client.force_login(ada)
    answer = client.get(listed(kind))
    assert answer.status_code == 200 and "KF" in answer.content.decode()
    row = KINDS[kind].objects.filter(**{"plan__key": "KF"} if kind == "versionrows" else {"version__plan__key": "KF"})
    page = reverse(f"admin:planroom_{kind}_change", args=[row.first().pk])
    said = client.get(page)
    assert said.status_code == 200
    assert 'name="_save"' not in said.content.decode() and 'name="zh"' not in said.content.decode()
    assert client.post(page, {"zh": "x"}).status_code == 403
    assert client.get(reverse(f"admin:planroom_{kind}_add")).status_code == 403
    assert (
        client.post(reverse(f"admin:planroom_{kind}_delete", args=[row.first().pk]), {"post": "yes"}).status_code == 403
    )


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_plans_of_sites_one_manages(client, noor, kind):
    client.force_login(noor)
    said = client.get(listed(kind)).content.decode()
    assert "HJ" in said and "KF-4" not in said
    foreign = KINDS[kind].objects.filter(
        **{"plan__key": "KF"} if kind == "versionrows" else {"version__plan__key": "KF"}
    )
    answer = client.get(reverse(f"admin:planroom_{kind}_change", args=[foreign.first().pk]))
    assert answer.status_code in (302, 404)


def test_nobody_else(client, dana):
    client.force_login(dana)
    assert {client.get(listed(kind)).status_code for kind in KINDS} <= {302, 403}
