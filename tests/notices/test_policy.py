"""The ladder: every case in a table, and what holds for all of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices import policy
from notices.models import Attempt, Notice
from notices.policy import Outcome, Standing, State, Step

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

FIRST = Standing(
    notice_id=7,
    state=State.QUEUED,
    rung=0,
    attempts=1,
    accepted_at=None,
    wants_answer=True,
    waits=(MINUTE, 5 * MINUTE, 2 * MINUTE),
)
LAST = replace(FIRST, rung=2)
ALONE = replace(FIRST, waits=(timedelta(0),))


def step(**values: object) -> Step:
    plain = {"state": State.QUEUED, "rung": 0, "attempts": 1, "accepted_at": None, "due_at": None}
    return Step(**(plain | values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("standing", "outcome", "expected"),
    [
        pytest.param(
            FIRST,
            Outcome.ACCEPTED,
            step(state=State.ACCEPTED, accepted_at=NOW, due_at=NOW + MINUTE),
            id="accepted: wait for this person's answer",
        ),
        pytest.param(
            FIRST,
            Outcome.HELD,
            step(state=State.ACCEPTED, accepted_at=NOW, due_at=NOW + MINUTE),
            id="held back in a drill: the wait is rehearsed all the same",
        ),
        pytest.param(
            replace(FIRST, wants_answer=False),
            Outcome.ACCEPTED,
            step(state=State.ACCEPTED, accepted_at=NOW),
            id="no answer wanted: done",
        ),
        pytest.param(FIRST, Outcome.REFUSED, step(rung=1, attempts=0, due_at=NOW), id="refused: climb at once"),
        pytest.param(
            replace(FIRST, state=State.ACCEPTED, rung=1),
            Outcome.REFUSED,
            step(state=State.ACCEPTED, rung=2, attempts=0, due_at=NOW),
            id="refused higher up: what was accepted below stays accepted",
        ),
        pytest.param(
            FIRST, Outcome.FAILED, step(due_at=NOW + policy.pause(7, 1)), id="failed: the same rung again, later"
        ),
        pytest.param(
            replace(FIRST, attempts=policy.TRIES),
            Outcome.FAILED,
            step(rung=1, attempts=0, due_at=NOW),
            id="failed too often: climb at once",
        ),
        pytest.param(
            LAST,
            Outcome.REFUSED,
            step(state=State.EXHAUSTED, rung=2, is_trouble=True, passes_over=True),
            id="refused at the end: nobody can be told",
        ),
        pytest.param(
            replace(LAST, attempts=policy.TRIES),
            Outcome.FAILED,
            step(rung=2, attempts=policy.TRIES, due_at=NOW + policy.pause(7, policy.TRIES), is_trouble=True),
            id="failing at the end: the incident hears of it, and it goes on",
        ),
        pytest.param(
            replace(LAST, attempts=policy.TRIES + 1),
            Outcome.FAILED,
            step(rung=2, attempts=policy.TRIES + 1, due_at=NOW + policy.pause(7, policy.TRIES + 1)),
            id="still failing at the end: heard of once",
        ),
        pytest.param(
            replace(LAST, attempts=policy.LAST_TRIES),
            Outcome.FAILED,
            step(state=State.EXHAUSTED, rung=2, attempts=policy.LAST_TRIES, is_trouble=True, passes_over=True),
            id="failed half an hour at the end",
        ),
        pytest.param(
            ALONE,
            Outcome.ACCEPTED,
            step(state=State.ACCEPTED, accepted_at=NOW, due_at=NOW + policy.LAST_WAIT),
            id="the last person has time to answer whatever the ladder says",
        ),
    ],
)
def test_after_a_try(standing: Standing, outcome: Outcome, expected: Step) -> None:
    assert policy.tried(standing, outcome, NOW) == expected


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        pytest.param(FIRST, None, id="untried: try"),
        pytest.param(replace(FIRST, attempts=3), None, id="failed before: try again"),
        pytest.param(
            replace(FIRST, state=State.ACCEPTED, accepted_at=NOW - MINUTE),
            step(state=State.ACCEPTED, rung=1, attempts=0, due_at=NOW),
            id="nobody answered: climb",
        ),
        pytest.param(
            replace(FIRST, accepted_at=NOW - MINUTE, people=("dana", "dana", "omar")),
            step(rung=1, attempts=0, due_at=NOW),
            id="another channel of the same person: nobody is passed over",
        ),
        pytest.param(
            replace(FIRST, accepted_at=NOW - MINUTE, people=("dana", "omar", "omar")),
            step(rung=1, attempts=0, due_at=NOW, is_trouble=True, passes_over=True),
            id="the next person: the one before is passed over, and the incident learns of it",
        ),
        pytest.param(
            replace(LAST, state=State.ACCEPTED, accepted_at=NOW - MINUTE),
            step(state=State.EXHAUSTED, rung=2, accepted_at=NOW - MINUTE, is_trouble=True, passes_over=True),
            id="nobody answered at the end: exhausted",
        ),
        pytest.param(
            replace(FIRST, attempts=policy.TRIES + policy.SPARE_TRIES + 1),
            step(rung=1, attempts=0, due_at=NOW),
            id="a message that kills its sender climbs",
        ),
        pytest.param(
            replace(FIRST, waits=()), step(state=State.EXHAUSTED, is_trouble=True), id="no ladder: nobody to tell"
        ),
    ],
)
def test_when_due(standing: Standing, expected: Step | None) -> None:
    assert policy.due(standing, NOW) == expected


standings = st.builds(
    Standing,
    notice_id=st.integers(1, 10**9),
    state=st.sampled_from([State.QUEUED, State.ACCEPTED]),
    rung=st.integers(0, 4),
    attempts=st.integers(1, 60),
    accepted_at=st.none() | st.just(NOW - MINUTE),
    wants_answer=st.booleans(),
    waits=st.lists(st.builds(timedelta, seconds=st.integers(0, 3600)), min_size=5, max_size=5).map(tuple),
)


@given(standings, st.sampled_from(Outcome))
def test_a_step_never_goes_back_in_time_or_down_the_ladder(standing: Standing, outcome: Outcome) -> None:
    taken = policy.tried(standing, outcome, NOW)
    assert taken.due_at is None or taken.due_at >= NOW
    assert standing.rung <= taken.rung <= standing.rung + 1
    assert not (standing.state is State.ACCEPTED and taken.state is State.QUEUED)
    assert (taken.state is State.EXHAUSTED) <= (taken.due_at is None and taken.is_trouble)


@given(st.lists(st.sampled_from(Outcome), min_size=1, max_size=400), st.integers(1, 5), st.integers(0, 600))
def test_every_ladder_comes_to_an_end_or_to_a_wait(outcomes: list[Outcome], rungs: int, wait: int) -> None:
    now, standing = NOW, replace(FIRST, waits=(timedelta(seconds=wait),) * rungs, attempts=0)
    for outcome in outcomes:
        standing = replace(standing, attempts=standing.attempts + 1)
        taken = policy.due(standing, now) or policy.tried(standing, outcome, now)
        standing = replace(
            standing, state=taken.state, rung=taken.rung, attempts=taken.attempts, accepted_at=taken.accepted_at
        )
        if taken.due_at is None:
            assert taken.state is State.EXHAUSTED
            return
        now = taken.due_at
    # each rung is tried at most so often, and then waited for or left
    assert len(outcomes) <= (rungs - 1) * (policy.TRIES + 2) + policy.LAST_TRIES + 2


@given(st.integers(1, 10**12), st.integers(1, 1000))
def test_pauses_are_bounded_and_always_the_same(notice_id: int, attempt: int) -> None:
    pause = policy.pause(notice_id, attempt)
    assert policy.FIRST_PAUSE * 0.75 <= pause <= policy.LONGEST_PAUSE * 1.25
    assert pause == policy.pause(notice_id, attempt)


def test_pauses_double_and_spread() -> None:
    assert policy.pause(1, 4) > policy.pause(1, 2) > policy.pause(1, 1) / 2
    assert len({policy.pause(notice_id, 1) for notice_id in range(50)}) > 40


def test_states_and_outcomes_are_those_of_the_rows() -> None:
    assert {state.value for state in State} <= set(Notice.State.values)
    assert {outcome.value for outcome in Outcome} == set(Attempt.Outcome.values)
