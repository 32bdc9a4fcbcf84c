"""What is not known, what is only expected, and what has gone silent."""

from decimal import Decimal

import pytest

from playbooks.law import FactSpec, Group, Reading
from playbooks.rules import decide, truth
from tests.rules.law_samples import (
    HEAT,
    HEAT_LEVELS,
    SEAT_LEVELS,
    SEATS,
    T0,
    after,
    facts,
    level,
    rule,
    running,
    specs,
    when,
)


def test_nothing_known_gives_a_range_and_names_the_fact_that_settles_it():
    verdict = decide(SEAT_LEVELS, SEATS, {}, T0)
    assert (verdict.level, verdict.at_least, verdict.at_most) == (None, None, "major")
    assert verdict.settles == "full_minutes"
    assert set(verdict.missing) == {"full_minutes", "maintenance", "routine", "login_failed", "problem"}


def test_a_flag_nobody_reported_counts_as_no_and_is_still_missing():
    verdict = decide(SEAT_LEVELS, SEATS, facts(Reading("maintenance", True), Reading("full_minutes", 0)), T0)
    assert (verdict.level, verdict.at_most) == ("general", "general")
    assert "routine" in verdict.missing


def test_a_flag_reported_as_unknown_keeps_the_range_open():
    known = facts(Reading("login_failed", None), Reading("full_minutes", 0))
    verdict = decide(SEAT_LEVELS, SEATS, known, T0)
    assert (verdict.at_least, verdict.at_most, verdict.settles) == (None, "major", "login_failed")


def test_a_required_choice_left_open_is_unknown_an_optional_one_is_none_of_its_answers():
    terms = (when("problem", "one_of", ("a",)),)
    optional, required = FactSpec("problem", "choice"), FactSpec("problem", "choice", required=True)
    assert truth(Group(terms=terms), specs(optional), {}, T0).value is False
    assert truth(Group(terms=terms), specs(required), {}, T0).value is None


@pytest.mark.parametrize("bad", ["sixteen", True, Decimal("NaN"), Decimal("Infinity")])
def test_a_value_of_the_wrong_type_is_unknown(bad):
    verdict = decide(SEAT_LEVELS, SEATS, facts(Reading("full_minutes", bad)), T0)
    assert (verdict.level, verdict.at_most) == (None, "major")


def test_the_deciding_rule_its_clauses_and_the_gap_to_the_next_level_are_named():
    known = facts(Reading("maintenance", True, since=after(2)), running("full_minutes"))
    verdict = decide(SEAT_LEVELS, SEATS, known, after(20))
    assert (verdict.rule, verdict.since) == ("g1", after(2))
    assert [clause.en for clause in verdict.clauses] == ["clause g1", "clause g2"]
    assert {reading.metric for reading in verdict.used} == {"maintenance", "full_minutes"}
    assert verdict.next_level == "major"
    gap = {check.metric: (check.have, check.need, check.met) for check in verdict.gaps}
    assert gap["full_minutes"] == (Decimal(20), Decimal(30), False)
    assert gap["login_failed"] == (None, True, False)


@pytest.mark.parametrize(
    ("expected", "level_key", "at_least", "at_most", "change_to"),
    [
        (None, "I", None, "I", None),
        (60, None, None, None, "II"),
        (61, "II", "II", "II", "I"),
        (120, "II", "II", "II", "I"),
        (121, "I", "I", "I", None),
    ],
)
def test_what_is_expected_counts_from_the_first_minute(expected, level_key, at_least, at_most, change_to):
    known = facts(Reading("drop_pct", Decimal(55)), running("affected_minutes"))
    if expected is not None:
        known["expected_minutes"] = Reading("expected_minutes", expected, expected=True)
    verdict = decide(HEAT_LEVELS, HEAT, known, after(10))
    assert (verdict.level, verdict.at_least, verdict.at_most) == (level_key, at_least, at_most)
    assert verdict.next_change_to == change_to


def test_an_unknown_expected_length_takes_the_higher_level_and_says_so():
    known = facts(Reading("drop_pct", Decimal(55)), Reading("affected_minutes", 70))
    verdict = decide(HEAT_LEVELS, HEAT, known, T0)
    assert (verdict.level, verdict.at_least, verdict.at_most) == ("I", "II", "I")
    assert verdict.settles == "expected_minutes"
    assert verdict.presumed
    assert any("预计" in note.zh for note in verdict.notes)
    assert all(note.en for note in verdict.notes)


def test_a_length_is_not_presumed_where_the_rest_of_the_rule_is_not_met():
    verdict = decide(HEAT_LEVELS, HEAT, facts(Reading("drop_pct", 10), running("affected_minutes")), after(300))
    assert (verdict.level, verdict.at_most) == (None, None)


def test_an_unknown_share_is_not_presumed():
    verdict = decide(HEAT_LEVELS, HEAT, facts(running("affected_minutes")), after(300))
    assert (verdict.level, verdict.at_least, verdict.at_most) == (None, None, "I")
    assert verdict.settles == "drop_pct"


def test_a_forecast_does_not_meet_a_condition_that_counts_only_what_is_observed():
    spec = specs(FactSpec("drop_pct", "measure"))
    observed = Group(terms=(when("drop_pct", "at_least", 50),))
    counted = Group(terms=(when("drop_pct", "at_least", 50, counts_expected=True),))
    known = facts(Reading("drop_pct", 60, expected=True))
    assert truth(observed, spec, known, T0).value is None
    assert truth(counted, spec, known, T0).value is True


@pytest.mark.parametrize(
    ("reading", "level_key"),
    [
        (running("full_minutes", stale=True, heard_at=after(14, 59)), None),
        (running("full_minutes", stale=True, heard_at=after(15)), "general"),
        (Reading("full_minutes", Decimal(20), since=T0, stale=True), "general"),
    ],
)
def test_a_silent_source_freezes_the_timer(reading, level_key):
    verdict = decide(SEAT_LEVELS, SEATS, facts(reading), after(600))
    assert (verdict.level, verdict.next_change_at) == (level_key, None)
    assert any("停在" in note.zh for note in verdict.notes)


def test_a_silent_stopwatch_that_never_said_how_long_is_unknown():
    verdict = decide(SEAT_LEVELS, SEATS, facts(running("full_minutes", stale=True)), after(600))
    assert (verdict.level, verdict.at_most) == (None, "major")


def test_a_silent_source_freezes_a_hold_time():
    group = Group(terms=(when("waiting", "at_least", 20, hold_minutes=Decimal(10)),))
    spec = specs(FactSpec("waiting", "count"))
    frozen = Reading("waiting", 25, since=T0, stale=True, heard_at=after(9))
    got = truth(group, spec, facts(frozen), after(60))
    assert (got.value, got.next_change_at) == (False, None)


def test_a_level_without_conditions_always_holds():
    verdict = decide((level("only", 1, rule("always")),), {}, {}, T0)
    assert (verdict.level, verdict.at_least, verdict.missing) == ("only", "only", ())


def test_a_playbook_without_levels_has_none():
    verdict = decide((), SEATS, facts(running("full_minutes")), T0)
    assert (verdict.level, verdict.next_change_at, verdict.gaps) == (None, None, ())
