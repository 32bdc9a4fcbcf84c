"""The tour of README by clicking: report, take, restore, tick and waive the gates, end, close."""

import re

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.sync_api import expect

from incident.models import Duty, Incident

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def signed_in(at_browser):
    """Sign in by the form, as the web process hashes passwords."""

    def sign_in(user):
        hasher = PBKDF2PasswordHasher()
        user.password = hasher.encode("correct horse", hasher.salt())
        user.save(update_fields=["password"])
        person = at_browser(None)
        person.open("/")
        person.page.locator("#id_username").fill(user.username)
        person.page.locator("#id_password").fill("correct horse")
        person.page.keyboard.press("Enter")
        person.page.wait_for_url("**/desk/")
        person.is_live()
        return person

    return sign_in


# What the plan's forms must have.
FORMS = {"HJ-2-16": {"item-system": "示例系统", "item-symptom": "全部座席登录不了"}}


def answer_dialog(page, **fields: str) -> None:
    dialog = page.locator("#dialog")
    expect(dialog).to_be_visible()
    for name, value in fields.items():
        dialog.locator(f"[name={name}]").fill(value)
    finish = dialog.locator("button[value=finish]")
    (finish if finish.count() else dialog.locator("form button[type=submit]")).click()
    expect(dialog).to_be_hidden()


def tick(page, duty: Duty) -> None:
    """Press the box of a duty; where a form comes up, answer it."""
    box = page.locator(f"#tick-{duty.pk}")
    asks = box.get_attribute("role") == "button"
    box.click()
    if asks:
        choice = page.locator("#dialog .choices label")
        expect(page.locator("#dialog form")).to_be_visible()
        if choice.count():
            choice.last.click()
        answer_dialog(page, **FORMS.get(duty.rule, {}))
    expect(page.locator(f"#task-{duty.pk}")).to_have_class(re.compile("is-done"))


def test_the_whole_tour(signed_in, omar, dana, world, move_on):
    lead, supervisor = signed_in(omar), signed_in(dana)
    page = lead.page
    page.locator("#report-options .option", has_text="HJ-2").click()
    page.locator("#report-facts label", has_text="所有系统").click()
    expect(page.locator("#report-outcome")).to_contain_text("黄")
    page.locator(".exercise-tick").click()
    expect(page.locator("#report .if-exercise")).to_be_visible()
    page.locator("#report button[type=submit]").click()
    page.wait_for_url(re.compile("/incidents/EXE-"))
    incident = Incident.objects.get()
    move_on(incident, 6)
    move_on(incident, 5)

    page.locator("#step-take").click()
    expect(page.locator("#step-restore")).to_be_visible()
    tick(page, Duty.objects.get(incident=incident, rule="HJ-2-07"))
    tick(page, Duty.objects.get(incident=incident, rule="HJ-2-05"))
    expect(page.locator("#live-people")).to_contain_text("示例经理C")
    page.locator("#step-restore").click()
    answer_dialog(page, note="交换机已更换")
    expect(page.locator(".stepper [aria-current=step]")).to_contain_text("恢复")

    boss = supervisor.page
    supervisor.room(incident)
    ending = boss.locator("#step-declare_end")
    expect(ending).to_have_attribute("aria-disabled", "true")
    assert "还需" in boss.locator("#step-declare_end-missing").text_content()
    gates = list(Duty.objects.filter(incident=incident, state="open", gate="end"))
    assert len(gates) == 4
    boss.locator(f"#open-{gates[0].pk}").click()
    boss.locator("#dialog-other").click()
    answer_dialog(boss, reason="清单为空，无需回访")
    expect(boss.locator(f"#task-{gates[0].pk}")).to_contain_text("清单为空")
    for gate in gates[1:]:
        tick(boss, gate)
    expect(ending).not_to_have_attribute("aria-disabled", "true")
    ending.click()
    answer_dialog(boss)
    expect(boss.locator(".stepper [aria-current=step]")).to_contain_text("结束")
    expect(boss.locator("#live-next-deadline")).to_contain_text("已结束")
    boss.locator("#step-close").click()
    answer_dialog(boss, note="已复盘")
    expect(boss.locator(".stepper [aria-current=step]")).to_contain_text("关闭")
    expect(page.locator(".stepper [aria-current=step]")).to_contain_text("关闭")

    assert Incident.objects.get().state == "closed"
    assert not Duty.objects.filter(incident=incident, state="open").exists()
    supervisor.open("/incidents/?state=closed")
    expect(boss.locator("tr[data-row]")).to_contain_text(incident.number)
    supervisor.open(f"/incidents/{incident.number}/print/")
    expect(boss.locator("main")).to_contain_text("清单为空，无需回访")
    expect(boss.locator("main")).to_contain_text("交换机已更换")
