"""Seats at two browsers: what one enters by hand stands on the other desk within two seconds, and ticks there."""

import re

import pytest
from playwright.sync_api import expect

from staffing.models import Queue
from tests import rosters

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

SOON_MS = 2000


@pytest.fixture
def queue(online):
    Queue.objects.all().delete()
    return rosters.queue(online, seats=12, stale_seconds=900, starts="off")


def test_a_reading_by_hand_is_on_the_other_desk_at_once(at_browser, queue, omar, dana):
    lead, supervisor = at_browser(omar), at_browser(dana)
    supervisor.open("/desk/")
    supervisor.mark()
    strip = supervisor.page.locator("#live-seats")
    expect(strip).to_contain_text("尚无读数")

    lead.open("/seats/?site=online")
    lead.page.fill("#entry-staffed", "10")
    lead.page.fill("#entry-busy", "10")
    lead.page.fill("#entry-waiting", "27")
    lead.page.fill("#entry-longest_wait", "04:10")
    lead.page.click("#entry button")
    expect(lead.page.locator(".flash")).to_contain_text("已记录 示例热线 的读数。")

    expect(strip).to_contain_text("座席占满已持续", timeout=SOON_MS)
    expect(strip).to_contain_text("27")
    expect(strip).to_contain_text("04:10")
    expect(strip).to_contain_text("15 分 · 一般")
    figure = strip.locator(".figure time")
    before = figure.inner_text()
    expect(figure).not_to_have_text(before, timeout=3000)  # it ticks
    left = strip.locator("tspan[data-due]").first
    before = left.text_content()
    expect(left).not_to_have_text(before, timeout=3000)  # in the drawing too
    supervisor.was_not_reloaded()

    lead.page.fill("#entry-staffed", "10")
    lead.page.fill("#entry-busy", "11")
    lead.page.click("#entry button")
    lead.foresees("422")
    expect(lead.page.locator("#entry-busy-wrong")).to_contain_text("多于")
    expect(lead.page.locator("#entry-busy")).to_have_value("11")


def test_how_many_more_is_worked_out_while_one_types(at_browser, queue, omar):
    lead = at_browser(omar)
    lead.foresees("422")
    lead.open("/seats/?site=online")
    page = lead.page
    expect(page.locator("#needs")).to_contain_text("不清楚时不猜")
    for name, text in (("calls", "120"), ("handle", "240"), ("seats", "9")):
        page.fill(f"#load-{name}", text)
    expect(page.locator("#needs")).to_contain_text("加 2 席即可达到 80/20（共 11 席）。")
    page.fill("#load-seats", "8")
    expect(page.locator("#needs")).to_contain_text("不稳定：话务量大于座席数")
    page.fill("#load-seats", "x")
    expect(page.locator("#needs .is-error")).to_contain_text(re.compile("现有座席.*请填"))
    page.fill("#load-seats", "11")
    expect(page.locator("#needs")).to_contain_text("现有 11 席已达到 80/20。")
