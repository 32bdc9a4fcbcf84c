"""A change is seen: by every viewer, whatever process made it, completely, in the order of its numbers."""

import json
import socket
import time

import pytest

from incident.live import topics

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def site_topic(site) -> str:
    return topics.site(site.pk)


def desk_topics(user_sites) -> dict[str, int]:
    return topics.heads(topics.site(site.pk) for site in user_sites)


def test_a_change_arrives_in_both_web_processes(two_webs, view, touch, omar, dana, callcentre):
    viewers = [view(two_webs[0], omar, "desk"), view(two_webs[1], dana, "desk")]
    for viewer in viewers:
        viewer.kind("beat")
    touch({site_topic(callcentre): {"live-strips"}})
    for viewer in viewers:
        frame = viewer.kind("paint", 1)
        assert list(frame["html"]) == ["live-strips"]
        assert frame["to"][site_topic(callcentre)] == 1
        assert frame["from"][site_topic(callcentre)] == 0
        assert 'id="live-strips"' in frame["html"]["live-strips"]


def test_a_push_is_what_plain_http_gives(web, view, touch, log_in, omar, callcentre):
    viewer = view(web, omar, "desk")
    viewer.kind("beat")
    touch({site_topic(callcentre): {"live-strips"}})
    pushed = viewer.kind("paint")
    status, whole = web.get(log_in(omar), page="desk")
    assert status == 200
    assert whole["from"] == {}
    assert whole["to"] == pushed["to"]
    assert whole["html"]["live-strips"] == pushed["html"]["live-strips"]


def test_what_the_page_does_not_have_is_not_sent(web, view, touch, omar, callcentre):
    viewer = view(web, omar, "desk")
    viewer.kind("beat")
    touch({site_topic(callcentre): {"live-annunciator"}})
    touch({site_topic(callcentre): {"live-feed"}})
    frame = viewer.kind("paint")
    assert list(frame["html"]) == ["live-feed"]
    assert (frame["from"][site_topic(callcentre)], frame["to"][site_topic(callcentre)]) == (0, 2)


def test_a_page_that_is_behind_gets_everything_at_once(web, view, touch, omar, callcentre):
    touch({site_topic(callcentre): {"live-strips"}})
    behind = view(web, omar, "desk", seen={site_topic(callcentre): 0})
    frame = behind.kind("paint", 1)
    assert frame["from"] == {}
    assert "live-feed" in frame["html"]
    level = view(web, omar, "desk", seen=frame["to"])
    level.kind("beat", 1)
    touch({site_topic(callcentre): {"live-feed"}})
    assert list(level.kind("paint")["html"]) == ["live-feed"]


def test_a_lost_poke_is_found_within_seconds_and_everything_painted(web, view, touch, omar, callcentre, monkeypatch):
    viewer = view(web, omar, "desk")
    viewer.kind("beat")
    with monkeypatch.context() as deaf:
        deaf.setattr("incident.live.pokes.send", lambda news: None)
        touch({site_topic(callcentre): {"live-strips"}})
    frame = viewer.kind("paint", 2.5)
    assert {"live-strips", "live-feed"} <= set(frame["html"])
    assert frame["to"][site_topic(callcentre)] == 1


def test_300_pokes_at_once_lose_nothing(two_webs, view, touch, omar, callcentre):
    viewers = [view(web, omar, "desk") for web in two_webs for _ in range(5)]
    for viewer in viewers:
        viewer.kind("beat")
    started = time.monotonic()
    for number in range(300):
        touch({site_topic(callcentre): {"live-strips" if number % 2 else "live-feed"}})
    burst = time.monotonic() - started
    for viewer in viewers:
        last = viewer.until(lambda frame: frame.get("to", {}).get(site_topic(callcentre)) == 300, 5)
        paints = [frame for frame in viewer.frames if frame["type"] == "paint"]
        assert last["html"]
        assert len(paints) <= 20 * (burst + 2)
        seen = 0
        for frame in paints:
            assert frame["from"][site_topic(callcentre)] <= seen
            seen = frame["to"][site_topic(callcentre)]


def test_a_stalled_viewer_delays_nobody(web, view, touch, log_in, omar, callcentre):
    cookie = log_in(omar)
    stalled = _stalled_viewer(web, cookie)
    others = [view(web, omar, "desk", cookie=cookie) for _ in range(3)]
    for viewer in others:
        viewer.kind("beat")
    slowest = 0.0
    for _ in range(30):
        started = time.monotonic()
        touch({site_topic(callcentre): set()})
        number = topics.heads([site_topic(callcentre)])[site_topic(callcentre)]
        for viewer in others:
            viewer.until(lambda frame, number=number: frame.get("to", {}).get(site_topic(callcentre), 0) >= number, 2)
        slowest = max(slowest, time.monotonic() - started)
    assert slowest < 1.0
    stalled.close()


def _stalled_viewer(web, cookie) -> socket.socket:
    """Shake hands, ask for the desk, and never read again."""
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    link.connect(("127.0.0.1", web.port))
    head = (
        f"GET /ws/ HTTP/1.1\r\nHost: 127.0.0.1:{web.port}\r\nOrigin: http://127.0.0.1:{web.port}\r\n"
        f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: {cookie}\r\n\r\n"
    )
    link.sendall(head.encode())
    assert b" 101 " in link.recv(1024)
    said = json.dumps({"page": "desk"}).encode()
    link.sendall(bytes([0x81, 0x80 | len(said), 0, 0, 0, 0]) + said)  # masked with zeros
    return link


def test_something_of_my_own_is_told_to_me_alone(web, view, touch, omar, dana):
    mine, hers = view(web, omar, "desk"), view(web, dana, "desk")
    for viewer in (mine, hers):
        viewer.kind("beat")
    touch({topics.user(omar.pk): set()})
    assert mine.kind("personal", 1) == {"type": "personal"}
    hers.kind("beat", 7)
    assert "personal" not in [frame["type"] for frame in hers.frames]
