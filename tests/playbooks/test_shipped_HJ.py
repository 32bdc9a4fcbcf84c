"""The call-centre plan as shipped: support tiers, personal accidents, power, theft, media and what has no procedure."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from playbooks import planfile, rules
from playbooks.law import Reading

PLANS = Path(__file__).resolve().parents[2] / "fixtures" / "plans"
NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def playbooks():
    found = planfile.read((PLANS / "HJ.yaml").read_bytes())
    assert found.mistakes == ()
    return {playbook.key: playbook for playbook in found.document.playbooks}


def readings(values):
    return {metric: value if isinstance(value, Reading) else Reading(metric, value) for metric, value in values.items()}


def classify(playbook, now=NOW, **values):
    return rules.classify(playbook, readings(values), now)


def opens(playbook, key, now=NOW, **values):
    return rules.truth(playbook.duty(key).opens.when, playbook.specs, readings(values), now).value


def test_the_plan_has_all_its_categories(playbooks):
    assert list(playbooks) == [
        "HJ-1",
        "HJ-2",
        "HJ-3",
        "HJ-4",
        "HJ-5.1",
        "HJ-5.2",
        "HJ-6",
        "HJ-7",
        "HJ-8",
        "HJ-9",
        "HJ-10",
        "HJ-11",
        "HJ-12",
    ]


def test_every_level_says_whether_the_plan_or_the_site_set_it(playbooks):
    for playbook in playbooks.values():
        for level in playbook.levels:
            assert level.site_rule is (playbook.key != "HJ-8")
            assert level.note_zh


# HJ-8: tiers run from the order of tier 1.
TIERS = [
    ({}, "tier1"),
    ({"uncontrolled_minutes": Decimal(0)}, "tier1"),
    ({"uncontrolled_minutes": Decimal("29.99")}, "tier1"),
    ({"uncontrolled_minutes": Decimal(30)}, "tier2"),
    ({"uncontrolled_minutes": Decimal("59.99")}, "tier2"),
    ({"uncontrolled_minutes": Decimal(60)}, "tier3"),
    ({"uncontrolled_minutes": Decimal(30), "controlled": "no"}, "tier2"),
    ({"uncontrolled_minutes": Decimal(30), "controlled": "yes"}, "tier1"),
    ({"uncontrolled_minutes": Decimal(90), "controlled": "yes"}, "tier1"),
    ({"uncontrolled_minutes": Decimal(90), "controlled": None}, "tier1"),
]


@pytest.mark.parametrize(("facts", "level"), TIERS)
def test_the_support_tiers(playbooks, facts, level):
    assert classify(playbooks["HJ-8"], **facts).level == level


def test_tiers_are_proposed_and_thirty_minutes_apart(playbooks):
    tiers = [(level.key, level.colour, level.starts, level.spacing_minutes) for level in playbooks["HJ-8"].levels]
    assert tiers == [
        ("tier1", "blue", "confirmed", None),
        ("tier2", "yellow", "proposed", Decimal(30)),
        ("tier3", "orange", "proposed", Decimal(30)),
    ]


def test_the_clock_of_the_tiers_starts_with_the_report_and_turns_at_the_minute(playbooks):
    surge = playbooks["HJ-8"]
    assert surge.fact("uncontrolled_minutes").from_report
    running = Reading("uncontrolled_minutes", since=NOW - timedelta(minutes=10))
    verdict = classify(surge, uncontrolled_minutes=running)
    assert (verdict.next_change_at, verdict.next_change_to) == (NOW + timedelta(minutes=20), "tier2")


def test_a_short_dip_does_not_reset_the_clock(playbooks):
    surge = playbooks["HJ-8"]
    facts = {"uncontrolled_minutes": Reading("uncontrolled_minutes", since=NOW - timedelta(minutes=40))}
    dip = Reading("controlled", "yes", since=NOW - timedelta(minutes=5))
    assert classify(surge, **facts, controlled=dip).level == "tier1"
    back = Reading("controlled", "no", since=NOW)
    assert classify(surge, **facts, controlled=back).level == "tier2"


@pytest.mark.parametrize(
    ("key", "opens_with", "level", "anchor"),
    [("HJ-8-03", "report", "", "reported"), ("HJ-8-04", "confirmed", "tier2", "opened")],
)
def test_thirty_minutes_and_a_question_before_each_further_tier(playbooks, key, opens_with, level, anchor):
    duty = playbooks["HJ-8"].duty(key)
    assert (duty.kind, duty.minutes, duty.anchor, duty.fact) == ("decision", Decimal(30), anchor, "controlled")
    assert (duty.opens.event, duty.opens.argument) == (opens_with, level)
    assert [choice.key for choice in duty.choices] == ["yes", "no"]


@pytest.mark.parametrize(
    ("key", "tier", "party"),
    [("HJ-8-03-call", "tier2", "reserves"), ("HJ-8-04-call", "tier3", "functional_staff")],
)
def test_nobody_is_called_in_before_a_person_confirmed_the_tier(playbooks, key, tier, party):
    duty = playbooks["HJ-8"].duty(key)
    assert (duty.opens.event, duty.opens.argument, duty.outside) == ("confirmed", tier, (party,))


def test_what_a_tier_record_holds(playbooks):
    form = playbooks["HJ-8"].form("support_tiers")
    assert form.rows
    assert {item.key for item in form.items} == {"tier", "ordered", "in_place", "called", "arrived", "controlled"}


# HJ-6: two or more people.
@pytest.mark.parametrize(
    ("facts", "level", "tells"),
    [
        ({}, "one_person", None),
        ({"persons_affected": 0}, "one_person", False),
        ({"persons_affected": 1}, "one_person", False),
        ({"persons_affected": 2}, "several", True),
        ({"persons_affected": 3}, "several", True),
        ({"persons_affected": 1, "serious_accident": True}, "several", False),
        ({"persons_affected": None}, "one_person", None),
    ],
)
def test_two_people_or_more(playbooks, facts, level, tells):
    accident = playbooks["HJ-6"]
    assert classify(accident, **facts).level == level
    assert opens(accident, "HJ-6-06", **facts) is tells
    assert accident.duty("HJ-6-06").tell == ("centre_leadership",)


def test_the_connection_rate_within_ten_minutes(playbooks):
    duty = playbooks["HJ-6"].duty("HJ-6-05")
    assert (duty.minutes, duty.anchor, duty.opens.event, duty.post) == (
        Decimal(10),
        "reported",
        "report",
        "cc_supervisor",
    )


def test_the_ambulance_waits_for_nobody(playbooks):
    accident = playbooks["HJ-6"]
    first = accident.duties[0]
    assert (first.kind, first.opens.event, first.life_safety) == ("call", "report", True)
    assert accident.party(first.outside[0]).number == "120"
    assert opens(accident, "HJ-6-08", serious_accident=True)


@pytest.mark.parametrize(("answer", "opened"), [("yes", True), ("no", False), (None, False)])
def test_clearing_and_disinfecting_follow_the_decision(playbooks, answer, opened):
    accident = playbooks["HJ-6"]
    facts = {} if answer is None else {"clear_area": answer}
    assert accident.duty("HJ-6-04").fact == "clear_area"
    for key in ("HJ-6-04-clear", "HJ-6-04-disinfect"):
        assert opens(accident, key, **facts) is opened


# HJ-3: the battery's remaining time.
@pytest.mark.parametrize(
    ("left", "generator", "level"),
    [
        (None, None, "outage"),
        (11, None, "outage"),
        (10, None, "running_out"),
        (10, True, "outage"),
        (0, False, "running_out"),
    ],
)
def test_ten_minutes_of_battery(playbooks, left, generator, level):
    power = playbooks["HJ-3"]
    facts = {} if left is None else {"ups_minutes_left": Decimal(left)}
    facts |= {} if generator is None else {"generator_running": generator}
    assert classify(power, **facts).level == level
    assert bool(opens(power, "HJ-3-low", **facts)) is (level == "running_out")


def test_the_battery_runs_down_by_itself(playbooks):
    power = playbooks["HJ-3"]
    said = Reading("ups_minutes_left", Decimal(25), since=NOW)
    verdict = classify(power, ups_minutes_left=said)
    assert (verdict.level, verdict.next_change_at) == ("outage", NOW + timedelta(minutes=15))
    assert verdict.next_change_to == "running_out"


@pytest.mark.parametrize(
    ("supply", "told"),
    [("mains", {"HJ-3-02"}), ("internal", {"HJ-3-05", "HJ-3-05-repair"}), (None, set())],
)
def test_the_two_types_of_power_loss_tell_different_people(playbooks, supply, told):
    power = playbooks["HJ-3"]
    facts = {} if supply is None else {"supply": supply}
    assert {key for key in ("HJ-3-02", "HJ-3-05", "HJ-3-05-repair") if opens(power, key, **facts)} == told


def test_who_checked_the_battery_and_when(playbooks):
    form = playbooks["HJ-3"].form("power_checks")
    assert {item.key for item in form.items if item.required} >= {"by", "at", "result"}
    for key in ("HJ-3-04-ups", "HJ-3-04-generator"):
        assert playbooks["HJ-3"].duty(key).form == "power_checks"


def test_recordings_are_held_for_thirty_days(playbooks):
    theft = playbooks["HJ-5.2"]
    hold = next(item for item in theft.form("cctv_hold").items if item.key == "hold")
    assert (hold.kind, hold.minimum_days, hold.required) == ("date", 30, True)
    duty = theft.duty("HJ-5.2-cctv")
    assert (duty.form, duty.site_rule, duty.requirements) == ("cctv_hold", True, ())


@pytest.mark.parametrize(("answer", "opened"), [("yes", True), ("no", False), (None, False)])
def test_the_police_are_called_when_somebody_decided_so(playbooks, answer, opened):
    theft = playbooks["HJ-5.2"]
    assert theft.duty("HJ-5.2-03").fact == "call_police"
    assert opens(theft, "HJ-5.2-03-call", **({} if answer is None else {"call_police": answer})) is opened


@pytest.mark.parametrize(("answer", "opened"), [("yes", True), ("no", False), (None, False)])
def test_no_interview_without_an_approval_on_record(playbooks, answer, opened):
    media = playbooks["HJ-9"]
    facts = {} if answer is None else {"interview_approved": answer}
    assert opens(media, "HJ-9-05", **facts) is opened
    assert media.duty("HJ-9-approval").form == "approval"
    assert {duty.key for duty in media.duties if duty.kind == "prohibition"} == {"HJ-9-02", "HJ-9-04", "HJ-9-06"}
    assert media.form("wording").rows


def test_call_backs_need_a_result_before_the_end(playbooks):
    fault = playbooks["HJ-2"]
    form = fault.form("callbacks")
    assert (form.rows, form.outcome) == (True, "result")
    assert (fault.duty("HJ-2-12-callback").form, fault.duty("HJ-2-12-callback").gate) == ("callbacks", "end")
    assert fault.form("manual_calls").rows
    assert fault.duty("HJ-2-16").form == "fault_form"


@pytest.mark.parametrize(
    ("server", "restored", "opened"),
    [(None, None, False), (True, None, True), (None, True, True), (False, False, False)],
)
def test_after_a_restore_what_may_be_lost_is_listed(playbooks, server, restored, opened):
    failure = playbooks["HJ-7"]
    given = {"server_down": server, "data_restored": restored}
    facts = {metric: value for metric, value in given.items() if value is not None}
    assert failure.duty("HJ-7-06").opens.event == "restore"
    assert opens(failure, "HJ-7-06", **facts) is opened


@pytest.mark.parametrize("key", ["HJ-10", "HJ-11", "HJ-12"])
def test_what_the_plan_only_lists_says_that_it_has_no_procedure(playbooks, key):
    playbook = playbooks[key]
    assert any(note.kind == "gap" and "没有写办法" in note.zh for note in playbook.notes)
    assert all(duty.site_rule and not duty.requirements for duty in playbook.duties)
    assert {duty.kind for duty in playbook.duties} == {"notification", "decision", "record"}


def test_the_missing_warning_plan_is_said_to_be_missing(playbooks):
    for key in ("HJ-2", "HJ-8"):
        assert any(note.kind == "gap" and "HJ-2-13" in note.requirements for note in playbooks[key].notes)


def test_119_is_a_call(playbooks):
    fire = playbooks["HJ-5.1"]
    assert fire.duty("HJ-5.1-03").kind == "call"
    assert fire.party(fire.duty("HJ-5.1-03").outside[0]).number == "119"
