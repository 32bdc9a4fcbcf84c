"""The what-if panel in a browser: numbers and sliders move together, a wrong one is said in place, keys find a plan."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

KF = "/playbooks/KF/KF-4/"


def test_facts_move_the_verdict_and_the_address(at_browser, omar):
    person = at_browser(omar)
    person.foresees("422")
    page = person.page
    person.open(KF)
    verdict, field = page.locator("#verdict"), page.locator("#fact-seats_full_minutes")
    expect(verdict).to_have_attribute("data-key", "")
    field.fill("18")
    expect(verdict).to_have_attribute("data-key", "general")
    expect(verdict).to_contain_text("再过 12 分钟")
    expect(page).to_have_url(re.compile("fact-seats_full_minutes=18$"))
    expect(field).to_be_focused()

    field.fill("soon")
    expect(page.locator("#fact-seats_full_minutes-error")).to_contain_text("请填不小于 0 的数字")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(verdict).to_have_attribute("data-key", "general")
    expect(page).to_have_url(re.compile("fact-seats_full_minutes=18$"))

    slider = page.locator("[data-drives=fact-seats_full_minutes]")
    slider.focus()
    page.keyboard.press("End")
    expect(field).to_have_value("45")
    expect(verdict).to_have_attribute("data-key", "major")
    expect(page.locator("#fact-seats_full_minutes-error")).to_be_empty()
    expect(field).not_to_have_attribute("aria-invalid", "true")

    page.reload()
    expect(field).to_have_value("45")
    expect(slider).to_have_value("45")
    expect(verdict).to_have_attribute("data-key", "major")


def test_a_playbook_is_found_by_keyboard(at_browser, omar):
    person = at_browser(omar)
    page = person.page
    person.open("/desk/")
    page.keyboard.press("g")
    page.keyboard.press("3")
    page.wait_for_url("**/playbooks/")
    page.keyboard.press("/")
    page.keyboard.type("hz")
    page.keyboard.press("Enter")
    page.wait_for_url("**/playbooks/HJ/HJ-5.1/")
    page.locator("#plan-find").fill("fwq")
    expect(page.locator("#tree-list[data-asked=fwq]")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{KF}")


@pytest.mark.parametrize("path", [KF, "/playbooks/", "/playbooks/KF/"])
def test_nothing_is_wider_than_a_phone(at_browser, omar, path):
    person = at_browser(omar, viewport={"width": 390, "height": 844})
    person.open(path)
    assert person.page.evaluate("document.documentElement.scrollWidth") <= 390
