"""What reporting and the dashboard cost a browser, through the real server, beside a bare view of the same server."""

import uuid

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import stage
from bench.browser import Browser
from bench.figures import Figure, percentile
from incident import clock, readings, reporting
from playbooks import library
from staffing.models import Site, User

REPORTS, LIVE, LOOKS, BARE, WARM_UP = 150, 200, 100, 500, 10


def run() -> list[Figure]:
    """Measure; needs Django set up and engines attached."""
    with stage.database():
        law = library.find("HJ", "HJ-2")
        site = Site.objects.get(key="callcentre")
        with stage.web() as port:
            browser = Browser(port, "dana")
            bare = _spans(lambda: browser.get("/healthz"), BARE)
            empty = _spans(lambda: browser.get("/dashboard/"), 20)
            reports = _spans(lambda: browser.post("/desk/", form(site, law)), REPORTS)
            _fill(site, law, LIVE - REPORTS - WARM_UP)
            browser.rest()  # the server closes a connection on which nothing is asked for seconds
            looks = _spans(lambda: browser.get("/dashboard/"), LOOKS)
        reporting_sql = _statements(lambda client: client.post("/desk/", form(site, law)))
        dashboard_sql = _statements(lambda client: client.get("/dashboard/"))
    raw = percentile(bare, 0.5)
    raw_late = percentile(bare, 0.99)
    empty_late = f"an empty dashboard: p50 {percentile(empty, 0.5):.1f} ms"
    return [
        Figure("report an incident, POST p50", percentile(reports, 0.5), "ms", 25, raw, "raw: /healthz, same server"),
        Figure("report an incident, POST p99", percentile(reports, 0.99), "ms", None, raw_late),
        Figure("report an incident, SQL", reporting_sql, "statements", 25, None, "BEGIN and COMMIT included"),
        Figure(f"dashboard, {LIVE} live, GET p50", percentile(looks, 0.5), "ms", 120, raw, empty_late),
        Figure(f"dashboard, {LIVE} live, GET p99", percentile(looks, 0.99), "ms", None, raw_late),
        Figure(f"dashboard, {LIVE} live, SQL", dashboard_sql, "statements", 12),
    ]


def form(site: Site, law: library.law.Playbook) -> dict[str, object]:
    """What the desk sends for a network fault."""
    return {
        "client_key": str(uuid.uuid4()),
        "site": site.pk,
        "playbook": law.id,
        "fact-scope": "all_applications",
    }


def _fill(site: Site, law: library.law.Playbook, count: int) -> None:
    omar = User.objects.get(username="omar")
    for _ in range(count):
        reporting.report(
            actor=omar,
            now=clock.wall_now(),
            client_key=uuid.uuid4(),
            site_id=site.pk,
            playbook_id=law.id,
            facts={"scope": readings.Given(value="all_applications")},
        )


def _spans(ask, count: int) -> list[float]:
    for _ in range(WARM_UP):
        ask()
    return [ask() for _ in range(count)]


def _statements(ask) -> int:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(username="dana"))
    ask(client)
    with CaptureQueriesContext(connection) as caught:
        ask(client)
    return len(caught.captured_queries)
