"""On a phone, 390 pixels wide: nothing scrolls sideways, and a thumb hits every button."""

import pytest

from tests.browser.conftest import PHONE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

PATHS = ("/desk/", "/dashboard/", "/incidents/", "/inbox/", "/me/", "/me/password/", "/seats/?site=online")

WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [`page ${document.documentElement.scrollWidth}`, ...[...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > width + 1)
    .map((one) => `${one.localName}.${one.className} ${one.textContent.trim().slice(0, 30)}`)];
}"""
SMALL = """() => {
  const isShown = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const least = (one) => one.matches('.button.is-primary:not(.is-small), .thumb-bar a, .mainnav a') ? 44 : 24;
  return [...document.querySelectorAll('button, .button, summary, .tick, .tick-mark[href], .thumb-bar a, .mainnav a')]
    .filter(isShown)
    .map((one) => ({ one, box: (one.closest('label') || one).getBoundingClientRect() }))
    .filter(({ one, box }) => box.width && (box.height < least(one) - 0.5 || box.width < 24 - 0.5))
    .map(({ one, box }) => `${one.outerHTML.slice(0, 100)} ${box.width.toFixed(0)}x${box.height.toFixed(0)}`);
}"""


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_nothing_is_too_wide_or_too_small(at_browser, report, dana, move_on, language):
    real = report(facts={"scope": "all_applications"})
    exercise = report(mode="exercise", facts={"scope": "all_applications"})
    report("KF-4")
    move_on(exercise, 6)
    person = at_browser(dana, language=language, viewport=PHONE, has_touch=True, is_mobile=True)
    page = person.page
    for path in (*PATHS, f"/incidents/{real.number}/", f"/incidents/{exercise.number}/"):
        person.open(path)
        assert page.evaluate(WIDE) == [], path
        assert page.evaluate(SMALL) == [], path
    person.context.clear_cookies(name="sessionid")
    person.open("/login/")
    assert page.evaluate(WIDE) == []
    assert page.evaluate(SMALL) == []


def test_no_bar_lies_over_the_button_of_a_form_that_is_a_page(at_browser, report, dana):
    """Without the dialog a form is a page, and its last row once stuck below the bar at the bottom."""
    incident = report("KF-4")
    person = at_browser(dana, viewport=PHONE, has_touch=True, is_mobile=True)
    person.open(f"/incidents/{incident.number}/call-outs/new/")
    button = person.page.get_by_role("button", name="开始召集")
    button.scroll_into_view_if_needed()
    assert button.evaluate(
        """(one) => { const box = one.getBoundingClientRect();
          return one.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)); }"""
    )
