"""An exercise goes late on both screens as a real incident would, and is marked as one wherever it is shown."""

import pytest
from playwright.sync_api import expect

from incident.models import Duty

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SOON_MS = 2000
MARK = "【练习】"


@pytest.fixture
def exercise(report):
    return report(mode="exercise", facts={"scope": "all_applications"})


def test_time_moved_on_goes_late_on_both_screens(at_browser, exercise, move_on, omar, dana):
    lead, supervisor = at_browser(omar), at_browser(dana)
    lead.room(exercise)
    supervisor.open("/dashboard/")
    for one in (lead, supervisor):
        one.mark()
    clock = lead.page.locator("#live-next-deadline")
    expect(clock).to_have_attribute("data-state", "soon")
    drill = supervisor.page.locator(f"#strip-{exercise.number}")

    move_on(exercise, 6)
    duty = Duty.objects.get(incident=exercise, rule="HJ-2-05")
    expect(clock).to_have_attribute("data-state", "breached", timeout=SOON_MS)
    expect(clock.locator("time")).to_contain_text("+01:")
    expect(lead.page.locator(f"#task-{duty.pk}")).to_have_attribute("data-state", "breached")
    expect(lead.page.locator("#live-people")).to_contain_text("示例经理C")
    expect(drill.locator(".strip-clock")).to_have_attribute("data-state", "breached", timeout=SOON_MS)

    move_on(exercise, 5)
    tell = Duty.objects.get(incident=exercise, rule="HJ-2-07-tell")
    expect(lead.page.locator(f"#task-{tell.pk}")).to_be_visible(timeout=SOON_MS)
    expect(supervisor.page.locator("#live-overdue")).to_be_hidden()
    expect(supervisor.page.locator("#live-annunciator")).not_to_have_attribute("data-state", "breached")
    for one in (lead, supervisor):
        one.was_not_reloaded()


def test_the_mark_is_everywhere(at_browser, exercise, move_on, omar):
    move_on(exercise, 6)
    person = at_browser(omar)
    page = person.page
    for path in ("/desk/", "/dashboard/"):
        person.open(path)
        expect(page.locator(f"#strip-{exercise.number}")).to_contain_text(MARK)
        expect(page.locator(f"#strip-{exercise.number}")).to_contain_text("不计入统计")
    for line in page.locator("#live-ticker li").all_inner_texts():
        assert MARK in line
    person.open("/desk/")
    for line in page.locator("#live-feed li, #live-my-tasks li.task .task-words").all_inner_texts():
        assert MARK in line
    person.open("/incidents/")
    expect(page.locator("tr.is-drill")).to_contain_text(MARK)
    person.room(exercise)
    expect(page.locator("aside.drill-band")).to_contain_text("不是真实事件")
    expect(page.locator("h1")).to_contain_text(MARK)
    assert MARK in page.title()
    person.open(f"/incidents/{exercise.number}/print/")
    expect(page.locator(".sheet-exercise")).to_contain_text("不是真实事件")
    expect(page.locator("h1")).to_contain_text(MARK)
