"""The shipped plans say what the written plans say: numbers, recipients, order and gates."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from playbooks import rules, shipped, standing, traceability
from playbooks.law import Effect, Reading

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def playbooks():
    documents, mistakes = shipped.read_folder(ROOT / "fixtures" / "plans")
    assert mistakes == []
    return {playbook.key: playbook for document in documents for playbook in document.playbooks}


def classify(playbook, **values):
    return rules.classify(playbook, {metric: Reading(metric, value) for metric, value in values.items()}, NOW)


@pytest.mark.parametrize(
    ("facts", "level", "clause"),
    [
        ({"seats_full_minutes": 14}, None, None),
        ({"seats_full_minutes": 15}, "general", "KF-4.1-02"),
        ({"seats_full_minutes": 29}, "general", "KF-4.1-02"),
        ({"seats_full_minutes": 30}, "major", "KF-4.2-05"),
        ({"temporary_maintenance": True}, "general", "KF-4.1-01"),
        ({"temporary_maintenance": True, "routine_maintenance": False}, "general", "KF-4.1-01"),
        ({"temporary_maintenance": True, "routine_maintenance": True}, None, None),
        ({"server_login_failed": True}, "major", "KF-4.2-01"),
        ({"mass_disconnect": True}, "major", "KF-4.2-02"),
        ({"cheats": True}, "major", "KF-4.2-03"),
        ({"data_abnormal": True}, "major", "KF-4.2-04"),
        ({"problem": "login"}, "major", "KF-5-01"),
        ({"problem": "disconnect"}, "major", "KF-5-02"),
        ({"problem": "site_forum"}, "general", "KF-5-03"),
        ({"problem": "back_office"}, "general", "KF-5-04"),
        ({"problem": "data"}, "major", "KF-5-05"),
        ({"problem": "recharge"}, "general", "KF-5-06"),
        ({"problem": "cheating"}, "major", "KF-5-07"),
    ],
)
def test_the_level_of_customer_service(playbooks, facts, level, clause):
    verdict = classify(playbooks["KF-4"], **facts)
    assert verdict.level == level
    cited = {name for one in verdict.clauses for name in one.requirements}
    assert clause is None or clause in cited


def test_major_customer_service_waits_for_confirmation_only_to_call_everybody_in(playbooks):
    playbook = playbooks["KF-4"]
    assert (playbook.level("general").starts, playbook.level("major").starts) == ("confirmed", "provisional")
    assert (playbook.level("general").colour, playbook.level("major").colour) == ("yellow", "orange")
    waiting = [duty.key for duty in playbook.duties if duty.opens.event == "confirmed"]
    assert waiting == ["KF-4.2-06"]
    assert playbook.duty("KF-4.2-06").opens.argument == "major"


@pytest.mark.parametrize(
    ("scope", "level"),
    [
        ("all_applications", "all_seats"),
        ("one_application", "all_seats"),
        ("slow", "all_seats"),
        ("some_seats", "partial"),
        (None, "partial"),
    ],
)
def test_the_level_of_an_application_fault_is_a_site_rule(playbooks, scope, level):
    verdict = classify(playbooks["HJ-2"], **({"scope": scope} if scope else {}))
    assert verdict.level == level
    assert verdict.clauses[0].site_rule
    assert "本站规则" in verdict.notes[0].zh


@pytest.mark.parametrize(("key", "minutes"), [("HJ-2-05", 5), ("HJ-2-07", 10), ("HJ-2-08", 60)])
def test_the_three_deadlines_of_an_application_fault(playbooks, key, minutes):
    duty = playbooks["HJ-2"].duty(key)
    assert (duty.minutes, duty.target_minutes, duty.anchor) == (Decimal(minutes), None, "occurred")
    assert duty.opens.event == "report"


def test_no_other_duty_of_these_plans_has_a_plan_deadline(playbooks):
    timed = {duty.key for playbook in playbooks.values() for duty in playbook.duties if duty.minutes is not None}
    # Grows with each plan that has numbers of its own.
    assert {"HJ-2-05", "HJ-2-07", "HJ-2-08"} == {key for key in timed if key.startswith(("HJ-2", "HJ-5.1", "KF-"))}


def test_lateness_goes_to_the_next_post(playbooks):
    assert playbooks["HJ-2"].duty("HJ-2-05").on_late == (Effect("tell", "centre_manager"),)


@pytest.mark.parametrize(
    ("known", "minutes", "opens"),
    [
        ({}, 9, False),
        ({}, 10, True),
        ({"restorable_in_10": "yes"}, 9, False),
        ({"restorable_in_10": "yes"}, 10, True),
        ({"restorable_in_10": "no"}, 1, True),
    ],
)
def test_ten_minutes_judged_or_elapsed_tell_the_two_leaders(playbooks, known, minutes, opens):
    playbook = playbooks["HJ-2"]
    duty = playbook.duty("HJ-2-07-tell")
    facts = {metric: Reading(metric, value) for metric, value in known.items()}
    facts["elapsed_minutes"] = Reading("elapsed_minutes", since=NOW)
    now = NOW + timedelta(minutes=minutes)
    assert rules.truth(duty.opens.when, playbook.specs, facts, now).value is opens
    assert duty.tell == ("ops_supervisor", "centre_manager")
    assert (duty.minutes, duty.answers, duty.lapses_on) == (None, "all", "restore")


def test_the_judgement_of_maintenance_is_also_a_fact(playbooks):
    duty = playbooks["HJ-2"].duty("HJ-2-07")
    assert (duty.kind, duty.fact, duty.lapses_on) == ("decision", "restorable_in_10", "restore")


def test_everybody_told_before_is_told_again_before_the_end(playbooks):
    duty = playbooks["HJ-2"].duty("HJ-2-14")
    assert (duty.opens.event, duty.tell, duty.gate, duty.post) == ("restore", ("@told",), "end", "team_leader")


def test_fire_waits_for_nobody(playbooks):
    fire = playbooks["HJ-5.1"]
    assert fire.life_safety
    assert [duty.key for duty in fire.duties[:2]] == ["HJ-5.1-03", "HJ-5.1-04"]
    assert classify(fire).level == "fire"
    assert (fire.level("fire").colour, fire.level("fire").starts) == ("red", "confirmed")
    for duty in fire.duties:
        assert duty.opens.event in ("report", "facts", "restore")
        if duty.life_safety:
            assert duty.opens.event in ("report", "facts")


def test_no_duty_opens_at_the_end_or_waits_for_another_to_be_late_before_it_gates(playbooks):
    for playbook in playbooks.values():
        for duty in playbook.duties:
            assert duty.opens.event != "end"
            if duty.gate is not None:
                assert duty.opens.event != "late"


def test_a_number_is_the_plans_or_the_sites_own_target(playbooks):
    for playbook in playbooks.values():
        for duty in playbook.duties:
            assert duty.minutes is None or duty.target_minutes is None
            assert duty.requirements or duty.site_rule


@pytest.mark.parametrize(
    "facts",
    [
        {"seats_full_minutes": None},
        {"problem": None},
        {"cheats": None},
        {},
    ],
)
def test_what_nobody_knows_sets_no_level_of_customer_service(playbooks, facts):
    verdict = classify(playbooks["KF-4"], **facts)
    assert (verdict.level, verdict.at_least, verdict.at_most) == (None, None, "major")
    assert "seats_full_minutes" in verdict.missing


@pytest.mark.parametrize(
    ("running", "level", "changes_in", "changes_to"),
    [(0, None, 15, "general"), (14, None, 1, "general"), (15, "general", 15, "major"), (30, "major", None, None)],
)
def test_the_full_lines_turn_at_the_minute(playbooks, running, level, changes_in, changes_to):
    facts = {"seats_full_minutes": Reading("seats_full_minutes", since=NOW - timedelta(minutes=running))}
    verdict = rules.classify(playbooks["KF-4"], facts, NOW)
    expected = None if changes_in is None else NOW + timedelta(minutes=changes_in)
    assert (verdict.level, verdict.next_change_at, verdict.next_change_to) == (level, expected, changes_to)


@pytest.mark.parametrize(
    ("key", "form", "has_rows"),
    [
        ("KF-4-announced", "announcements", True),
        ("KF-4.1-07", "solution_times", True),
        ("KF-4-shifts", "shift_changes", True),
        ("KF-0-06", "course", False),
        ("KF-2-03", "summary", False),
    ],
)
def test_the_records_of_customer_service(playbooks, key, form, has_rows):
    playbook = playbooks["KF-4"]
    assert playbook.duty(key).form == form
    assert playbook.form(form).rows is has_rows


def test_users_are_told_first_and_when_it_is_solved(playbooks):
    for key in ("KF-4.1-08", "KF-2-07"):
        assert playbooks["KF-4"].duty(key).outside == ("users",)


@pytest.mark.parametrize(("plan", "rows"), [("KF", 52), ("HJ", 74), ("GR", 46)])
def test_every_row_has_a_home_of_its_kind(plan, rows):
    documents, _ = shipped.read_folder(ROOT / "fixtures" / "plans")
    homes = traceability.homes(documents, standing.read(ROOT / "fixtures"))
    table = yaml.safe_load((ROOT / "fixtures" / "requirements.yaml").read_text())["rows"]
    named = [row for row in traceability.rows(table) if row.id.startswith(f"{plan}-")]
    assert len(named) == rows
    assert [row.id for row in named if not any(traceability.fits(row, home) for home in homes.get(row.id, []))] == []


@pytest.mark.parametrize("plan", ["KF", "HJ", "GR"])
def test_what_is_read_under_stress_is_short(plan):
    documents, _ = shipped.read_folder(ROOT / "fixtures" / "plans")
    for playbook in next(document for document in documents if document.key == plan).playbooks:
        for duty in playbook.duties:
            assert len(duty.zh) <= 40, duty.key
