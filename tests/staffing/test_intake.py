"""Readings come in: good rows are kept, each bad one is refused with a sentence, and nothing counts twice."""

from datetime import datetime, timedelta, timezone

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from staffing import intake
from staffing.models import Queue, Reading
from tests import rosters

SECOND = timedelta(seconds=1)


@pytest.fixture
def hotline(online):
    return rosters.queue(online)


@pytest.fixture
def take(online, now):
    def send(*rows, at=now):
        return intake.take(online.pk, list(rows), now=at, source="test")

    return send


def row(at, **more):
    return {"queue": "hotline", "at": at.isoformat(), "staffed": 10, "busy": 10, "waiting": 3} | more


def reread(queue):
    return Queue.objects.get(pk=queue.pk)


def test_a_reading_is_kept_and_moves_the_queue(take, hotline, now):
    taken = take(row(now, offered=120, answered=110))
    assert (taken.accepted, taken.refused, taken.queues) == (1, [], {hotline.pk})
    kept = Reading.objects.get(queue=hotline)
    assert (kept.at, kept.received_at, kept.source) == (now, now, "test")
    assert (kept.staffed, kept.busy, kept.waiting, kept.offered) == (10, 10, 3, 120)
    assert (kept.paused, kept.abandoned) == (None, None)  # nobody said: not zero
    queue = reread(hotline)
    assert (queue.heard_at, queue.full_since, queue.is_stale) == (now, now, False)
    assert queue.newest["busy"] == 10
    assert queue.newest["paused"] is None
    assert now + 30 * SECOND < queue.due_at < now + 31 * SECOND


@pytest.mark.parametrize(
    ("change", "field", "chinese", "in_english"),
    [
        ({"at": 6 * SECOND}, "at", "比本机快", "ahead"),
        ({"at": -timedelta(hours=24, seconds=1)}, "at", "24 小时", "24 hours"),
        ({"at": None}, "at", "缺少测量时间", "time of measurement"),
        ({"at": "just now"}, "at", "无法识别", "just now"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at", "无法识别", "is not"),
        ({"at": 1764000000}, "at", "无法识别", "is not"),
        ({"at": "2026-01-31T14:30:00"}, "at", "没有时区", "zone"),
        ({"queue": None}, "queue", "缺少队列代号", "queue"),
        ({"queue": "nowhere"}, "queue", "nowhere", "nowhere"),
        ({"queue": ["hotline"]}, "queue", "缺少队列代号", "queue"),
        ({"busy": 11}, "busy", "多于在班座席", "staffed"),
        ({"busy": -1}, "busy", "负数", "negative"),
        ({"waiting": 100_001}, "waiting", "超过 100000", "100000"),
        ({"staffed": "10"}, "staffed", "整数", "whole number"),
        ({"staffed": 10.0}, "staffed", "整数", "whole number"),
        ({"staffed": True}, "staffed", "整数", "whole number"),
        ({"longest_wait": []}, "longest_wait", "整数", "whole number"),
        ({"source": "a\nb"}, "source", "一行文字", "one line"),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_bad_row_is_refused_by_name_and_the_good_ones_are_kept(
    take, hotline, now, change, field, chinese, in_english, language
):
    if isinstance(change.get("at"), timedelta):
        change = {"at": (now + change["at"]).isoformat()}
    with translation.override("en" if language == "en" else "zh-hans"):
        taken = take(row(now - SECOND), row(now) | change, row(now + 5 * SECOND))
    assert taken.accepted == 2
    ((index, where, sentence),) = taken.refused
    assert (index, where) == (1, field)
    assert (in_english if language == "en" else chinese) in sentence
    assert sorted(Reading.objects.values_list("at", flat=True)) == [now - SECOND, now + 5 * SECOND]


@pytest.mark.parametrize("what", [None, 7, "hotline", [], True])
def test_what_is_no_row_at_all(take, hotline, what):
    taken = take(what)
    assert (taken.accepted, taken.refused[0][:2]) == (0, (0, ""))


def test_the_same_reading_counts_once(take, hotline, now):
    first, again = row(now), row(now, busy=3)
    taken = take(first, again)
    assert (taken.accepted, [found[:2] for found in taken.refused]) == (1, [(1, "at")])
    before = reread(hotline)
    taken = take(first, again, at=now + SECOND)
    assert (taken.accepted, taken.duplicates) == (0, 1)
    assert len(taken.refused) == 2
    assert Reading.objects.get(queue=hotline).busy == 10  # who came first stays
    assert reread(hotline).course == before.course


def test_the_zone_of_a_time_does_not_matter(take, hotline, now):
    shanghai = now.astimezone(timezone(timedelta(hours=8)))
    assert take(row(now)).accepted == 1
    assert take(row(shanghai)).duplicates == 1


def test_out_of_order_is_the_same_as_in_order(take, online, now):
    """Two queues are told the same story; one hears it backwards, in three pieces."""
    rosters.queue(online, "one")
    rosters.queue(online, "two")
    told = [(10 * step, 10 if step < 6 or step > 14 else 4) for step in range(20)]
    rows = {
        name: [row(now + second * SECOND, queue=name, busy=busy, waiting=0) for second, busy in told]
        for name in ("one", "two")
    }
    later = now + 200 * SECOND
    take(*rows["one"], at=later)
    for piece in (rows["two"][12:], rows["two"][5:12], rows["two"][:5]):
        take(*reversed(piece), at=later)
    one, two = (Queue.objects.get(site=online, key=name) for name in ("one", "two"))
    assert one.full_since == two.full_since == now + 150 * SECOND
    assert one.course["head"] == two.course["head"]
    assert one.newest == two.newest


def test_a_queue_goes_by_its_name_outside_too(take, online, now):
    rosters.queue(online, "support", outside_name="queue-600")
    assert take(row(now, queue="queue-600")).accepted == 1
    assert take(row(now, queue="support")).duplicates == 1


def test_queues_of_other_sites_are_unknown(take, callcentre, now):
    rosters.queue(callcentre, "there")
    assert take(row(now, queue="there")).refused[0][1] == "queue"
    assert not Reading.objects.exists()


def test_a_batch_costs_the_same_whatever_its_size(take, hotline, now):
    counts = []
    for size, start in ((1, 0), (100, 1000), (1000, 2000)):
        rows = [row(now - timedelta(milliseconds=start + step)) for step in range(size)]
        with CaptureQueriesContext(connection) as caught:
            assert take(*rows).accepted == size
        counts.append(len(caught.captured_queries))
    assert max(counts) <= 6  # the savepoint and its release with them
    assert counts[1] == counts[2]


def test_too_many_rows_at_once_are_refused_as_a_whole(take, hotline, now):
    with pytest.raises(intake.TooManyRows):
        take(*[row(now)] * (intake.MOST_ROWS + 1))
    assert not Reading.objects.exists()


def test_a_reading_without_staff_is_kept_and_does_not_count_as_heard(take, hotline, now):
    take(row(now, staffed=None))
    queue = reread(hotline)
    assert Reading.objects.count() == 1
    assert (queue.heard_at, queue.full_since) == (None, None)
    assert queue.newest["waiting"] == 3


def test_nobody_staffed_with_callers_counts_as_full(take, hotline, now):
    take(row(now, staffed=0, busy=0, waiting=2))
    assert reread(hotline).full_since == now


def test_numbers_of_the_future_within_the_grace_are_taken(take, hotline, now):
    assert take(row(now + 5 * SECOND)).accepted == 1
    assert datetime.fromisoformat(reread(hotline).newest["at"]) == now + 5 * SECOND
