"""The service-hall plan as shipped: one site level each, what opens when, people first, and words kept from walls."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from playbooks import planfile, rules
from playbooks.law import ALWAYS, Condition, Group, Reading

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
KINDS = [f"FW-4.{number}" for number in range(1, 11)]
HURT = ("deaths", "seriously_injured", "lightly_injured")
FOUND = {"case": "found", "returned_in_person": "no"}

# What the robbery rows say step by step; none of it may be read outside the hall's staff.
SECRETS = (
    "保险柜", "密码", "钥匙", "卫生间", "防盗门", "湿毛巾", "卧倒", "手部动作", "大声说话",
    "lock the safe", "the cash", "scramble", "hide the key", "washroom", "towel", "drop where", "talk loudly",
    "hold your breath", "robbers",
)  # fmt: skip


@pytest.fixture(scope="module")
def document():
    found = planfile.read((FIXTURES / "plans" / "FW.yaml").read_bytes(), file="FW.yaml")
    assert found.mistakes == ()
    return found.document


@pytest.fixture(scope="module")
def playbooks(document):
    return {playbook.key: playbook for playbook in document.playbooks}


def readings(**values):
    return {metric: Reading(metric, value) for metric, value in values.items()}


def opens(playbook, key, *, minutes=0, **values):
    """Whether the duty's condition holds that many minutes after the event."""
    duty = playbook.duty(key)
    assert duty.opens.event == "facts"
    facts = readings(**values) | {"elapsed_minutes": Reading("elapsed_minutes", since=NOW)}
    when = NOW + timedelta(minutes=minutes)
    return rules.truth(duty.opens.when, playbook.specs, facts, when).value is True


def metrics(group):
    return {
        name
        for term in group.terms
        for name in (metrics(term) if isinstance(term, Group) else {term.metric})
        if isinstance(term, Condition | Group)
    }


def test_the_ten_kinds_of_the_plan_and_one_for_the_rest(playbooks):
    assert list(playbooks) == [*KINDS, "FW-other"]
    assert all("FW-1-01" in playbook.requirements for playbook in playbooks.values())


@pytest.mark.parametrize(
    ("key", "facts", "level", "colour", "row"),
    [
        ("FW-4.1", {"waiting_customers": 80}, "surge", "yellow", "FW-4.1-01"),
        ("FW-4.2", {"scope": "all"}, "fault", "yellow", "FW-4.2-01"),
        ("FW-4.2", {"scope": "part"}, "fault", "yellow", "FW-4.2-01"),
        ("FW-4.3", {"gun": True}, "robbery", "red", "FW-4.3-10"),
        ("FW-4.3", {"explosives": True}, "robbery", "red", "FW-4.3-11"),
        ("FW-4.3", {"gas": True}, "robbery", "red", "FW-4.3-12"),
        ("FW-4.4", {"out_of_control": True}, "fire", "red", "FW-4.4-07"),
        ("FW-4.5", {"service_stopped": True}, "siege", "orange", "FW-4.5-06"),
        ("FW-4.6", {"others_disturbed": True}, "disorder", "yellow", "FW-4.6-06"),
        ("FW-4.7", {"persons_ill": 1}, "illness", "orange", "FW-4.7-06"),
        ("FW-4.8", {"lightly_injured": 1}, "injury", "orange", "FW-4.8-07"),
        ("FW-4.9", {"case": "loss"}, "lost_property", "blue", "FW-4.9-13"),
        ("FW-4.9", {"case": "found"}, "lost_property", "blue", "FW-4.9-13"),
        ("FW-4.9", {"case": "vehicle"}, "lost_property", "blue", "FW-4.9-13"),
        ("FW-4.10", {"interview_requested": True}, "media", "blue", "FW-4.10-03"),
        ("FW-4.10", {"untrue_report": True}, "media", "blue", "FW-4.10-03"),
        ("FW-other", {"what": "停电"}, "other", "yellow", "FW-3-06"),
    ],
)
def test_the_first_fact_gives_the_level_and_it_is_said_to_be_the_sites(playbooks, key, facts, level, colour, row):
    playbook = playbooks[key]
    verdict = rules.classify(playbook, readings(**facts), NOW)
    assert (verdict.level, playbook.level(level).colour) == (level, colour)
    assert row in {name for clause in verdict.clauses for name in clause.requirements}
    assert all(clause.site_rule for clause in verdict.clauses)
    assert "本站规则：预案未分级" in verdict.notes[0].zh
    assert verdict.notes[0].en.startswith("Site rule: the plan sets no level")


@pytest.mark.parametrize("key", [*KINDS, "FW-other"])
def test_the_level_waits_for_no_fact_and_nobody(playbooks, key):
    playbook = playbooks[key]
    verdict = rules.classify(playbook, {}, NOW)
    (level,) = playbook.levels
    assert (verdict.level, verdict.at_least, verdict.at_most) == (level.key,) * 3
    assert (level.starts, level.site_rule) == ("confirmed", True)


def test_three_means_of_robbery_are_told_apart_and_may_come_together(playbooks):
    rows = {
        name
        for clause in rules.classify(playbooks["FW-4.3"], readings(gun=True, gas=True), NOW).clauses
        for name in clause.requirements
    }
    assert rows == {"FW-4.3-10", "FW-4.3-12"}


# Playbook, duty, facts that open it, facts that do not.
OPENED = [
    ("FW-4.1", "FW-4.1-06", {"help_needed": True}, {"help_needed": False}),
    ("FW-4.2", "FW-4.2-05", {"recovery_time_known": "yes"}, {"recovery_time_known": "no"}),
    ("FW-4.2", "FW-4.2-06", {"recovery_time_known": "no"}, {"recovery_time_known": "yes"}),
    ("FW-4.3", "FW-4.3-02", {"gun": True}, {"gas": True}),
    ("FW-4.3", "FW-4.3-05", {"explosives": True}, {"gun": True}),
    ("FW-4.3", "FW-4.3-06", {"explosives": True}, {"gas": True}),
    ("FW-4.3", "FW-4.3-08", {"gas": True}, {"explosives": True}),
    ("FW-4.4", "FW-4.4-withdraw", {"out_of_control": True}, {"out_of_control": False}),
    ("FW-4.4", "FW-4.4-trapped", {"people_trapped": True}, {"people_trapped": False}),
    ("FW-4.5", "FW-4.5-02", {"persuasion_failed": True, "service_stopped": True}, {"persuasion_failed": True}),
    ("FW-4.5", "FW-4.5-02", {"unreasonable": True, "service_stopped": True}, {"service_stopped": True}),
    ("FW-4.5", "FW-4.5-04", {"extreme_acts": True}, {"unreasonable": True}),
    ("FW-4.5", "FW-4.5-04-tell", {"extreme_acts": True}, {"unreasonable": True}),
    ("FW-4.6", "FW-4.6-03", {"no_agreement": True, "others_disturbed": True}, {"no_agreement": True}),
    ("FW-4.6", "FW-4.6-03", {"no_agreement": True, "others_disturbed": True}, {"others_disturbed": True}),
    ("FW-4.6", "FW-4.6-04", {"warning_without_effect": True}, {"no_agreement": True, "others_disturbed": True}),
    ("FW-4.6", "FW-4.6-04", {"violence": True}, {"violence": False}),
    ("FW-4.7", "FW-4.7-unknown", {"family_unknown": True}, {"persons_ill": 1}),
    ("FW-4.8", "FW-4.8-03", {"lightly_injured": 1}, {"lightly_injured": 0, "seriously_injured": 1}),
    ("FW-4.8", "FW-4.8-05", {"hall_at_fault": True, "compensation_asked": True}, {"compensation_asked": True}),
    ("FW-4.9", "FW-4.9-01", {"case": "loss"}, {"case": "found"}),
    ("FW-4.9", "FW-4.9-02", {"case": "loss", "loss_confirmed": "yes"}, {"case": "loss", "loss_confirmed": "no"}),
    ("FW-4.9", "FW-4.9-02-log", {"footage_asked": True}, {"case": "loss", "loss_confirmed": "yes"}),
    ("FW-4.9", "FW-4.9-03", {"case": "loss", "loss_confirmed": "yes"}, {"case": "loss"}),
    ("FW-4.9", "FW-4.9-05", {"case": "found"}, {"case": "loss"}),
    ("FW-4.9", "FW-4.9-06", FOUND, {"case": "found", "returned_in_person": "yes"}),
    ("FW-4.9", "FW-4.9-07", FOUND, {"case": "found"}),
    ("FW-4.9", "FW-4.9-08", FOUND, {"case": "found", "returned_in_person": "yes"}),
    ("FW-4.9", "FW-4.9-outcome", FOUND, {"case": "found"}),
    ("FW-4.9", "FW-4.9-09", {"item_outcome": "claimed"}, {"item_outcome": "police"}),
    ("FW-4.9", "FW-4.9-10", {"case": "vehicle"}, {"case": "loss"}),
    ("FW-4.9", "FW-4.9-11", {"case": "vehicle", "compensation_asked": True}, {"case": "vehicle"}),
    ("FW-4.10", "FW-4.10-approval", {"interview_requested": True}, {"untrue_report": True}),
    ("FW-4.10", "FW-4.10-speak", {"interview_approved": "yes"}, {"interview_approved": "no"}),
    ("FW-4.10", "FW-4.10-wording", {"untrue_report": True}, {"interview_requested": True}),
    ("FW-4.10", "FW-4.10-02", {"untrue_report": True}, {"interview_requested": True}),
]


@pytest.mark.parametrize(("key", "duty", "yes", "no"), OPENED)
def test_what_opens_on_facts(playbooks, key, duty, yes, no):
    playbook = playbooks[key]
    assert opens(playbook, duty, **yes)
    assert not opens(playbook, duty, **no)
    assert not opens(playbook, duty)


def test_every_duty_that_opens_on_facts_is_in_the_table_above(playbooks):
    shared = {"FW-call-120", "FW-one-hour", "FW-casualty-record"}
    found = {
        (playbook.key, duty.key)
        for playbook in playbooks.values()
        for duty in playbook.duties
        if duty.opens.event == "facts" and duty.key not in shared
    }
    assert found == {(key, duty) for key, duty, _, _ in OPENED}


@pytest.mark.parametrize(
    ("known", "minutes", "expected"),
    [
        ({}, 14, False),
        ({}, 15, True),
        ({"recovery_time_known": "yes"}, 60, False),
        ({"recovery_time_known": "no"}, 1, True),
    ],
)
def test_no_word_from_the_partner_for_a_quarter_of_an_hour_counts_as_no_time_known(playbooks, known, minutes, expected):
    assert opens(playbooks["FW-4.2"], "FW-4.2-06", minutes=minutes, **known) is expected


def test_somebody_hurt_calls_120_and_is_listed_at_once_where_somebody_surely_is(playbooks):
    for key, playbook in playbooks.items():
        for duty in ("FW-call-120", "FW-casualty-record"):
            if key in ("FW-4.7", "FW-4.8"):
                assert playbook.duty(duty).opens.event == "report"
            else:
                assert all(opens(playbook, duty, **{metric: 1}) for metric in HURT)
                assert not opens(playbook, duty, seriously_injured=0)


@pytest.mark.parametrize("key", [*KINDS, "FW-other"])
def test_somebody_hurt_starts_the_hour_of_the_law(playbooks, key):
    playbook = playbooks[key]
    duty = playbook.duty("FW-one-hour")
    assert (duty.kind, duty.minutes, duty.anchor, duty.post) == ("report", Decimal(60), "opened", "group_head")
    assert (duty.site_rule, duty.outside, duty.form) == (True, ("safety_authority",), "authority_report")
    assert duty.gate == "end"
    assert "493" in duty.clause_zh
    assert "493" in duty.clause_en
    for metric in HURT:
        assert opens(playbook, "FW-one-hour", **{metric: 1})
        assert not opens(playbook, "FW-one-hour", **{metric: 0})
    assert not opens(playbook, "FW-one-hour", loss_yuan=Decimal(5000))


def test_the_hour_is_the_only_deadline_of_a_plan_without_numbers(playbooks):
    timed = {duty.key for playbook in playbooks.values() for duty in playbook.duties if duty.minutes is not None}
    assert timed == {"FW-one-hour"}


def test_the_class_of_the_law_is_worked_out_where_people_can_be_hurt(playbooks):
    assert {key for key, playbook in playbooks.items() if playbook.statutory} == {
        "FW-4.1", "FW-4.3", "FW-4.4", "FW-4.5", "FW-4.6", "FW-4.8", "FW-other",
    }  # fmt: skip


def test_life_safety_waits_for_nobody(playbooks):
    for playbook in playbooks.values():
        decided = {duty.fact for duty in playbook.duties if duty.fact}
        for duty in playbook.duties:
            if not duty.life_safety:
                continue
            assert duty.opens.event in ("report", "facts")
            assert duty.signers == 1
            assert duty.apart_from == ()
            assert not metrics(duty.opens.when or ALWAYS) & decided


def test_every_call_is_life_safety_with_one_public_number_and_must_be_answered_for(playbooks):
    calls = {}
    for playbook in playbooks.values():
        for duty in playbook.duties:
            if duty.kind == "call":
                assert (duty.life_safety, duty.gate) == (True, "restore")
                (party,) = duty.outside
                calls.setdefault(playbook.party(party).number, set()).add((playbook.key, duty.opens.event))
    assert calls["119"] == {("FW-4.4", "report")}
    assert calls["110"] == {("FW-4.3", "report"), ("FW-4.5", "facts"), ("FW-4.6", "facts")}
    assert {key for key, event in calls["120"] if event == "report"} == {"FW-4.7", "FW-4.8"}
    assert {key for key, _ in calls["120"]} == set(playbooks)


def test_fire_calls_first_then_evacuates_and_money_comes_last(playbooks):
    fire = playbooks["FW-4.4"]
    assert [duty.key for duty in fire.duties[:2]] == ["FW-4.4-02", "FW-4.4-04"]
    for key in ("FW-4.4-05", "FW-4.4-06"):
        assert (fire.duty(key).opens.event, fire.duty(key).opens.argument) == ("done", "FW-4.4-04")
        assert not fire.duty(key).life_safety
        assert fire.duty(key).gate is None
    assert "安全" in fire.duty("FW-4.4-01").zh
    assert "安全" in fire.duty("FW-4.4-03").zh
    assert "应急照明" in fire.duty("FW-4.4-03").zh
    assert fire.duty("FW-4.4-no-return").kind == "prohibition"


def test_robbery_is_silent_and_its_words_are_for_hall_staff(playbooks):
    robbery = playbooks["FW-4.3"]
    assert (robbery.silent, robbery.restricted, robbery.life_safety) == (True, True, True)
    kept = [one for one in (*robbery.duties, *robbery.notes) if one.restricted]
    assert {one.key for one in kept} == {f"FW-4.3-0{number}" for number in (1, 2, 4, 5, 6, 7, 8, 9)}
    assert [one.key for one in playbooks.values() if one.restricted or one.silent] == ["FW-4.3"]


def test_no_restricted_word_stands_anywhere_else(playbooks):
    for playbook in playbooks.values():
        for text in _public(playbook):
            assert [word for word in SECRETS if word in text] == [], text


def test_the_public_summary_of_robbery_says_call_when_safe_and_nothing_else(playbooks):
    robbery = playbooks["FW-4.3"]
    assert robbery.summary_zh == "大厅发生抢劫。安全后拨打 110，按培训卡行动。"
    assert robbery.summary_en == "Robbery in the hall. Call 110 when safe; follow the training card."


def _public(playbook):
    """Every text of a playbook that is not restricted by itself."""
    yield from (playbook.zh, playbook.en, playbook.summary_zh, playbook.summary_en, *playbook.keywords)
    for spec in playbook.facts:
        yield from (spec.zh, spec.en, spec.help_zh, spec.help_en)
    for level in playbook.levels:
        yield from (level.zh, level.en, level.note_zh, level.note_en)
        for rule in level.rules:
            yield from (rule.zh, rule.en, rule.clause_zh, rule.clause_en)
    for part in (*playbook.duties, *playbook.notes):
        yield from (part.clause_zh, part.clause_en)
        if not part.restricted:
            yield from (part.zh, part.en, getattr(part, "detail_zh", ""), getattr(part, "detail_en", ""))


def test_lives_come_before_money(playbooks):
    note = next(note for note in playbooks["FW-4.3"].notes if note.key == "FW-4.3-life")
    assert (note.kind, note.restricted) == ("safety", False)
    assert "本站规则" in note.clause_zh


def test_footage_is_held_for_thirty_days_at_least(playbooks):
    rows = {f"FW-4.5-{5:02}", "FW-4.6-05", "FW-4.7-05", "FW-4.8-06", "FW-4.9-04", "FW-4.9-08", "FW-4.9-12"}
    held = set()
    for playbook in playbooks.values():
        for duty in playbook.duties:
            if duty.form == "cctv_hold":
                assert (duty.kind, duty.gate, duty.opens.event) == ("record", "close", "restore")
                held.update(duty.requirements)
        (until,) = [item for item in playbook.form("cctv_hold").items if item.kind == "date"]
        assert (until.minimum_days, until.required) == (30, True)
    assert held == rows


def test_two_sign_for_found_property_and_the_owner_is_verified(playbooks):
    lost = playbooks["FW-4.9"]
    assert lost.fact("case").required
    count = lost.duty("FW-4.9-06")
    assert (count.signers, count.form, count.kind, count.gate) == (2, "found_item", "record", "end")
    assert {item.key for item in lost.form("found_item").items if item.required} >= {"contents", "camera", "finder"}
    assert {item.key for item in lost.form("owner_claim").items if item.required} >= {"proof", "signed", "phone"}
    assert next(item for item in lost.form("owner_claim").items if item.key == "phone").kind == "phone"


@pytest.mark.parametrize(("key", "duty", "form", "gate"), [
    ("FW-4.2", "FW-4.2-06-call", "callback", "end"),
    ("FW-4.8", "FW-4.8-05", "injury_claim", "close"),
    ("FW-4.9", "FW-4.9-11", "vehicle_claim", "close"),
    ("FW-4.9", "FW-4.9-02-log", "footage_request", "close"),
    ("FW-4.7", "FW-casualty-record", "casualties", "end"),
    ("FW-4.1", "FW-3-12", "rectification", "close"),
])  # fmt: skip
def test_a_ledger_is_finished_when_every_line_has_its_outcome(playbooks, key, duty, form, gate):
    playbook = playbooks[key]
    assert (playbook.duty(duty).form, playbook.duty(duty).gate) == (form, gate)
    assert playbook.form(form).rows
    assert playbook.form(form).outcome


@pytest.mark.parametrize(("key", "form"), [("FW-4.2", "public_explanation"), ("FW-4.10", "media_wording")])
def test_public_wording_has_versions_and_an_approver(playbooks, key, form):
    wording = playbooks[key].form(form)
    assert wording.rows
    assert {item.key for item in wording.items if item.required} == {"wording", "approver", "approved_at"}


def test_the_media_are_declined_until_approval_is_on_record(playbooks):
    media = playbooks["FW-4.10"]
    refuse = media.duty("FW-4.10-01")
    assert (refuse.kind, refuse.opens.event) == ("prohibition", "report")
    approval = media.duty("FW-4.10-approval")
    assert (approval.kind, approval.fact, approval.post) == ("decision", "interview_approved", "superiors")


def test_the_report_has_the_seven_items_of_the_plan(playbooks):
    for playbook in playbooks.values():
        rows = [name for item in playbook.form("hall_report").items for name in item.requirements]
        assert sorted(set(rows)) == [f"FW-3-{number:02}" for number in range(4, 11)]
        assert playbook.duty("FW-3-report").tell == ("leading_group",)


def test_after_the_end_the_hall_analyses_rectifies_sends_and_both_file(playbooks):
    for playbook in playbooks.values():
        assert [playbook.duty(key).gate for key in ("FW-3-11", "FW-3-12", "FW-3-13", "FW-3-14")] == ["close"] * 4
        send = playbook.duty("FW-3-13")
        assert (send.tell, send.opens.argument) == (("safety_supervision_manager",), "FW-3-11")
        filing = {duty.post for duty in playbook.duties if "FW-3-14" in duty.requirements}
        assert filing == {"hall_supervisor", "safety_supervision_manager"}
        assert playbook.duty("FW-3-03").kind == "prohibition"


def test_every_duty_is_short_enough_to_be_read_under_stress(playbooks):
    for playbook in playbooks.values():
        for duty in playbook.duties:
            assert len(duty.zh) <= 40, duty.key
            assert len(duty.en) <= 100, duty.key
            assert duty.requirements or duty.site_rule


def test_what_is_the_sites_own_says_so(playbooks):
    for playbook in playbooks.values():
        for duty in playbook.duties:
            if not duty.requirements:
                assert duty.site_rule
                assert "本站规则" in duty.clause_zh
                assert "ite rule" in duty.clause_en


def test_every_row_of_the_hall_plan_is_somewhere(document):
    rows = (FIXTURES / "requirements.yaml").read_text(encoding="utf-8")
    expected = set(re.findall(r"^  (FW-[0-9.]+-\d\d):", rows, re.MULTILINE))
    assert len(expected) == 95
    standing = (FIXTURES / "standing" / "FW.yaml").read_text(encoding="utf-8")
    named = {
        name for line in re.findall(r"requirements: \[(.*?)\]", standing + document.text) for name in line.split(", ")
    }
    assert {name for name in named if name} == expected
