"""The list: open and past, filters that explain themselves, pages by keyset, exercises marked."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incident import lifecycle
from incident.models import Incident
from incident.screens import history


@pytest.fixture
def listed(client, omar):
    """Numbers on the page, in order."""

    def get(user=None, status=200, **query):
        client.force_login(user or omar)
        answer = client.get("/incidents/", query)
        assert answer.status_code == status
        return re.findall(r'<small class="row-note">((?:INC|EXE)-[\d-]+)', answer.content.decode())

    return get


@pytest.fixture
def three(report, dana, now, minutes):
    """One open, one cancelled, one exercise; newest first."""
    cancelled = report("HJ-2", title="误报", at=now - minutes(30))
    lifecycle.cancel(incident_id=cancelled.pk, actor=dana, now=now - minutes(20), reason="误报")
    running = report("HJ-2", title="全员登录不了", at=now - minutes(10), facts={"scope": "all_applications"})
    drill = report("HJ-2", title="演示", mode="exercise", at=now - minutes(5))
    return drill, running, cancelled


def test_newest_first_open_and_past(listed, three):
    assert listed() == [incident.number for incident in three]


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ({"state": "open"}, [0, 1]),
        ({"state": "past"}, [2]),
        ({"state": "cancelled"}, [2]),
        ({"mode": "exercise"}, [0]),
        ({"mode": "real"}, [1, 2]),
        ({"level": "yellow"}, [1]),
        ({"playbook": "HJ-2"}, [0, 1, 2]),
        ({"playbook": "HJ-5.1"}, []),
        ({"q": "登录"}, [1]),
        ({"site": "callcentre"}, [0, 1, 2]),
        ({"site": "online"}, []),
        ({"from": "2001-01-01", "to": "2099-01-01"}, [0, 1, 2]),
        ({"to": "2001-01-01"}, []),
    ],
)
def test_filters(listed, three, query, places):
    assert listed(**query) == [three[place].number for place in places]


def test_a_number_finds_its_incident(listed, three):
    assert listed(q=three[1].number.lower()) == [three[1].number]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"state": "sleeping"}, "没有“sleeping”这个选项"),
        ({"site": "mars"}, "没有“mars”这个选项"),
        ({"level": "pink"}, "没有“pink”这个选项"),
        ({"mode": "dream"}, "没有“dream”这个选项"),
        ({"from": "yesterday"}, "“yesterday”不是日期"),
        ({"from": "2026-02-31"}, "“2026-02-31”不是日期"),
        ({"from": "2026-02-02", "to": "2026-02-01"}, "结束日期早于开始日期"),
        ({"before": "x_y"}, "翻页位置无效"),
    ],
)
def test_a_filter_that_means_nothing_says_so(client, omar, three, query, sentence):
    client.force_login(omar)
    answer = client.get("/incidents/", query)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()


def test_pages_follow_each_other_without_gap_or_double(client, omar, report, now, monkeypatch):
    monkeypatch.setattr(history, "PAGE_ROWS", 3)
    pairs = [now - timedelta(minutes=n // 2) for n in range(8)]  # two at each moment
    made = [report("HJ-2", title=f"第{n}起", at=at) for n, at in enumerate(pairs)]
    client.force_login(omar)
    seen: list[str] = []
    address = "/incidents/?q=起"
    while address:
        html = client.get(address).content.decode()
        seen += re.findall(r'<small class="row-note">(INC-[\d-]+)', html)
        older = re.search(r'rel="next" href="([^"]+)"', html)
        address = "/incidents/" + older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == len(set(seen)) == len(made)
    ordered = Incident.objects.order_by("-reported_at", "-id").values_list("number", flat=True)
    assert seen == list(ordered)


def test_neither_counts_nor_skips_rows(client, omar, three):
    client.force_login(omar)
    with CaptureQueriesContext(connection) as asked:
        client.get("/incidents/", {"before": f"{three[0].reported_at.timestamp()}_{three[0].pk}"})
    listing = [query["sql"] for query in asked if "ORDER BY" in query["sql"] and "reported_at" in query["sql"]]
    assert listing
    assert not any("OFFSET" in sql for sql in listing)
    assert len(asked) <= 14


def test_exercises_are_marked(client, omar, three):
    client.force_login(omar)
    html = client.get("/incidents/").content.decode()
    assert "【练习】演示" in html
    assert 'data-mode="exercise" class="is-drill"' in html


def test_others_see_nothing_of_it(listed, three, eve):
    assert listed(user=eve) == []


def test_markup_typed_into_a_filter_stays_text(client, omar, world):
    client.force_login(omar)
    html = client.get("/incidents/", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in html
