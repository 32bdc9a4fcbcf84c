"""What every test may use: the demo people, the plans, and builders with plain names."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import hypothesis
import pytest
from django.db import connection
from django.test import override_settings
from django.utils import translation

from incident import clock, readings, reporting
from incident.models import Incident
from playbooks import library, rules
from staffing.models import Site, User
from tests import world_rows

# A busy machine makes no example wrong.
hypothesis.settings.register_profile("console", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("console")
SIMPLE = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _simple_passwords(settings) -> None:
    """Hashing a password on purpose slowly has no place in a test of something else."""
    settings.PASSWORD_HASHERS = SIMPLE


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """The world is loaded once; each test sees it and undoes what it does."""
    with django_db_blocker.unblock(), override_settings(PASSWORD_HASHERS=SIMPLE):
        world_rows.load()
        world_rows.keep()


@pytest.fixture
def world(db) -> None:
    """The plans, sites and people; put back where a test that commits has emptied the tables."""
    if not Site.objects.exists():
        world_rows.put_back()


@pytest.fixture
def bare(db) -> None:
    """No plan, site or person, for the length of a test."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE playbooks_plan, staffing_site, staffing_user CASCADE")


def _user(name: str) -> User:
    return User.objects.get(username=name)


@pytest.fixture(autouse=True)
def _in_chinese() -> None:
    """A request of an English reader leaves its language behind in the thread; no test inherits it."""
    translation.activate("zh-hans")


@pytest.fixture
def omar(world) -> User:
    """Leads the shift at the call centre and at online service."""
    return _user("omar")


@pytest.fixture
def dana(world) -> User:
    """Supervises both."""
    return _user("dana")


@pytest.fixture
def vera(world) -> User:
    """Only looks."""
    return _user("vera")


@pytest.fixture
def ada(world) -> User:
    """Administers."""
    return _user("ada")


@pytest.fixture
def abel(world) -> User:
    """Administers beside ada."""
    return _user("abel")


@pytest.fixture
def hana(world) -> User:
    """Leads the shift where there is heat, and in the hall."""
    return _user("hana")


@pytest.fixture
def ruth(world) -> User:
    """Supervises there."""
    return _user("ruth")


@pytest.fixture
def eve(world) -> User:
    """Leads the shift at another site."""
    return _user("eve")


@pytest.fixture
def callcentre(world) -> Site:
    return Site.objects.get(key="callcentre")


@pytest.fixture
def online(world) -> Site:
    return Site.objects.get(key="online")


@pytest.fixture
def now(db) -> datetime:
    """The wall clock of the database, read once; tests move on from it by spans."""
    return clock.wall_now()


@pytest.fixture
def law(world) -> Callable[[str], rules.Playbook]:
    """The published playbook of a key."""

    def find(key: str) -> rules.Playbook:
        return next(found for found in library.current([key.split("-")[0]]) if found.key == key)

    return find


@pytest.fixture
def report(omar, law, now) -> Callable[..., Incident]:
    """Report an incident as omar, just now, at the site that runs the plan."""

    def make(
        key: str = "HJ-2", *, at: datetime | None = None, site: str = "", by: User | None = None, **given
    ) -> Incident:
        playbook = law(key)
        place = Site.objects.get(key=site or {"HJ": "callcentre", "KF": "online"}[playbook.plan_key])
        facts = {
            metric: value if isinstance(value, readings.Given) else readings.Given(value=value)
            for metric, value in given.pop("facts", {}).items()
        }
        return reporting.report(
            actor=by or omar,
            now=at or now,
            client_key=given.pop("client_key", uuid.uuid4()),
            site_id=place.pk,
            playbook_id=playbook.id,
            facts=facts,
            **given,
        )

    return make


@pytest.fixture(scope="session")
def sole_use(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The database is dropped at the end: connections of ended web processes may outlive them by a moment."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.close()


@pytest.fixture
def minutes() -> Callable[[float], timedelta]:
    return lambda amount: timedelta(minutes=amount)


@pytest.fixture
def english() -> Iterator[None]:
    """Refusals and entries in English for the length of a test."""
    with translation.override("en"):
        yield
