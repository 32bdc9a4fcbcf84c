"""A page whose server is gone says so, keeps counting, and finds back by itself with what happened meanwhile."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from incident import clock, timeline, work
from incident.models import Duty

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_a_lost_link_shows_and_heals(at_browser, start_server, report, omar, dana):
    server = start_server()
    incident = report(facts={"scope": "all_applications"})
    person = at_browser(dana, base=f"http://127.0.0.1:{server.port}")
    person.foresees("WebSocket connection", "ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET")
    person.room(incident)
    person.mark()
    page = person.page
    band, countdown = page.locator("#live-link-lost"), page.locator("#live-next-deadline time")

    server.stop()
    expect(band).to_be_visible(timeout=15000)
    expect(band).to_contain_text("数据截至")
    expect(band.locator("[data-frozen]")).to_have_text(re.compile(r"^\d\d:\d\d:\d\d$"))
    shown = countdown.inner_text()
    expect(countdown).not_to_have_text(shown, timeout=2500)

    duty = Duty.objects.get(incident=incident, rule="HJ-2-06")
    work.complete(duty_id=duty.pk, actor=omar, now=clock.wall_now())
    timeline.note(
        incident_id=incident.pk, actor=omar, now=clock.wall_now(), text="断线时记下", client_key=str(uuid.uuid4())
    )
    start_server(server.port)
    person.is_live(20)
    expect(band).to_be_hidden()
    expect(page.locator("#live-log")).to_contain_text("断线时记下")
    expect(page.locator(f"#task-{duty.pk}")).to_contain_text(str(omar))
    person.was_not_reloaded()


def test_a_page_without_live_regions_has_no_link_to_lose(at_browser, omar, world):
    person = at_browser(omar)
    for path in ("/me/", "/me/password/", "/inbox/"):
        person.open(path)
        person.page.wait_for_timeout(700)
        expect(person.page.locator("#main")).to_be_visible()
        expect(person.page.locator("html")).to_have_attribute("data-link", "wait")
