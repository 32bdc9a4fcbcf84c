"""Every action card of every shipped playbook is one A4 page, with nothing cut off and room for a log."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from planroom.screens import playbook as reading_view
from playbooks import library

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

STATIC = Path(__file__).resolve().parents[2] / "static" / "css"
LEAST_ROWS = 3
# What is taller than its box is cut off on paper.
CUT = """() => {
  const card = document.querySelector('.paper-card');
  const rows = [...document.querySelectorAll('.paper-log-rows p')];
  const box = document.querySelector('.paper-log-rows').getBoundingClientRect();
  const wide = [...card.querySelectorAll('.paper-roles section, .paper-clock li, .paper-pair section')]
    .filter((one) => one.scrollWidth > one.clientWidth + 1);
  return {
    tall: card.scrollHeight - card.clientHeight,
    wide: wide.map((one) => one.textContent.trim().slice(0, 60)),
    rows: rows.filter((row) => row.getBoundingClientRect().left < box.right - 1).length,
    size: parseFloat(getComputedStyle(card).fontSize) * 72 / 96,
  };
}"""


@pytest.fixture
def reader(world, omar):
    """Omar leads the shift of a site that runs every plan."""
    site = omar.memberships.get(site__key="callcentre").site
    site.plans = sorted({book.plan_key for book in library.current()})
    site.save(update_fields=["plans"])
    omar.memberships.exclude(site=site).delete()
    return omar


def cards():
    for book in library.current():
        base = f"/playbooks/{book.plan_key}/{book.key}/card/"
        posts = dict.fromkeys(duty.post for duty in book.duties if duty.kind != "prohibition")
        yield from [base, *(f"{base}{post}/" for post in posts)]


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


@pytest.fixture
def sheet(chromium, client, reader):
    """A page set from what the console answers, its style sheets put in: no server to wait for."""
    context = chromium.new_context()
    page = context.new_page()
    page.emulate_media(media="print")
    client.force_login(reader)

    def show(path):
        html = client.get(path).content.decode()
        html = re.sub(r'<link rel="stylesheet" href="[^"]*css/(\w+)\.css"[^>]*>', _style, html)
        page.set_content(re.sub(r"<script[^>]*></script>|<link[^>]*>", "", html))
        return page

    yield show
    context.close()


def _style(found):
    return f"<style>{(STATIC / f'{found[1]}.css').read_text()}</style>"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_card_is_one_page(sheet, reader, language):
    reader.language = language
    reader.save(update_fields=["language"])
    wrong, tightest = {}, ("", 99.0)
    for path in cards():
        found = sheet(path).evaluate(CUT)
        if found["tall"] > 0 or found["wide"] or found["rows"] < LEAST_ROWS:
            wrong[path] = found
        tightest = min(tightest, (path, found["rows"]), key=lambda one: one[1])
    assert wrong == {}
    pdf = sheet(tightest[0]).pdf(prefer_css_page_size=True, print_background=True)
    assert pages(pdf) == 1
    assert re.search(rb"/MediaBox \[0 0 59[45]", pdf), "A4, upright"
    translation.activate("zh-hans")


def test_blanks_fit_a_page(sheet, reader):
    seen = set()  # what a plan shares between its playbooks is the same sheet
    for book in library.current():
        for form in reading_view.forms(book, trusted=True):
            if form in seen:
                continue
            seen.add(form)
            page = sheet(f"/playbooks/{book.plan_key}/{book.key}/forms/{form.key}/")
            assert pages(page.pdf(prefer_css_page_size=True)) == 1, (book.key, form.key)
