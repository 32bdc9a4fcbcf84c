"""The same feed against a real Asterisk, where there is one or one was asked for: ASTERISK=1, see tests/asterisk.py."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from staffing.ami import client, feed, members
from tests import asterisk
from tests.ami_server import FakeAsterisk

pytestmark = pytest.mark.processes

SEATS = {1: "Local/a1@agents/n", 2: "Local/a2@agents/n", 3: "Local/a3@agents/n"}


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Iterator[asterisk.Asterisk]:
    folder = tmp_path_factory.mktemp("asterisk")
    try:
        root = asterisk.find(folder / "root")
    except asterisk.LeftOut as reason:
        pytest.skip(str(reason))
    (folder / "settings").mkdir()
    server = asterisk.Asterisk(root, folder / "settings")
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
async def hand(real):
    """A second connection, by which a test makes calls and seats."""
    connection = client.Client(lambda _: None)
    await connection.connect(client.address(real.url))
    yield connection
    await connection.close()


class Seen:
    """A feed that looks once a minute: what is seen sooner was seen because of an event."""

    def __init__(self, url: str) -> None:
        self.newest: dict[str, members.Measured] = {}
        self.said: list[str] = []
        pace = feed.Pace(poll=60, settle=0.2, apart=0.2)
        self.feed = feed.Feed(client.address(url), self._take, say=self.said.append, pace=pace)
        self.stopping = asyncio.Event()

    async def _take(self, rows) -> None:
        self.newest = members.measure(rows, clock=time.time())

    async def __aenter__(self) -> "Seen":
        self.task = asyncio.create_task(self.feed.run(self.stopping))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stopping.set()
        await asyncio.wait_for(self.task, 5)

    async def until(self, **wanted: int | None) -> members.Measured:
        for _ in range(200):
            found = self.newest.get("support")
            if found and all(getattr(found, name) == value for name, value in wanted.items()):
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"wanted {wanted}, seen {found}, said {self.said}")


async def call(hand: client.Client, number: int) -> None:
    caller = {"Channel": "Local/caller@callers/n", "CallerID": f"示例 <000{number}>", "Async": "true"}
    await hand.ask("Originate", **caller, Context="incoming", Exten="support", Priority="1")


async def test_lines_fill_up_a_caller_waits_and_a_seat_is_added(real, hand):
    async with Seen(real.url) as seen:
        assert (await seen.until(staffed=3, busy=0, waiting=0)).counted.completed == 0
        assert seen.newest["spare"].staffed == 0
        for number in (1, 2, 3):
            await call(hand, number)
            await seen.until(busy=number)
        await call(hand, 4)
        full = await seen.until(staffed=3, busy=3, waiting=1)
        assert full.in_call == 3
        added = {"Queue": "support", "Interface": "Local/a4@agents/n", "MemberName": "示例座席L"}
        await hand.ask("QueueAdd", **added, StateInterface="Custom:a4")
        await seen.until(staffed=4, busy=4, waiting=0)

        await hand.ask("QueuePause", Queue="support", Interface=SEATS[1], Paused="true", Reason="小休")
        await seen.until(staffed=3, busy=3, paused=1)
        await hand.ask("QueuePause", Queue="support", Interface=SEATS[1], Paused="false")
        await hand.ask("Command", Command="channel request hangup all")
        ended = await seen.until(staffed=4, busy=0)
        assert (await seen.until(in_call=0)).counted.completed >= ended.counted.completed
        await hand.ask("QueueRemove", Queue="support", Interface="Local/a4@agents/n")
        await seen.until(staffed=3, paused=0)


async def test_a_wrong_secret_is_refused_and_said(real):
    wrong = real.url.replace(asterisk.SECRET, "wrong")
    async with Seen(wrong) as seen:
        for _ in range(100):
            if seen.said:
                break
            await asyncio.sleep(0.05)
    assert "Authentication failed" in seen.said[0]
    assert "wrong" not in seen.said[0].replace("AMI", "")


async def test_the_stand_in_sends_what_the_real_one_sends(real, hand):
    rows = await hand.ask("QueueStatus")
    said = {row["event"]: set(row) for row in rows if "event" in row}
    fits = []
    for version in ("16", "22"):
        with FakeAsterisk(version) as fake:
            fake.queue("support", "a1")
            other = client.Client(lambda _: None)
            await other.connect(client.address(fake.url))
            sent = {row["event"]: set(row) for row in await other.ask("QueueStatus") if "event" in row}
            await other.close()
        fits.append(all(sent[event] == fields for event, fields in said.items() if event in sent))
    assert any(fits)
