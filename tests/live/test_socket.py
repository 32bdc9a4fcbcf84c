"""One viewer's queue: bounded, and a stalled viewer is cut off without holding up anybody."""

import asyncio
import time

from incident.live import frames, sockets
from incident.live.sockets import Socket, is_behind


def viewer(send) -> Socket:
    return Socket(send, user_id=1, password="", session_key="")  # noqa: S106


async def test_frames_arrive_in_order_then_the_code():
    sent = []

    async def send(message):
        sent.append(message)

    socket = viewer(send)
    for number in range(3):
        socket.put(frames.make({"n": number}))
    pump = asyncio.create_task(socket.pump())
    await asyncio.sleep(0)
    socket.end(4403, frames.DENIED)
    await asyncio.wait_for(pump, 1)
    assert [message.get("text") for message in sent[:4]] == ['{"n":0}', '{"n":1}', '{"n":2}', '{"type":"denied"}']
    assert sent[4] == {"type": "websocket.close", "code": 4403}


async def test_too_many_frames_become_one_resync():
    sent = []

    async def send(message):
        sent.append(message["text"])

    socket = viewer(send)
    for number in range(sockets.MOST_FRAMES + 10):
        socket.put(frames.make({"n": number}))
    pump = asyncio.create_task(socket.pump())
    await asyncio.sleep(0.01)
    pump.cancel()
    assert sent[0] == frames.RESYNC.text
    assert sent[1:] == [f'{{"n":{number}}}' for number in range(sockets.MOST_FRAMES + 1, sockets.MOST_FRAMES + 10)]


async def test_too_many_bytes_become_one_resync():
    socket, big = viewer(None), frames.make({"html": "x" * (sockets.MOST_BYTES // 2)})
    for _ in range(2):
        socket.put(big)
    assert list(socket._queue) == [frames.RESYNC]
    assert socket._bytes == frames.RESYNC.size


async def test_a_stalled_viewer_is_cut_off_when_its_right_is_gone():
    async def send(message):
        await asyncio.sleep(60)

    socket = viewer(send)
    socket.put(frames.RESYNC)
    pump = asyncio.create_task(socket.pump())
    await asyncio.sleep(0)
    started = time.monotonic()
    socket.end(4403, frames.DENIED)
    await asyncio.wait_for(socket.ended(), 2)
    assert time.monotonic() - started < 1.5
    pump.cancel()


async def test_a_stalled_viewer_delays_nobody():
    got = []

    async def never(message):
        await asyncio.sleep(60)

    async def quick(message):
        got.append(message["text"])

    stalled, other = viewer(never), viewer(quick)
    pumps = [asyncio.create_task(one.pump()) for one in (stalled, other)]
    for number in range(3 * sockets.MOST_FRAMES):
        for one in (stalled, other):
            one.put(frames.make({"n": number}))
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    assert got == [f'{{"n":{number}}}' for number in range(3 * sockets.MOST_FRAMES)]
    assert frames.RESYNC in stalled._queue
    assert len(stalled._queue) <= sockets.MOST_FRAMES
    for pump in pumps:
        pump.cancel()


def test_behind_is_any_difference():
    assert not is_behind({"a": 1, "b": 2}, {"a": 1, "b": 2})
    assert not is_behind({}, {"a": 0})
    assert is_behind({"a": 1}, {"a": 2})
    assert is_behind({"a": 3}, {"a": 2})
    assert is_behind({}, {"a": 2})
