"""English is complete: no page, dialog or message of an English reader holds a Chinese word."""

import re

import pytest
from playwright.sync_api import expect

from incident import clock, lifecycle, work
from incident.models import Duty
from staffing.models import Person, User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

# Text and the attributes that are read out or shown; except what is marked as Chinese, and the switch of languages.
HAN = """() => {
  const found = [];
  const isHan = (text) => /\\p{Script=Han}|[，。；：（）【】、]/u.test(text || '');
  const isOwn = (one) => one.closest('[lang]').lang !== 'en' || one.closest('script, style, form.languages');
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (isHan(node.data) && !isOwn(node.parentElement)) found.push(node.data.trim());
  }
  for (const element of document.querySelectorAll('*'))
    for (const { name, value } of element.attributes)
      if (isHan(value) && !isOwn(element)) found.push(`${element.localName} ${name}=${value}`);
  if (isHan(document.title)) found.push(document.title);
  return found;
}"""


@pytest.fixture
def english_names(world):
    """People write their own names; here they do it in Latin letters, so that no exception is needed."""
    for kind in (User, Person):
        for number, one in enumerate(kind.objects.order_by("pk"), start=1):
            kind.objects.filter(pk=one.pk).update(name=f"{kind.__name__} {number}")


@pytest.fixture
def incidents(english_names, report, now):
    """A real one with much behind it and an exercise, told and written in English."""
    words = {"title": "Seats cannot log in", "place": "Call hall", "reporter": "Agent 7"}
    real = report(facts={"scope": "all_applications"}, **words)
    exercise = report(mode="exercise", facts={"scope": "all_applications"}, **words)
    fire = report("HJ-5.1", **words)
    queue = report("KF-4", **words)
    return real, exercise, fire, queue


def no_han(page, where: str) -> None:
    assert page.evaluate(HAN) == [], where
    assert page.locator("html").get_attribute("lang") == "en", where


def test_every_page_is_english(at_browser, incidents, move_on, omar, dana):
    real, exercise, fire, queue = incidents
    move_on(exercise, 6)
    move_on(exercise, 5)
    lifecycle.take(incident_id=exercise.pk, actor=dana, now=clock.wall_now())
    for rule in ("HJ-2-05", "HJ-2-06"):
        work.complete(
            duty_id=Duty.objects.get(incident=exercise, rule=rule).pk, actor=dana, now=clock.wall_now(), note="by phone"
        )
    lifecycle.restore(incident_id=exercise.pk, actor=dana, now=clock.wall_now())
    dana.refresh_from_db()
    person = at_browser(dana, language="en")
    page = person.page
    rooms = [f"/incidents/{one.number}/" for one in incidents]
    prints = [f"/incidents/{one.number}/print/" for one in (real, exercise)]
    for path in (
        "/desk/",
        "/dashboard/",
        "/incidents/",
        "/inbox/",
        "/me/",
        "/me/password/",
        "/seats/?site=online",
        *rooms,
        *prints,
    ):
        person.open(path)
        no_han(page, path)


def test_what_comes_up_later_is_english(at_browser, incidents, dana):
    real = incidents[0]
    dana.refresh_from_db()
    person = at_browser(dana, language="en")
    person.foresees("422", "404", "409")
    page = person.page
    person.open("/desk/")
    for plan in ("HJ-2", "HJ-5.1"):
        page.locator("#report-options .option", has_text=plan).click()
        expect(page.locator("#report-code")).to_have_text(plan)
        no_han(page, plan)
    page.get_by_role("button", name=re.compile("time", re.I)).first.click()
    page.keyboard.type("25:99")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#report-time")).to_have_attribute("aria-invalid", "true")
    no_han(page, "a refused report")

    person.room(real)
    duty = Duty.objects.get(incident=real, rule="HJ-2-07")
    for opener in ("#step-level", "#step-more", f"#tick-{duty.pk}", "#log-verify"):
        page.locator(opener).click()
        expect(page.locator("#dialog")).to_be_visible()
        no_han(page, opener)
        page.keyboard.press("Escape")
        expect(page.locator("#dialog")).to_be_hidden()
    for step in ("cancel", "merge"):
        page.goto(f"{person.base}/incidents/{real.number}/steps/{step}/")
        no_han(page, step)
    page.goto(person.base + "/incidents/INC-000000-01/")
    no_han(page, "not found")


def test_before_the_login(at_browser, world):
    stranger = at_browser(None, language="en")
    stranger.foresees("422", "401")
    page = stranger.page
    stranger.open("/login/")
    no_han(page, "login")
    page.locator("#id_username").fill("nobody")
    page.keyboard.press("Enter")
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    no_han(page, "login refused")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
