"""A smoke test of what assistive technology needs: names, landmarks, language, focus."""

import pytest
from playwright.sync_api import expect

from incident.models import Duty

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

PATHS = (
    "/desk/", "/dashboard/", "/incidents/", "/inbox/", "/me/", "/me/password/", "/seats/?site=online",
    "/playbooks/", "/playbooks/?q=xyzzy", "/playbooks/HJ/", "/playbooks/HJ/HJ-2/",
    "/playbooks/KF/KF-4/?fact-problem=login", "/playbooks/HJ/HJ-2/card/", "/playbooks/HJ/HJ-2/card/team_leader/",
)  # fmt: skip

NAMELESS = """() => {
  const words = (one) => (one?.textContent || '').trim();
  const named = (one) => one.getAttribute('aria-label') || one.title
    || (one.getAttribute('aria-labelledby') || '').split(' ').some((id) => words(document.getElementById(id)))
    || [...(one.labels || [])].some(words);
  const fields = [...document.querySelectorAll('input:not([type=hidden], [hidden]), select, textarea')];
  const pressed = [...document.querySelectorAll('button, a[href], summary')]
    .filter((one) => one.checkVisibility() && !words(one));
  return [...fields, ...pressed].filter((one) => !named(one)).map((one) => one.outerHTML.slice(0, 160));
}"""
TWICE = """() => {
  const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
  return ids.filter((id, at) => ids.indexOf(id) !== at);
}"""
DANGLING = """() => [...document.querySelectorAll(
    ':not(dialog)[aria-labelledby], [aria-describedby], [aria-controls], label[for]')]
  .flatMap((one) => ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for']
    .flatMap((name) => (one.getAttribute(name) || '').split(' ').filter(Boolean).map((id) => [name, id])))
  .filter(([, id]) => !document.getElementById(id)).map(([name, id]) => `${name}=${id}`)"""
# Around the element, around all of its row, or around the words beside a hidden box.
RING = """() => {
  const one = document.activeElement;
  const styles = [getComputedStyle(one), getComputedStyle(one, '::after')];
  if (one.nextElementSibling && one.matches('input')) styles.push(getComputedStyle(one.nextElementSibling));
  return styles.some((style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2);
}"""


def sound(page, where: str) -> None:
    assert page.locator("h1").count() == 1, where
    assert page.locator("main").count() == 1, where
    assert page.title().strip(), where
    assert page.evaluate(NAMELESS) == [], where
    assert page.evaluate(TWICE) == [], where
    assert page.evaluate(DANGLING) == [], where


def test_every_page_is_sound(at_browser, report, dana):
    incident = report(facts={"scope": "all_applications"})
    person = at_browser(dana)
    person.foresees("404")
    page = person.page
    duty = Duty.objects.get(incident=incident, rule="HJ-2-07")
    base = f"/incidents/{incident.number}/"
    paths = (base, f"{base}print/", f"{base}duties/{duty.pk}/", f"{base}steps/cancel/", f"{base}entries/", "/nowhere/")
    for path in (*PATHS, *paths):
        person.open(path)
        assert page.locator("html").get_attribute("lang") == "zh-CN", path
        sound(page, path)
    stranger = at_browser(None)
    stranger.open("/login/")
    sound(stranger.page, "/login/")


def test_focus_can_be_seen_on_the_way_through_a_page(at_browser, report, omar):
    incident = report()
    person = at_browser(omar)
    page = person.page
    for path in ("/desk/", f"/incidents/{incident.number}/"):
        person.open(path)
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        seen = set()
        for _ in range(25):
            page.keyboard.press("Tab")
            assert page.evaluate(RING), f"{path}: {page.evaluate('document.activeElement.outerHTML.slice(0, 160)')}"
            seen.add(page.evaluate("document.activeElement.outerHTML.slice(0, 160)"))
        assert len(seen) > 15


def test_a_dialog_closes_on_escape_and_gives_the_focus_back(at_browser, report, omar):
    incident = report()
    person = at_browser(omar)
    page = person.page
    person.room(incident)
    duty = Duty.objects.get(incident=incident, rule="HJ-2-07")
    for opener in ("#step-more", f"#tick-{duty.pk}", f"#open-{duty.pk}"):
        page.locator(opener).focus()
        page.keyboard.press("Enter")
        dialog = page.locator("#dialog")
        expect(dialog).to_be_visible()
        assert dialog.evaluate("(one) => one.contains(document.activeElement)"), opener
        assert page.evaluate(NAMELESS) == [], opener
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(dialog).to_be_empty()  # its closing, which gives the focus back, is through
        expect(page.locator(opener)).to_be_focused()
    page.locator("[data-help]").press("Enter")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-help]")).to_be_focused()


def test_the_theme_follows_the_account(at_browser, omar, world):
    person = at_browser(omar, color_scheme="light")
    person.open("/desk/")
    with person.page.expect_response("**/me/theme/") as answer:
        person.page.locator("[data-theme-toggle]").click()
    assert answer.value.status == 204
    elsewhere = at_browser(omar, color_scheme="light")
    elsewhere.open("/desk/")
    expect(elsewhere.page.locator("html")).to_have_attribute("data-theme", "dark")
    person.context.clear_cookies(name="sessionid")
    person.open("/login/")
    expect(person.page.locator("html")).to_have_attribute("data-theme", "dark")
    person.page.locator("[data-theme-toggle]").click()
    person.page.reload()
    expect(person.page.locator("html")).to_have_attribute("data-theme", "light")
