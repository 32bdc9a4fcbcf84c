"""The roster by mouse, by keys alone and on a telephone: a shift is dragged, a gap filled, a week read day by day."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from staffing import hours, planned
from staffing.models import Need, Shift
from tests import rosters
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_accessible import sound

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


class House:
    """The next week of the call centre: two posts, three people, a day shift on Monday and a gap on Thursday."""

    def __init__(self, site, now):
        self.week = hours.monday(now.astimezone(planned.ZONE).date()) + planned.WEEK
        self.guard = rosters.post(site, "guard", zh="安保", en="Guard")
        self.gate = rosters.post(site, "gate", zh="门岗", en="Gate")
        self.f, self.v, self.z = (rosters.person(site, f"示例安保{letter}") for letter in "FVZ")
        self.day = rosters.kind(site, "day", "白", 8, 16)
        Need.objects.create(post=self.guard, kind=self.day, weekdays=[4])
        self.mine = self.shift(self.f, 0)
        self.other = self.shift(self.v, 1, post=self.gate)
        self.path = f"/roster/?site={site.key}&week={self.week}"

    def shift(self, who, day, post=None):
        starts_at, ends_at = planned.span(self.day, self.week + timedelta(days=day))
        values = {"post": post or self.guard, "person": who, "kind": self.day}
        return Shift.objects.create(starts_at=starts_at, ends_at=ends_at, **values)

    def cell(self, page, post, day):
        return page.locator(f"td[data-post='{post.pk}'][data-date='{self.week + timedelta(days=day)}']")

    def chip(self, page, shift):
        return page.locator(f"[data-shift='{shift.pk}']")


@pytest.fixture
def house(callcentre, now):
    return House(callcentre, now)


def test_a_shift_is_dragged_to_another_day_and_post_also_onto_somebody_there(at_browser, dana, house):
    desk = at_browser(dana)
    desk.open(house.path)
    desk.mark()
    house.chip(desk.page, house.mine).drag_to(house.cell(desk.page, house.gate, 3))
    expect(house.cell(desk.page, house.gate, 3)).to_contain_text("示例安保F")
    expect(desk.page.locator("#roster-said")).to_contain_text("已改为")
    moved = Shift.objects.get(pk=house.mine.pk)
    assert (moved.post, moved.starts_at) == (house.gate, house.mine.starts_at + 3 * planned.DAY)
    house.chip(desk.page, moved).drag_to(house.chip(desk.page, house.other).locator("a"))
    expect(house.cell(desk.page, house.gate, 3)).not_to_contain_text("示例安保F")
    moved = Shift.objects.get(pk=house.mine.pk)  # the cell was meant: the other's day, the same person
    assert (moved.person.name, moved.starts_at) == ("示例安保F", house.other.starts_at)
    desk.was_not_reloaded()


def test_a_drag_that_is_refused_comes_back_as_a_form_with_its_sentence(at_browser, dana, house):
    rosters.leave(house.f, planned.midnight(house.week + timedelta(days=2)))
    desk = at_browser(dana)
    desk.foresees("422")
    desk.open(house.path)
    house.chip(desk.page, house.mine).drag_to(house.cell(desk.page, house.guard, 2))
    expect(desk.page.locator("dialog[open]")).to_contain_text("请假，不能排班")
    assert Shift.objects.get(pk=house.mine.pk).starts_at == house.mine.starts_at


def test_two_planners_at_one_shift(at_browser, dana, ada, house):
    first, second = at_browser(dana), at_browser(ada)
    second.foresees("409")
    first.open(house.path)
    second.open(house.path)
    house.chip(first.page, house.mine).drag_to(house.cell(first.page, house.guard, 4))
    expect(first.page.locator("#roster-said")).to_contain_text("已改为")
    house.chip(second.page, house.mine).drag_to(house.cell(second.page, house.guard, 5))
    expect(second.page.locator("#form-errors")).to_contain_text("已被改动，未作任何改动")
    expect(house.cell(second.page, house.guard, 4)).to_contain_text("示例安保F")  # the newest is fetched


def test_by_keys_alone(at_browser, dana, house):
    """Arrows to the shift, Enter, change the day, Ctrl+Enter; the focus comes back to where it was."""
    desk = at_browser(dana)
    desk.open(house.path)
    press = desk.page.keyboard.press
    desk.page.locator(f"#shift-{house.other.pk}").focus()
    press("ArrowUp")
    press("ArrowLeft")
    assert desk.focused() in (f"shift-{house.mine.pk}", f"add-{house.guard.pk}-{house.week:%m%d}")
    desk.page.locator(f"#shift-{house.mine.pk}").focus()
    press("Enter")
    expect(desk.page.locator("#menu-move")).to_be_focused()
    expect(desk.page.locator(".htmx-settling, .htmx-swapping")).to_have_count(0)  # until then a link is a link
    press("Enter")
    day = desk.page.locator("dialog [name=day]")
    expect(day).to_have_value(house.week.isoformat())
    day.fill((house.week + timedelta(days=2)).isoformat())
    press("Control+Enter")
    expect(desk.page.locator("dialog[open]")).to_have_count(0)
    expect(house.cell(desk.page, house.guard, 2)).to_contain_text("示例安保F")


def test_a_gap_is_filled_with_one_press(at_browser, dana, house):
    desk = at_browser(dana)
    desk.open(house.path)
    expect(desk.page.locator("#live-gaps")).to_contain_text("安保")
    expect(house.cell(desk.page, house.guard, 3)).to_contain_text("缺岗")
    desk.page.locator("#live-gaps").get_by_role("button", name="指派").first.click()
    expect(desk.page.locator("#live-gaps")).to_contain_text("没有缺岗")
    expect(house.cell(desk.page, house.guard, 3)).to_contain_text("示例安保F")
    expect(desk.page.locator("#roster-publish")).to_have_text("发布")


def test_on_a_telephone_one_day_is_read_after_another(at_browser, dana, house):
    phone = at_browser(dana, viewport=PHONE, has_touch=True)
    phone.open(house.path)
    expect(house.chip(phone.page, house.mine)).to_be_visible()
    expect(house.chip(phone.page, house.other)).not_to_be_visible()
    phone.page.locator("label:has(#pick-1)").click()
    expect(house.chip(phone.page, house.other)).to_be_visible()
    expect(house.chip(phone.page, house.mine)).not_to_be_visible()
    house.chip(phone.page, house.other).locator("a").click()
    phone.page.locator("#menu-move").click()
    phone.page.locator("dialog [name=person]").select_option(label="示例安保Z")
    phone.page.get_by_role("button", name="改动").click()
    expect(phone.page.locator("#pick-1")).to_be_checked()  # the day stays chosen
    expect(house.cell(phone.page, house.gate, 1)).to_contain_text("示例安保Z")


@pytest.mark.parametrize("language", ["", "en"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_page_and_its_forms_are_sound(at_browser, dana, house, language, size):
    desk = at_browser(dana, language=language, viewport=size)
    desk.open(house.path)
    sound(desk.page, house.path)
    desk.page.locator("#roster-add").click()
    expect(desk.page.locator("dialog[open]")).to_be_visible()
    sound(desk.page, house.path)
