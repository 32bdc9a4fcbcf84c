"""Reporting an incident by keyboard: few keys, few seconds, no mouse."""

import re
import time

import pytest
from playwright.sync_api import expect

from incident.models import Incident

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_an_incident_is_reported_in_twelve_keys_and_ten_seconds(at_browser, omar, world):
    person = at_browser(omar)
    page, pressed = person.page, []

    def press(key: str) -> None:
        pressed.append(key)
        page.keyboard.press(key)

    person.open("/dashboard/")
    started = time.monotonic()
    press("n")
    page.wait_for_url("**/desk/#report-what")
    expect(page.locator("#report-what")).to_be_focused()
    page.keyboard.type("yycx")
    press("Enter")
    expect(page.locator("input[name=fact-scope]").first).to_be_focused()
    press("ArrowDown")
    expect(page.locator("#report-outcome")).to_contain_text("黄")
    expect(page.locator("#report-outcome")).to_contain_text("5 分钟")
    press("Control+Enter")
    page.wait_for_url(re.compile(r"/incidents/INC-[\d-]+/$"))
    expect(page.locator("#live-next-deadline time")).to_be_visible()
    took = time.monotonic() - started
    incident = Incident.objects.get()
    assert incident.reported_by == omar
    assert incident.number in page.url
    assert len(pressed) <= 12
    assert took < 10


def test_a_playbook_is_found_however_it_is_asked_for(at_browser, omar, world):
    person = at_browser(omar)
    person.open("/desk/")
    for asked in ("网络", "yingyong", "yycx", "HJ-2"):
        person.page.locator("#report-what").fill(asked)
        options = person.page.locator(f"#report-options[data-asked='{asked}'] .option")
        expect(options.first).to_contain_text("HJ-2")


def test_a_quick_hand_gets_what_it_typed(at_browser, omar, world):
    """Enter right after the last letter, before the list has followed."""
    person = at_browser(omar)
    page = person.page
    person.open("/desk/")
    page.locator("#report-what").focus()
    page.keyboard.type("hz")
    page.keyboard.press("Enter")
    expect(page.locator("#report-code")).to_have_text("HJ-5.1")
    expect(page.locator("input[name=fact-people_trapped]").first).to_be_focused()


def test_another_choice_forgets_the_facts_of_the_first(at_browser, omar, world):
    person = at_browser(omar)
    page = person.page
    person.open("/desk/")
    for plan in ("HJ-2", "HJ-5.1"):
        page.locator("#report-options .option", has_text=plan).click()
        expect(page.locator("#report-code")).to_have_text(plan)
        page.locator("#report-facts label").first.click()
    expect(page.locator("#report-outcome")).to_contain_text("红")
    expect(page.locator("#report-outcome .is-error")).to_have_count(0)


def test_arrows_pressed_quickly_end_at_the_facts_of_the_last(at_browser, omar, world):
    person = at_browser(omar)
    page = person.page
    person.open("/desk/")
    fifth = page.locator("#report-options input").nth(4).get_attribute("data-code")
    page.locator("#report-what").focus()
    for _ in range(5):  # HJ-1, HJ-2, HJ-3, HJ-4, fire
        page.keyboard.press("ArrowDown")
    expect(page.locator("#report-options input:checked")).to_have_attribute("data-code", fifth)
    expect(page.locator("#report-code")).to_have_text(fifth)
    expect(page.locator("input[name=fact-people_trapped]").first).to_be_visible()
