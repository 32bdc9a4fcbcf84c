"""The shipped plans say what the written plans say: numbers, recipients, order and gates."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from playbooks import rules, shipped
from playbooks.law import Effect, Reading

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def playbooks():
    documents, mistakes = shipped.read_folder(Path(__file__).resolve().parents[2] / "fixtures" / "plans")
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


def test_nothing_opens_at_the_end_and_every_gate_can_open(playbooks):
    for playbook in playbooks.values():
        for duty in playbook.duties:
            assert duty.opens.event != "end"
            if duty.gate == "end":
                assert duty.opens.event in ("report", "facts", "restore")


def test_a_number_is_the_plans_or_the_sites_own_target(playbooks):
    for playbook in playbooks.values():
        for duty in playbook.duties:
            assert duty.minutes is None or duty.target_minutes is None
            assert duty.requirements or duty.site_rule


def test_every_row_of_the_three_modelled_sections_is_somewhere(playbooks):
    named = set()
    for playbook in playbooks.values():
        for part in (playbook, *playbook.posts, *playbook.facts, *playbook.duties, *playbook.notes):
            named.update(part.requirements)
        for spec in playbook.facts:
            named.update(name for choice in spec.choices for name in choice.requirements)
        named.update(name for level in playbook.levels for rule in level.rules for name in rule.requirements)
    expected = {f"HJ-2-{n:02}" for n in range(1, 17)} | {f"HJ-5.1-{n:02}" for n in range(1, 12)}
    expected |= {f"KF-4.1-{n:02}" for n in range(1, 9)} | {f"KF-4.2-{n:02}" for n in range(1, 12)}
    expected |= {f"KF-5-{n:02}" for n in range(1, 8)} | {f"KF-1-{n:02}" for n in range(1, 5)}
    expected |= {f"KF-2-{n:02}" for n in range(1, 8)}
    assert expected <= named
