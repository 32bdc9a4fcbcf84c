"""The incident room: who sees it, what stands in it, and how many queries that takes."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incident import facts, levels, lifecycle, pages, readings, timeline, work
from incident.models import Duty
from incident.screens import room
from playbooks import library

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(report):
    return f"/incidents/{report().number}/"


@pytest.mark.parametrize("name", ["omar", "dana", "vera", "ada"])
def test_members_see_the_room(client, request, url, name):
    client.force_login(request.getfixturevalue(name))
    answer = client.get(url)
    assert answer.status_code == 200
    for region in room.REGIONS:
        assert answer.content.decode().count(f'id="{region}"') == 1, region


def test_an_outsider_sees_nothing(client, eve, url):
    client.force_login(eve)
    assert client.get(url).status_code == 404


def test_an_unknown_number(client, omar):
    client.force_login(omar)
    assert client.get("/incidents/INC-000000-99/").status_code == 404


def test_a_stranger_is_asked_to_log_in(client, url):
    assert client.get(url).status_code == 302


def test_the_room_is_only_read(client, omar, url):
    client.force_login(omar)
    assert client.post(url).status_code == 405


def test_a_viewer_has_no_buttons(client, vera, url):
    client.force_login(vera)
    page = client.get(url).content.decode()
    assert "formaction" not in page
    assert "quick-entry" not in page


def test_every_region_is_the_same_for_the_push_and_the_page(client, omar, report, now):
    incident = report()
    client.force_login(omar)
    page = client.get(f"/incidents/{incident.number}/").content.decode()
    audience = pages.audience_for(omar, "room", incident.number)
    painted = pages.render(audience, None, now)
    assert set(painted.html) == set(room.REGIONS)
    for name, html in painted.html.items():
        assert _still(html) in _still(page), name


def test_nothing_personal_is_pushed(omar, report, now):
    incident = report()
    painted = pages.render(pages.audience_for(omar, "room", incident.number), None, now)
    everything = "".join(painted.html.values())
    assert "csrf" not in everything
    assert not re.search(r"1\d{10}", everything)


def test_ids_of_everything_that_takes_the_focus_are_stable(omar, report, now):
    incident = report()
    painted = pages.render(pages.audience_for(omar, "room", incident.number), None, now)
    for name, html in painted.html.items():
        if name.startswith(("live-nearest", "live-overdue", "live-open")):
            continue
        for tag in re.findall(r"<(?:a|button|input|select|summary)\b[^>]*>", html):
            assert " id=" in tag or tag == "<summary>", (name, tag)


def test_the_number_of_queries_does_not_grow(omar, report, now):
    small, large = report(), report()
    for place in range(30):
        timeline.note(incident_id=large.pk, actor=omar, now=now, text=f"第 {place} 条")
    lifecycle.take(incident_id=large.pk, actor=omar, now=now + timedelta(minutes=70))
    counted = []
    for incident in (small, large):
        audience = pages.audience_for(omar, "room", incident.number)
        with CaptureQueriesContext(connection) as queries:
            pages.render(audience, None, now + timedelta(minutes=71))
        counted.append(len(queries))
    assert counted[0] == counted[1]
    assert counted[0] <= 15  # one of them for what is written into the plan's forms


def test_an_exercise_says_so_everywhere(client, omar, report):
    incident = report(mode="exercise")
    client.force_login(omar)
    page = client.get(f"/incidents/{incident.number}/").content.decode()
    assert "【练习】" in page.split("</title>")[0]
    assert "is-drill" in page
    assert "drill-band" in page
    assert "【练习】" in client.get(f"/incidents/{incident.number}/print/").content.decode()


def test_the_next_deadline_is_the_nearest(omar, report, now):
    incident = report()
    shown = room.build(pages.audience_for(omar, "room", incident.number), now)["deadlines"]()
    duty = shown.next.deadline.duty
    nearest = (
        Duty.objects.filter(incident=incident, state="open", plan_due_at__isnull=False).order_by("plan_due_at").first()
    )
    assert duty.pk == nearest.pk
    assert shown.next.deadline.timer.state in ("armed", "soon")


def test_a_passed_deadline_comes_first_and_stays_red(omar, report, now):
    incident = report()
    later = now + timedelta(minutes=7)
    shown = room.build(pages.audience_for(omar, "room", incident.number), later)["deadlines"]()
    assert shown.next.deadline.timer.state == "breached"


def test_a_duty_done_late_says_by_how_much(omar, report, now):
    incident = report()
    duty = (
        Duty.objects.filter(incident=incident, state="open", due_kind="plan", kind="task")
        .order_by("plan_due_at")
        .first()
    )
    duty = duty or Duty.objects.filter(incident=incident, state="open", due_kind="plan").order_by("plan_due_at").first()
    late = duty.plan_due_at + timedelta(minutes=2, seconds=5)
    work.complete(duty_id=duty.pk, actor=omar, now=late)
    parts = room.build(pages.audience_for(omar, "room", incident.number), late)
    row = next(row for row in parts["deadlines"]().shown if row.duty and row.duty.pk == duty.pk)
    assert row.timer.state == "late"
    assert "02:05" in row.timer.result


def test_why_the_level(omar, report, now):
    since = now - timedelta(minutes=20)
    incident = report("KF-4", facts=_saturated(since), at=now)
    why = room.build(pages.audience_for(omar, "room", incident.number), now)["why"]()
    assert why.level.name
    assert why.reasons[0].clause
    assert why.change_to is not None
    assert why.change_at == since + timedelta(minutes=30)


def test_earlier_entries_by_keyset(client, omar, report, now):
    incident = report()
    for place in range(60):
        timeline.note(incident_id=incident.pk, actor=omar, now=now, text=f"记录甲{place}乙")
    client.force_login(omar)
    page = client.get(f"/incidents/{incident.number}/").content.decode()
    assert "记录甲59乙" in page
    assert "记录甲0乙" not in page
    before = re.search(r"before=(\d+)", page).group(1)
    older = client.get(f"/incidents/{incident.number}/entries/?before={before}", headers={"HX-Request": "true"})
    assert "记录甲0乙" in older.content.decode()
    assert "记录甲59乙" not in older.content.decode()


def test_a_correction_and_what_it_corrects_point_at_each_other(client, omar, report, now):
    incident = report()
    first = timeline.note(incident_id=incident.pk, actor=omar, now=now, text="两人受伤")
    second = timeline.correct(incident_id=incident.pk, actor=omar, now=now, number=first.number, text="一人受伤")
    client.force_login(omar)
    page = client.get(f"/incidents/{incident.number}/").content.decode()
    assert f'href="#entry-{first.number}"' in page
    assert f'href="#entry-{second.number}"' in page


def test_the_chain_is_checked(client, vera, report):
    incident = report()
    client.force_login(vera)
    assert "全部相符" in client.get(f"/incidents/{incident.number}/chain/").content.decode()


def test_a_finished_incident_still_reads(client, omar, dana, report, now):
    incident = report()
    lifecycle.cancel(incident_id=incident.pk, actor=dana, now=now, reason="误报")
    client.force_login(dana)
    page = client.get(f"/incidents/{incident.number}/").content.decode()
    assert "事件已撤销" in page
    assert 'id="tick-' not in page


def test_in_english(client, omar, report):
    omar.language = "en"
    omar.save()
    incident = report(facts={})
    client.force_login(omar)
    assert client.get(f"/incidents/{incident.number}/").status_code == 200


def test_a_level_set_by_a_person_says_who_and_why(omar, dana, report, now):
    incident = report("KF-4")
    key = max(incident_levels(incident), key=lambda level: level.rank).key
    levels.set_level(incident_id=incident.pk, actor=dana, now=now, level=key, reason="现场判断")
    why = room.build(pages.audience_for(omar, "room", incident.number), now)["why"]()
    assert why.person_reason == "现场判断"
    assert why.by_person


def test_facts_are_shown_with_source_and_time(omar, report, now):
    incident = report("KF-4")
    facts.record(incident_id=incident.pk, actor=omar, now=now, given=_saturated(now - timedelta(minutes=1)))
    shown = room.build(pages.audience_for(omar, "room", incident.number), now)["facts"]()
    row = next(row for row in shown.rows if row.since)
    assert row.source == str(omar)
    assert row.is_known


def incident_levels(incident):
    return library.playbook(incident.playbook_id).levels


def _saturated(since):
    return {"seats_full_minutes": readings.Given(since=since)}


def _still(html: str) -> str:
    """Without what moves by the second."""
    html = re.sub(r">\+?(\d+:)?\d\d:\d\d<", "><", html)
    html = re.sub(r'(x[12]?|cx|value)="[\d.]+%?"', "", html)
    return re.sub(r"\s+", " ", html).strip()
