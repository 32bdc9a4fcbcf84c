"""Call-outs in the duty room: what runs at a site, what is over, and the way from a number to an incident."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incident import answering, callouts
from incident.models import Summons
from tests import rosters

pytestmark = pytest.mark.django_db

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def people(online, now):
    post = rosters.vacant(rosters.post(online, "cs_agent"))
    return [
        rosters.shift(post, rosters.person(online, f"示例座席{number}"), now - 30 * HOUR, hours=4).person
        for number in range(12)
    ]


@pytest.fixture
def call(people, report, dana, now):
    def start(quota=2):
        incident = report("KF-4")
        wanted = callouts.Wanted(post="cs_agent", quota=quota, by_at=now + 40 * MINUTE, waves=("off_shift",))
        return callouts.start(incident_id=incident.pk, actor=dana, now=now, client_key=uuid.uuid4(), wanted=wanted)

    return start


def page(client, who, path="/call-outs/?site=online"):
    client.force_login(who)
    return client.get(path)


def test_running_and_past(client, vera, dana, call, now):
    running, over = call(), call(1)
    one = Summons.objects.filter(call_out=running).first()
    answering.answer(summons_id=one.pk, what="arrive", by=one.name, via="link", now=now + MINUTE)
    callouts.close(call_out_id=over.pk, actor=dana, now=now + MINUTE)
    html = page(client, vera).content.decode()
    first, second = html.split('id="past-title"')
    assert running.incident.number in first and over.incident.number in second
    assert "1<small> / 2</small>" in first
    assert "召集人员" not in html  # she only looks


def test_nobody_is_called(client, dana, world):
    html = page(client, dana).content.decode()
    assert "现在没有召集" in html and "召集人员" in html


def test_the_list_is_fetched_again_as_a_piece(client, dana, call):
    call()
    client.force_login(dana)
    piece = client.get("/call-outs/?site=online", headers={"HX-Request": "true"}).content.decode()
    assert piece.lstrip().startswith("<div") and 'hx-trigger="every 5s"' in piece


def test_a_site_that_is_not_mine(client, eve, world):
    assert page(client, eve).status_code == 404


def test_a_number_goes_to_the_form_of_the_only_incident(client, dana, report, people):
    incident = report("KF-4")
    answer = page(client, dana, "/call-outs/new/?site=online&quota=12&post=cs_agent")
    assert answer.status_code == 302
    assert answer["Location"] == f"/incidents/{incident.number}/call-outs/new/?quota=12&post=cs_agent"
    assert 'value="12"' in client.get(answer["Location"]).content.decode()


def test_of_several_incidents_one_is_chosen(client, dana, report, people):
    incidents = [report("KF-4"), report("KF-4")]
    html = page(client, dana, "/call-outs/new/?site=online&quota=12").content.decode()
    assert "为哪个事件召集" in html and "为它召集 12 人" in html
    for incident in incidents:
        assert incident.number in html
    answer = client.get(f"/call-outs/new/?incident={incidents[0].number}")
    assert answer["Location"] == f"/incidents/{incidents[0].number}/call-outs/new/"


def test_without_an_incident_it_says_what_to_do(client, dana, world):
    html = page(client, dana, "/call-outs/new/?site=online&quota=12").content.decode()
    assert "本站没有进行中的事件" in html


def test_who_may_not_and_what_is_not_there(client, vera, dana, report):
    incident = report("KF-4")
    assert page(client, vera, "/call-outs/new/?site=online").status_code == 403
    assert client.get(f"/call-outs/new/?incident={incident.number}").status_code == 403
    assert page(client, dana, "/call-outs/new/?incident=INC-000000-00").status_code == 404


def test_ten_call_outs_cost_what_one_does(client, dana, call):
    counts = []
    for more in (1, 6):
        for _ in range(more):
            call(1)
        page(client, dana)
        with CaptureQueriesContext(connection) as caught:
            page(client, dana)
        counts.append(len(caught.captured_queries))
    assert counts[0] == counts[1], counts
