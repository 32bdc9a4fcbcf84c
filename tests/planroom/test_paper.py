"""Paper: cards with steps, times to write in and telephones; masked for most; blanks of every form."""

import re
from dataclasses import replace
from html import unescape

import pytest
from auditlog.models import LogEntry
from django.utils import timezone

from planroom.screens import paper
from playbooks import law as laws
from playbooks import library
from staffing.models import Disclosure, Site


@pytest.fixture
def page(client, omar):
    def get(path="/playbooks/HJ/HJ-2/card/team_leader/", user=None, status=200, **query):
        client.force_login(user or omar)
        answer = client.get(path, query)
        assert answer.status_code == status
        return unescape(answer.content.decode())

    return get


FORM = laws.Form(
    "ledger",
    "手工来电登记",
    "Manual call record",
    (
        laws.Item("caller", "phone", "来电号码", "Number of the caller", required=True),
        laws.Item("back", "check", "已回访", "Called back"),
        laws.Item("kind", "choice", "类别", "Kind", choices=(laws.Choice("a", "甲", "A"), laws.Choice("b", "乙", "B"))),
    ),
    rows=True,
)


@pytest.fixture
def book(monkeypatch, law):
    """HJ-2 as a test wants it, in force for the length of the test."""

    def change(**parts):
        changed = replace(law("HJ-2"), **parts)
        current = library.current
        monkeypatch.setattr(
            library, "current", lambda keys=None: [changed if one.key == "HJ-2" else one for one in current(keys)]
        )
        return changed

    return change


def test_a_card_holds_the_steps_of_its_post_and_of_no_other(page, law):
    html = page()
    for duty in law("HJ-2").duties:
        if duty.kind != "prohibition":
            assert (f"{duty.zh} " in html or f"{duty.zh}<" in html) is (duty.post == "team_leader"), duty.key
    assert html.count('<span class="box">') >= 6
    assert "HJ-2" in html and "第 1 版" in html and "示例呼叫中心" in html


def test_the_card_of_all_holds_every_post(page, law):
    html = page("/playbooks/HJ/HJ-2/card/")
    for duty in law("HJ-2").duties:
        assert duty.zh in html, duty.key


def test_due_times_are_written_in_by_hand(page):
    html = page()
    assert "<b>+5 分</b>" in html
    assert re.search(r"应 ___ : ___", html)
    assert "开始时间<b>____ : ____</b>" in html


def test_whom_to_call_is_named_with_a_masked_number(page):
    html = page()
    assert "示例主管B" in html and "000****0002" in html
    assert not re.search(r"000-\d{4}-\d{4}", html)
    assert "号码已隐去：完整号码请管理员打印" in html


def test_an_administrator_prints_full_numbers_and_that_is_written_down(page, ada, callcentre):
    assert "000-0000-0002" not in page(user=ada)
    before = LogEntry.objects.count()
    assert "000-0000-0002" in page(user=ada, numbers="full")
    entry = LogEntry.objects.latest("pk")
    assert LogEntry.objects.count() == before + 1
    assert (entry.actor, entry.action, entry.object_pk) == (ada, LogEntry.Action.ACCESS, str(callcentre.pk))
    assert entry.changes_dict["card"] == ["", "HJ-2"]
    assert "000" not in str(entry.changes_dict)
    shown = Disclosure.objects.get()
    assert (shown.user, shown.kind, shown.site, shown.detail) == (ada, "sheet", callcentre, "HJ-2 值班组长")
    assert "已调阅" in page("/admin/auditlog/logentry/", user=ada)


@pytest.mark.parametrize("who", ["omar", "dana", "vera"])
def test_nobody_else_lifts_the_masks(page, who, request):
    before = LogEntry.objects.count()
    assert "000-0000-0002" not in page(user=request.getfixturevalue(who), numbers="full")
    assert LogEntry.objects.count() == before


def test_rights_are_those_of_the_site_on_the_card(page, ada):
    """An administrator of one site has no key to the people of another."""
    ada.memberships.create(site=Site.objects.get(key="northside"), role="viewer")
    html = page(user=ada, site="northside", numbers="full")
    assert "示例城北呼叫中心" in html
    assert not re.search(r"000-\d{4}-\d{4}", html)


def test_prohibitions_and_public_numbers_are_on_it(page, law, book):
    never = next(duty for duty in law("HJ-2").duties if duty.kind == "prohibition")
    assert never.zh in page()
    call = laws.DutyRule(
        "x-119", (), "call", "team_leader", "拨打 119", "Call 119", laws.Trigger("report"), outside=("fire",)
    )
    party = laws.Party("fire", "消防救援", "Fire service", "119")
    book(parties=(party,), duties=(*law("HJ-2").duties, call))
    assert "消防救援 <b>119</b>" in page()


def test_a_post_without_a_duty_there_has_no_card(page):
    page("/playbooks/HJ/HJ-2/card/nobody/", status=404)
    page("/playbooks/HJ/HJ-2/card/ops_supervisor/", status=404)


def test_outsiders_learn_nothing(page, eve):
    page("/playbooks/KF/KF-4/card/", user=eve, status=404)
    page("/playbooks/KF/KF-4/forms/x/", user=eve, status=404)


def test_a_restricted_playbook_is_printed_for_its_staff_only_and_says_internal(page, book, omar, vera):
    changed = book(restricted=True, forms=(FORM,))
    assert "内部</b>" in page(user=omar)
    refused = page(user=vera, status=403)
    assert "仅限大厅值班人员" in refused
    assert not [duty for duty in changed.duties if duty.zh in refused]
    assert "内部</b>" in page("/playbooks/HJ/HJ-2/forms/ledger/", user=omar)
    page("/playbooks/HJ/HJ-2/forms/ledger/", user=vera, status=403)


def test_a_restricted_step_is_left_off_the_cards_of_others(page, law, book, omar, vera):
    secret = next(duty for duty in law("HJ-2").duties if duty.post == "team_leader")
    book(duties=tuple(replace(duty, restricted=duty.key == secret.key) for duty in law("HJ-2").duties))
    assert secret.zh in page(user=omar) and "内部</b>" in page(user=omar)
    assert secret.zh not in page(user=vera) and "内部</b>" not in page(user=vera)


def test_a_ledger_has_twelve_empty_lines_with_a_time_each(page, book):
    book(forms=(FORM,))
    html = page("/playbooks/HJ/HJ-2/forms/ledger/")
    assert "手工来电登记" in html and "来电号码 *" in html
    assert html.split("<tbody>")[1].count("<tr>") == paper.LEDGER_ROWS == 12
    assert html.split("<thead>")[1].split("</thead>")[0].count("<th") == len(FORM.items) + 2


def test_a_record_has_room_for_each_item(page, book):
    book(forms=(replace(FORM, rows=False),))
    html = page("/playbooks/HJ/HJ-2/forms/ledger/")
    assert html.count("<dt>") == len(FORM.items)
    assert "甲" in html and "乙" in html
    page("/playbooks/HJ/HJ-2/forms/other/", status=404)


def test_a_form_that_only_restricted_steps_write_is_restricted(page, law, book, omar, vera):
    first = replace(law("HJ-2").duties[0], restricted=True, form="ledger")
    book(forms=(FORM,), duties=(first, *law("HJ-2").duties[1:]))
    page("/playbooks/HJ/HJ-2/forms/ledger/", user=omar)
    page("/playbooks/HJ/HJ-2/forms/ledger/", user=vera, status=404)
    client_page = page("/playbooks/HJ/HJ-2/", user=vera)
    assert "手工来电登记" not in client_page


def test_every_post_with_a_step_has_its_card_and_every_form_its_blank(client, lead, everywhere):
    client.force_login(lead)
    for one in library.current():
        base = f"/playbooks/{one.plan_key}/{one.key}"
        posts = {duty.post for duty in one.duties}
        for path in [f"{base}/card/", *(f"{base}/card/{post}/" for post in posts)]:
            assert client.get(path).status_code == 200, path
        for form in one.forms:
            assert client.get(f"{base}/forms/{form.key}/").status_code == 200, form.key


def test_more_to_do_is_set_more_tightly(law, callcentre):
    small = paper.card(law("HJ-2"), callcentre, "maintenance", now=timezone.now(), trusted=True, full=False)
    many = replace(law("HJ-2"), duties=tuple(
        replace(duty, key=f"{duty.key}-{round_}") for round_ in range(5) for duty in law("HJ-2").duties
    ))  # fmt: skip
    large = paper.card(many, callcentre, "", now=timezone.now(), trusted=True, full=False)
    assert small.density < large.density == 4
