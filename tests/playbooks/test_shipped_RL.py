"""The heating plan as shipped: levels at their boundaries, clocks, calls, forms, gates, and a home for every row."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command

from playbooks import planfile, rules
from playbooks.law import Reading

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def plan():
    return planfile.read((FIXTURES / "plans" / "RL.yaml").read_text()).document


@pytest.fixture(scope="module")
def heat(plan):
    return plan.playbook("RL-4")


def classify(playbook, now=NOW, **values):
    return rules.classify(playbook, {metric: Reading(metric, value) for metric, value in values.items()}, now)


def opens(playbook, key, **values):
    """Whether the facts open the duty."""
    facts = {metric: Reading(metric, value) for metric, value in values.items()}
    return rules.truth(playbook.duty(key).opens.when, playbook.specs, facts, NOW).value


# load lost, affected so far, expected in all -> level, at least, at most
BOUNDARIES = [
    (55, 130, None, "I", "I", "I"),
    (50, 121, None, "I", "I", "I"),
    (50, 121, 90, "I", "I", "I"),
    (50, 120, 120, "II", "II", "II"),
    (50, 120, 121, "I", "I", "I"),
    (50, 61, 90, "II", "II", "II"),
    (50, 61, 120, "II", "II", "II"),
    (50, 61, 121, "I", "I", "I"),
    (50, 10, 121, "I", "I", "I"),
    (50, 60, 60, None, None, None),
    (50, 60, 61, "II", "II", "II"),
    (49, 500, None, "II", "II", "II"),
    (49, 500, 900, "II", "II", "II"),
    (20, 61, None, "II", "II", "II"),
    (20, 60, 60, None, None, None),
    (20, 60, 61, "II", "II", "II"),
    (19, 500, 900, None, None, None),
    # Nobody has said how long it will last: the higher level, and the note says so.
    (55, 120, None, "I", "II", "I"),
    (55, 61, None, "I", "II", "I"),
    (55, 30, None, "I", None, "I"),
    (55, None, None, "I", None, "I"),
    (20, 60, None, "II", None, "II"),
]


@pytest.mark.parametrize(("drop", "affected", "expected", "level", "at_least", "at_most"), BOUNDARIES)
def test_load_and_length(heat, drop, affected, expected, level, at_least, at_most):
    given = {"load_drop_pct": drop, "affected_minutes": affected, "expected_minutes": expected}
    verdict = classify(heat, **{metric: Decimal(value) for metric, value in given.items() if value is not None})
    assert (verdict.level, verdict.at_least, verdict.at_most) == (level, at_least, at_most)
    assert any("预计时长未填" in note.zh for note in verdict.notes) is (at_least != at_most)


@pytest.mark.parametrize(("drop", "affected", "expected", "level", "at_least", "at_most"), BOUNDARIES[:18])
def test_the_command_gives_the_same_answer(drop, affected, expected, level, at_least, at_most):
    given = {"load_drop_pct": drop, "affected_minutes": affected, "expected_minutes": expected}
    facts = [f"{metric}={value}" for metric, value in given.items() if value is not None]
    out = StringIO()
    call_command("classify", "RL-4", *(word for fact in facts for word in ("--fact", fact)), "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert (answer["level"], answer["at_least"], answer["at_most"]) == (level, at_least, at_most)


@pytest.mark.parametrize(
    ("facts", "level", "clause"),
    [
        ({"boiler_shutdown": True}, "I", "RL-4.1-03"),
        ({"shortage_outage": True}, "I", "RL-4.1-04"),
        ({"severe_weather": True}, "I", "RL-4.1-05"),
        ({"class1_obstacle": True}, "I", "RL-4.1-06"),
        ({"beyond_company": True}, "I", "RL-4.1-07"),
        ({"main_equipment_threatened": True}, "II", "RL-4.1-09"),
        ({"shortage_limited_load": True}, "II", "RL-4.1-10"),
        ({"fuel_water_shortage": True, "affected_minutes": Decimal(61)}, "II", "RL-4.1-10"),
        ({"class2_obstacle": True}, "II", "RL-4.1-11"),
        ({"beyond_team": True}, "II", "RL-4.1-12"),
        ({"beyond_team": True, "severe_weather": True}, "I", "RL-4.1-05"),
        ({"boiler_shutdown": False, "beyond_team": False}, None, None),
        ({"facilities_destroyed": True}, None, None),
        ({"people_scalded": True, "deaths": 1}, None, None),
        ({"affected_minutes": Decimal(500)}, None, None),
        ({"expected_minutes": Decimal(500)}, None, None),
        ({}, None, None),
    ],
)
def test_any_one_condition_is_enough(heat, facts, level, clause):
    verdict = classify(heat, **facts)
    assert verdict.level == level
    cited = {name for one in verdict.clauses for name in one.requirements}
    assert clause is None or clause in cited


@pytest.mark.parametrize(("affected", "expected", "level"), [(60, 60, None), (60, 61, "II"), (61, None, "II")])
def test_a_shortage_counts_more_than_sixty_minutes_of_supply(heat, affected, expected, level):
    given = {"affected_minutes": Decimal(affected)} | ({"expected_minutes": Decimal(expected)} if expected else {})
    assert classify(heat, fuel_water_shortage=True, **given).level == level


def test_limited_load_alone_is_enough_and_the_gap_is_said(heat):
    verdict = classify(heat, shortage_limited_load=True)
    assert any("限负荷" in note.zh for note in verdict.notes)
    assert not any("预计时长未填" in note.zh for note in verdict.notes)


def test_a_running_clock_turns_the_level_one_tick_after_sixty_and_after_a_hundred_and_twenty(heat):
    facts = {
        "load_drop_pct": Reading("load_drop_pct", Decimal(50)),
        "affected_minutes": Reading("affected_minutes", since=NOW),
        "expected_minutes": Reading("expected_minutes", Decimal(60)),
    }
    tick = timedelta(microseconds=1)
    levels = []
    for minutes in (60, 120):
        moment = NOW + timedelta(minutes=minutes)
        levels += [rules.classify(heat, facts, at).level for at in (moment, moment + tick)]
    assert levels == [None, "II", "II", "I"]
    verdict = rules.classify(heat, facts, NOW + timedelta(minutes=61))
    assert (verdict.next_change_at, verdict.next_change_to) == (NOW + timedelta(minutes=120) + tick, "I")


def test_the_levels_start_at_once_and_wait_for_the_department_head(heat):
    assert [(level.key, level.colour, level.starts) for level in heat.levels] == [
        ("II", "orange", "provisional"),
        ("I", "red", "provisional"),
    ]
    confirm = heat.duty("RL-3.1-09")
    assert (confirm.kind, confirm.post, confirm.opens.event) == ("decision", "department_head", "report")
    assert [duty.key for duty in heat.duties if duty.opens.event == "confirmed"] == []


def test_the_hour_runs_from_the_first_report_and_an_earlier_clock_inside(heat):
    report = heat.duty("RL-3.1-11")
    assert (report.kind, report.post, report.minutes, report.anchor) == ("report", "company_head", 60, "reported")
    assert report.outside == ("town_safety_station", "city_safety_bureau", "city_government")
    assert (report.opens.event, report.gate, report.form) == ("report", "end", "accident_report")
    draft = heat.duty("RL-3.1-11-draft")
    assert (draft.minutes, draft.target_minutes, draft.anchor, draft.site_rule) == (None, 30, "reported", True)


def test_supplements_take_thirty_days_and_seven_after_fire(heat):
    thirty, seven = heat.duty("RL-3.1-11-supplement"), heat.duty("RL-3.1-11-supplement-fire")
    assert (thirty.minutes, seven.minutes) == (30 * 24 * 60, 7 * 24 * 60)
    assert {thirty.anchor, seven.anchor} == {"occurred"}
    assert thirty.site_rule and seven.site_rule
    assert (opens(heat, thirty.key), opens(heat, seven.key)) == (True, False)
    assert (opens(heat, thirty.key, fire=True), opens(heat, seven.key, fire=True)) == (False, True)
    assert thirty.key in seven.replaces


def test_the_report_has_the_five_items_of_the_plan_and_the_sixth_of_the_decree(heat):
    items = heat.form("accident_report").items
    rows = {name: [item.key for item in items if name in item.requirements] for name in _rows("RPT")}
    assert all(rows.values())
    assert next(item for item in items if item.key == "other").requirements == ()
    assert {item.fact for item in items if item.fact} == {
        "deaths",
        "seriously_injured",
        "lightly_injured",
        "people_missing",
        "loss_yuan",
    }
    assert [item.key for item in items if item.source == "statutory"] == ["statutory"]
    assert heat.statutory


def test_a_burst_pipe_opens_valve_people_and_department_leader_together_people_first(heat):
    trio = ("RL-4.5-04", "RL-4.5-03", "RL-4.5-05")
    for key in trio:
        assert opens(heat, key) and opens(heat, key, accident_type="pipe_burst")
        assert not opens(heat, key, accident_type="weather")
    assert tuple(duty.key for duty in heat.duties)[:3] == trio
    assert heat.duty("RL-4.5-04").life_safety
    assert heat.duty("RL-4.5-05").tell == ("department_leader",)
    assert heat.duty("RL-3.1-02").tell == ("emergency_office",)


@pytest.mark.parametrize(
    ("key", "party", "facts"),
    [
        ("RL-4.8-03", "ambulance_120", {"people_scalded": True}),
        ("RL-4.8-03", "ambulance_120", {"lightly_injured": 1}),
        ("RL-4.8-03", "ambulance_120", {"people_trapped": True}),
        ("RL-4-119", "fire_119", {"fire": True}),
        ("RL-4-119", "fire_119", {"people_trapped": True}),
        ("RL-4-110", "police_110", {"police_needed": True}),
    ],
)
def test_emergency_calls_open_on_what_is_seen_and_wait_for_nobody(heat, key, party, facts):
    duty = heat.duty(key)
    assert (duty.kind, duty.outside, duty.life_safety, duty.gate) == ("call", (party,), True, "restore")
    assert opens(heat, key, **facts)
    assert not opens(heat, key, **dict.fromkeys(facts, False if next(iter(facts.values())) is True else 0))
    assert heat.party(party).number == party[-3:]


def test_nothing_about_life_waits_for_a_level(heat):
    safe = {duty.key for duty in heat.duties if duty.life_safety}
    assert {"RL-4.8-01", "RL-4.8-04", "RL-4.8-05", "RL-4.6-03", "RL-2.6-03", "RL-2.6-13", "RL-4.4-01"} <= safe
    for duty in heat.duties:
        assert not duty.life_safety or duty.opens.event in ("report", "facts")


def test_below_level_two_reports_stay_open(heat):
    at_report = {duty.key for duty in heat.duties if duty.opens.event == "report"}
    assert {"RL-3.1-02", "RL-3.1-03", "RL-3.1-05", "RL-3.1-08", "RL-3.1-11", "RL-4.2-03", "RL-4-watch"} <= at_report
    assert any(note.key == "RL-gap-below" and note.kind == "gap" for note in heat.notes)


def test_the_company_takes_over_from_the_department(heat):
    second, first = heat.duty("RL-2.4-03"), heat.duty("RL-2.4-02")
    assert (second.post, second.opens.argument) == ("heating_manager", "II")
    assert (first.post, first.opens.argument, first.replaces) == ("command_group", "I", ("RL-2.4-03",))


def test_five_bodies_and_eight_groups_stay_apart(plan):
    keys = {post.key for post in plan.posts}
    assert {"safety_group", "command_group", "heating_leading_group", "onsite_group", "onsite_command"} <= keys
    assert len([post for post in plan.posts if "RL-2.5-01" in post.requirements]) == 8


def test_the_end_is_assessed_approved_by_two_and_declared_by_another(heat):
    assess, approve, declare = (heat.duty(f"RL-4.10-0{n}") for n in (1, 2, 3))
    assert {duty.gate for duty in (assess, approve, declare)} == {"end"}
    assert {duty.opens.event for duty in (assess, approve, declare)} == {"restore"}
    assert (assess.kind, assess.form) == ("record", "end_assessment")
    assert (approve.post, approve.signers) == ("onsite_group", 2)
    assert (declare.post, declare.apart_from) == ("onsite_commander", ("RL-4.10-02",))
    assert set(declare.requirements) == {"RL-4.10-03", "RL-2.4-09"}


def test_nobody_injured_goes_unaccounted_for(heat):
    assert (heat.form("casualty_handover").rows, heat.form("casualty_handover").outcome) == (True, "handed_to")
    check = heat.duty("RL-4.8-02-check")
    assert (check.gate, check.opens.event) == ("end", "restore")
    assert opens(heat, check.key, lightly_injured=1) and not opens(heat, check.key)


def test_the_only_deadline_of_the_plan_is_the_hour(heat):
    assert [duty.key for duty in heat.duties if duty.minutes is not None and not duty.site_rule] == ["RL-3.1-11"]


def test_first_aid_is_reference_for_medical_review_and_never_a_tick(heat):
    aid = [note for note in heat.notes if note.kind == "reference"]
    assert [note.key for note in aid] == [f"RL-4.8-{n:02}" for n in (6, 10, 11, 12, 13)]
    assert all("待医学审核" in note.zh and "medical review" in note.en for note in aid)
    ticked = {name for duty in heat.duties for name in duty.requirements}
    assert ticked.isdisjoint(name for note in aid for name in note.requirements)


def test_what_is_to_be_done_is_short_enough_to_read_under_stress(heat):
    assert [duty.key for duty in heat.duties if len(duty.zh) > 40 or len(duty.en) > 90] == []


def test_every_row_of_the_plan_has_a_home_of_its_kind(heat):
    standing = {name for entry in _standing("RL") for name in entry["requirements"]}
    homes = _homes(heat)
    lost = [
        name
        for kind in homes
        for name in _rows(kind)
        if name not in homes[kind] and not (kind in ("PRE", "ROL") and name in standing)
    ]
    assert lost == []
    assert len(_rows()) == 111
    assert {name for names in homes.values() for name in names if name.startswith("RL")} <= set(_rows())


def test_what_stands_between_incidents(plan):
    posts = {post.key for post in plan.posts}
    entries = _standing("RL")
    assert len({entry["key"] for entry in entries}) == len(entries)
    assert all(entry["post"] in posts or entry.get("post_zh") for entry in entries)
    assert all(entry["rhythm_is_ours"] for entry in entries)


def test_the_production_safety_rules_are_off_by_default():
    entries = _standing("AQ")
    assert {name for entry in entries for name in entry["requirements"]} == set(_rows(plan="AQ"))
    assert all(entry["optional"] for entry in entries)
    assert [entry["key"] for entry in entries if not entry.get("rhythm_is_ours")] == ["AQ-4-02", "AQ-4-03", "AQ-4-04"]
    assert all(entry["every"] == "quarterly" for entry in entries if not entry.get("rhythm_is_ours"))


def _rows(kind="", plan="RL"):
    rows = yaml.safe_load((FIXTURES / "requirements.yaml").read_text())["rows"]
    return [name for name, said in rows.items() if name.startswith(f"{plan}-") and said.startswith(kind)]


def _standing(plan):
    return yaml.safe_load((FIXTURES / "standing" / f"{plan}.yaml").read_text())["standing"]


def _homes(playbook):
    """Which rows each kind of row finds a home in, among the elements that serve that kind."""
    duties = playbook.duties
    forms = (*playbook.forms, *(item for form in playbook.forms for item in form.items))
    choices = [choice for spec in playbook.facts for choice in spec.choices]

    def of(*kinds):
        return _named(duty for duty in duties if duty.kind in kinds)

    return {
        "DDL": _named(duty for duty in duties if duty.minutes is not None),
        "TRG": _named(rule for level in playbook.levels for rule in level.rules),
        "NTF": of("notification", "call", "acknowledgement"),
        "PRH": of("prohibition"),
        "END": _named(duty for duty in duties if duty.gate),
        "RPT": _named(forms) | of("report"),
        "REC": _named(forms) | of("record"),
        "ROL": _named((*playbook.posts, *duties, *playbook.notes)),
        "CLS": _named((playbook, *choices)) | of("decision"),
        "ACT": _named(duty for duty in duties if duty.kind != "prohibition"),
        "PRE": set(),
        "SAF": _named(note for note in playbook.notes if note.kind != "gap"),
    }


def _named(elements):
    return {name for element in elements for name in element.requirements}
