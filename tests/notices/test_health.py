"""Health of the channels: counts of the hour, the median, the last success; one query."""

from datetime import timedelta

import pytest

from notices import health
from notices.models import Attempt, Notice
from tests.notices.builders import NOW, after, by_email, notice

pytestmark = pytest.mark.django_db


def attempt(written: Notice, channel: str, outcome: str, *, minutes_ago: float, seconds: float = 1) -> None:
    ended_at = after(minutes=-minutes_ago)
    Attempt.objects.create(
        notice=written,
        rung=0,
        person="Dana",
        channel=channel,
        started_at=ended_at - timedelta(seconds=seconds),
        ended_at=ended_at,
        outcome=outcome,
    )


def test_the_last_hour_of_each_channel(django_assert_num_queries) -> None:
    written = notice("a", by_email("Dana"))
    for minutes_ago, seconds in ((1, 1), (2, 3), (59, 2), (61, 100)):
        attempt(written, "email", "accepted", minutes_ago=minutes_ago, seconds=seconds)
    attempt(written, "email", "failed", minutes_ago=1)
    attempt(written, "email", "refused", minutes_ago=1)
    attempt(written, "in_app", "accepted", minutes_ago=300)
    attempt(written, "pigeon", "failed", minutes_ago=5)
    attempt(written, "drum", "accepted", minutes_ago=60 * 25)
    with django_assert_num_queries(1):
        email, in_app, pigeon = health.channels(now=NOW)
    assert email == health.Channel(
        channel="email",
        accepted=3,
        failed=1,
        refused=1,
        median=timedelta(seconds=2),
        last_success_at=after(minutes=-1),
    )
    assert not email.is_failing
    assert (in_app.channel, in_app.accepted, in_app.median) == ("in_app", 0, None)
    assert in_app.last_success_at == after(minutes=-300)
    assert (pigeon.is_failing, pigeon.last_success_at) == (True, None)


def test_only_the_sites_asked_for() -> None:
    attempt(notice("a", by_email("Dana"), site_id=1), "email", "accepted", minutes_ago=1)
    attempt(notice("b", by_email("Dana"), site_id=2), "email", "accepted", minutes_ago=1)
    assert [channel.accepted for channel in health.channels(now=NOW, site_ids=[1])] == [1]
    assert health.channels(now=NOW, site_ids=[]) == []
