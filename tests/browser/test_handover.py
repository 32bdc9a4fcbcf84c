"""Two leads at a change of shift, each at a browser: one writes the notes, the other takes over by keyboard."""

import re

import pytest
from playwright.sync_api import expect

from incident import sweep
from incident.models import Handover, Incident
from staffing.models import Holder, Membership, Person, Post, User
from tests import rosters

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

CLOCK = re.compile(r"^\+?\d+:\d\d(:\d\d)?$")


@pytest.fixture
def iris(callcentre):
    user = User.objects.create(username="iris", name="示例班长I")
    Membership.objects.create(user=user, site=callcentre, role=Membership.Role.SHIFT_LEAD)
    Person.objects.filter(site=callcentre, name="示例班长I").update(user=user)
    return user


@pytest.fixture
def opened(callcentre, iris, report, now, minutes):
    """The shift changes from omar to iris just now, in the middle of a fault."""
    Holder.objects.filter(post__site=callcentre, post__key="team_leader").delete()
    Post.objects.filter(site=callcentre, key="team_leader").update(hands_over=True)
    post = Post.objects.get(site=callcentre, key="team_leader")
    rosters.shift(post, Person.objects.get(site=callcentre, name="示例班长A"), now - minutes(480))
    rosters.shift(post, Person.objects.get(site=callcentre, name="示例班长I"), now)
    report("HJ-2", at=now - minutes(2), facts={"scope": "all_applications"})
    sweep.sweep(now=now)
    return Handover.objects.get()


def test_two_leads_change_shift(at_browser, omar, iris, opened):
    first, second = at_browser(omar), at_browser(iris)
    first.open("/desk/")
    expect(first.page.locator("#handing")).to_contain_text("您正在交班：值班组长")
    first.page.locator("#handing a").click()
    first.page.locator("textarea[name=note]").fill("示例：钥匙在值班台。")
    first.page.locator(f"#note-save-{opened.pk}").click()
    expect(first.page.locator(f"#handover-note-{opened.pk}")).to_contain_text("已保存")

    second.open("/desk/")
    expect(second.page.locator("#handing")).to_contain_text("您正在接班：值班组长")
    second.page.locator("#handing a").click()
    page = second.page
    expect(page.locator(".handover-said")).to_contain_text("示例：钥匙在值班台。")
    expect(page.locator(f"#handover-{opened.pk} [data-due]").first).to_have_text(CLOCK)

    # One item by the keyboard alone.
    incident = opened.items.get(duty=None)
    page.locator(f"#take-{incident.pk}").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".handover-item.is-incident")).to_contain_text("示例班长I 已接手")
    assert Incident.objects.get().lead == iris

    # The other side sees it by itself.
    expect(first.page.locator(".handover-item.is-incident")).to_contain_text("示例班长I 已接手", timeout=9000)

    # All the rest, after reading: not without the tick.
    page.locator(f"#take-all-{opened.pk}").click()
    assert Handover.objects.get().items.filter(state="open").exists()
    page.locator(f"#read-{opened.pk}").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[id^=take-]")).to_have_count(0)
    assert set(opened.items.values_list("state", flat=True)) == {"taken"}

    # Both sign, and the handover is over.
    page.locator(f"#sign-{opened.pk}").click()
    expect(page.locator(".handover-sides")).to_contain_text("已签")
    first.page.locator(f"#sign-{opened.pk}").click()
    expect(first.page.locator("#handover-now")).to_contain_text("现在没有交接班")
    kept = Handover.objects.get()
    assert kept.signed_from_at
    assert kept.signed_to_at


def test_at_the_width_of_a_phone(at_browser, iris, opened):
    person = at_browser(iris, viewport={"width": 390, "height": 844})
    person.open("/handover/?site=callcentre")
    page = person.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for button in page.locator("#handover-now button").all():
        assert (button.bounding_box() or {"height": 0})["height"] >= 44
