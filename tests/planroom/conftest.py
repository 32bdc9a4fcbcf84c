"""A site that runs every plan, and somebody who leads its shift."""

import pytest

from playbooks import library
from staffing import rights
from staffing.models import Membership, Site, User


@pytest.fixture
def everywhere(callcentre: Site) -> Site:
    """The call centre runs all plans for the length of a test."""
    callcentre.plans = sorted({book.plan_key for book in library.current()})
    callcentre.save(update_fields=["plans"])
    return callcentre


@pytest.fixture
def lead(everywhere: Site, omar: User) -> User:
    """Omar at that site alone."""
    Membership.objects.filter(user=omar).exclude(site=everywhere).delete()
    rights.forget(omar)
    return omar
