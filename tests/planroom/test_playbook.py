"""The page of a playbook: all that the plan says, by post and phase, with its clauses; restricted words for few."""

import re
from dataclasses import replace
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from planroom.screens import playbook as screen
from playbooks import law as laws
from playbooks import library
from staffing.models import Holder

WORDS = {"held": {}, "trusted": True}


@pytest.fixture
def page(client, omar):
    def get(path="/playbooks/HJ/HJ-2/", user=None, status=200):
        client.force_login(user or omar)
        answer = client.get(path)
        assert answer.status_code == status
        return unescape(answer.content.decode())

    return get


def part(html, title):
    """The panel of that title."""
    return html.split(f'aria-labelledby="{title}-title"')[1].split("</section>\n")[0]


def test_every_duty_stands_on_the_card_of_its_post_with_clause_and_id(page, law):
    html = page()
    cards = part(html, "cards")
    for duty in law("HJ-2").duties:
        assert f'id="{duty.key}"' in html
        if duty.kind == "prohibition":
            assert duty.zh not in cards and duty.zh in part(html, "never")
            continue
        card = cards.split(f'id="post-{duty.post}"')[1].split("</ol>")[0]
        assert duty.zh in card
        assert all(row in card for row in duty.requirements)


def test_deadlines_say_from_when_targets_say_that_they_are_the_sites_own(page):
    card = part(page(), "cards")
    assert "5 分钟内，自发生起" in card
    assert "内部目标 5 分钟" in card


def test_the_clock_runs_through_the_numbers_of_the_plan_in_order(law):
    steps = screen.build(law("HJ-2"), **WORDS).clock
    plan = [step.amount for step in steps if not step.is_target and step.amount != "0"]
    assert plan == sorted(plan, key=float)
    assert {"5", "10", "60"} <= set(plan)


@pytest.mark.parametrize(
    ("minutes", "said"), [(5, ("5", "分")), (90, ("90", "分")), (120, ("2", "小时")), (1440, ("1", "天"))]
)
def test_long_deadlines_are_said_in_hours_and_days(minutes, said):
    assert screen.amount_words(Decimal(minutes)) == said


def test_levels_stand_with_rules_conditions_and_what_they_start(page):
    levels = part(page("/playbooks/KF/KF-4/"), "rules")
    assert "座席线路占满时长 ≥ 30 分钟" in levels
    assert "属于例行维护：否" in levels
    assert "KF-4.2-05" in levels
    assert "召集其余全部客服上席" in levels
    assert "本站规则" in levels
    assert 'class="level is-outline" data-level="orange"' in levels  # solid fill is for what is real


def test_gaps_of_the_plan_are_shown_as_gaps(page):
    assert "任一满足" in part(page("/playbooks/KF/KF-4/"), "gaps")


def test_a_rule_that_closes_a_gap_says_which(law):
    book = law("KF-4")
    level = book.levels[0]
    rule = replace(level.rules[0], gap_zh="介于两级之间，预案没有写", gap_en="between the two levels")
    book = replace(book, levels=(replace(level, rules=(rule, *level.rules[1:])), *book.levels[1:]))
    reading = screen.build(book, **WORDS)
    assert reading.levels[0].rules[0].gap == "介于两级之间，预案没有写"
    assert "介于两级之间，预案没有写" in [remark.words for remark in reading.gaps]


def test_reference_text_is_marked_and_no_step(law):
    note = laws.Note("x", "reference", "保持气道通畅", "Keep the airway open")
    reading = screen.build(replace(law("HJ-2"), notes=(note,)), **WORDS)
    assert [remark.words for remark in reading.reference] == ["保持气道通畅"]
    assert "保持气道通畅" not in [step.words for card in reading.cards for step in card.steps]


def test_holders_of_the_site_stand_on_the_cards_and_vacant_posts_say_so(page, callcentre):
    Holder.objects.filter(post__site=callcentre, post__key="maintenance").delete()
    cards = part(page(), "cards")
    assert "空缺" in cards.split('id="post-maintenance"')[1].split("</header>")[0]
    assert "示例班长A" in cards.split('id="post-team_leader"')[1].split("</header>")[0]


def test_who_may_report_is_led_to_the_desk_with_this_playbook_chosen(page, law, vera, client, omar):
    link = re.search(r'href="(/desk/\?[^"]+)" id="report-this"', page())[1]
    client.force_login(omar)
    desk = client.get(link).content.decode()
    assert f'name="playbook" value="{law("HJ-2").id}" data-code="HJ-2" checked' in desk
    assert "report-this" not in page(user=vera)


def test_unknown_and_foreign_playbooks_are_not_there(page, eve):
    page("/playbooks/HJ/HJ-99/", status=404)
    page("/playbooks/HJ/KF-4/", status=404)
    page("/playbooks/KF/KF-4/", user=eve, status=404)
    page("/playbooks/ZZ/ZZ-1/", status=404)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_shipped_playbook_can_be_read(client, lead, language):
    lead.language = language
    lead.save()
    client.force_login(lead)
    for book in library.current():
        html = unescape(client.get(f"/playbooks/{book.plan_key}/{book.key}/").content.decode())
        for duty in book.duties:
            assert (duty.zh if language == "zh-hans" else duty.en) in html, duty.key
        for note in book.notes:
            assert (note.zh if language == "zh-hans" else note.en) in html, note.key
        for rule in (rule for level in book.levels for rule in level.rules):
            assert (rule.zh if language == "zh-hans" else rule.en) in html, rule.key
        for row in {row for duty in book.duties for row in duty.requirements}:
            assert row in html, row
    translation.activate("zh-hans")


def test_a_page_costs_the_same_whatever_the_playbook(client, lead):
    counts = {}
    client.force_login(lead)
    for book in library.current():
        path = f"/playbooks/{book.plan_key}/{book.key}/"
        client.get(path)
        with CaptureQueriesContext(connection) as caught:
            client.get(path)
        counts[book.key] = len(caught)
    assert max(counts.values()) - min(counts.values()) <= 1, counts
    assert max(counts.values()) <= 24, counts


# Restricted words


@pytest.fixture
def secret(monkeypatch, law):
    """HJ-2 with one restricted step and note, or restricted as a whole; the name stays known."""

    def make(*, whole):
        book = law("HJ-2")
        if whole:
            book = replace(book, restricted=True)
        else:
            duties = (replace(book.duties[0], restricted=True), *book.duties[1:])
            note = laws.Note("x", "safety", "不得激怒对方", "Do not provoke", restricted=True)
            book = replace(book, duties=duties, notes=(*book.notes, note))
        current = library.current
        monkeypatch.setattr(
            library, "current", lambda keys=None: [book if one.key == book.key else one for one in current(keys)]
        )
        return book

    return make


def test_a_restricted_step_is_for_those_who_work_there(page, secret, vera, omar):
    hidden = secret(whole=False).duties[0]
    assert hidden.zh in page(user=omar)
    assert "不得激怒对方" in page(user=omar)
    seen = page(user=vera)
    assert hidden.zh not in seen and "不得激怒对方" not in seen
    assert "受限内容：请向值班班长询问" in seen
    assert f'id="{hidden.key}"' in seen


def test_of_a_restricted_playbook_others_see_the_name_alone(page, secret, law, vera, omar):
    book = secret(whole=True)
    assert book.duties[0].zh in page(user=omar)
    seen = page(user=vera)
    assert book.zh in seen and "内容仅限大厅值班人员" in seen
    assert not [duty.key for duty in book.duties if duty.zh in seen]
    assert book.summary_zh not in seen
    assert 'id="simulator"' not in seen
    page("/playbooks/HJ/HJ-2/?fact-scope=slow", user=vera)
    assert "data-key" not in page("/playbooks/HJ/HJ-2/?fact-scope=slow", user=vera)
    library_row = page("/playbooks/", user=vera)
    assert book.zh in library_row and book.summary_zh not in library_row
