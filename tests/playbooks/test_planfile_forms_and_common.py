"""Parties, common parts, forms, calls, signers and gaps in a plan file: what they become, and every mistake in them."""

from decimal import Decimal

import pytest

from playbooks import planfile
from tests.playbooks.plan_samples import WHOLE


@pytest.fixture(scope="module")
def document():
    found = planfile.read(WHOLE)
    assert found.mistakes == ()
    return found.document


def mistakes(text):
    return planfile.read(text, file="w.yaml").mistakes


def keys(parts):
    return [part.key for part in parts]


def test_parties_stand_in_every_playbook(document):
    assert keys(document.parties) == ["fire_119", "users"]
    assert document.parties[0].number == "119"
    assert all(one.parties == document.parties for one in document.playbooks)


def test_common_parts_come_after_the_playbooks_own(document):
    one = document.playbook("TW-1")
    assert keys(one.duties) == ["D-call", "D-tell", "D-hand", "D-come", "E-everybody", "C-log", "C-hurt"]
    assert [duty.order for duty in one.duties] == [1, 2, 3, 4, 5, 6, 7]
    assert keys(one.forms) == ["handover", "log"]
    assert keys(one.notes) == ["N-ref", "C-note"]
    assert [spec.metric for spec in one.facts][-3:] == ["deaths", "seriously_injured", "loss_yuan"]


def test_a_playbooks_own_part_wins_and_common_no_opts_out(document):
    two, three = document.playbook("TW-2"), document.playbook("TW-3")
    assert (two.fact("deaths").zh, two.fact("deaths").maximum) == ("本方案死亡", Decimal(9))
    assert [(note.kind, note.zh) for note in two.notes] == [("gap", "自己的话")]
    assert keys(two.duties) == ["C-log", "C-hurt"]
    assert (keys(three.duties), three.facts, three.forms, three.notes) == (["D3"], (), (), ())


def test_the_new_fields_are_read(document):
    one = document.playbook("TW-1")
    assert (one.statutory, one.restricted) == (True, True)
    assert one.fact("uncontrolled_minutes").from_report
    assert one.fact("ups_left").kind == "countdown"
    assert one.level("tier2").spacing_minutes == 30
    assert one.level("tier2").rules[0].gap_en == "The plan leaves out ten to twenty"
    hand, call = one.duty("D-hand"), one.duty("D-call")
    assert (hand.form, hand.signers, hand.apart_from, hand.restricted) == ("handover", 2, ("D-tell",), True)
    assert (call.kind, call.outside, call.life_safety) == ("call", ("fire_119",), True)
    assert (one.notes[0].kind, one.notes[0].restricted) == ("reference", True)
    form = one.form("handover")
    assert (form.rows, form.outcome, form.requirements) == (True, "result", ("TW-1-04",))
    items = {item.key: item for item in form.items}
    assert (items["where"].source, items["where"].required) == ("place", True)
    assert (items["loss"].fact, items["hold"].minimum_days) == ("loss_yuan", 30)
    assert keys(items["result"].choices) == ["given", "kept"]


@pytest.mark.parametrize(
    ("before", "after", "at", "path", "reason"),
    [
        ('number: "119"', "number: fire", "fire_119, zh", "parties[fire_119].number", "no telephone number"),
        ("{key: users, zh: 用户", "{key: fire_119, zh: 用户", "用户", "parties[fire_119]", "defined twice"),
        ("en: Users}", "english: Users}", "english", "parties[users]", "missing translation: en"),
        ("outside: [fire_119]", "outside: [fire_118]", "fire_118", "[D-call].outside[fire_118]", "did you mean fire_"),
        ("outside: [fire_119]", "outside: [users]", "outside: [users]", "[D-call].outside", "with a number"),
        ("        outside: [fire_119]\n", "", "key: D-call", "duties[D-call]", "exactly one party"),
        ("outside: [fire_119]", "outside: [fire_119, users]", "119, users", "[D-call].outside", "exactly one party"),
        ("kind: call", "kind: phone", "kind: phone", "[D-call].kind", "phone is none of"),
        ("kind: call", "kind: task", "outside: [fire_119]", "[D-call].outside", "only notifications, calls"),
        (
            "on_late: [{tell: manager}]\n        outside: [users]",
            "on_late: []",
            "key: D-tell",
            "duties[D-tell]",
            "needs tell or outside",
        ),
        ("form: handover", "form: handovr", "handovr", "[D-hand].form", "did you mean handover"),
        ("key: D-hand\n        kind: record", "key: D-hand\n        kind: arrival", "form: handover",
         "[D-hand].form", "arrival has no form"),
        ("signers: 2", "signers: 0", "signers: 0", "[D-hand].signers", "between 1 and 5"),
        ("signers: 2", "signers: 6", "signers: 6", "[D-hand].signers", "between 1 and 5"),
        ("signers: 2", "signers: two", "signers: two", "[D-hand].signers", "not a number"),
        ("apart_from: [D-tell]", "apart_from: [D-tall]", "D-tall", "apart_from[D-tall]", "did you mean D-tell"),
        ("apart_from: [D-tell]", "apart_from: [D-hand]", "apart_from", "apart_from[D-hand]", "apart from itself"),
        ("outcome: result", "outcome: reslut", "reslut", "forms[handover].outcome", "did you mean result"),
        ("        rows: yes\n", "", "outcome: result", "forms[handover].outcome", "only a form with rows"),
        ("fact: loss_yuan}", "fact: los_yuan}", "los_yuan", "items[loss].fact", "did you mean loss_yuan"),
        ("fact: loss_yuan}", "fact: loss_yuan, source: site}", "source: site", "items[loss].fact", "either fact or"),
        ("source: place", "source: plaze", "plaze", "items[where].source", "did you mean place"),
        ("kind: date", "kind: time", "minimum_days", "items[hold].minimum_days", "only a date"),
        ("minimum_days: 30", "minimum_days: 0", "minimum_days: 0", "items[hold].minimum_days", "between 1 day"),
        ("kind: phone", "kind: fax", "kind: fax", "items[phone].kind", "fax is none of"),
        ("kind: check, zh", "kind: choice, zh", "key: seen", "items[seen]", "two or more choices"),
        (", {key: kept, zh: 保留, en: Kept}]", "]", "{key: given", "items[result].choices", "two or more choices"),
        ("{key: seen,", "{key: loss,", "已核", "items[loss]", "defined twice"),
        ("items: [{key: what, kind: long, zh: 内容, en: What}]", "items: []", "items: []", "common.forms[log].items",
         "no item"),
        ("spacing_minutes: 30", "spacing_minutes: 0", "spacing_", "levels[tier2].spacing_minutes", "more than 0"),
        ("starts: proposed", "starts: confirmed", "spacing_", "levels[tier2].spacing_minutes", "needs a level below"),
        ("starts: confirmed", "starts: proposed\n        spacing_minutes: 5", "spacing_minutes: 5",
         "levels[tier1].spacing_minutes", "needs a level below"),
        ("kind: stopwatch, unit: min, from", "kind: countdown, unit: min, from", "from_report",
         "facts[uncontrolled_minutes].from_report", "only a stopwatch"),
        ("kind: countdown, unit: min", "kind: countdown, unit: s", "ups_left", "facts[ups_left].unit", "s is none of"),
        ("at_most: 10", "at_most: 10, hold_minutes: 5", "hold_", "hold_minutes", "countdown takes no hold"),
        ("at_most: 10", "is: 10", "is: 10", "any[ups_left].is", "is does not fit a fact of kind countdown"),
        ("gap: {zh: 预案未写十与二十之间, ", "gap: {", "gap:", "rules[r2].gap", "missing translation: zh"),
        ("kind: reference", "kind: referense", "referense", "notes[N-ref].kind", "did you mean reference"),
        ("{metric: loss_yuan, kind: measure", "{metric: loss_yuan, kind: count", "statutory",
         "playbooks[TW-1].statutory", "needs loss_yuan"),
        ("unit: yuan, zh: 损失", "unit: 万元, zh: 损失", "statutory", "playbooks[TW-1].statutory", "unit yuan"),
        ("    common: no", "    common: maybe", "common: maybe", "playbooks[TW-3].common", "must be yes or no"),
        ("statutory: yes", "statutry: yes", "statutry", "playbooks[TW-1].statutry", "did you mean statutory"),
        ("common:\n", "common:\n  levels: []\n", "levels: []", "common.levels", "unknown key levels"),
    ],
)  # fmt: skip
def test_a_mistake_names_line_path_and_reason(before, after, at, path, reason):
    assert before in WHOLE
    broken = WHOLE.replace(before, after, 1)
    found = mistakes(broken)
    lines = broken.splitlines()
    fitting = [one for one in found if path in one.path and reason in one.reason_en]
    assert fitting, found
    assert any(at in lines[one.line - 1] for one in fitting), fitting
    assert all(one.reason_zh for one in found)


@pytest.mark.parametrize(
    ("before", "after", "path", "said"),
    [
        ("post: manager", "post: manger", "common.duties[C-hurt].post", "unknown post manger (did you mean manager?)"),
        ("form: log", "form: lag", "common.duties[C-log].form", "unknown form lag (did you mean log?)"),
        ("kind: safety", "kind: safty", "common.notes[C-note].kind", "(did you mean safety?)"),
        ("kind: long", "kind: lung", "common.forms[log].items[what].kind", "(did you mean long?)"),
        ("outside: [users]", "outside: [usres]", "common.duties[C-hurt].outside[usres]", "did you mean users"),
        ("{metric: deaths, kind: count", "{metric: deaths, kind: cuont", "common.facts[deaths].kind", "mean count?"),
    ],
)
def test_a_mistake_in_the_common_part_is_told_once_and_where_it_stands(before, after, path, said):
    broken = WHOLE.replace(before, after, 1)
    fitting = [one for one in mistakes(broken) if one.path == path]
    assert len(fitting) == 1, mistakes(broken)
    assert said in fitting[0].reason_en
    line = broken.splitlines()[fitting[0].line - 1]
    assert after.partition(": ")[2].strip("[]") in line


def test_a_common_condition_is_about_each_playbooks_own_facts():
    broken = WHOLE.replace("{fact: deaths, at_least: 1}", "{fact: broken, is: yes}")
    (only,) = mistakes(broken)
    assert only.path == "common.duties[C-hurt].opens.when.any[broken].fact"
    assert "(in TW-2)" in only.reason_en
    assert "TW-2" in only.reason_zh


def test_a_common_part_that_nobody_takes_is_a_mistake():
    lone = WHOLE[: WHOLE.index("  - key: TW-1\n")] + WHOLE[WHOLE.index("  - key: TW-3\n") :]
    assert [(one.path, one.reason_en) for one in mistakes(lone)] == [("common", "no playbook takes anything of it")]


def test_a_playbook_without_any_duty_is_told():
    bare = WHOLE[: WHOLE.index("    duties:\n      - {key: D3")]
    assert any("duties is missing" in one.reason_en for one in mistakes(bare))


def test_a_circle_may_run_through_the_common_part():
    circle = WHOLE.replace("on_late: [{tell: manager}]", "on_late: [{open: C-hurt}]").replace(
        "opens: {event: facts, when: {any: [{fact: deaths, at_least: 1}]}}", "opens: {event: done, duty: C-log}"
    )
    assert mistakes(circle) == ()
    closed = circle.replace(
        "      opens: report\n      form: log", "      opens: {event: done, duty: C-hurt}\n      form: log"
    )
    assert {"common.duties[C-hurt].opens", "common.duties[C-log].opens"} == {one.path for one in mistakes(closed)}
