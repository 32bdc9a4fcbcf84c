"""Bad input keeps what was typed and marks the field; a browser without script can report and tick."""

import re

import pytest
from playwright.sync_api import expect

from incident.models import Duty, Incident

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_what_was_typed_stays_and_the_field_is_marked(at_browser, omar, world):
    person = at_browser(omar)
    person.foresees("422")
    page = person.page
    person.open("/desk/")
    page.locator("#report-options .option", has_text="HJ-2").click()
    page.locator("#fact-seats_affected").fill("很多")
    for name, value in (("标题", "大厅断网"), ("时间", "25:99")):
        page.get_by_role("button", name=f"改{name}").click()
        page.keyboard.type(value)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#fact-seats_affected")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#report-time")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#report-time")).to_be_visible()
    expect(page.locator("#report-time")).to_have_value("25:99")
    expect(page.locator("#fact-seats_affected")).to_have_value("很多")
    expect(page.locator("#report-title-input")).to_have_value("大厅断网")
    expect(page.locator("#fact-seats_affected")).to_be_focused()
    expect(page.locator("#report [role=alert]")).to_contain_text("还没有报告")
    assert not Incident.objects.exists()

    page.locator("#fact-seats_affected").fill("40")
    page.locator("#report-time").fill("")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile("/incidents/INC-"))
    assert Incident.objects.get().title == "大厅断网"


def test_without_script_one_can_report_and_tick(at_browser, omar, world):
    person = at_browser(omar, java_script_enabled=False)
    page = person.page
    page.goto(person.base + "/desk/")
    page.locator("#report-options .option", has_text="HJ-2").click()
    page.locator("#report button[type=submit]").last.click()
    page.wait_for_url(re.compile("/incidents/INC-"))
    incident = Incident.objects.get()
    duty = Duty.objects.get(incident=incident, rule="HJ-2-06")
    page.locator(f"#tick-{duty.pk}").click()
    page.wait_for_url(re.compile("/incidents/INC-"))
    expect(page.locator(f"#task-{duty.pk}")).to_have_class(re.compile("is-done"))
    page.locator("#step-take").click()
    expect(page.locator(".stepper [aria-current=step]")).to_contain_text("响应")
    assert Incident.objects.get().lead == omar
