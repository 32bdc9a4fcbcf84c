"""The linter: each doubt is found where it stands, in both languages, and a good plan raises none."""

import json
import time
from pathlib import Path

import pytest
from django.core.management import call_command

from planroom import linter
from planroom.lint_people import Reached, Staffed
from playbooks import planfile
from tests.planroom.law_texts import PLAN, edited, with_duty

ROOT = Path(__file__).resolve().parents[2]


def found(text, sites=()):
    checked = linter.check(text, file="TP.yaml", sites=sites)
    assert checked.errors == (), checked.errors
    return checked.findings


def one(text, sites=()):
    findings = found(text, sites)
    assert len(findings) == 1, findings
    return findings[0]


def line_of(text, words):
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


def test_a_good_plan_raises_nothing():
    assert found(PLAN) == ()


@pytest.mark.parametrize("path", sorted((ROOT / "fixtures" / "plans").glob("*.yaml")), ids=lambda path: path.name)
def test_the_shipped_plans_have_no_errors(path):
    assert linter.check(path.read_bytes(), file=path.name).errors == ()


def test_errors_come_from_the_reader_with_their_lines():
    text = edited(("minutes: 5", "minutes: soon"))
    checked = linter.check(text, file="TP.yaml")
    assert checked.document is None
    (error,) = checked.errors
    assert error.line == line_of(text, "minutes: soon")
    assert error.path == "playbooks[TP-1].duties[TP-1-01].minutes"


@pytest.mark.parametrize(
    "text", ["", "\0", "a: [", "- 1", "format: 1", "x" * 1_100_000, b"\xff\xfe", "&a b", "!!python/object:os.system x"]
)
def test_no_text_makes_it_raise(text):
    assert linter.check(text, file="TP.yaml").errors


def test_a_hole_between_two_levels():
    text = edited(
        (
            "{fact: full_minutes, at_least: 15}",
            "{fact: full_minutes, at_least: 15}, {fact: full_minutes, less_than: 25}",
        )
    )
    warning = one(text)
    assert warning.severity == "warning"
    assert "25" in warning.zh and "30" in warning.zh and "缺口" in warning.zh
    assert "gap between the levels" in warning.en
    assert warning.line == line_of(text, "key: major-full")


def test_a_hole_of_one_point():
    text = edited(
        (
            "{fact: full_minutes, at_least: 15}",
            "{fact: full_minutes, at_least: 15}, {fact: full_minutes, less_than: 30}",
        ),
        ("{fact: full_minutes, at_least: 30}", "{fact: full_minutes, more_than: 30}"),
    )
    assert "恰为 30" in one(text).zh


def test_levels_that_touch_leave_no_hole():
    assert not found(
        edited(
            (
                "{fact: full_minutes, at_least: 15}",
                "{fact: full_minutes, at_least: 15}, {fact: full_minutes, less_than: 30}",
            )
        )
    )


def test_whole_numbers_have_nothing_between_two_and_three():
    assert not found(
        edited(
            ("{fact: full_minutes, at_least: 15}", "{fact: persons, at_least: 1}, {fact: persons, at_most: 2}"),
            ("{fact: full_minutes, at_least: 30}", "{fact: persons, at_least: 3}"),
        )
    )


def test_a_hole_that_another_rule_fills_is_none():
    text = edited(
        (
            "{fact: full_minutes, at_least: 15}",
            "{fact: full_minutes, at_least: 15}, {fact: full_minutes, less_than: 20}",
        ),
        (
            "when: {all: [{fact: full_minutes, at_least: 30}]}",
            "when: {any: [{fact: full_minutes, at_least: 30}, {all: [{fact: full_minutes, at_least: 20}, "
            "{fact: full_minutes, at_most: 40}]}]}",
        ),
    )
    assert not found(text)


def test_levels_that_contradict_each_other():
    text = edited(
        (
            "{fact: full_minutes, at_least: 15}",
            "{fact: full_minutes, at_least: 15}, {fact: full_minutes, less_than: 40}",
        )
    )
    assert "重叠" in one(text).zh


def test_a_level_that_a_higher_one_always_covers():
    text = edited(("{fact: full_minutes, at_least: 15}", "{fact: full_minutes, at_least: 45}"))
    (warning,) = [one for one in found(text) if one.path.endswith("levels[general]")]
    assert "盖过" in warning.zh
    assert warning.line == line_of(text, "key: general")


def test_conditions_that_contradict_each_other():
    text = edited(
        (
            "{fact: full_minutes, at_least: 30}",
            "{fact: full_minutes, at_least: 30}, {fact: full_minutes, less_than: 20}",
        )
    )
    said = [one.path for one in found(text)]
    assert "playbooks[TP-1].levels[major].rules[major-full].when" in said
    assert "playbooks[TP-1].levels[major]" in said
    assert "playbooks[TP-1].duties[TP-1-02].opens" in said  # it waits for a level that never comes


def test_a_level_reached_by_a_flag_and_a_number_together():
    assert not found(
        edited(("{fact: full_minutes, at_least: 30}", "{fact: smoke, is: yes}, {fact: full_minutes, at_least: 5}"))
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("opens: {event: late, duty: TP-1-08}", None),
        ("opens: restore\nlapses_on: restore", "恢复"),
        ("opens: {event: facts, when: {all: [{fact: smoke, is: yes}, {fact: smoke, is_not: yes}]}}", "互相矛盾"),
    ],
)
def test_duties_that_never_open(lines, said):
    if said is None:
        assert linter.check(with_duty(lines), file="TP.yaml").errors  # unknown duty: the reader says so
        return
    warning = one(with_duty(lines))
    assert "永远不会打开" in warning.zh and said in warning.zh
    assert warning.path == "playbooks[TP-1].duties[TP-1-09].opens"


def test_late_of_a_duty_without_a_time():
    text = edited(("        minutes: 5\n", "")) + with_duty("opens: {event: late, duty: TP-1-01}").removeprefix(PLAN)
    assert "没有时限" in one(text).zh


def test_a_deadline_that_is_over_before_its_turn_comes():
    text = with_duty("opens: {event: done, duty: TP-1-01}\nanchor: reported\nminutes: 4")
    warning = one(text)
    assert warning.path == "playbooks[TP-1].duties[TP-1-09].minutes"
    assert "打开时已经超时" in warning.zh and "5 分钟" in warning.zh.replace("第 5 分钟", "5 分钟")
    assert not found(with_duty("opens: {event: done, duty: TP-1-01}\nanchor: reported\nminutes: 6"))
    assert not found(with_duty("opens: {event: done, duty: TP-1-01}\nminutes: 4"))  # counts from its opening


def test_a_deadline_shorter_than_the_gate_before_it():
    gate = with_duty("opens: report\nminutes: 60\ngate: restore")
    after = gate + with_duty("opens: restore\nanchor: occurred\nminutes: 30").removeprefix(PLAN).replace("09", "10")
    assert "打开时已经超时" in one(after).zh


def test_life_safety_that_waits_for_a_decision():
    text = edited(
        (
            "      - {metric: smoke,",
            "      - {metric: go, kind: choice, zh: 批准, en: Approval, choices: [{key: granted, zh: 准, en: Granted}, "
            "{key: refused, zh: 不准, en: Refused}]}\n      - {metric: smoke,",
        )
    )
    text += with_duty("opens: {event: facts, when: {all: [{fact: go, is: granted}]}}\nlife_safety: yes").removeprefix(
        PLAN
    )
    decision = with_duty(
        "opens: report\nfact: go\nchoices: [{key: granted, zh: 准, en: Granted}, {key: refused, zh: 不准, en: Refused}]"
    )
    text += decision.removeprefix(PLAN).replace("TP-1-09", "TP-1-10").replace("kind: task", "kind: decision")
    assert "要等决定“TP-1-10”" in one(text).zh


def test_a_plan_deadline_that_no_plan_gives():
    text = edited(("        requirements: [TP-1-01]\n", "        site_rule: yes\n"))
    assert "target_minutes" in one(text).zh


def test_words_left_in_chinese():
    warning = one(edited(("en: Look at the place", "en: Look at 现场")))
    assert "汉字" in warning.zh and "现场" in warning.en


def test_the_same_words_twice():
    assert "相同" in one(edited(("zh: 查看现场", "zh: Look at the place"))).zh
    assert not found(edited(("zh: 查看现场", "zh: CCTV"), ("en: Look at the place", "en: CCTV")))


def person(number, **given):
    return Reached(number, f"示例{number}", **({"by_machine": True, "by_phone": True, "tested": True} | given))


def test_posts_that_nobody_holds():
    site = Staffed("示例站", "Sample site", {"lead": (person(1),)})
    warning = one(PLAN, [site])
    assert warning.path == "posts[boss]" and warning.line == line_of(PLAN, "key: boss")
    assert "示例站" in warning.zh and "1 项任务" in warning.zh


def test_people_whom_nothing_reaches():
    lead = (person(1, by_machine=False, by_phone=False), person(2, by_machine=False))
    site = Staffed("示例站", "Sample site", {"lead": lead, "boss": (person(3, tested=False),)})
    said = {one.zh.split("”")[1][:12]: one.severity for one in found(PLAN, [site])}
    assert list(said.values()) == ["warning", "warning", "note"]
    assert any("没有任何联系方式" in one.zh for one in found(PLAN, [site]))


def test_a_common_part_is_said_once_and_where_it_stands():
    text = edited(
        ("playbooks:\n", "common:\n  notes:\n    - {key: n1, kind: safety, zh: 先人后物, en: 先人 first}\nplaybooks:\n")
    )
    document = planfile.read(text).document
    assert document is not None
    warning = one(text)
    assert warning.path == "common.notes[n1]" and warning.line == line_of(text, "key: n1")


def test_the_command(tmp_path, capsys):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(edited(("zh: 查看现场", "zh: Look at the place")))
    bad.write_text(PLAN.replace("rank: 1", "rank: high"))
    call_command("lint_plan", str(good))
    line = line_of(PLAN, "key: TP-1-01")
    assert capsys.readouterr().out.startswith(f"{good}:{line}: warning: playbooks[TP-1].duties[TP-1-01]: ")
    with pytest.raises(SystemExit) as stopped:
        call_command("lint_plan", str(good), str(bad), "--json")
    assert stopped.value.code == 1
    said = json.loads(capsys.readouterr().out)
    assert {one["severity"] for one in said} == {"error", "warning"}
    assert all(one["zh"] and one["en"] and one["line"] for one in said)


def test_a_plan_beyond_measure_takes_no_thread_for_long():
    """A hostile file reads within the limits of size, and is linted in seconds all the same."""
    rule = (
        "{{key: r{0}, zh: 规则, en: Rule, clause: {{zh: 条, en: Section}}, site_rule: yes, "
        "when: {{all: [{{fact: full_minutes, at_least: {0}}}]}}}}"
    )
    rules = "".join(f"          - {rule.format(place)}\n" for place in range(1, 1000))
    text = edited(("          - key: major-full\n", f"{rules}          - key: major-full\n"))
    text += "".join(
        with_duty(f"opens: {{event: done, duty: TP-1-{'09' if place == 100 else place - 1}}}")
        .removeprefix(PLAN)
        .replace("key: TP-1-09\n", f"key: TP-1-{place}\n")
        .replace("[TP-1-09]", "[TP-1-11]")
        for place in range(100, 1000)
    )
    text += with_duty("opens: report").removeprefix(PLAN)
    begun = time.monotonic()
    said = [one.zh for one in found(text) if one.severity == "note"]
    assert time.monotonic() - begun < 5
    assert any("规则太多" in words for words in said) and any("任务太多" in words for words in said)
