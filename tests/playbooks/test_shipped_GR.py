"""The project heating plan as shipped: classes at every number and in every gap, deadlines, calls and the end."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from playbooks import planfile, rules, statutory
from playbooks.law import Effect, Reading

PLANS = Path(__file__).resolve().parents[2] / "fixtures" / "plans"
NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
UNHURT = {"lightly_injured": 0, "seriously_injured": 0, "deaths": 0}


@pytest.fixture(scope="module")
def accident():
    found = planfile.read((PLANS / "GR.yaml").read_bytes())
    assert found.mistakes == ()
    return found.document.playbook("GR-3")


def classify(playbook, **values):
    facts = {
        metric: value if isinstance(value, Reading) else Reading(metric, value) for metric, value in values.items()
    }
    return rules.classify(playbook, facts, NOW)


def gaps(verdict):
    return [note.zh for note in verdict.notes if "缺口" in note.zh or "超出预案" in note.zh]


def opens(playbook, key, **values):
    facts = {metric: Reading(metric, value) for metric, value in values.items()}
    return rules.truth(playbook.duty(key).opens.when, playbook.specs, facts, NOW).value


@pytest.mark.parametrize(
    ("facts", "level", "clause", "gap"),
    [
        ({"loss_yuan": Decimal(0)}, "general", "GR-1-01", False),
        ({"loss_yuan": Decimal("9999.99")}, "general", "GR-1-01", False),
        ({"loss_yuan": Decimal(10000)}, "larger", "GR-1-02", True),
        ({"loss_yuan": Decimal("19999.99")}, "larger", "GR-1-02", True),
        ({"loss_yuan": Decimal(20000)}, "larger", "GR-1-02", False),
        ({"loss_yuan": Decimal("49999.99")}, "larger", "GR-1-02", False),
        ({"loss_yuan": Decimal(50000)}, "major", "GR-1-03", False),
        (UNHURT, "general", "GR-1-01", False),
        ({"lightly_injured": 1}, "larger", "GR-1-02", False),
        ({"lightly_injured": 2}, "major", "GR-1-03", True),
        ({"lightly_injured": 5}, "major", "GR-1-03", True),
        ({"lightly_injured": 6}, "major", "GR-1-03", False),
        ({"seriously_injured": 1}, "major", "GR-1-03", True),
        ({"seriously_injured": 5}, "major", "GR-1-03", True),
        ({"seriously_injured": 6}, "major", "GR-1-03", False),
        ({"deaths": 1}, "major", "GR-1-03", False),
        ({"outage_hours": Decimal(24)}, "general", "GR-1-01", False),
        ({"outage_hours": Decimal("24.01")}, "larger", "GR-1-02", False),
        ({"outage_hours": Decimal(48)}, "larger", "GR-1-02", False),
        ({"outage_hours": Decimal("48.01")}, "major", "GR-1-03", False),
        ({"outage_hours": Decimal(72)}, "major", "GR-1-03", False),
        ({"outage_hours": Decimal("72.01")}, "major", "GR-1-03", True),
    ],
)
def test_each_number_decides_alone_and_only_a_gap_says_so(accident, facts, level, clause, gap):
    verdict = classify(accident, **facts)
    assert (verdict.level, verdict.at_least) == (level, level)
    assert verdict.at_most == "major"
    assert {name for one in verdict.clauses for name in one.requirements} >= {clause}
    assert bool(gaps(verdict)) is gap


@pytest.mark.parametrize(
    ("light", "serious", "is_plans_own"),
    [(1, 4, False), (1, 5, True), (2, 3, False), (2, 4, True), (3, 3, True), (4, 1, False), (4, 2, True), (5, 1, True)],
)
def test_more_than_five_counts_both_kinds_of_injury(accident, light, serious, is_plans_own):
    verdict = classify(accident, lightly_injured=light, seriously_injured=serious)
    assert verdict.level == "major"
    assert any(one.zh == "预案一（重大）" for one in verdict.clauses) is is_plans_own


def test_the_worst_dimension_decides(accident):
    known = UNHURT | {"loss_yuan": Decimal(100), "outage_hours": Decimal(1)}
    settled = classify(accident, **known)
    assert (settled.level, settled.at_most, settled.missing) == ("general", "general", ())
    assert classify(accident, **known | {"outage_hours": Decimal(30)}).level == "larger"
    assert classify(accident, **known | {"outage_hours": Decimal(30), "deaths": 1}).level == "major"
    assert classify(accident, **known | {"loss_yuan": Decimal(15000), "deaths": 1}).level == "major"


def test_a_gap_below_the_class_that_counts_is_not_shown(accident):
    assert gaps(classify(accident, loss_yuan=Decimal(15000), deaths=1)) == []


def test_what_is_unknown_is_missing_and_may_still_raise_the_class(accident):
    empty = classify(accident)
    assert (empty.level, empty.at_least, empty.at_most) == ("general", "general", "major")
    assert set(empty.missing) == {"loss_yuan", "lightly_injured", "seriously_injured", "deaths", "outage_hours"}
    almost = classify(accident, **UNHURT, outage_hours=Decimal(2))
    assert (almost.level, almost.at_most, almost.missing, almost.settles) == (
        "general",
        "major",
        ("loss_yuan",),
        "loss_yuan",
    )


def test_a_running_outage_raises_the_class_the_very_moment_it_exceeds_the_number(accident):
    known = UNHURT | {"loss_yuan": Decimal(100)}
    verdict = classify(accident, **known, outage_hours=Reading("outage_hours", since=NOW - timedelta(hours=23)))
    assert verdict.level == "general"
    assert verdict.next_change_at == NOW + timedelta(hours=1, microseconds=1)
    assert verdict.next_change_to == "larger"
    later = rules.classify(
        accident,
        {"outage_hours": Reading("outage_hours", since=NOW - timedelta(hours=72))},
        NOW + timedelta(seconds=1),
    )
    assert later.level == "major"
    assert gaps(later)


def test_every_class_waits_for_confirmation_and_has_its_colour(accident):
    assert [(level.key, level.colour, level.starts) for level in accident.levels] == [
        ("general", "yellow", "provisional"),
        ("larger", "orange", "provisional"),
        ("major", "red", "provisional"),
    ]


def test_the_statutory_class_stands_apart(accident):
    assert accident.statutory
    facts = {"deaths": Reading("deaths", 1)}
    assert rules.classify(accident, facts, NOW).level == "major"
    assert statutory.classify(facts, NOW).key == "general"


@pytest.mark.parametrize(
    ("key", "minutes", "anchor", "kind"),
    [
        ("GR-3.2-02", 15, "reported", "notification"),
        ("GR-3.3-08", 15, "occurred", "arrival"),
        ("GR-3.3-02", 30, "occurred", "arrival"),
        ("GR-3.3-02-mixed", 15, "occurred", "arrival"),
    ],
)
def test_the_deadlines(accident, key, minutes, anchor, kind):
    duty = accident.duty(key)
    assert (duty.minutes, duty.target_minutes, duty.anchor, duty.kind) == (Decimal(minutes), None, anchor, kind)


def test_no_other_number_is_passed_off_as_the_plans(accident):
    timed = {duty.key for duty in accident.duties if duty.minutes is not None}
    assert timed == {"GR-3.2-02", "GR-3.3-02", "GR-3.3-02-mixed", "GR-3.3-08"}


def test_the_news_has_arrived_when_everybody_has_answered(accident):
    duty = accident.duty("GR-3.2-02")
    assert duty.answers == "all"
    assert set(duty.tell) == {"project_leader", "project_deputy", "project_member", "project_company"}
    assert Effect("tell", "project_company") in duty.on_late


@pytest.mark.parametrize(
    ("facts", "crews"),
    [
        ({}, set()),
        ({"equipment_fault": True}, {"GR-3.3-02"}),
        ({"pipe_accident": True}, {"GR-3.3-08"}),
        ({"equipment_fault": True, "pipe_accident": False}, {"GR-3.3-02"}),
        ({"equipment_fault": True, "pipe_accident": True}, {"GR-3.3-08", "GR-3.3-02-mixed"}),
        ({"large_leak": True}, set()),
    ],
)
def test_a_mixed_accident_has_the_shorter_deadline(accident, facts, crews):
    arrivals = [duty.key for duty in accident.duties if duty.kind == "arrival"]
    assert {key for key in arrivals if opens(accident, key, **facts)} == crews
    assert accident.duty("GR-3.3-02-mixed").replaces == ("GR-3.3-02",)


@pytest.mark.parametrize(
    ("facts", "is_grave"),
    [
        ({}, False),
        ({"grave_accident": False}, False),
        ({"grave_accident": True}, True),
        ({"lightly_injured": 0}, None),
        ({"lightly_injured": 1}, True),
        ({"seriously_injured": 1}, True),
        ({"deaths": 1}, True),
        (UNHURT, False),
    ],
)
def test_three_calls_open_at_once_and_wait_for_nobody(accident, facts, is_grave):
    calls = [duty for duty in accident.duties if duty.kind == "call"]
    assert [duty.outside for duty in calls] == [("ambulance_120",), ("fire_119",), ("police_110",)]
    assert [accident.party(duty.outside[0]).number for duty in calls] == ["120", "119", "110"]
    for duty in calls:
        assert duty.life_safety
        assert bool(opens(accident, duty.key, **facts)) is bool(is_grave)


def test_people_come_first(accident):
    assert all(duty.life_safety for duty in accident.duties[:5])
    assert accident.notes[0].kind == "safety"


def test_what_an_emergency_call_says(accident):
    items = {item.key: item for item in accident.form("emergency_call").items}
    assert [key for key, item in items.items() if item.required] == ["place", "type", "casualties", "losses"]


def test_the_end_needs_meeting_assessment_and_declaration(accident):
    ending = {duty.key for duty in accident.duties if duty.gate == "end" and duty.opens.event == "restore"}
    assert {"GR-4-01", "GR-4-02", "GR-4-03"} <= ending
    for key in ("GR-4-01", "GR-4-02", "GR-4-03"):
        assert accident.duty(key).form


def test_four_checks_stand_before_closing_and_not_before_the_end(accident):
    duty = accident.duty("GR-3.3-22")
    assert (duty.gate, duty.form) == ("close", "four_checks")
    checks = [item for item in accident.form("four_checks").items if item.kind == "check"]
    assert len(checks) == 4
    assert all(item.required for item in checks)


def test_a_leak_keeps_service_from_being_called_back(accident):
    duty = accident.duty("GR-3.3-13-normal")
    assert duty.gate == "restore"
    assert opens(accident, "GR-3.3-13-normal", large_leak=True)
