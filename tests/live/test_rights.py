"""Who may listen: the door of the socket, and the five seconds in which it closes when the right is gone."""

import json
import time

import pytest
from django.contrib.sessions.models import Session
from websockets.exceptions import InvalidStatus

from incident.live import hub, topics
from staffing.models import Membership

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

WITHIN = 5.0


def listening(view, web, user, **options):
    viewer = view(web, user, options.pop("page", "desk"), **options)
    viewer.kind("beat")
    return viewer


def test_nobody_listens_without_a_login(web, view, transactional_db):
    assert view(web, None).closed() == 4401


def test_a_foreign_page_gets_no_socket(web, log_in, view, omar):
    with pytest.raises(InvalidStatus):
        view(web, omar, origin="http://elsewhere.example")


def test_a_user_without_a_site_is_an_outsider(web, view, omar):
    Membership.objects.filter(user=omar).delete()
    viewer = view(web, omar, "desk")
    assert viewer.closed() == 4404
    assert viewer.frames == [{"type": "denied"}]


JUNK = [
    "{",
    "[]",
    "null",
    '"desk"',
    "{}",
    '{"page": "cellar"}',
    '{"page": ["desk"]}',
    '{"page": "desk", "seen": []}',
    '{"page": "desk", "seen": {"site:1": "1"}}',
    '{"page": "desk", "seen": {"site:1": true}}',
    '{"page": "desk", "number": {"a": 1}}',
    json.dumps({"page": "room", "number": "\x00"}),
    "[" * 4000,
    json.dumps({"page": "desk", "x": "x" * 5000}),
    b"desk",
]


def test_what_no_page_says_closes_the_socket(web, view, log_in, omar):
    cookie = log_in(omar)
    for said in JUNK:
        viewer = view(web, omar, cookie=cookie)
        viewer.link.send(said)
        assert viewer.closed() == 4400, said


def test_a_room_that_does_not_exist_is_not_found(web, view, log_in, omar):
    cookie = log_in(omar)
    for number in ["", "INC-000000-01", "x" * 200, "'; DROP TABLE"]:
        assert view(web, omar, "room", number, cookie=cookie).closed() == 4404, number


def test_a_flood_of_words_closes_the_socket(web, view, omar):
    viewer = listening(view, web, omar)
    for _ in range(20):
        viewer.open("desk")
    assert viewer.closed() == 4429


def test_a_neighbour_on_another_port_gets_no_socket(web, view, omar):
    """Cookies know no ports: the browser would send them along."""
    with pytest.raises(InvalidStatus):
        view(web, omar, origin="http://127.0.0.1:9")


def test_sockets_opened_all_at_once_are_counted_too(web, view, log_in, omar):
    cookie = log_in(omar)
    viewers = [view(web, omar, cookie=cookie) for _ in range(hub.MOST_PER_USER + 5)]
    for viewer in viewers:
        viewer.open("list")
    assert [viewer.closed() for viewer in viewers[-5:]] == [4429] * 5


def test_logout_closes_within_five_seconds(web, view, log_in, omar):
    cookie = log_in(omar)
    viewer, other = listening(view, web, omar, cookie=cookie), listening(view, web, omar)
    Session.objects.filter(session_key=cookie.partition("=")[2]).delete()
    assert viewer.closed(WITHIN) == 4401
    assert viewer.frames[-1] == {"type": "denied"}
    other.kind("beat", 6)


def test_a_lost_right_closes_within_five_seconds(web, view, omar, dana, vera, ada):
    viewers = [listening(view, web, user) for user in (omar, dana, vera)]
    untouched = listening(view, web, ada)
    started = time.monotonic()
    omar.is_active = False
    omar.save()
    dana.set_password("another")
    dana.save()
    Membership.objects.filter(user=vera).delete()
    for viewer in viewers:
        assert viewer.closed(WITHIN) == 4403
        assert viewer.frames[-1] == {"type": "denied"}
    assert time.monotonic() - started < WITHIN
    untouched.kind("beat", 6)


def test_a_site_less_is_a_page_painted_anew(web, view, touch, omar, callcentre, online):
    viewer = listening(view, web, omar)
    Membership.objects.filter(user=omar, site=online).delete()
    frame = viewer.until(lambda frame: frame["type"] == "paint" and frame["from"] == {}, WITHIN)
    assert topics.site(callcentre.pk) in frame["to"]
    assert topics.site(online.pk) not in frame["to"]
    touch({topics.site(online.pk): set()})
    viewer.kind("beat", 6)
    assert all(topics.site(online.pk) not in frame.get("to", {}) for frame in viewer.frames[-1:])


def test_plain_http_has_the_same_door(web, log_in, omar):
    assert web.get("", page="desk")[0] == 401
    cookie = log_in(omar)
    assert web.get(cookie, page="desk")[0] == 200
    assert web.get(cookie, page="cellar")[0] == 404
    assert web.get(cookie, page="room", number="INC-000000-01")[0] == 404
