"""Whatever is killed, frozen or emptied: every duty is late once, at its time, and every mail leaves."""

import time
from collections import Counter

import pytest

pytestmark = pytest.mark.processes

INCIDENTS = 48
FIRST_SECONDS = 8.0  # until the first duty falls due; what is reported after its time opens late and says so
SPAN_SECONDS = 30.0
RECOVERY_SECONDS = 20.0  # 1 to 3 on a quiet machine; starting a worker costs seconds of processor time
OVERDUE = "SELECT count(*) FROM incident_duty WHERE due_at <= now()"
UNSENT = "SELECT count(*) FROM notices_notice WHERE due_at <= now()"
# Sent and not written down: tried again when the lease ends, or a minute after a sender that lost the database between.
BEGUN = "SELECT count(*) FROM notices_notice WHERE lease IS NOT NULL OR (state = 'queued' AND attempts > 0)"
WRONG = (
    "overdue",
    "early",
    "late_at_another_time",
    "said_more_than_once",
    "said_not",
    "said_at_another_time",
    "opened_twice",
    "broken",
    "held",
    "unsent",
)


def worker_child(console):
    console.kill_child_at_work("worker", beat="sweep")


def sender_child(console):
    console.kill_child_at_work("sender", beat="deliver")


def second_beat(console):
    console.start("beat", called="second-beat")


def worker_and_child(console):
    console.kill("worker")
    console.start("worker")


def worker_main(console):
    console.kill_main("worker")
    console.start("worker")


def sender_main(console):
    console.kill_main("sender")
    console.start("sender")


def both_beats(console):
    for name in ("beat", "second-beat"):
        console.kill(name)
    for name in ("beat", "second-beat"):
        console.start("beat", called=name)


def broker(console):
    console.kill_valkey()


def broker_emptied(console):
    console.empty_valkey()


def database(console):
    console.kill_postgres()


def frozen(console):
    console.freeze("worker")
    time.sleep(2)
    console.thaw("worker")


def all_at_once(console):
    console.kill("worker")
    console.kill_valkey()
    console.kill_postgres()
    console.start("worker")


FAULTS = (
    worker_child, sender_child, second_beat, worker_and_child, broker_emptied, broker, database, frozen, sender_main,
    both_beats, worker_main, database, all_at_once,
)  # fmt: skip


def test_every_duty_is_late_once_and_every_mail_leaves(running, sink):
    for name in ("worker", "sender", "beat"):
        running.start(name)
    begun = time.monotonic()
    running.probe("report", str(INCIDENTS), str(FIRST_SECONDS), str(SPAN_SECONDS))
    running.recovery(seconds=RECOVERY_SECONDS)
    for fault in FAULTS:
        fault(running)
        print(f"{fault.__name__:<18} {running.recovery(seconds=RECOVERY_SECONDS):5.1f} s")  # shown when the test fails
    time.sleep(max(0.0, begun + FIRST_SECONDS + SPAN_SECONDS + 1 - time.monotonic()))

    running.wait_for_none(OVERDUE, seconds=15)
    running.wait_for_none(UNSENT, seconds=30)
    running.wait_for_none(BEGUN, seconds=90)
    found = running.probe("tell")

    assert len(running.risen) <= 1, running.logs()  # what ends by itself is rare, and comes back
    assert found["incidents"] == INCIDENTS
    assert found["waited_for"] >= INCIDENTS / 2  # the sweep had to find them; each has its own second
    assert {name: found[name] for name in WRONG if found[name]} == {}, running.logs()
    assert found["slowest_seconds"] < RECOVERY_SECONDS
    assert set(found["told_late"]) == {"1"}  # each person once of each lateness
    for _ in range(5):  # life safety waits a minute and goes on to the next person: a mail may be on its way
        if set(found["mails"]) == set(sink.seen):
            break
        time.sleep(2)
        found = running.probe("tell")
    _check_mails(found["mails"], sink.seen, running)


def _check_mails(sent, taken, running):
    """Nothing lost; a mail caught in flight by a kill may come twice, with the same Message-ID."""
    assert sent
    assert set(taken) ^ set(sent) == set(), running.logs()
    in_flight = 2 * 2  # two kills of a sender with two hands, each holding one mail
    assert sum(count - 1 for count in Counter(taken).values()) <= in_flight, Counter(taken).most_common(5)
