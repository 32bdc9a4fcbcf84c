"""From an exchange into the console: which queue is whose, counts of the day, and a database that goes away."""

from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from incident import clock, saturation
from incident.management.commands import ami_feed
from incident.pbx import Pbx
from staffing.models import Queue, Reading
from tests.ami_server import FakeAsterisk

FIVE = timedelta(seconds=5)


@pytest.fixture
def asterisk():
    with FakeAsterisk() as server:
        server.queue("support", "a1", "a2", "a3")
        yield server


@pytest.fixture
def hotline(online) -> Queue:
    Queue.objects.all().delete()
    return Queue.objects.create(
        site=online,
        key="hotline",
        zh="客服热线",
        en="Hotline",
        seats=3,
        source="ami",
        outside_name="Support",
        starts="off",
    )


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def intake(said, monkeypatch) -> ami_feed.Intake:
    """In the test's own transaction, which must not be closed under it."""
    monkeypatch.setattr(ami_feed, "close_old_connections", lambda: None)
    return ami_feed.Intake(Pbx(said.append), said.append, clock.wall_now)


@pytest.fixture
def look(asterisk, said):
    """Look at the exchange at a moment, as the feed does."""
    pbx = Pbx(said.append)

    def looked(now: datetime, by: Pbx | None = None) -> int:
        return (by or pbx).take(rows(asterisk), now=now)

    return looked


def rows(asterisk: FakeAsterisk) -> list[dict[str, str]]:
    blocks = asterisk.status("1").strip().split("\r\n\r\n")
    lines = [[line.partition(": ") for line in block.split("\r\n")] for block in blocks]
    return [{key.casefold(): value for key, _, value in block} for block in lines]


def newest(queue: Queue) -> dict[str, object]:
    return Queue.objects.get(pk=queue.pk).newest


def test_a_look_is_a_reading_of_the_queue_that_is_called_so_outside(asterisk, hotline, look, now):
    asterisk.fill("support")
    asterisk.join("support")
    assert look(now) == 1
    reading = Reading.objects.get(queue=hotline)
    assert (reading.at, reading.source) == (now, "ami")
    assert (reading.staffed, reading.busy, reading.paused, reading.waiting) == (3, 3, 0, 1)
    assert reading.wrapping is None and reading.abandoned_soon is None


def test_queues_that_are_only_on_one_side_are_said_once(asterisk, hotline, look, said, now):
    asterisk.queue("sales", "b1")
    hotline.outside_name = "hotline-1"
    hotline.save()
    assert look(now) == 0
    assert said == [
        "queue hotline of site online is called 'hotline-1' outside; the exchange has no such queue"
        " (it has: sales, support)",
        "queues of the exchange that no queue here is fed from: sales, support",
    ]
    look(now + FIVE)
    assert len(said) == 2
    hotline.outside_name = "support"
    hotline.save()
    assert look(now + 2 * FIVE) == 1
    assert said[2:] == ["queues of the exchange that no queue here is fed from: sales"]


def test_the_same_numbers_are_sent_again_after_some_seconds_only(asterisk, hotline, look, now):
    assert [look(now + timedelta(seconds=seconds)) for seconds in (0, 1, 2, 5)] == [1, 0, 0, 1]
    asterisk.set("support", "a1", status=2)
    assert look(now + timedelta(seconds=5.2)) == 1


def test_calls_are_counted_from_the_first_look_of_the_day(asterisk, hotline, look, now):
    noon = (now - timedelta(days=1)).astimezone(clock.ZONE).replace(hour=12)
    line = asterisk.queues["support"]
    line.completed, line.abandoned, line.in_time = 500, 40, 100.0
    look(noon)
    assert [newest(hotline)[name] for name in ("offered", "answered", "abandoned")] == [0, 0, 0]
    line.completed, line.abandoned = 510, 42
    asterisk.set("support", "a1", in_call=True)
    look(noon + FIVE)
    counts = {name: newest(hotline)[name] for name in ("offered", "answered", "answered_in_time", "abandoned")}
    assert counts == {"offered": 13, "answered": 11, "answered_in_time": 11, "abandoned": 2}
    line.completed, line.abandoned = 2, 0  # the exchange was started again
    look(noon + 2 * FIVE)
    assert newest(hotline)["answered"] == 13
    line.completed = 3
    look(noon + timedelta(hours=12))
    assert newest(hotline)["answered"] == 2  # midnight: one has ended since, one is talking


def test_a_feed_started_again_goes_on_counting(asterisk, hotline, look, said, now):
    noon = (now - timedelta(days=1)).astimezone(clock.ZONE).replace(hour=12)
    look(noon)
    asterisk.queues["support"].completed = 30
    look(noon + FIVE)
    look(noon + 2 * FIVE, Pbx(said.append))
    assert newest(hotline)["answered"] == 30


def test_answered_in_time_is_unknown_where_the_exchange_means_another_time(asterisk, hotline, look, now):
    asterisk.queues["support"].service_level = 60
    look(now)
    assert newest(hotline)["answered_in_time"] is None
    assert newest(hotline)["answered"] == 0


def test_one_exchange_feeds_the_queues_of_several_sites(asterisk, hotline, callcentre, look, now):
    Queue.objects.create(site=callcentre, key="support", zh="呼入", en="Inbound", source="ami", starts="off")
    Queue.objects.create(site=callcentre, key="pushed", zh="其他", en="Other", source="push", outside_name="support")
    assert look(now) == 2
    assert set(Reading.objects.values_list("queue__site__key", "queue__key")) == {
        ("online", "hotline"),
        ("callcentre", "support"),
    }


def test_a_database_that_is_away_costs_the_picture_and_not_the_feed(asterisk, hotline, intake, said, monkeypatch):
    def away(*_: object, **__: object) -> None:
        raise OperationalError("the server closed the connection\nsecond line")

    with monkeypatch.context() as patched:
        patched.setattr(saturation, "receive", away)
        for _ in range(3):
            intake.take(rows(asterisk))
    assert said == ["the database is away, readings are not kept: the server closed the connection"]
    intake.take(rows(asterisk))
    assert said[1:] == ["readings are kept again"]


def test_what_is_wrong_with_one_picture_is_said_and_passed_over(asterisk, hotline, intake, said, monkeypatch, caplog):
    with monkeypatch.context() as patched:
        patched.setattr(saturation, "receive", lambda *_, **__: 1 / 0)
        intake.take(rows(asterisk))
    assert said == ["a picture of the queues could not be taken; see the log"]
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(("url", "words"), [("", "AMI_URL is not set"), ("ami://hush@host", "must look like")])
def test_without_an_address_the_command_says_what_it_wants(settings, url, words):
    settings.AMI_URL = url
    with pytest.raises(CommandError, match=words) as refused:
        call_command("ami_feed")
    assert "hush" not in str(refused.value)
