"""Takes the pictures of README in a real Chromium, from a fresh console on the same machine.

By hand, whenever the look has changed:

    export CONSOLE_HOME=$(mktemp -d) PORT=8151 SMTP_HOST=127.0.0.1 SMTP_PORT=8152
    .venv/bin/python manage.py up &
    .venv/bin/python docs/take_screenshots.py

It takes the mail at SMTP_PORT, so that people are reached; fills the seats of the online centre until the plan starts
by itself, signs in with the demo accounts, reports three more real incidents and an exercise, moves the exercise on,
calls people in, and works on all of it a little. A console with other incidents gives other pictures. CHROMIUM= names a
browser. The pictures go to docs/screenshots/.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from zoneinfo import ZoneInfo

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "screenshots"
BASE = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
DESKTOP, PHONE = (1440, 900), (390, 844)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-lcd-text"]
FULL = "客服热线座席占满"  # the title that full seats give
SETTLE_MS = 700  # the grey fade of a new row is over


def sign_in(browser: Browser, name: str, *, size: tuple[int, int] = DESKTOP, theme: str = "light") -> Page:
    """A browser of a demo user; the demo's password is NAME-demo where the console listens on loopback only."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale="zh-CN",
        color_scheme="dark" if theme == "dark" else "light",
        is_mobile=size == PHONE,
        has_touch=size == PHONE,
    )
    page = context.new_page()
    page.goto(f"{BASE}/login/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(f"{name}-demo")
    page.locator("form.login-fields button[type=submit]").click()
    page.wait_for_url(re.compile("/(desk|dashboard)/$"))
    return page


def go(page: Page, path: str) -> None:
    page.goto(BASE + path)
    if page.locator("#live-seen").count():
        expect(page.locator("html")).to_have_attribute("data-link", "on", timeout=10000)


def shoot(page: Page, name: str) -> None:
    page.wait_for_timeout(SETTLE_MS)
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path)
    print(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} KB")


def fill_in(page: Page, plan: str, given: Mapping[str, str], *, site: str = "呼叫中心", choose: str = "") -> None:
    """The desk's form; `given` maps a fact's metric, or title, place, occurred_at, to what is typed."""
    go(page, "/desk/")
    page.locator("#report .sites label", has_text=site).first.click()
    page.locator("#report-options .option", has_text=plan).click()
    expect(page.locator("#report-code")).to_have_text(plan)
    if choose:
        page.locator("#report-facts label", has_text=choose).first.click()
    for name, value in given.items():
        field = page.locator(f"#report [name='{name}'], #report [name='fact-{name}']")
        if not field.is_visible():
            field.locator("xpath=..").locator("[data-change]").click()
        field.fill(value)


def report(
    page: Page,
    plan: str,
    given: Mapping[str, str] | None = None,
    *,
    site: str = "呼叫中心",
    choose: str = "",
    is_exercise: bool = False,
) -> str:
    """Report an incident; returns its number."""
    fill_in(page, plan, given or {}, site=site, choose=choose)
    if is_exercise:
        page.locator(".exercise-tick").click()
    page.locator("#report .submit button").click()
    page.wait_for_url(re.compile(r"/incidents/[A-Z]+-[\d-]+/$"))
    return page.url.rstrip("/").rpartition("/")[2]


def lead_on(page: Page) -> None:
    page.locator("#step-take").click()
    expect(page.locator("#step-restore")).to_be_visible()


def ago(minutes: int) -> str:
    return f"{datetime.now(ZoneInfo('Asia/Shanghai')) - timedelta(minutes=minutes):%H:%M}"


def tick(page: Page, words: str) -> None:
    """Press the box of a duty; a form that comes up is answered as it stands."""
    task = page.locator("#live-actions .task:not(.is-done)", has_text=words).first
    box = task.locator(".tick-mark")
    asks = box.get_attribute("role") == "button"
    box.click()
    if asks:
        page.locator("#dialog form button[type=submit] >> nth=0").click()
        expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("#live-actions .task.is-done", has_text=words).first).to_be_visible()


def note(page: Page, words: str) -> None:
    page.locator("#quick-entry").fill(words)
    page.keyboard.press("Enter")
    expect(page.locator("#live-log")).to_contain_text(words)


def fast_forward(number: str, minutes: int) -> None:
    subprocess.run([sys.executable, "manage.py", "fast_forward", number, str(minutes)], cwd=ROOT, check=True)


def tell_the_story(lead: Page, supervisor: Page) -> tuple[str, str, str]:
    """Four real incidents, one of them started by full seats, and an exercise; the numbers of three of them."""
    go(lead, "/incidents/")
    lead.locator("a", has_text=FULL).first.click()
    lead.wait_for_url(re.compile("/incidents/INC-"))
    busy = lead.url.rstrip("/").rpartition("/")[2]
    lead_on(lead)
    note(lead, "排队 46 人，最长等待 6 分钟")
    given = {"title": "B 区 12 席无法登录", "occurred_at": ago(7), "seats_affected": "12"}
    report(lead, "HJ-2", given, choose="仅部分")
    given = {"title": "工单系统全部座席无法登录", "occurred_at": ago(2), "seats_affected": "38"}
    fault = report(lead, "HJ-2", given, choose="其中一个系统")
    lead_on(lead)
    tick(lead, "维持现场秩序")
    tick(lead, "员工日志")
    note(lead, "登录页报 502，话务条正常")
    report(lead, "HJ-5.1", {"title": "茶水间插座冒烟起火", "place": "三楼茶水间"})
    tick(lead, "拨打 119")
    exercise = report(lead, "HJ-2", choose="所有系统", is_exercise=True)
    tick(lead, "维持现场秩序")
    go(supervisor, "/inbox/")
    for number in (busy, fault):
        letters = supervisor.locator(".letter", has_text=number)
        while letters.count():
            with supervisor.expect_response(re.compile("/acknowledge/")):
                letters.first.locator("button").click()
            supervisor.wait_for_timeout(SETTLE_MS)
    fast_forward(exercise, 6)
    fast_forward(exercise, 5)
    return exercise, fault, busy


class Mailbox:
    """Takes every mail and keeps the link of each."""

    def __init__(self) -> None:
        self.links: list[tuple[str, str]] = []  # (subject, path)

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802
        mail = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        body = mail.get_body(("plain",))
        found = re.search(r"/a/\S+/", body.get_content() if body else "")
        if found:
            self.links.append((str(mail["subject"]), found.group()))
        return "250 taken"


def shoot_plans(browser: Browser) -> None:
    """Three plans: what one says, what it would say, and what it looks like on paper."""
    reader = sign_in(browser, "ruth")
    go(reader, "/playbooks/RL/RL-4/?fact-load_drop_pct=55&fact-affected_minutes=67&fact-expected_minutes=90")
    shoot(reader, "playbook")
    go(reader, "/playbooks/GR/GR-3/card/")
    shoot(reader, "playbook-card")
    night = sign_in(browser, "ruth", theme="dark")
    go(night, "/playbooks/FW/FW-4.4/?fact-people_trapped=yes")
    shoot(night, "playbook-dark")
    go(night, "/playbooks/")
    shoot(night, "library-dark")


@contextmanager
def full_seats() -> Iterator[None]:
    """The seats of the online centre have been full for more than 15 minutes, and go on being so."""
    words = [
        "manage.py",
        "simulate_queue",
        "--site",
        "online",
        "--queue",
        "hotline",
        "--backfill",
        "19m",
        "--minutes",
        "9",
    ]
    going = subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        going.send_signal(signal.SIGINT)
        going.wait(10)


def wait_for_the_plan(browser: Browser) -> None:
    """Until full seats have started it."""
    page = sign_in(browser, "dana")
    go(page, "/incidents/")
    expect(page.locator("main")).to_contain_text(FULL, timeout=60_000)
    page.context.close()


def call_in(browser: Browser, supervisor: Page, mailbox: Mailbox, number: str) -> Page:
    """Twelve more by a certain time; some answer by the link of their mail. The telephone of the last one."""
    go(supervisor, f"/call-outs/new/?site=online&incident={number}&post=cs_agent&quota=12")
    supervisor.get_by_role("button", name="开始召集").click()
    supervisor.wait_for_url(re.compile("/(incidents|call-outs)/"))
    phone = browser.new_page(
        viewport={"width": PHONE[0], "height": PHONE[1]}, locale="zh-CN", is_mobile=True, has_touch=True
    )
    answers = ("已到", "约 10 分钟到", "收到", "不在本地", "已到", "约 30 分钟到", "约 20 分钟到")
    for _ in range(60):
        asked = [path for subject, path in mailbox.links if "到岗" in subject]
        if len(asked) >= len(answers):
            break
        supervisor.wait_for_timeout(1000)
    for answer, path in zip(answers, asked, strict=False):
        phone.goto(BASE + path)
        phone.get_by_role("button", name=answer).first.click()
        expect(phone.locator(".answer-state")).to_be_visible()
    return phone


def shoot_people(browser: Browser, supervisor: Page, mailbox: Mailbox, number: str) -> None:
    """Rosters, contacts, seats and a call-out; and the link of a mail on a telephone."""
    phone = call_in(browser, supervisor, mailbox, number)
    shoot(phone, "phone-called")
    go(supervisor, f"/incidents/{number}/")
    supervisor.evaluate("document.querySelector('#live-summons').scrollIntoView()")
    shoot(supervisor, "call-out")
    supervisor.evaluate("scrollTo(0, 0)")
    for name, path in (
        ("roster", "/roster/?site=callcentre"),
        ("contacts", "/contacts/?site=online"),
        ("seats", "/seats/?site=online"),
    ):
        go(supervisor, path)
        shoot(supervisor, name)


def take(browser: Browser, mailbox: Mailbox) -> None:
    stranger = browser.new_page(viewport={"width": DESKTOP[0], "height": DESKTOP[1]}, locale="zh-CN")
    stranger.goto(f"{BASE}/login/")
    shoot(stranger, "login")

    lead, supervisor = sign_in(browser, "omar"), sign_in(browser, "dana")
    exercise, fault, busy = tell_the_story(lead, supervisor)
    for name, page, path in (
        ("room", lead, f"/incidents/{exercise}/"),
        ("room-real", lead, f"/incidents/{fault}/"),
        ("dashboard", supervisor, "/dashboard/"),
        ("list", supervisor, "/incidents/"),
    ):
        go(page, path)
        shoot(page, name)

    for name, theme in (("desk", "light"), ("desk-dark", "dark")):
        page = lead if theme == "light" else sign_in(browser, "omar", theme=theme)
        fill_in(page, "HJ-2", {"seats_affected": "38"}, choose="所有系统")
        page.locator("#report-what").fill("yycx")
        expect(page.locator("#report-options[data-asked=yycx]")).to_be_visible()
        expect(page.locator("#report-outcome")).to_contain_text("黄")
        page.evaluate("scrollTo(0, 0)")
        shoot(page, name)

    shoot_people(browser, supervisor, mailbox, busy)
    shoot_plans(browser)

    phone = sign_in(browser, "omar", size=PHONE)
    go(phone, f"/incidents/{fault}/")
    shoot(phone, "phone-room")

    go(supervisor, "/me/")
    supervisor.locator("label", has_text="English").click()
    supervisor.locator("form.account-form button[type=submit]").click()
    given = {"title": "Nobody can log in to the ticket system", "occurred_at": ago(3), "seats_affected": "38"}
    report(supervisor, "HJ-2", given, site="Call Centre", choose="one application")
    lead_on(supervisor)
    tick(supervisor, "Keep the floor in order")
    note(supervisor, "Its login page says 502; the telephones are fine")
    supervisor.evaluate("scrollTo(0, 0)")
    shoot(supervisor, "room.en")


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    mailbox = Mailbox()
    mail = Controller(mailbox, hostname="127.0.0.1", port=int(os.environ["SMTP_PORT"]))
    mail.start()
    with full_seats(), sync_playwright() as play:
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = play.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        wait_for_the_plan(browser)
        take(browser, mailbox)
        browser.close()
    mail.stop()


if __name__ == "__main__":
    main()
