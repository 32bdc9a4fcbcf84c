"""An incident's page, live: an entry written by one is read by the others, each in their language, painted once."""

import uuid

import pytest

from incident import clock, lifecycle, timeline
from incident.live import topics
from staffing.models import Membership

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture
def world(whole_world) -> None:
    """Incidents need plans."""


def say(incident, actor, text: str) -> None:
    timeline.note(incident_id=incident.pk, actor=actor, now=clock.wall_now(), text=text, client_key=str(uuid.uuid4()))


def test_an_entry_is_read_by_all_and_by_nobody_else(two_webs, view, report, omar, dana, vera, eve):
    incident = report()
    vera.language = "en"
    vera.save()
    viewers = [view(two_webs[0], dana, "room", incident.number), view(two_webs[1], vera, "room", incident.number)]
    for viewer in viewers:
        viewer.kind("paint")
    say(incident, omar, "已电话通知信息部门")
    pushed = [viewer.until(lambda frame: "live-log" in frame.get("html", {})) for viewer in viewers]
    for frame in pushed:
        assert "已电话通知信息部门" in frame["html"]["live-log"]
        assert "live-facts" not in frame["html"]
    assert pushed[0]["html"]["live-log"] != pushed[1]["html"]["live-log"]
    outsider = view(two_webs[0], eve, "room", incident.number)
    assert outsider.closed() == 4404
    assert outsider.frames == [{"type": "denied"}]


def test_another_incident_of_the_site_moves_only_the_top_bar(web, view, report, omar):
    first, second = report(), report()
    viewer = view(web, omar, "room", first.number)
    whole = viewer.kind("paint")
    lifecycle.take(incident_id=second.pk, actor=omar, now=clock.wall_now())
    frame = viewer.kind("paint", 2)
    assert set(frame["html"]) == {"live-nearest", "live-overdue", "live-open-count"}
    assert frame["to"][topics.site(first.site_id)] == whole["to"][topics.site(first.site_id)] + 1


def test_a_note_moves_the_newest_lines_of_the_desk_and_nothing_elsewhere(web, view, report, omar):
    first, second = report(), report()
    desk, dashboard, room = view(web, omar, "desk"), view(web, omar, "dashboard"), view(web, omar, "room", first.number)
    whole = [viewer.kind("paint") for viewer in (desk, dashboard, room)]
    say(second, omar, "另一件事")
    for viewer, region in ((desk, "live-feed"), (dashboard, "live-ticker")):
        frame = viewer.kind("paint", 2)
        assert set(frame["html"]) == {region}
        assert "另一件事" in frame["html"][region]
    lifecycle.take(incident_id=second.pk, actor=omar, now=clock.wall_now())
    site = topics.site(first.site_id)
    frame = room.kind("paint", 2)
    assert (frame["from"][site], frame["to"][site]) == (whole[2]["to"][site], whole[2]["to"][site] + 2)
    assert set(desk.kind("paint", 2)["html"]) == set(whole[0]["html"])


def test_a_role_less_is_a_page_with_fewer_buttons(web, view, report, dana):
    incident = report()
    viewer = view(web, dana, "room", incident.number)
    whole = viewer.kind("paint")
    Membership.objects.filter(user=dana).update(role=Membership.Role.VIEWER)
    anew = viewer.until(lambda frame: frame["type"] == "paint" and frame["from"] == {}, 5)
    assert anew["html"]["live-actions"] != whole["html"]["live-actions"]
