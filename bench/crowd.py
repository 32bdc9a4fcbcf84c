"""Many sockets in a process of their own, and a plain server that shows what the `websockets` library alone can do.

`listen` holds sockets and says when a frame reached each, `broadcast` is the server.
Both are told what to do by lines on standard input and answer with lines of JSON. All times are CLOCK_MONOTONIC.
"""

import asyncio
import json
import sys
import time

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, broadcast, serve

PATIENCE_SECONDS = 10.0


class Listeners:
    """All sockets of the crowd; frames are searched for a mark, never parsed: parsing would be measured too."""

    def __init__(self) -> None:
        self.mark = "\0"
        self.arrived: list[float] = []
        self.size = 0
        self.all_there = asyncio.Event()
        self.count = 0

    async def hold(self, url: str, cookie: str, hello: str) -> None:
        origin = url.replace("ws://", "http://").rstrip("/").removesuffix("/ws")
        link = await connect(
            url, origin=origin, additional_headers={"Cookie": cookie}, compression=None, max_size=None, open_timeout=60
        )
        await link.send(hello)
        await link.recv()
        self.count += 1
        self._task = asyncio.create_task(self._read(link))

    async def _read(self, link: ClientConnection) -> None:
        missing = self.mark
        async for frame in link:
            if self.mark != missing and self.mark in frame:
                missing = self.mark
                self.arrived.append(time.monotonic())
                self.size = len(frame.encode())
                if len(self.arrived) == self.count:
                    self.all_there.set()

    async def wait(self, mark: str) -> None:
        self.arrived.clear()
        self.all_there.clear()
        self.mark = mark


async def listen(lines: asyncio.StreamReader) -> None:
    wish = json.loads(await lines.readline())
    crowd, tasks = Listeners(), []
    for cookie in wish["cookies"]:
        await crowd.hold(wish["url"], cookie, wish["hello"])
        tasks.append(crowd._task)
    say({"ready": crowd.count})
    while line := await lines.readline():
        await crowd.wait(json.loads(line))
        say({"listening": True})
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await crowd.all_there.wait()
        except TimeoutError:
            pass
        say({"arrived": crowd.arrived, "size": crowd.size})


async def shout(lines: asyncio.StreamReader) -> None:
    """Broadcast each line as it is."""
    crowd: set[ServerConnection] = set()

    async def welcome(link: ServerConnection) -> None:
        await link.recv()
        crowd.add(link)
        await link.send("hello")
        await link.wait_closed()

    async with serve(welcome, "127.0.0.1", 0, compression=None) as server:
        say({"port": server.sockets[0].getsockname()[1]})
        while line := await lines.readline():
            text = line.decode().rstrip("\n")
            started = time.monotonic()
            broadcast(crowd, text)
            say({"at": started})


def say(answer: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


async def main(role: str) -> None:
    lines = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    await {"listen": listen, "broadcast": shout}[role](lines)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
