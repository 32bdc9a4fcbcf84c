"""Slow senders, slow readers and foreign pages: none of them costs the shift a thread, a connection or a secret."""

import asyncio
import contextlib
import time

import pytest
import uvicorn
from a2wsgi import WSGIMiddleware

from console import gate, protocol
from console.gate import OwnPagesOnly, WholeRequests, is_own_page

PAGE = b"x" * 400_000
PROMPT = 2.0


def echo(environ, start_response):
    """Whatever was sent comes back; without a body a long page."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else PAGE
    start_response("200 OK", [("Content-Length", str(len(body)))])
    for start in range(0, len(body), 8192):
        yield body[start : start + 8192]


@contextlib.asynccontextmanager
async def serving(app):
    """The application behind the console's own server; yields its port."""
    config = uvicorn.Config(
        app, port=0, http="console.protocol:ImpatientProtocol", ws="none", lifespan="off", log_level="critical"
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        while dialled:
            dialled.pop().transport.abort()
        server.should_exit = True
        await asyncio.wait_for(running, 10)


dialled: list[asyncio.StreamWriter] = []


async def dial(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    dialled.append(writer)
    return reader, writer


async def ask(port, request, *, read=True):
    reader, writer = await dial(port)
    writer.write(request)
    answer = await asyncio.wait_for(reader.readline(), PROMPT) if read else b""
    return answer, writer


GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def post(length, body=b"", more=b""):
    return b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n%s" % (length, more, body)


@pytest.fixture
def app():
    return WholeRequests(WSGIMiddleware(echo, workers=2), most_bytes=1000)


async def test_bodies_that_never_end_hold_no_thread(app):
    async with serving(app) as port:
        slow = [await ask(port, post(100, b"a"), read=False) for _ in range(6)]
        await asyncio.sleep(0.2)
        answer, _ = await ask(port, GET)
        assert answer == b"HTTP/1.1 200 OK\r\n"
        assert len(slow) == 6


async def test_readers_who_do_not_read_hold_no_thread_and_leave_nothing_behind(app):
    async with serving(app) as port:
        stalled = [await ask(port, GET * 30, read=False) for _ in range(6)]
        await asyncio.sleep(0.5)
        assert (await ask(port, GET))[0] == b"HTTP/1.1 200 OK\r\n"
        for _, writer in stalled:
            writer.transport.abort()
        await asyncio.sleep(0.2)
        assert (await ask(port, GET))[0] == b"HTTP/1.1 200 OK\r\n"


async def test_a_body_that_does_not_come_is_answered_408(app, monkeypatch):
    monkeypatch.setattr(gate, "BODY_SECONDS", 0.2)
    async with serving(app) as port:
        assert (await ask(port, post(100, b"a")))[0].startswith(b"HTTP/1.1 408")


async def test_a_body_too_long_is_answered_413_unread(app):
    async with serving(app) as port:
        assert (await ask(port, post(1001)))[0].startswith(b"HTTP/1.1 413")
        chunked = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"3e8\r\n%s\r\n" % (b"a" * 1000)
        assert (await ask(port, chunked + b"1\r\na\r\n"))[0].startswith(b"HTTP/1.1 413")


async def test_a_whole_body_arrives_as_it_was_sent(app):
    async with serving(app) as port:
        reader, writer = await dial(port)
        writer.write(post(1000, b"a" * 400))
        await asyncio.sleep(0.05)
        writer.write(b"b" * 600)
        answer = await asyncio.wait_for(reader.readuntil(b"b" * 600), PROMPT)
        assert answer.endswith(b"a" * 400 + b"b" * 600)


async def test_a_body_that_breaks_off_is_never_taken_for_whole():
    begun = []

    async def application(scope, receive, send):
        begun.append(scope)

    async def receive():
        return next(messages)

    messages = iter([{"type": "http.request", "body": b"text=he", "more_body": True}, {"type": "http.disconnect"}])
    scope = {"type": "http", "headers": [(b"content-length", b"20")]}
    await WholeRequests(application, most_bytes=100)(scope, receive, None)
    assert begun == []


async def test_a_header_that_passes_for_another_is_dropped():
    seen = []

    async def application(scope, receive, send):
        seen.extend(name for name, _ in scope["headers"])

    scope = {"type": "http", "headers": [(b"x_forwarded_proto", b"https"), (b"host", b"x")]}
    await WholeRequests(application, most_bytes=100)(scope, None, None)
    assert seen == [b"host"]


async def test_a_head_that_never_ends_is_cut_off(app, monkeypatch):
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.3)
    async with serving(app) as port:
        for begun in (b"", b"GET / HTTP/1.1\r\nHost:", GET + b"GET / HT"):
            reader, writer = await dial(port)
            writer.write(begun)
            with contextlib.suppress(ConnectionError):
                await asyncio.wait_for(reader.read(), PROMPT)


async def test_a_head_too_long_is_cut_off(app):
    async with serving(app) as port:
        reader, writer = await dial(port)
        with pytest.raises(ConnectionError):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ")
            for _ in range(100):
                writer.write(b"a" * 10_000)
                await writer.drain()
                await asyncio.sleep(0.01)


async def test_a_long_head_time_does_not_end_a_slow_page(monkeypatch):
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.1)

    async def application(scope, receive, send):
        await asyncio.sleep(0.4)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with serving(application) as port:
        assert (await ask(port, GET))[0].startswith(b"HTTP/1.1 204")


async def test_who_stops_taking_an_answer_is_cut_off(monkeypatch):
    monkeypatch.setattr(protocol, "STALLED_SECONDS", 0.3)
    ended = asyncio.Event()

    async def application(scope, receive, send):
        size = 30_000_000
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % size)]})
        await send({"type": "http.response.body", "body": b"x" * size})
        while (await receive())["type"] != "http.disconnect":
            pass
        ended.set()

    async with serving(application) as port:
        started = time.monotonic()
        reader, writer = await dial(port)
        writer.write(GET)
        await asyncio.sleep(1.0)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await asyncio.wait_for(reader.readexactly(30_000_000), PROMPT)
            raise AssertionError("the whole answer came")
        assert time.monotonic() - started < PROMPT + 1


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("https://console.example", "console.example", True),
        ("https://console.example", "console.example:443", True),
        ("http://127.0.0.1:9000", "127.0.0.1:8000", False),
        ("http://127.0.0.1", "127.0.0.1:8000", False),
        ("http://evil.example", "127.0.0.1:8000", False),
        ("http://127.0.0.1:8000.evil.example", "127.0.0.1:8000", False),
        ("http://127.0.0.1:8000@evil.example", "127.0.0.1:8000", False),
        ("null", "127.0.0.1:8000", False),
        ("", "127.0.0.1:8000", False),
        ("http://[", "127.0.0.1:8000", False),
        ("file://", "", False),
        ("https://trusted.example", "inside:8000", True),
    ],
)
async def test_a_socket_is_for_pages_of_this_console(settings, origin, host, own):
    settings.CSRF_TRUSTED_ORIGINS = ["https://trusted.example"]
    assert is_own_page(origin, host) is own
    let_in, said = [], []

    async def application(scope, receive, send):
        let_in.append(scope)

    async def send(message):
        said.append(message)

    scope = {"type": "websocket", "headers": [(b"origin", origin.encode()), (b"host", host.encode())]}
    await OwnPagesOnly(application)(scope, None, send)
    assert bool(let_in) is own
    assert said == ([] if own else [{"type": "websocket.close", "code": 4403}])
