"""Standing duties and features are read from their files, and every mistake is named like those of a plan."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from playbooks import standing

FEATURES = """\
format: 1
features:
  - {key: roster, zh: 值班表, en: Roster, requirements: [TT-1-01], screen: roster, test: tests/test_x.py}
  - {key: drills, zh: 演练, en: Drills, requirements: [TT-1-02], screen: drills, issue: 6}
"""
DUTIES = """\
format: 1
plan: {key: TT, zh: 测试, en: Test}
standing:
  - key: TT-2-01
    zh: 每周检查
    en: Check weekly
    post: leader
    clause: {zh: 二, en: Two}
    requirements: [TT-2-01]
    every: weekly
    rhythm_is_ours: yes
    optional: yes
    evidence: {zh: 记录, en: Record}
    feature: roster
  - key: TT-2-02
    zh: 保持畅通
    en: Keep clear
    post: nobody_in_the_plan
    post_zh: 安全员
    post_en: Safety officer
    clause: {zh: 二, en: Two}
    requirements: [TT-2-02]
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "standing").mkdir()
    (tmp_path / "features.yaml").write_text(FEATURES, encoding="utf-8")
    (tmp_path / "standing" / "TT.yaml").write_text(DUTIES, encoding="utf-8")
    return tmp_path


def test_the_files_become_values(folder):
    shelf = standing.read(folder, {"TT": ["leader"]})
    assert shelf.mistakes == ()
    assert [(one.key, one.test, one.issue) for one in shelf.features] == [
        ("roster", "tests/test_x.py", 0),
        ("drills", "", 6),
    ]
    (plan,) = shelf.plans
    weekly, always = plan.duties
    assert (plan.key, plan.en, weekly.key, weekly.every, weekly.post) == ("TT", "Test", "TT-2-01", "weekly", "leader")
    assert (weekly.rhythm_is_ours, weekly.optional, weekly.evidence_en, weekly.feature) == (
        True,
        True,
        "Record",
        "roster",
    )
    assert (always.every, always.post_en, always.requirements, always.clause_zh) == (
        "",
        "Safety officer",
        ("TT-2-02",),
        "二",
    )


@pytest.mark.parametrize(
    ("before", "after", "path", "reason"),
    [
        ("format: 1", "format: 2", "format", "format: 1 is required"),
        ("every: weekly", "every: weakly", "standing[TT-2-01].every", "did you mean weekly"),
        ("    every: weekly\n", "", "standing[TT-2-01].rhythm_is_ours", "no rhythm without every"),
        ("feature: roster", "feature: rooster", "standing[TT-2-01].feature", "did you mean roster"),
        ("post: leader", "post: leeder", "standing[TT-2-01].post", "did you mean leader"),
        ("    post: leader\n", "", "standing[TT-2-01]", "needs post"),
        ("    post_en: Safety officer\n", "", "standing[TT-2-02]", "go together"),
        ("    requirements: [TT-2-01]\n", "", "standing[TT-2-01]", "needs requirements"),
        ("requirements: [TT-2-01]", "requirements: [TT2]", "requirements[TT2]", "not a requirement id"),
        ("    en: Keep clear\n", "", "standing[TT-2-02]", "missing translation: en"),
        ("clause: {zh: 二", "clauses: {zh: 二", "standing[TT-2-01].clauses", "unknown key clauses"),
        ("key: TT-2-02", "key: TT-2-01", "standing[TT-2-01]", "defined twice"),
        ("standing:\n", "standing:\n\t", "", "tab"),
    ],
)
def test_a_mistake_names_file_path_and_reason(folder, before, after, path, reason):
    assert before in DUTIES
    (folder / "standing" / "TT.yaml").write_text(DUTIES.replace(before, after, 1), encoding="utf-8")
    shelf = standing.read(folder, {"TT": ["leader"]})
    assert shelf.plans == ()
    fitting = [one for one in shelf.mistakes if path in one.path and reason in one.reason_en]
    assert fitting, shelf.mistakes
    assert all(one.reason_zh and one.file.endswith("TT.yaml") and one.line >= 1 for one in fitting)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (", issue: 6", "", "needs test"),
        ("issue: 6", "issue: soon", "not a number"),
        ("key: drills", "key: roster", "defined twice"),
        (", screen: drills", "", "screen is missing"),
    ],
)
def test_a_mistake_in_the_features_is_named(folder, before, after, reason):
    (folder / "features.yaml").write_text(FEATURES.replace(before, after, 1), encoding="utf-8")
    assert any(reason in one.reason_en for one in standing.read(folder).mistakes)


def test_the_same_duty_in_two_files_is_a_mistake(folder):
    (folder / "standing" / "UU.yaml").write_text(DUTIES.replace("key: TT,", "key: UU,"), encoding="utf-8")
    assert {one.path for one in standing.read(folder).mistakes} == {"TT-2-01", "TT-2-02"}


def test_no_files_no_duties(tmp_path):
    assert standing.read(tmp_path) == standing.Shelf((), (), ())


def test_what_is_shipped_has_no_mistake_and_is_read_once():
    assert standing.shipped().mistakes == ()
    assert standing.shipped() is standing.shipped()


def test_checking_the_plans_checks_them_too(folder):
    (folder / "plans").mkdir()
    (folder / "standing" / "TT.yaml").write_text(DUTIES.replace("every: weekly", "every: weakly"), encoding="utf-8")
    err = StringIO()
    with pytest.raises(CommandError) as stopped:
        call_command("load_plans", dir=Path(folder / "plans"), check=True, stderr=err)
    assert stopped.value.returncode == 2
    assert "TT.yaml:10: standing[TT-2-01].every" in err.getvalue()
