"""People of staffing tests beside those of the demo: who administers the other site, and who administers all."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from staffing import granting
from staffing.models import Site, User


@pytest.fixture
def two_sites(db) -> tuple[Site, Site]:
    """Two bare sites, where only rights matter."""
    opened_at = datetime(2020, 1, 1, tzinfo=UTC)
    here, there = (Site(key=key, zh=key, en=key, opened_at=opened_at) for key in ("here", "there"))
    return tuple(Site.objects.bulk_create([here, there]))


@pytest.fixture
def northside(world) -> Site:
    return Site.objects.get(key="northside")


@pytest.fixture
def noor(northside) -> User:
    """Administers the other site only."""
    user = User.objects.create_user("noor", password="noor-demo", name="示例管理员Z")
    granting.grant(user, northside, "admin")
    return user


@pytest.fixture
def root(world) -> User:
    return User.objects.create_superuser("root", password="root-demo")


@pytest.fixture
def as_user():
    """A browser in which that user is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
