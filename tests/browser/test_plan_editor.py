"""The editor of a plan: findings lead to their line, a conflict loses nothing, and the desk follows at once."""

import pytest
from playwright.sync_api import expect

from incident import clock
from planroom import drafts
from playbooks import library, models
from staffing import granting
from staffing.models import User
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_accessible import sound

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

NEW = "/plans/KF/drafts/"
CHOSEN = """() => {
  const text = document.getElementById("law-text");
  return text.value.slice(text.selectionStart, text.selectionEnd);
}"""


@pytest.fixture
def bert(online):
    """Administers online service beside ada."""
    user = User.objects.create_user("bert", password="bert-demo", name="示例管理员ZZ", is_staff=True)
    granting.grant(user, online, "admin")
    return user


def test_from_a_mistake_to_the_law_in_force(at_browser, ada, bert, omar, online):
    author = at_browser(ada)
    author.foresees("422")
    author.open(NEW)
    text = author.page.locator("#law-text")
    law = text.input_value()
    place = law.index("minutes: ") + len("minutes: ")
    text.fill(law[:place] + "soon" + law[law.index("\n", place) :])
    finding = author.page.locator("#plan-findings .is-error")
    expect(finding).to_contain_text("不是数字")
    finding.locator("[data-line]").click()
    assert author.page.evaluate(CHOSEN).endswith(": soon")
    author.page.get_by_role("button", name="保存草案").click()
    expect(author.page.locator("#law-editor .refusal")).to_contain_text("没有保存")
    assert "soon" in text.input_value()  # nothing typed is lost

    text.fill(law.replace("zh: 客服中心应急预案", "zh: 客服中心应急预案（新）", 1) + "# 一行说明\n")
    expect(author.page.locator("#plan-findings .is-error")).to_have_count(0)
    author.page.get_by_role("button", name="保存草案").click()
    author.page.wait_for_url("**/versions/2/")
    author.page.locator("#submit-note").fill("改名称")
    author.page.get_by_role("button", name="提交审批").click()
    expect(author.page.get_by_text("须由另一位管理员批准")).to_be_visible()

    before = library.find("KF", "KF-4").id
    lead, desk = at_browser(omar), f"/desk/playbooks/?q=KF-4&site={online.pk}"
    lead.foresees("favicon")  # a bare fragment names none
    lead.open(desk)
    expect(lead.page.locator(f"[name=playbook][value='{before}']")).to_have_count(1)
    approver = at_browser(bert)
    approver.open("/plans/KF/versions/2/")
    expect(approver.page.locator(".law-changes")).to_contain_text("（新）")
    approver.page.get_by_role("button", name="批准并发布").click()
    expect(approver.page.locator(".flash")).to_contain_text("已发布")
    after = library.find("KF", "KF-4").id
    assert after != before
    lead.open(desk)  # asked before and after in the same process
    expect(lead.page.locator(f"[name=playbook][value='{after}']")).to_have_count(1)
    expect(lead.page.locator(f"[name=playbook][value='{before}']")).to_have_count(0)


def test_two_at_one_draft(at_browser, ada, bert):
    text = models.Plan.objects.get(key="KF").versions.get(state="published").source_text
    draft = drafts.create(
        plan=models.Plan.objects.get(key="KF"), actor=ada, now=clock.wall_now(), source=text + "# 一\n", file="KF.yaml"
    )
    first, second = at_browser(ada), at_browser(bert)
    second.foresees("409")
    for person in (first, second):
        person.open(f"/plans/KF/versions/{draft.number}/edit/")
    first.page.locator("#law-text").fill(text + "# 甲\n")
    first.page.get_by_role("button", name="保存草案").click()
    first.page.wait_for_url(f"**/versions/{draft.number}/")
    second.page.locator("#law-text").fill(text + "# 乙\n")
    second.page.get_by_role("button", name="保存草案").click()
    expect(second.page.locator("#law-editor .refusal")).to_contain_text(str(ada))
    assert second.page.locator("#law-text").input_value().endswith("# 乙\n")
    expect(second.page.locator(".law-theirs")).to_contain_text("# 甲")
    second.page.get_by_role("button", name="看过了，用我的文本替换").click()
    second.page.wait_for_url(f"**/versions/{draft.number}/")
    assert models.PlanVersion.objects.get(pk=draft.pk).source_text.endswith("# 乙\n")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_every_page_is_sound_and_fits(at_browser, ada, size):
    plan = models.Plan.objects.get(key="KF")
    text = plan.versions.get(state="published").source_text.replace("at_least: 30", "at_least: 25", 1)
    draft = drafts.create(plan=plan, actor=ada, now=clock.wall_now(), source=text, file="KF.yaml")
    person = at_browser(ada, viewport=size)
    one = f"/plans/KF/versions/{draft.number}/"
    for path in ("/plans/KF/versions/", one, f"{one}edit/", f"{one}replay/", NEW, "/plans/KF/versions/1/"):
        person.open(path)
        sound(person.page, path)
        assert person.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
