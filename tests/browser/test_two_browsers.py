"""Two people at two browsers: what one does is on the other's screen within two seconds, without a reload."""

import pytest
from playwright.sync_api import expect

from incident.models import Duty

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SOON_MS = 2000


def test_what_one_does_the_other_sees(at_browser, report, omar, dana):
    lead, supervisor = at_browser(omar), at_browser(dana)
    supervisor.open("/dashboard/")
    supervisor.mark()
    incident = report(facts={"scope": "all_applications"})
    strip = supervisor.page.locator(f"#strip-{incident.number}")
    expect(strip).to_contain_text("黄", timeout=SOON_MS)
    expect(strip).to_contain_text("待接手")

    room = supervisor.tab(f"/incidents/{incident.number}/")
    room.mark()
    lead.room(incident)
    lead.mark()
    lead.page.locator("#step-take").click()
    expect(room.page.locator("#live-head .stepper [aria-current=step]")).to_contain_text("响应", timeout=SOON_MS)
    expect(strip).to_contain_text("响应", timeout=SOON_MS)
    expect(strip).to_contain_text(str(omar))
    expect(lead.page.locator("#live-head .stepper [aria-current=step]")).to_contain_text("响应")

    lead.page.locator("#quick-entry").fill("已请运维到场")
    lead.page.keyboard.press("Enter")
    expect(room.page.locator("#live-log")).to_contain_text("已请运维到场", timeout=SOON_MS)
    expect(lead.page.locator("#quick-entry")).to_have_value("")

    duty = Duty.objects.get(incident=incident, rule="HJ-2-06")
    room.page.locator(f"#tick-{duty.pk}").click()
    expect(lead.page.locator(f"#task-{duty.pk} .task-who")).to_contain_text(str(dana), timeout=SOON_MS)
    expect(lead.page.locator("#live-log")).to_contain_text("维持现场秩序", timeout=SOON_MS)
    for one in (lead, supervisor, room):
        one.was_not_reloaded()
