"""How long from the commit of a change until its region is in every one of 200 sockets on one incident room."""

import json
import time
import uuid
from contextlib import ExitStack

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction

from bench import stage
from bench.figures import Figure, percentile
from incident import clock, reporting, timeline
from incident.live import topics
from incident.models import Incident
from playbooks import library
from staffing.models import Membership, Site, User

SOCKETS, PER_USER = 200, 20
CHANGES, WARM_UP = 100, 5
PAUSE_SECONDS = 0.15
AIM_MS = 100.0


def run() -> list[Figure]:
    """Measure; needs Django set up and engines attached. Everything stays on the loopback."""
    with stage.database(), stage.web() as port, ExitStack() as stack:
        incident = _incident()
        crowd = stage.Helper("listen")
        stack.callback(crowd.stop)
        hello = json.dumps({"page": "room", "number": incident.number, "seen": _heads(incident)})
        _gather(crowd, f"ws://127.0.0.1:{port}/ws/", _cookies(incident), hello)
        spans, size = _hub(crowd, incident)
        raw = _raw(stack, size)
    return _figures(spans, raw, size)


def _hub(crowd: stage.Helper, incident: Incident) -> tuple[list[float], int]:
    """Commit changes one by one; return the milliseconds of every delivery and the bytes of the last frame."""
    omar, topic = User.objects.get(username="omar"), topics.incident(incident.number)
    spans, size = [], 0
    for turn in range(WARM_UP + CHANGES):
        crowd.tell(json.dumps(f'"{topic}":{topics.heads([topic])[topic] + 1}'))
        crowd.hear()
        committed: list[float] = []
        with transaction.atomic():
            transaction.on_commit(lambda committed=committed: committed.append(time.monotonic()))
            said, key = f"第 {turn} 次联系", str(uuid.uuid4())
            timeline.note(incident_id=incident.pk, actor=omar, now=clock.wall_now(), text=said, client_key=key)
        heard = crowd.hear()
        if len(heard["arrived"]) != SOCKETS:
            raise RuntimeError(f"only {len(heard['arrived'])} of {SOCKETS} sockets got change {turn}")
        if turn >= WARM_UP:
            spans += [(at - committed[0]) * 1000 for at in heard["arrived"]]
        size = heard["size"]
        time.sleep(PAUSE_SECONDS)
    return spans, size


def _raw(stack: ExitStack, size: int) -> list[float]:
    """The same bytes to as many sockets by `websockets.broadcast`: no database, no broker, nothing rendered."""
    server, crowd = stage.Helper("broadcast"), stage.Helper("listen")
    stack.callback(server.stop)
    stack.callback(crowd.stop)
    _gather(crowd, f"ws://127.0.0.1:{server.hear()['port']}/", [""] * SOCKETS, "hello")
    spans = []
    for turn in range(WARM_UP + CHANGES):
        mark = f"<{turn}>"
        crowd.tell(json.dumps(mark))
        crowd.hear()
        server.tell(mark.ljust(size, "x"))
        started = server.hear()["at"]
        heard = crowd.hear()
        if turn >= WARM_UP:
            spans += [(at - started) * 1000 for at in heard["arrived"]]
        time.sleep(PAUSE_SECONDS)
    return spans


def _gather(crowd: stage.Helper, url: str, cookies: list[str], hello: str) -> None:
    crowd.tell(json.dumps({"url": url, "cookies": cookies, "hello": hello}))
    crowd.hear()


def _incident() -> Incident:
    site = Site.objects.get(key="callcentre")
    law = next(one for one in library.current(["HJ"]) if one.key == "HJ-2")
    return reporting.report(
        actor=User.objects.get(username="omar"),
        now=clock.wall_now(),
        client_key=uuid.uuid4(),
        site_id=site.pk,
        playbook_id=law.id,
        facts={},
    )


def _heads(incident: Incident) -> dict[str, int]:
    return topics.heads([topics.incident(incident.number), topics.site(incident.site_id)])


def _cookies(incident: Incident) -> list[str]:
    """Log in as many viewers of the incident's site as are needed for all sockets."""
    cookies = []
    for number in range(SOCKETS // PER_USER):
        user = User.objects.create(username=f"bench-{number}")
        Membership.objects.create(user=user, site_id=incident.site_id, role=Membership.Role.VIEWER)
        session = SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session.save()
        cookies += [f"{settings.SESSION_COOKIE_NAME}={session.session_key}"] * PER_USER
    return cookies


def _figures(spans: list[float], raw: list[float], size: int) -> list[Figure]:
    note = f"{SOCKETS} sockets, {CHANGES} commits, {size} bytes a frame; raw: websockets.broadcast of the same bytes"
    shares = (("p50", 0.5, None), ("p99", 0.99, AIM_MS), ("max", 1.0, None))
    return [
        Figure(f"commit to region, {name}", percentile(spans, share), "ms", aim, percentile(raw, share), note)
        for name, share, aim in shares
    ]
