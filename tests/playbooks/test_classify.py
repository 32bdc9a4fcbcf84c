"""`classify`: the answer as JSON, and one clear sentence with exit 2 for whatever it can't take."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from playbooks import factinput, library, planfile
from playbooks.law import Choice, FactSpec
from tests.playbooks.plan_samples import WHOLE


def ask(*arguments):
    out = StringIO()
    call_command("classify", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_answer_names_level_bounds_clauses_and_what_is_missing():
    answer = ask("KF-4", "--fact", "seats_full_minutes=16")
    assert (answer["playbook"], answer["level"]) == ("KF-4", "general")
    assert (answer["at_least"], answer["at_most"]) == ("general", "general")
    assert "KF-4.1-02" in answer["clauses"][0]
    assert "server_login_failed" in answer["missing"]


@pytest.mark.parametrize(
    ("fact", "level"),
    [
        ("seats_full_minutes=30", "major"),
        ("seats_full_minutes=0.5h", "major"),
        ("seats_full_minutes=29min", "general"),
        ("seats_full_minutes=15 分钟", "general"),
        ("server_login_failed=yes", "major"),
        ("server_login_failed=否", None),
        ("problem=site_forum", "general"),
    ],
)
def test_values_may_carry_their_unit(fact, level):
    assert ask("KF-4", "--fact", fact)["level"] == level


def test_an_unknown_yes_or_no_keeps_the_range_open():
    answer = ask("KF-4", "--fact", "cheats=unknown", "--fact", "seats_full_minutes=0")
    assert (answer["level"], answer["at_most"]) == (None, "major")


def test_without_json_the_answer_also_looks_ahead():
    out = StringIO()
    call_command("classify", "KF-4", "--fact", "cheats=unknown", "--fact", "seats_full_minutes=0", stdout=out)
    assert "settles: cheats" in out.getvalue()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "TW.yaml").write_text(WHOLE, encoding="utf-8")
    return ["--dir", str(tmp_path)]


@pytest.mark.parametrize(
    ("facts", "zh", "en"),
    [
        ([], "法定事故等级：尚不能确定；尚缺死亡人数、重伤人数、直接经济损失", "not determined"),
        (["deaths=1"], "一般事故（死亡 1 人以上）；尚缺重伤人数、直接经济损失", "General accident (1 or more deaths)"),
        (["deaths=0", "seriously_injured=10人", "loss_yuan=0"], "较大事故（重伤 10 人以上）。", "Larger accident"),
        (["deaths=0", "seriously_injured=0", "loss_yuan=1亿元"], "特别重大事故", "of 100,000,000 yuan or more"),
        (["deaths=0", "seriously_injured=0", "loss_yuan=0"], "不构成", "none (nobody dead"),
    ],
)
def test_the_class_of_the_decree_is_a_note(folder, facts, zh, en):
    answer = ask("TW-1", *folder, *(part for fact in facts for part in ("--fact", fact)))
    assert any(zh in note and en in note for note in answer["notes"]), answer["notes"]
    assert not any("法定" in note for note in ask("TW-2", *folder)["notes"])


def test_a_countdown_typed_now_runs_down_and_the_gap_is_a_note(folder):
    answer = ask("TW-1", *folder, "--fact", "ups_left=10min")
    assert (answer["level"], answer["at_least"], answer["at_most"]) == ("tier2", "tier2", "tier2")
    assert "预案未写十与二十之间 / The plan leaves out ten to twenty" in answer["notes"]
    above = ask("TW-1", *folder, "--fact", "ups_left=11")
    assert (above["level"], above["at_most"]) == ("tier1", "tier2")
    assert "uncontrolled_minutes" in above["missing"]


@pytest.mark.django_db
def test_the_database_gives_the_answer_of_the_file(folder):
    library.publish(planfile.read(WHOLE).document, by=None, now=NOW)
    question = ["TW-1", "--fact", "ups_left=10", "--fact", "deaths=3"]
    assert ask(*question, "--published") == ask(*question, *folder)


def test_the_keys_of_the_answer_are_these():
    keys = ["playbook", "level", "at_least", "at_most", "clauses", "missing", "notes"]
    assert list(ask("KF-4", "--fact", "cheats=true")) == keys


def test_the_list_names_facts_units_and_levels():
    listed = {entry["playbook"]: entry for entry in ask("--list")}
    assert {"HJ-2", "HJ-5.1", "KF-4"} <= set(listed)
    units = {fact["metric"]: fact["unit"] for fact in listed["KF-4"]["facts"]}
    assert units["seats_full_minutes"] == "min"
    assert [level["key"] for level in listed["KF-4"]["levels"]] == ["general", "major"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["KF-9"], "no playbook 'KF-9' (did you mean KF-4?)"),
        ([], "no playbook ''"),
        (["KF-4", "--fact", "seats_full=3"], "did you mean seats_full_minutes"),
        (["KF-4", "--fact", "seats_full_minutes=3kg"], "given in min"),
        (["KF-4", "--fact", "seats_full_minutes=many"], "is a number"),
        (["KF-4", "--fact", "seats_full_minutes=-1"], "out of range"),
        (["KF-4", "--fact", "seats_full_minutes=1e9"], "is a number"),
        (["KF-4", "--fact", "cheats=perhaps"], "yes, no or unknown"),
        (["KF-4", "--fact", "problem=other"], "is one of"),
        (["KF-4", "--fact", "cheats"], "METRIC=VALUE"),
        (["KF-4", "--fact", "cheats="], "METRIC=VALUE"),
        (["KF-4", "--fact", "cheats=yes", "--fact", "cheats=no"], "given twice"),
        (["KF-4", "--fact", "seats_full_minutes=since:noon"], "is not a time"),
        (["KF-4", "--fact", "expected_minutes=since:12:00"], "needs a value"),
    ],
)
def test_what_it_can_not_take_is_one_sentence_and_exit_2(arguments, said):
    with pytest.raises(CommandError) as stopped:
        ask(*arguments)
    assert stopped.value.returncode == 2
    assert said in str(stopped.value)


NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("spec", "text", "value", "since"),
    [
        (FactSpec("run", "stopwatch", unit="h"), "90min", Decimal("1.5"), None),
        (FactSpec("run", "stopwatch", unit="min"), "since:13:40", None, NOW - timedelta(minutes=20)),
        (FactSpec("run", "stopwatch", unit="min"), "since:14:20", None, NOW - timedelta(hours=23, minutes=40)),
        (FactSpec("run", "stopwatch", unit="min"), "since:2026-03-02T13:00+00:00", None, NOW - timedelta(hours=1)),
        (FactSpec("drop", "measure", unit="%"), "55%", Decimal(55), None),
        (FactSpec("people", "count", unit="persons"), "2", 2, None),
        (FactSpec("scope", "choice", choices=(Choice("no", "否", "No"),)), "no", "no", None),
        (FactSpec("place", "text"), "北楼", "北楼", None),
        (FactSpec("seen", "time"), "13:00", None, NOW - timedelta(hours=1)),
        (FactSpec("broken", "flag"), "unknown", None, None),
        (FactSpec("broken", "flag"), "TRUE", True, None),
        (FactSpec("broken", "flag"), "since:13:00", True, NOW - timedelta(hours=1)),
        (FactSpec("loss_yuan", "measure", unit="yuan"), "2.5 万元", Decimal(25_000), None),
        (FactSpec("loss_yuan", "measure", unit="元"), "30 yuan", Decimal(30), None),
        (FactSpec("ups", "countdown", unit="min"), "0.5h", Decimal(30), NOW),
    ],
)
def test_every_kind_of_fact_is_read(spec, text, value, since):
    reading = factinput.parse(spec, text, now=NOW)
    assert (reading.value, reading.since) == (value, since)


@pytest.mark.parametrize("text", ["2.5", "-1", "ten", "1" * 40])
def test_a_count_is_a_whole_number(text):
    with pytest.raises(factinput.BadFact):
        factinput.parse(FactSpec("people", "count"), text, now=NOW)
