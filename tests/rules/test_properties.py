"""What holds for every set of facts: no exception, no dependence on order, exact next change, honest bounds."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbooks.law import Condition, FactSpec, Group, Level, Reading, Rule
from playbooks.rules import classify, decide, truth
from tests.rules import histories as shipped

TICK = timedelta(microseconds=1)
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
MOMENTS = st.datetimes(FIRST_DAY, FIRST_DAY + timedelta(days=1), timezones=st.just(UTC))
SPECS = {
    spec.metric: spec
    for spec in (
        FactSpec("flag_a", "flag"),
        FactSpec("flag_b", "flag"),
        FactSpec("people", "count"),
        FactSpec("drop", "measure"),
        FactSpec("run", "stopwatch", unit="min"),
        FactSpec("outage", "stopwatch", unit="h"),
        FactSpec("left", "countdown", unit="min"),
        FactSpec("expected_minutes", "measure", unit="min"),
        FactSpec("kind", "choice"),
        FactSpec("kind_needed", "choice", required=True),
    )
}
OPS = ("is", "is_not", "one_of", "at_least", "more_than", "less_than", "at_most")
NUMBERS = st.one_of(st.integers(-5, 200), st.decimals(-5, 200, places=2))
ODD = st.sampled_from([Decimal("NaN"), Decimal("Infinity"), Decimal("1E+999999"), 10**40, True, False, "a", "b", ""])

conditions = st.builds(
    Condition,
    st.sampled_from([*SPECS, "undeclared"]),
    st.sampled_from(OPS),
    st.one_of(NUMBERS, st.booleans(), st.sampled_from(["a", "b"]), st.just(("a", "b"))),
    hold_minutes=st.sampled_from([Decimal(0), Decimal(0), Decimal(10)]),
    counts_expected=st.booleans(),
)
groups = st.builds(
    Group,
    st.sampled_from(["all", "any"]),
    st.lists(
        st.one_of(
            conditions, st.builds(Group, st.sampled_from(["all", "any"]), st.lists(conditions, max_size=3).map(tuple))
        ),
        max_size=3,
    ).map(tuple),
)


@st.composite
def ladders(draw):
    return tuple(
        Level(
            f"l{rank}",
            rank,
            "blue",
            "confirmed",
            "级",
            "level",
            rules=tuple(
                Rule(f"r{rank}-{i}", "条", "clause", (), group, "则", "rule")
                for i, group in enumerate(draw(st.lists(groups, min_size=1, max_size=2)))
            ),
        )
        for rank in range(1, draw(st.integers(1, 3)) + 1)
    )


readings = st.builds(
    Reading,
    st.sampled_from(list(SPECS)),
    value=st.one_of(st.none(), st.none(), NUMBERS, ODD),
    since=st.one_of(st.none(), MOMENTS),
    expected=st.booleans(),
    stale=st.booleans(),
    heard_at=st.one_of(st.none(), MOMENTS),
    earlier=st.lists(st.tuples(MOMENTS, st.one_of(st.none(), NUMBERS)), max_size=2).map(tuple),
)
histories = st.lists(readings, max_size=9, unique_by=lambda reading: reading.metric)
RANK = {None: 0, "l1": 1, "l2": 2, "l3": 3}


@settings(max_examples=150, deadline=None)
@given(ladders(), histories, MOMENTS)
def test_a_verdict_is_never_an_exception_and_lies_within_its_own_bounds(levels, history, now):
    verdict = decide(levels, SPECS, {reading.metric: reading for reading in history}, now)
    assert RANK[verdict.at_least] <= RANK[verdict.level] <= RANK[verdict.at_most]
    assert (verdict.level is None) == (verdict.rule is None)
    if verdict.at_least == verdict.at_most:
        assert verdict.settles is None


@settings(max_examples=80, deadline=None)
@given(ladders(), histories, MOMENTS, st.randoms(use_true_random=False))
def test_the_order_of_entry_and_of_levels_never_matters(levels, history, now, random):
    verdict = decide(levels, SPECS, {reading.metric: reading for reading in history}, now)
    shuffled, turned = list(history), list(levels)
    random.shuffle(shuffled)
    random.shuffle(turned)
    assert decide(turned, SPECS, {reading.metric: reading for reading in shuffled}, now) == verdict


@settings(max_examples=150, deadline=None)
@given(ladders(), histories, MOMENTS)
def test_the_next_change_is_the_first_moment_with_another_level(levels, history, now):
    known = {reading.metric: reading for reading in history}
    verdict = decide(levels, SPECS, known, now)
    if verdict.next_change_at is None:
        for hours in (1, 30, 24 * 400):
            assert decide(levels, SPECS, known, now + timedelta(hours=hours)).level == verdict.level
        return
    assert verdict.next_change_at > now
    assert decide(levels, SPECS, known, verdict.next_change_at).level == verdict.next_change_to != verdict.level
    assert decide(levels, SPECS, known, verdict.next_change_at - TICK).level == verdict.level
    halfway = now + (verdict.next_change_at - now) / 2
    if halfway < verdict.next_change_at:
        assert decide(levels, SPECS, known, halfway).level == verdict.level


@settings(max_examples=80, deadline=None)
@given(groups, histories, MOMENTS)
def test_truth_changes_exactly_where_it_says(group, history, now):
    known = {reading.metric: reading for reading in history}
    here = truth(group, SPECS, known, now)
    if here.next_change_at is not None:
        assert truth(group, SPECS, known, here.next_change_at).value is not here.value
        assert truth(group, SPECS, known, here.next_change_at - TICK).value is here.value
    if here.since is not None:
        assert here.value is True


# Every shipped playbook with random facts around its own numbers: ten thousand histories in all.
EXAMPLES = -(-10_000 // len(shipped.PLAYBOOKS))


@pytest.mark.parametrize("playbook", shipped.PLAYBOOKS, ids=lambda playbook: playbook.key)
def test_shipped_playbooks_decide_any_history_whatever_its_order_and_date_the_next_change(playbook):
    @settings(max_examples=EXAMPLES, deadline=None, database=None)
    @given(st.integers(0, 2**32))
    def check(seed):
        random = Random(seed)
        known, now = shipped.history(playbook, random)
        verdict = classify(playbook, known, now)
        rank = {None: 0} | {level.key: level.rank for level in playbook.levels}
        assert rank[verdict.at_least] <= rank[verdict.level] <= rank[verdict.at_most]
        levels, turned = list(playbook.levels), list(known.items())
        random.shuffle(levels)
        random.shuffle(turned)
        assert decide(levels, playbook.specs, dict(turned), now) == verdict
        moment = verdict.next_change_at
        if moment is None:
            assert classify(playbook, known, now + timedelta(days=400)).level == verdict.level
            return
        assert moment > now
        assert classify(playbook, known, moment).level == verdict.next_change_to != verdict.level
        assert classify(playbook, known, moment - TICK).level == verdict.level
        between = now + (moment - now) * random.random()
        if between < moment:
            assert classify(playbook, known, between).level == verdict.level

    check()
