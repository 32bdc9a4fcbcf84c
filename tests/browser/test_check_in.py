"""On a telephone: told, on the way, there; the room sees each step, the page needs neither login nor script."""

import uuid
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from incident import callouts
from incident.models import Duty, Summons
from notices import links
from tests import rosters
from tests.browser.conftest import PHONE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def crew(report, hana):
    incident = report("GR-3", site="project", by=hana, facts={"pipe_accident": True})
    return Summons.objects.get(incident=incident, duty__rule="GR-3.3-08")


def test_a_crew_checks_in_and_the_room_sees_it(at_browser, crew, hana):
    lead, page = at_browser(hana), at_browser(None, viewport=PHONE)
    lead.room(crew.incident)
    row = lead.page.locator(f"#summons-{crew.pk}")
    expect(row).to_contain_text("待答复")
    page.page.goto(page.base + links.path(crew.notice, 0))
    for button in page.page.locator(".answers button").all():
        assert button.bounding_box()["height"] >= 44
    assert page.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.page.get_by_role("button", name="我来，约 10 分钟到").click()
    expect(page.page.locator(".answer-state")).to_contain_text("在途")
    expect(row).to_contain_text("在途", timeout=3000)
    page.page.get_by_role("button", name="已到场").click()
    expect(page.page.locator(".answer-state")).to_contain_text("已到")
    expect(row).to_contain_text("已到", timeout=3000)
    assert Duty.objects.get(pk=crew.duty_id).state == "done"


def test_without_script(at_browser, crew):
    page = at_browser(None, viewport=PHONE, java_script_enabled=False).page
    page.goto(at_browser(None).base + links.path(crew.notice, 0))
    page.get_by_role("button", name="不在本地").click()
    expect(page.locator(".answer-state")).to_contain_text("不能来")
    page.get_by_role("button", name="已到场").click()  # changed their mind
    expect(page.locator(".answer-state")).to_contain_text("已到")


def test_calling_in_from_the_room(at_browser, report, online, dana, now):
    post = rosters.vacant(rosters.post(online, "cs_agent"))
    for number in range(3):
        rosters.shift(post, rosters.person(online, f"示例座席{number}"), now - timedelta(hours=30), hours=4)
    incident = report("KF-4")
    lead = at_browser(dana)
    lead.room(incident)
    wanted = callouts.Wanted(post="cs_agent", quota=1, by_at=now + timedelta(minutes=30), waves=("off_shift",))
    callouts.start(incident_id=incident.pk, actor=dana, now=now, client_key=uuid.uuid4(), wanted=wanted)
    expect(lead.page.locator("#live-summons")).to_contain_text("示例座席0", timeout=3000)
    lead.page.locator("#live-summons a", has_text="改人数").click()
    lead.page.locator("#field-quota").fill("2")
    lead.page.get_by_role("button", name="改人数").click()
    expect(lead.page.locator("#live-summons")).to_contain_text("示例座席1", timeout=3000)
    lead.page.locator("#live-summons a", has_text="代记").first.click()
    lead.page.locator("#dialog label", has_text="已到位").click()
    lead.page.get_by_role("button", name="记下").click()
    expect(lead.page.locator(".party-counts").first).to_contain_text("1 / 2", timeout=3000)
