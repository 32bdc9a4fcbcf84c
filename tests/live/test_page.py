"""The page in a real browser: moves by itself, says when it cannot, finds back, and ends with the right to it."""

import re
import shutil
import uuid
from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Error, Page, expect, sync_playwright

from incident import clock, timeline

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes, pytest.mark.browser]


@pytest.fixture
def world(whole_world) -> None:
    """Incidents need plans."""


@pytest.fixture
def browser_page(monkeypatch) -> Iterator[Page]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright runs a loop in this thread
    with sync_playwright() as play:
        try:
            browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        except Error:
            pytest.skip("no Chromium")
        page = browser.new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        yield page
        browser.close()


def say(incident, actor, text: str) -> None:
    timeline.note(incident_id=incident.pk, actor=actor, now=clock.wall_now(), text=text, client_key=str(uuid.uuid4()))


@pytest.fixture
def open_room(report, log_in, dana, browser_page):
    """Open an incident in dana's browser; gives the incident and her session's key."""

    def open_room(web):
        incident, cookie = report(), log_in(dana)
        name, _, value = cookie.partition("=")
        browser_page.context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{web.port}"}])
        browser_page.goto(f"http://127.0.0.1:{web.port}/incidents/{incident.number}/")
        expect(browser_page.locator("html")).to_have_attribute("data-link", "on", timeout=10000)
        return incident, value

    return open_room


def test_a_page_moves_loses_its_link_and_finds_back(open_room, browser_page, start_web, omar):
    page, web = browser_page, start_web()
    incident, _ = open_room(web)
    log, html, notice = page.locator("#live-log"), page.locator("html"), page.locator("#live-link-lost")
    page.evaluate("document.body.dataset.same = 'yes'")
    say(incident, omar, "第一次联系")
    expect(log).to_contain_text("第一次联系", timeout=2000)
    expect(notice).to_be_hidden()

    web.stop()
    expect(html).to_have_attribute("data-link", "lost", timeout=3000)
    expect(notice).to_be_visible()
    expect(notice.locator("[data-frozen]")).to_have_text(re.compile(r"^\d\d:\d\d:\d\d$"))
    say(incident, omar, "断线时的联系")
    start_web(web.port)
    notice.locator("[data-reconnect]").click()
    expect(html).to_have_attribute("data-link", "on", timeout=8000)
    expect(log).to_contain_text("断线时的联系", timeout=3000)
    expect(notice).to_be_hidden()
    assert page.evaluate("document.body.dataset.same") == "yes"
    assert page.errors == []


def test_who_types_in_a_region_is_not_disturbed(open_room, browser_page, web, omar):
    page, (incident, _) = browser_page, open_room(web)
    log = page.locator("#live-log")
    page.evaluate(
        "() => { const field = document.createElement('input'); field.id = 'typed';"
        " document.querySelector('#live-log').append(field); field.focus(); }"
    )
    page.keyboard.type("写到一半")
    say(incident, omar, "新的一条")
    page.wait_for_timeout(700)
    assert page.locator("#typed").input_value() == "写到一半"
    expect(log).not_to_contain_text("新的一条")
    page.evaluate("document.activeElement.blur()")
    expect(log).to_contain_text("新的一条", timeout=1000)
    assert page.errors == []


def test_after_logout_the_page_is_taken_away_and_given_back_after_login(open_room, browser_page, web, log_in, dana):
    page, (_, session) = browser_page, open_room(web)
    Session.objects.filter(session_key=session).delete()
    expect(page.locator("html")).to_have_attribute("data-link", "gone", timeout=6000)
    expect(page.locator("#live-gone")).to_be_visible()
    expect(page.locator("#main")).to_be_hidden()
    name, _, value = log_in(dana).partition("=")
    page.context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{web.port}"}])
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("html")).to_have_attribute("data-link", "on", timeout=6000)
    expect(page.locator("#main")).to_be_visible()
    assert page.errors == []
