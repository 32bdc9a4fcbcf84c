"""Hearing from a telephone exchange: who is at the seats, and what happens when the exchange misbehaves."""

import asyncio
import logging
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing.ami import client, daily, feed, members
from tests.ami_server import FakeAsterisk, recorded

QUICK = feed.Pace(poll=0.2, settle=0.02, apart=0.05, ping=5.0, first_pause=0.05, longest_pause=0.2)


@pytest.fixture(params=["22", "16", "1.8"])
def exchange(request):
    with FakeAsterisk(request.param) as server:
        server.queue("support", "a1", "a2", "a3")
        server.queue("spare")
        yield server


@pytest.fixture
def newest():
    with FakeAsterisk() as server:
        server.queue("support", "a1", "a2", "a3")
        yield server


class Heard:
    """A feed at work, and the pictures it brought."""

    def __init__(self, server: FakeAsterisk, pace: feed.Pace = QUICK, url: str = "") -> None:
        self.pictures: list[dict[str, members.Measured]] = []
        self.said: list[str] = []
        self.stopping = asyncio.Event()
        where = client.address(url or server.url)
        self.feed = feed.Feed(where, self._take, say=self.said.append, pace=pace)

    async def _take(self, rows) -> None:
        self.pictures.append(members.measure(rows, clock=time.time()))

    async def __aenter__(self) -> "Heard":
        self.task = asyncio.create_task(self.feed.run(self.stopping))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stopping.set()
        await asyncio.wait_for(self.task, 3)

    async def until(self, true, seconds: float = 5) -> members.Measured:
        """The newest picture of the queue for which something holds."""
        async with asyncio.timeout(seconds):
            while not (self.pictures and true(self.pictures[-1]["support"])):
                await asyncio.sleep(0.005)
        return self.pictures[-1]["support"]


def numbers(measured: members.Measured) -> tuple[int | None, ...]:
    return measured.staffed, measured.busy, measured.paused, measured.waiting


# Members into numbers


def rows(*members_: dict[str, object], waits: tuple[int, ...] = (), **params: object) -> list[dict[str, str]]:
    queue = {"queue": "support"}
    found = [{"event": "QueueParams", "completed": 0, "abandoned": 0} | params]
    found += [{"event": "QueueMember", "status": 1, "paused": 0, "incall": 0} | one for one in members_]
    found += [{"event": "QueueEntry", "wait": wait} for wait in waits]
    return [queue | {key: str(value) for key, value in one.items()} for one in found]


def measured(*given_: dict[str, object], clock: float = 0, **more: object) -> members.Measured:
    return members.measure(rows(*given_, **more), clock=clock)["support"]


@pytest.mark.parametrize(
    ("member", "staffed", "busy", "paused"),
    [
        ({"status": 0}, 1, 0, 0),  # a device of which nothing is known is a seat that is free
        ({"status": 1}, 1, 0, 0),
        ({"status": 2}, 1, 1, 0),
        ({"status": 3}, 1, 1, 0),
        ({"status": 4}, 0, 0, 0),
        ({"status": 5}, 0, 0, 0),
        ({"status": 6}, 1, 1, 0),
        ({"status": 7}, 1, 1, 0),
        ({"status": 8}, 1, 1, 0),
        ({"status": 1, "incall": 1}, 1, 1, 0),  # the device has not told yet, the queue knows
        ({"status": 1, "paused": 1}, 0, 0, 1),
        ({"status": 2, "paused": 1}, 0, 0, 1),  # a paused seat that still talks is no seat for callers
        ({"status": 5, "paused": 1}, 0, 0, 0),  # who is not there does not pause
    ],
)
def test_each_state_counts_as_the_definition_says(member, staffed, busy, paused):
    found = measured(member)
    assert (found.staffed, found.busy, found.paused) == (staffed, busy, paused)


def test_callers_are_counted_and_the_longest_wait_is_the_longest():
    found = measured({}, waits=(3, 41, 7))
    assert (found.waiting, found.longest_wait) == (3, 41)
    assert (measured({}).waiting, measured({}).longest_wait) == (0, 0)


def test_what_the_exchange_does_not_say_is_unknown_and_not_zero():
    found = measured({"status": "?"}, {}, completed="", servicelevelperf="x")
    assert (found.staffed, found.busy, found.paused) == (None, None, None)
    assert found.counted is None
    assert found.wrapping is None
    assert measured({}, waits=()).in_time_seconds is None
    no_waits = members.measure([*rows({}), {"event": "QueueEntry", "queue": "support"}], clock=0)["support"]
    assert (no_waits.waiting, no_waits.longest_wait) == (1, None)


def test_after_call_work_is_seen_where_the_member_has_a_time_for_it():
    seats = ({"wrapuptime": 30, "lastcall": 1000}, {"wrapuptime": 30, "lastcall": 900}, {"wrapuptime": 30})
    assert measured(*seats, clock=1020).wrapping == 1
    assert measured({"wrapuptime": 0, "lastcall": 1000}, clock=1020).wrapping is None


def test_a_queue_without_anybody_is_empty_and_rows_of_unknown_queues_are_passed_over():
    assert numbers(measured()) == (0, 0, 0, 0)
    assert members.measure([{"event": "QueueMember", "queue": "gone"}, {"response": "Success"}], clock=0) == {}


@given(st.lists(st.fixed_dictionaries({"status": st.integers(0, 8), "paused": st.booleans(), "incall": st.booleans()})))
def test_busy_never_exceeds_staffed_and_every_seat_is_one_thing(seats):
    found = measured(*({key: int(value) for key, value in seat.items()} for seat in seats))
    assert 0 <= found.busy <= found.staffed
    absent = sum(seat["status"] in (4, 5) for seat in seats)
    assert found.staffed + found.paused + absent == len(seats)


# Counts of the day


def counted(completed: int, abandoned: int = 0, in_time: int | None = None) -> daily.Counted:
    return daily.Counted(completed, in_time, abandoned)


def test_only_what_came_after_the_first_look_is_of_the_day():
    day = daily.Day(counted(900, 80)).heard(counted(903, 81))
    assert day.counts(in_call=2) == daily.Counts(offered=6, answered=5, answered_in_time=None, abandoned=1)


def test_midnight_starts_at_nothing_and_an_exchange_that_begins_anew_loses_nothing():
    day = daily.Day(counted(900)).heard(counted(910, 4))
    assert day.new().heard(counted(911, 4)).counts(0).answered == 1
    assert day.heard(counted(2, 0)).counts(0) == daily.Counts(16, 12, None, 4)


def test_a_feed_started_again_goes_on_from_the_newest_reading_of_the_day():
    day = daily.go_on(counted(500, 50), answered=40, in_time=30, abandoned=3, in_call=4)
    assert day.heard(counted(501, 50)).counts(in_call=3).answered == 40
    assert daily.go_on(counted(500, 50), answered=None, in_time=None, abandoned=None, in_call=0).counts(0).answered == 0


def test_who_talks_now_was_answered_in_time_as_often_as_the_others():
    day = daily.Day(counted(0, 0, 0)).heard(counted(80, 0, 60))
    assert day.counts(in_call=20).answered_in_time == 75
    assert daily.Day(counted(0, 0, 0)).counts(in_call=3).answered_in_time is None


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 9)), max_size=20))
def test_the_days_counts_fit_together_whatever_comes(looks):
    day = daily.Day(daily.NOTHING)
    before = 0
    for completed, abandoned, talking in looks:
        day = day.heard(daily.Counted(completed, completed // 2, abandoned))
        said = day.counts(talking)
        assert said.offered == said.answered + said.abandoned >= before - 9
        assert said.answered_in_time is None or 0 <= said.answered_in_time <= said.answered
        before = said.offered


# The connection


@pytest.mark.parametrize(
    "url", ["", "http://u:s@h", "ami://host", "ami://user@host", "ami://user:hush@host:99999", "ami://u:hush%0d%0a@h"]
)
def test_an_address_that_is_none_is_refused_without_repeating_the_secret(url):
    with pytest.raises(ValueError, match="AMI_URL") as refused:
        client.address(url)
    assert "hush" not in str(refused.value)


def test_an_address_shows_no_secret():
    found = client.address("ami://user:h%40sh@host")
    assert (found.secret, found.port) == ("h@sh", 5038)
    assert "h@sh" not in f"{found} {found!r}"


async def test_all_seats_busy_and_one_caller_waiting(exchange):
    exchange.fill("support")
    exchange.join("support", waited=12)
    async with Heard(exchange) as heard:
        found = await heard.until(lambda one: one.waiting == 1)
        assert numbers(found) == (3, 3, 0, 1)
        assert found.longest_wait in (12, 13)
        assert heard.pictures[-1]["spare"].staffed == 0


async def test_events_are_looked_into_at_once(newest):
    async with Heard(newest, feed.Pace(poll=60, settle=0.05, apart=0.05)) as heard:
        await heard.until(lambda one: one.busy == 0)
        begun = time.monotonic()
        newest.fill("support")
        await heard.until(lambda one: one.busy == 3)
        assert time.monotonic() - begun < 1
        newest.set("support", "a1", paused=True)
        newest.add("support", "a4")
        await heard.until(lambda one: numbers(one) == (3, 2, 1, 0))
        newest.remove("support", "a4")
        newest.hang_up("support", "a2")
        await heard.until(lambda one: numbers(one) == (2, 1, 1, 0) and one.counted.completed == 1)
        newest.join("support")
        newest.leave("support", gives_up=True)
        await heard.until(lambda one: one.counted.abandoned == 1)


async def test_a_burst_of_events_is_one_look(newest):
    async with Heard(newest, feed.Pace(poll=60, settle=0.3, apart=0.3)) as heard:
        await heard.until(lambda one: True)
        for _ in range(200):
            newest.set("support", "a1", status=2)
        await heard.until(lambda one: one.busy == 1)
        await asyncio.sleep(0.7)
        assert len(heard.pictures) <= 3


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
async def test_frames_cut_anywhere_are_put_together(newest, size):
    newest.cut_every = size
    newest.fill("support")
    async with Heard(newest) as heard:
        assert numbers(await heard.until(lambda one: True)) == (3, 3, 0, 0)


async def test_words_in_chinese_come_through(newest):
    newest.queue("客服", "示例座席J")
    async with Heard(newest) as heard:
        await heard.until(lambda one: True)
        assert heard.pictures[-1]["客服"].staffed == 1


async def test_a_dropped_connection_is_made_again(newest):
    async with Heard(newest) as heard:
        await heard.until(lambda one: True)
        newest.drop()
        newest.fill("support")
        await heard.until(lambda one: one.busy == 3)
        assert newest.logins == 2
        assert any("closed the connection" in words for words in heard.said)


async def test_an_exchange_that_is_away_is_said_once_and_tried_until_it_is_back():
    with FakeAsterisk() as server:
        url = server.url
    async with Heard(server, url=url) as heard:
        await asyncio.sleep(0.6)
        assert len(heard.said) == 1
        assert "sesame" not in heard.said[0]


@pytest.mark.parametrize(
    "junk", [b"\x00\xff\xfe\r\n\r\n", b"no colon here\r\n\r\n", "Event: 你好\r\n: \r\n\r\n".encode(), b"\r\n\r\n\r\n"]
)
async def test_garbage_between_messages_is_passed_over(newest, junk):
    async with Heard(newest) as heard:
        await heard.until(lambda one: True)
        newest.garbage(junk)
        newest.fill("support")
        await heard.until(lambda one: one.busy == 3)
        assert newest.logins == 1


@pytest.mark.parametrize("junk", [b"x" * 100_000, b"Key: value\r\n" * 1000])
async def test_what_never_ends_is_cut_off_and_not_kept(newest, junk):
    async with Heard(newest) as heard:
        await heard.until(lambda one: True)
        newest.garbage(junk)
        async with asyncio.timeout(5):
            while newest.logins < 2:
                await asyncio.sleep(0.01)
        assert any("more than" in words for words in heard.said)


async def test_an_exchange_that_says_nothing_is_given_up(newest, monkeypatch):
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.2)
    async with Heard(newest) as heard:
        await heard.until(lambda one: True)
        newest.is_mute = True
        async with asyncio.timeout(5):
            while not any("no answer to QueueStatus" in words for words in heard.said):
                await asyncio.sleep(0.01)
        newest.is_mute = False
        newest.fill("support")
        await heard.until(lambda one: one.busy == 3)


async def test_slow_answers_are_waited_for(newest):
    newest.delay = 0.3
    newest.fill("support")
    async with Heard(newest) as heard:
        assert (await heard.until(lambda one: True)).busy == 3


@pytest.mark.parametrize("offers_challenge", [True, False])
async def test_signs_in_by_challenge_or_plainly(newest, offers_challenge):
    newest.offers_challenge = offers_challenge
    async with Heard(newest) as heard:
        await heard.until(lambda one: True)
    login = next(one for one in newest.asked if one["Action"] == "Login")
    assert ("Secret" in login) is not offers_challenge
    assert login["Events"] == "agent,system"


async def test_a_refused_sign_in_is_said_without_the_secret(newest, caplog):
    caplog.set_level(logging.DEBUG)
    newest.refuses = True
    async with Heard(newest) as heard:
        async with asyncio.timeout(3):
            while not heard.said:
                await asyncio.sleep(0.01)
        assert "Authentication failed" in heard.said[0]
        newest.refuses = False
        await heard.until(lambda one: True)
    assert "sesame" not in caplog.text + "".join(heard.said)


async def test_silence_is_broken_by_a_ping(newest):
    async with Heard(newest, feed.Pace(poll=60, ping=0.1)) as heard:
        await heard.until(lambda one: True)
        await asyncio.sleep(0.5)
    assert sum(one["Action"] == "Ping" for one in newest.asked) >= 2


async def test_stops_at_once_also_while_waiting_for_an_answer(newest):
    newest.is_mute = True
    heard = Heard(newest)
    async with heard:
        await asyncio.sleep(0.1)
        begun = time.monotonic()
    assert time.monotonic() - begun < 1


async def test_the_summary_alone_would_be_wrong(newest):
    for name in ("a1", "a2", "a3"):
        newest.set("support", name, paused=True)
    connection = client.Client(lambda _: None)
    await connection.connect(client.address(newest.url))
    summary = (await connection.ask("QueueSummary"))[1]
    status = members.measure(await connection.ask("QueueStatus"), clock=0)["support"]
    await connection.close()
    assert (summary["loggedin"], summary["available"]) == ("3", "0")  # looks as if every seat were busy
    assert numbers(status) == (0, 0, 3, 0)


def test_the_recorded_frames_are_what_the_server_sends():
    for version, greeting in (("22", "Asterisk Call Manager/11.0.0"), ("16", "Asterisk Call Manager/5.0.4")):
        frames = recorded(version)
        assert frames["greeting"][""] == greeting
        assert {"InCall", "LoginTime", "PausedReason", "Wrapuptime"} <= set(frames["QueueMember"])
        assert frames["QueueEntry"]["CallerIDName"] == "示例"
    assert "InCall" not in recorded("1.8")["QueueMember"]
