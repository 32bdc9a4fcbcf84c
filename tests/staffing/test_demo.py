"""The demo: whole, idempotent, and with every post that the plans of its sites name."""

import json
from pathlib import Path

import pytest
import yaml
from auditlog.models import LogEntry
from django.core.management import CommandError, call_command

from staffing.models import Contact, Holder, Membership, Person, Post, Site, User

ROOT = Path(__file__).resolve().parents[2]
PLANS = sorted((ROOT / "fixtures" / "plans").glob("*.yaml"))


def rows() -> dict[str, list]:
    models = (User, Site, Membership, Post, Person, Contact, Holder, LogEntry)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def test_twice_is_once_and_keeps_sessions(world):
    before = rows()
    call_command("load_demo", without_rosters=True, verbosity=0)
    assert rows() == before


def test_edits_survive(world):
    Site.objects.filter(key="callcentre").update(zh="我们的中心")
    Person.objects.filter(name="示例座席J").update(language="en")
    call_command("load_demo", without_rosters=True, verbosity=0)
    assert Site.objects.get(key="callcentre").zh == "我们的中心"
    assert Person.objects.get(name="示例座席J").language == "en"


def test_passwords_from_the_environment(db, monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORDS", json.dumps({"omar": "from-outside"}))
    call_command("load_demo", without_rosters=True, verbosity=0)
    assert User.objects.get(username="omar").check_password("from-outside")
    assert User.objects.get(username="dana").check_password("dana-demo")


@pytest.mark.parametrize("text", ["{", "[]", '{"omar": 1}'])
def test_wrong_passwords_variable_is_named(db, monkeypatch, text):
    monkeypatch.setenv("DEMO_PASSWORDS", text)
    before = rows()
    with pytest.raises(CommandError, match="DEMO_PASSWORDS"):
        call_command("load_demo", without_rosters=True, verbosity=0)
    assert rows() == before


@pytest.mark.parametrize("plan", PLANS, ids=lambda path: path.stem)
def test_every_post_of_a_plan_is_held_where_it_runs(world, plan):
    wanted = {post["key"] for post in yaml.safe_load(plan.read_text())["posts"]}
    for site in Site.objects.filter(plans__contains=[plan.stem]):
        posts = {post.key: post for post in Post.objects.filter(site=site)}
        assert wanted <= set(posts)
        for key in wanted:
            held = Holder.objects.filter(post=posts[key]).exists()
            assert held or posts[key].stands_for, f"{key} is vacant at {site.key}"


def test_composite_posts_name_posts_of_their_site(world):
    for post in Post.objects.exclude(stands_for=[]):
        known = set(Post.objects.filter(site=post.site).values_list("key", flat=True))
        assert set(post.stands_for) <= known


def test_everything_is_a_sample(world):
    for channel, address in Contact.objects.values_list("channel", "address"):
        assert channel == "in_app" or address.endswith("@example.invalid") or address.startswith("000-0000-")
    assert all(name.startswith("示例") for name in Person.objects.values_list("name", flat=True))


def test_accounts_stand_where_the_readme_says(world):
    found = {
        user.username: {(row.site.key, row.role) for row in user.memberships.select_related("site")}
        for user in User.objects.all()
    }
    service, heat = ("callcentre", "online"), ("heating", "project", "hall")
    assert found == {
        "omar": {(site, "shift_lead") for site in service},
        "dana": {(site, "supervisor") for site in service},
        "vera": {(site, "viewer") for site in service},
        "hana": {(site, "shift_lead") for site in heat},
        "ruth": {(site, "supervisor") for site in heat},
        "ada": {(site, "admin") for site in service + heat},
        "abel": {(site, "admin") for site in service + heat},
        "eve": {("northside", "shift_lead")},
    }
    assert not User.objects.filter(is_superuser=True).exists()
    staff = User.objects.filter(is_staff=True).values_list("username", flat=True)
    assert set(staff) == {"abel", "ada"}
