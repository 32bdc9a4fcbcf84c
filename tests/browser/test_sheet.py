"""The contact sheet at phone width, on A4, and as a file from a disk with the network off; tests as they run."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from staffing.models import Disclosure
from tests.browser.conftest import PHONE
from tests.browser.test_phone import SMALL, WIDE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

FEWEST_PAGES, MOST_PAGES = 1, 3


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_sheet_and_directory_fit_a_phone(at_browser, dana, language):
    person = at_browser(dana, language=language, viewport=PHONE, has_touch=True, is_mobile=True)
    for path in ("/contacts/", "/contacts/sheet/", "/contacts/test/"):
        person.page.goto(person.base + path)
        assert person.page.evaluate(WIDE) == [], path
        assert person.page.evaluate(SMALL) == [], path


def test_the_saved_file_opens_from_a_disk_without_network(at_browser, chromium, dana, tmp_path):
    person = at_browser(dana)
    person.page.goto(f"{person.base}/contacts/sheet/")
    with person.page.expect_download() as saved:
        person.page.get_by_role("button", name=re.compile("离线保存")).click()
    file = Path(tmp_path / saved.value.suggested_filename)
    saved.value.save_as(file)
    assert file.suffix == ".html"
    assert Disclosure.objects.get().user == dana

    asked: list[str] = []
    complaints: list[str] = []
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, offline=True)
    try:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(file.as_uri())
        assert page.evaluate(WIDE) == []
        call = page.locator("a[href='tel:000-0000-0002']").first
        expect(call).to_be_visible()
        box = call.bounding_box()
        assert box is not None and box["height"] >= 44
        expect(page.locator(".tree .twig").first).to_be_visible()
        assert page.evaluate(
            "getComputedStyle(document.querySelector('.tree ul > li'), '::before').borderLeftStyle"
        ) == ("solid")
        assert asked == [file.as_uri()]
        assert complaints == []
        page.set_viewport_size({"width": 1024, "height": 1400})
        paper = page.pdf(format="A4", prefer_css_page_size=True)
        assert FEWEST_PAGES <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= MOST_PAGES
    finally:
        context.close()


def test_a_test_of_contacts_counts_as_answers_come(at_browser, dana, omar):
    lead, supervisor = at_browser(omar), at_browser(dana)
    lead.page.goto(f"{lead.base}/contacts/?site=callcentre")
    lead.page.get_by_role("link", name="全员可达测试").click()
    dialog = lead.page.get_by_role("dialog")
    dialog.get_by_role("radio", name="全员", exact=True).check()
    dialog.get_by_role("button", name="开始测试").click()
    tests = lead.page.locator("#contact-tests")
    expect(tests.locator(".test-counts")).to_contain_text("已应答 0")
    supervisor.open("/inbox/")
    supervisor.page.get_by_role("button", name="确认收到").first.click()
    expect(tests.locator(".test-counts")).to_contain_text("已应答 1", timeout=15000)

    tests.get_by_role("button", name=re.compile("^拨打 示例经理C")).click()
    expect(dialog.locator("a[href='tel:000-0000-0003']")).to_be_visible()
    dialog.get_by_role("button", name="接通", exact=True).click()
    expect(tests.locator(".test-counts")).to_contain_text("已应答 2")
    expect(dialog).to_be_hidden()
    assert Disclosure.objects.get().person.name == "示例经理C"


def test_a_number_is_shown_in_its_row_and_gone_after_the_next_search(at_browser, dana):
    person = at_browser(dana)
    person.page.goto(f"{person.base}/contacts/")
    row = person.page.get_by_role("row", name=re.compile("示例经理C"))
    row.get_by_role("link", name=re.compile("测试")).click()
    expect(person.page.get_by_role("dialog").get_by_role("button", name="开始测试")).to_be_visible()
    person.page.keyboard.press("Escape")
    row.get_by_role("button", name=re.compile("显示")).click()
    expect(row.locator("a[href='tel:000-0000-0003']")).to_be_visible()
    person.page.get_by_role("searchbox").fill("sljl")
    expect(person.page.get_by_role("row")).to_have_count(2)
    expect(person.page.locator("a[href^='tel:']")).to_have_count(0)
