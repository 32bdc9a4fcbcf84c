"""Single-key shortcuts: not while typing, not while an input method composes, not where the user wants none."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

PRESS = """(selector, options) => document.querySelector(selector).dispatchEvent(
  new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...options }))"""


def send(page, selector: str, **options) -> None:
    """A key as an input method lets the page see it."""
    page.evaluate(f"([selector, options]) => ({PRESS})(selector, options)", [selector, options])


def test_typing_and_composing_move_nothing(at_browser, omar, report):
    incident = report()
    person = at_browser(omar)
    page = person.page
    person.open("/desk/")
    field = page.locator("#report-what")
    for options in ({"isComposing": True}, {"keyCode": 229}, {"ctrlKey": True}, {"altKey": True}, {"metaKey": True}):
        send(page, "body", key="n", **options)
        expect(field).not_to_be_focused()
    page.keyboard.press("n")
    expect(field).to_be_focused()
    page.keyboard.type("njk?/")
    expect(field).to_have_value("njk?/")
    expect(page.locator("#help")).to_be_hidden()

    field.fill("")
    field.dispatch_event("compositionstart")
    for options in ({"isComposing": True}, {"keyCode": 229}):
        send(page, "#report-what", key="Enter", **options)
        send(page, "#report-what", key="ArrowDown", **options)
        send(page, "#report-what", key="Enter", ctrlKey=True, **options)
    expect(field).to_be_focused()
    assert page.locator("#report-options input:checked").count() == 0
    assert "/desk/" in page.url

    person.room(incident)
    page.keyboard.press("l")
    expect(page.locator("#quick-entry")).to_be_focused()
    page.keyboard.type("d")
    expect(page.locator("#quick-entry")).to_have_value("d")


def test_the_keys_do_what_the_list_says(at_browser, omar, report):
    incident = report()
    person = at_browser(omar)
    page = person.page
    person.open("/dashboard/")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("n")
    expect(page).to_have_url(person.base + "/dashboard/")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{incident.number}/")
    person.is_live()
    page.keyboard.press("d")
    expect(page.locator("#next-done")).to_be_focused()
    page.keyboard.press("g")
    page.keyboard.press("2")
    page.wait_for_url("**/incidents/")
    page.keyboard.press("/")
    expect(page.locator("#filter-q")).to_be_focused()


def test_the_user_switches_them_off(at_browser, omar, world):
    person = at_browser(omar)
    page = person.page
    person.open("/me/")
    page.locator("[name=single_keys]").uncheck()
    page.locator("form.account-form button[type=submit]").click()
    expect(page.locator(".flash")).to_contain_text("已保存")
    person.open("/desk/")
    for key in ("n", "?", "j", "g", "3"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    expect(page).to_have_url(person.base + "/desk/")
    expect(page.locator("#report-what")).not_to_be_focused()
    expect(page.locator("#help")).to_be_hidden()
