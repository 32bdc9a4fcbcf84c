"""Answering a notice: from the inbox, and by the signed link, whose page only asks until its button is pressed."""

import re

import pytest
from playwright.sync_api import expect

from notices import links
from notices.models import Notice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def notice(report, dana):
    """A real incident told to dana."""
    incident = report()
    found = Notice.objects.filter(incident=incident, ladder__contains=[{"user_id": dana.pk}]).order_by("pk").first()
    assert found is not None
    return found


def test_from_the_inbox(at_browser, notice, omar, dana):
    lead, supervisor = at_browser(omar), at_browser(dana)
    lead.room(notice.incident)
    supervisor.open("/dashboard/")
    letter = supervisor.page.locator(f"#letter-{notice.pk}")
    expect(letter).to_contain_text(notice.incident.number)
    supervisor.page.locator(f"#letter-{notice.pk}-answer").click()
    expect(letter).to_have_count(0)
    expect(lead.page.locator("#live-log")).to_contain_text("确认", timeout=2000)
    answered = Notice.objects.get(pk=notice.pk)
    assert (answered.state, answered.acknowledged_by, answered.acknowledged_via) == (
        "acknowledged",
        str(dana),
        "screen",
    )


def test_by_the_signed_link(at_browser, notice):
    stranger = at_browser(None)
    page, address = stranger.page, stranger.base + links.path(notice, 0)
    for _ in range(2):  # a mail scanner follows links too
        page.goto(address)
        expect(page.locator("[data-answer=confirm]")).to_be_visible()
    assert Notice.objects.get(pk=notice.pk).state != "acknowledged"
    page.get_by_role("button", name=re.compile("确认收到")).click()
    expect(page.locator("[data-answer=first]")).to_contain_text("已确认")
    page.goto(address)
    expect(page.locator("[data-answer=again]")).to_be_visible()
    answered = Notice.objects.get(pk=notice.pk)
    assert (answered.state, answered.acknowledged_via) == ("acknowledged", "link")
