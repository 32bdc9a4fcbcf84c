"""What runs down, what the plan leaves open, and what nobody has timed yet."""

from decimal import Decimal

import pytest

from playbooks import planfile, rules
from playbooks.law import FactSpec, Group, Reading
from playbooks.rules import decide, truth
from playbooks.truth import remaining
from tests.playbooks.plan_samples import WHOLE
from tests.rules.law_samples import T0, after, facts, level, rule, specs, when
from tests.rules.test_boundaries import TICK

LEFT = specs(FactSpec("left", "countdown", unit="min"))
HOURS = specs(FactSpec("left", "countdown", unit="h"))


def said(value, **extra):
    return facts(Reading("left", Decimal(value), **({"since": T0} | extra)))


@pytest.mark.parametrize(
    ("op", "before", "at_ten", "turns"),
    [
        ("at_most", False, True, after(20)),
        ("less_than", False, False, after(20) + TICK),
        ("at_least", True, True, after(20) + TICK),
        ("more_than", True, False, after(20)),
    ],
)
def test_thirty_minutes_left_turn_at_ten_exactly(op, before, at_ten, turns):
    group = Group(terms=(when("left", op, 10),))
    known = said(30)
    start = truth(group, LEFT, known, T0)
    assert (start.value, start.next_change_at) == (before, turns)
    assert truth(group, LEFT, known, after(20)).value is at_ten
    assert truth(group, LEFT, known, turns - TICK).value is before
    assert truth(group, LEFT, known, turns).value is not before
    assert truth(group, LEFT, known, turns).next_change_at is None


def test_hours_run_down_as_minutes_do():
    group = Group(terms=(when("left", "at_most", Decimal("0.5")),))
    assert truth(group, HOURS, said(2), T0).next_change_at == after(90)
    assert truth(group, HOURS, said(2), after(90)).since == after(90)


def test_what_is_already_below_holds_since_it_was_said():
    got = truth(Group(terms=(when("left", "at_most", 10),)), LEFT, said(5), after(1))
    assert (got.value, got.since, got.next_change_at) == (True, T0, None)


@pytest.mark.parametrize(
    ("reading", "value"),
    [
        (said(30, stale=True, heard_at=after(19)), False),
        (said(30, stale=True, heard_at=after(20)), True),
        (said(30, stale=True), False),
        (said(10, since=None), True),
        (said(11, since=None), False),
        (facts(Reading("left", since=T0)), None),
        (facts(Reading("left")), None),
        (facts(Reading("left", Decimal(5), since=T0, expected=True)), None),
        (facts(Reading("left", Decimal("NaN"), since=T0)), None),
        ({}, None),
    ],
)
def test_a_silent_source_freezes_it_and_what_nobody_said_is_unknown(reading, value):
    got = truth(Group(terms=(when("left", "at_most", 10),)), LEFT, reading, after(600))
    assert (got.value, got.next_change_at) == (value, None)


@pytest.mark.parametrize(("minutes", "shown"), [(0, 30), (29, 1), (30, 0), (31, 0), (6000, 0)])
def test_a_countdown_that_has_run_out_shows_zero(minutes, shown):
    levels = (
        level("low", 1, rule("r", when("left", "at_most", 40))),
        level("high", 2, rule("s", when("left", "at_most", -1))),
    )
    verdict = decide(levels, LEFT, said(30), after(minutes))
    assert all(check.have == shown for check in (*verdict.satisfied, *verdict.gaps))
    assert remaining(said(30)["left"], LEFT["left"], after(minutes)) == 30 - minutes


def sample():
    return planfile.read(WHOLE).document.playbook("TW-1")


def test_the_gap_of_the_rule_that_gives_the_level_is_a_note():
    playbook = sample()
    high = rules.classify(playbook, facts(Reading("uncontrolled_minutes", Decimal(30))), T0)
    low = rules.classify(
        playbook, facts(Reading("uncontrolled_minutes", Decimal(29)), Reading("ups_left", Decimal(60))), T0
    )
    assert (high.level, low.level) == ("tier2", "tier1")
    assert [note.zh for note in high.notes] == ["预案未写十与二十之间"]
    assert low.notes == ()


def test_nothing_timed_yet_is_the_lowest_tier_with_the_highest_open():
    verdict = rules.classify(sample(), {}, T0)
    assert (verdict.level, verdict.at_least, verdict.at_most) == ("tier1", "tier1", "tier2")
    assert "uncontrolled_minutes" in verdict.missing


def test_a_running_countdown_says_when_the_level_rises():
    known = facts(Reading("ups_left", Decimal(25), since=T0), Reading("uncontrolled_minutes", Decimal(0)))
    verdict = rules.classify(sample(), known, after(3))
    assert (verdict.level, verdict.next_change_to, verdict.next_change_at) == ("tier1", "tier2", after(15))
