"""What breaks: Valkey killed, stopped, emptied; connections to the database cut. Pages move on and recover."""

import os
import signal
import time

import pytest
from django.db import connection

from incident.live import pokes, topics
from tests.webs import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture
def lone_web(start_web, broker):
    """A web process that hears of changes through a broker which the test may kill; our own pokes do not reach it."""
    return start_web(REDIS_URL=broker.url)


def changes(viewer, touch, site, seconds) -> float:
    """Commit a change and return how long it took to arrive."""
    started = time.monotonic()
    touch({topics.site(site.pk): {"live-strips"}})
    number = topics.heads([topics.site(site.pk)])[topics.site(site.pk)]
    viewer.until(lambda frame: frame.get("to", {}).get(topics.site(site.pk), 0) >= number, seconds)
    return time.monotonic() - started


def test_without_a_broker_pages_move_within_two_seconds(lone_web, broker, view, touch, omar, callcentre):
    viewer = view(lone_web, omar, "desk")
    viewer.kind("beat")
    broker.kill()
    for _ in range(3):
        assert changes(viewer, touch, callcentre, 2.0) < 2.0
    late = view(lone_web, omar, "desk")
    late.kind("beat", 2)
    assert changes(late, touch, callcentre, 2.0) < 2.0


def test_a_web_process_starts_and_serves_without_a_broker(start_web, view, touch, omar, callcentre):
    web = start_web(REDIS_URL="unix:///nowhere/valkey.sock?db=0")
    viewer = view(web, omar, "desk")
    viewer.kind("beat", 2)
    assert changes(viewer, touch, callcentre, 2.0) < 2.0


@pytest.mark.parametrize("fault", ["kill", "stop"])
def test_a_broker_that_comes_back_is_heard_again(lone_web, broker, view, touch, omar, callcentre, settings, fault):
    layers = settings.CHANNEL_LAYERS["default"]
    settings.CHANNEL_LAYERS = {"default": layers | {"CONFIG": layers["CONFIG"] | {"hosts": [{"address": broker.url}]}}}
    viewer = view(lone_web, omar, "desk")
    viewer.kind("beat")
    time.sleep(0.3)
    assert changes(viewer, touch, callcentre, 2.0) < 0.5
    if fault == "kill":
        broker.kill()
    else:
        os.kill(broker.process.pid, signal.SIGSTOP)
    assert changes(viewer, touch, callcentre, 2.0) < 2.0
    time.sleep(1.5)
    if fault == "kill":
        broker.start()
    else:
        os.kill(broker.process.pid, signal.SIGCONT)
    until = time.monotonic() + 15
    while (took := changes(viewer, touch, callcentre, 2.0)) > 0.3 and time.monotonic() < until:
        time.sleep(0.5)
    quick = [changes(viewer, touch, callcentre, 2.0) for _ in range(5)]
    assert sorted([took, *quick])[3] < 0.3


def test_pokes_never_delay_or_fail_whoever_commits(broker, touch, callcentre, settings):
    layers = settings.CHANNEL_LAYERS["default"]
    settings.CHANNEL_LAYERS = {"default": layers | {"CONFIG": layers["CONFIG"] | {"hosts": [{"address": broker.url}]}}}
    os.kill(broker.process.pid, signal.SIGSTOP)
    before, slowest = pokes.lost(), 0.0
    for _ in range(50):
        started = time.monotonic()
        touch({topics.site(callcentre.pk): set()})
        slowest = max(slowest, time.monotonic() - started)
    assert slowest < 0.2
    started = time.monotonic()
    pokes.flush(0.5)
    assert time.monotonic() - started < 0.7
    wait_for(lambda: pokes.lost() > before, 2)
    os.kill(broker.process.pid, signal.SIGCONT)


def test_cut_connections_to_the_database_are_mended(web, view, touch, omar, callcentre):
    viewer = view(web, omar, "desk")
    viewer.kind("beat")
    assert changes(viewer, touch, callcentre, 2.0) < 1.0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] > 0
    assert changes(viewer, touch, callcentre, 3.0) < 3.0
    assert changes(viewer, touch, callcentre, 1.0) < 1.0
