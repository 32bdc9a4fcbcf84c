"""What changed between two texts of a plan: part by part, field by field, line by line."""

from planroom import differences
from playbooks import planfile
from tests.planroom.law_texts import PLAN, edited, with_duty


def read(text):
    found = planfile.read(text)
    assert found.mistakes == ()
    return found.document


def changes(new, old=PLAN):
    return differences.compare(read(old), read(new))


def said(new, old=PLAN):
    return [(one.kind, one.what, one.key, [field.name for field in one.fields]) for one in changes(new, old)]


def test_the_same_plan_has_no_changes():
    assert changes(PLAN) == ()
    assert changes(PLAN + "# a remark\n") == ()
    assert differences.lines(PLAN, PLAN) == ()


def test_fields_one_by_one():
    new = edited(("minutes: 5", "minutes: 3"), ("zh: 查看现场", "zh: 到现场查看"), ("colour: orange", "colour: red"))
    assert said(new) == [
        ("changed", "level", "major", ["colour"]),
        ("changed", "duty", "TP-1-01", ["zh", "minutes"]),
    ]
    (_, minutes) = changes(new)[1].fields
    assert (str(minutes.before), str(minutes.after)) == ("5", "3")


def test_conditions_are_told_with_their_rule():
    ((change,)) = changes(edited(("at_least: 30", "at_least: 25")))
    assert (change.what, change.key) == ("rule", "major-full")
    assert [field.name for field in change.fields] == ["when"]


def test_a_rule_that_moves_to_another_level():
    new = edited(
        ("          - key: general-full", "          - key: x"),
        ("          - key: major-full", "          - key: general-full"),
    )
    kinds = {(one.kind, one.key): [field.name for field in one.fields] for one in changes(new)}
    assert "level" in kinds["changed", "general-full"]
    assert ("added", "x") in kinds and ("removed", "major-full") in kinds


def test_what_is_new_and_what_is_gone():
    new = with_duty("opens: report")
    assert said(new) == [("added", "duty", "TP-1-09", [])]
    assert said(PLAN, new) == [("removed", "duty", "TP-1-09", [])]


def test_a_duty_put_in_front_of_others_changes_only_itself():
    lines = with_duty("opens: report").removeprefix(PLAN)
    new = PLAN.replace("    duties:\n", f"    duties:\n{lines}")
    assert said(new) == [("added", "duty", "TP-1-09", [])]


def test_a_whole_playbook_is_told_as_one():
    second = PLAN.split("playbooks:\n")[1].replace("TP-1", "TP-2")
    assert said(PLAN + second) == [("added", "playbook", "TP-2", [])]
    assert said(PLAN, PLAN + second) == [("removed", "playbook", "TP-2", [])]


def test_posts_facts_and_the_name_of_the_plan():
    new = edited(
        ("zh: 示例预案", "zh: 新示例预案"),
        ("zh: 主管, en: Supervisor", "zh: 值班主管, en: Supervisor"),
        ("zh: 人数, en: Persons", "zh: 人数, en: Persons, unit: persons"),
    )
    assert said(new) == [
        ("changed", "plan", "TP", ["zh"]),
        ("changed", "post", "boss", ["zh"]),
        ("changed", "fact", "persons", ["unit"]),
    ]


def test_a_common_part_is_told_once():
    second = PLAN.split("playbooks:\n")[1].replace("TP-1", "TP-2")
    head, books = (PLAN + second).split("playbooks:\n")
    common = "common:\n  notes:\n    - {key: n1, kind: safety, zh: 先人后物, en: People first}\n"
    ((change,)) = changes(f"{head}{common}playbooks:\n{books}", PLAN + second)
    assert (change.kind, change.what, change.key) == ("added", "note", "n1")
    assert change.books == ("TP-1", "TP-2")


def test_lines_with_their_numbers_and_what_stands_around():
    found = differences.lines("a\nb\nc\nd\ne\nf\ng\n", "a\nb\nc\nX\ne\nf\ng\n", around=1)
    assert [(one.mark, one.text, one.old_line, one.new_line) for one in found] == [
        ("@", "", None, None),
        (" ", "c", 3, 3),
        ("-", "d", 4, None),
        ("+", "X", None, 4),
        (" ", "e", 5, 5),
    ]


def test_two_long_texts_that_share_nothing_are_told_as_one_change():
    old, new = ("\n".join(f"{word} {place}" for place in range(9000)) for word in ("a", "b"))
    found = differences.lines(f"head\n{old}\nfoot\n", f"head\n{new}\nfoot\n")
    assert len(found) == 18_002
    assert (found[0].text, found[-1].text, found[-1].new_line) == ("head", "foot", 9002)
