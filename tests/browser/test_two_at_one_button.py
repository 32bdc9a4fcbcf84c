"""Two people at one button: the second learns who was first and when; nothing is recorded twice."""

import pytest
from playwright.sync_api import expect

from incident import clock, lifecycle, work
from incident.models import Duty, Entry, Incident

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def behind(at_browser, dana):
    """Open a room for dana on a page that hears nothing."""

    def open_room(incident):
        person = at_browser(dana)
        person.foresees("409")
        person.open_deaf(f"/incidents/{incident.number}/")
        return person

    return open_room


def test_the_second_tick_says_who_was_first(behind, report, omar):
    incident = report()
    duty = Duty.objects.get(incident=incident, rule="HJ-2-06")
    page = behind(incident).page
    done = work.complete(duty_id=duty.pk, actor=omar, now=clock.wall_now())
    page.locator(f"#tick-{duty.pk}").click()
    said = page.locator("#form-errors [data-refusal='409']")
    expect(said).to_contain_text(str(omar))
    expect(said).to_contain_text(f"{done.done_at.astimezone(clock.ZONE):%H:%M}")
    assert Entry.objects.filter(incident=incident, data__duty="HJ-2-06", kind="duty_done").count() <= 1
    said.locator("[data-dismiss]").click()
    expect(said).to_have_count(0)


def test_the_second_to_take_says_who_was_first(behind, report, omar):
    incident = report()
    page = behind(incident).page
    lifecycle.take(incident_id=incident.pk, actor=omar, now=clock.wall_now())
    page.locator("#step-take").click()
    expect(page.locator("#form-errors")).to_contain_text(str(omar))
    expect(page.locator("#form-errors")).to_contain_text("没有重复记录")
    assert Incident.objects.get().lead == omar


def test_a_stale_step_is_refused_with_a_sentence(behind, report, omar):
    incident = report()
    lifecycle.take(incident_id=incident.pk, actor=omar, now=clock.wall_now())
    page = behind(incident).page
    page.locator("#step-level").click()
    dialog = page.locator("#dialog")
    expect(dialog).to_be_visible()
    lifecycle.restore(incident_id=incident.pk, actor=omar, now=clock.wall_now())
    revision = Incident.objects.get().revision
    dialog.locator("[name=reason]").fill("影响扩大")
    level = dialog.locator("[name=level]")
    level.last.check() if level.first.get_attribute("type") == "radio" else level.select_option(index=1)
    dialog.locator("form button[type=submit]").click()
    expect(page.locator("#form-errors, #dialog").filter(has_text="已经变化")).to_be_visible()
    assert Incident.objects.get().revision == revision
