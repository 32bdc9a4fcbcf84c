"""Who is asked to come and in which order, how many at a time, and when somebody is given up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing import callouts
from staffing.callouts import Candidate, Offer, Somebody, State, Stint, Want, Wave

NOW = datetime(2026, 12, 15, 14, 30, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BY, UNTIL = NOW + 40 * MINUTE, NOW + 4 * HOUR
WANT = Want(frozenset({"agent"}), NOW, BY, UNTIL, UTC)
MONDAY, TODAY = NOW.date() - timedelta(days=1), NOW.date()


def shift(start: float, hours: float = 8, post: str = "agent", **more) -> Stint:
    """A shift that starts so many hours from now."""
    return Stint(post, NOW + start * HOUR, NOW + (start + hours) * HOUR, **more)


def one(number: int = 1, *stints: Stint, **more) -> Somebody:
    return Somebody(number, f"示例座席{number}", **{"works": True, "stints": stints, **more})


def asked(*people: Somebody, waves=tuple(Wave), gone=()) -> list[Candidate]:
    return list(callouts.candidates(people, WANT, waves, gone))


@pytest.mark.parametrize(
    ("somebody", "wave"),
    [
        (one(1, shift(-6)), Wave.EXTEND),
        (one(1, shift(2)), Wave.EARLY),
        (one(1, shift(-1, 12, standby=True)), Wave.STANDBY),
        (one(1), Wave.OFF_SHIFT),
        (one(1, works=False, reserve="reserve"), Wave.RESERVE),
        (one(1, works=False, reserve="functional"), Wave.FUNCTIONAL),
        (one(1, works=False), None),  # works elsewhere and is no reserve
        (one(1, shift(-1, post="desk")), None),  # busy on another post
        (one(1, shift(-2, 10)), None),  # on shift for as long as people are needed
        (one(1, away=((NOW - HOUR, NOW + 9 * HOUR),)), None),
        (one(1, shift(-6), away=((NOW, NOW + HOUR),)), None),
        (one(1, shift(14)), Wave.OFF_SHIFT),  # that shift is not the next one yet
    ],
)
def test_each_person_is_in_the_first_wave_that_fits(somebody, wave):
    assert [candidate.wave for candidate in asked(somebody)] == ([wave] if wave else [])


def test_the_offer_says_from_when_until_when():
    (longer,) = asked(one(1, shift(-6)))
    assert (longer.offer, longer.from_at, longer.until_at) == (Offer.EXTEND, NOW + 2 * HOUR, UNTIL)
    (earlier,) = asked(one(1, shift(2)))
    assert (earlier.offer, earlier.from_at, earlier.until_at) == (Offer.EARLY, BY, NOW + 2 * HOUR)
    (comes,) = asked(one(1, shift(14)), waves=[Wave.OFF_SHIFT])
    assert (comes.offer, comes.from_at, comes.until_at) == (Offer.COME, BY, UNTIL)


def test_two_shifts_without_a_gap_are_one_and_the_next_shift_ends_the_offer():
    (longer,) = asked(one(1, shift(-6), shift(2, 1)), waves=[Wave.EXTEND])
    assert longer.from_at == NOW + 3 * HOUR
    (longer,) = asked(one(1, shift(-6), shift(3, 2)), waves=[Wave.EXTEND])
    assert (longer.from_at, longer.until_at) == (NOW + 2 * HOUR, NOW + 3 * HOUR)


def test_whoever_worked_least_this_week_comes_first():
    people = [one(1, days={MONDAY: 10 * HOUR}), one(2, days={MONDAY: 8 * HOUR}), one(3, days={MONDAY: 8 * HOUR})]
    assert [candidate.person_id for candidate in asked(*people)] == [2, 3, 1]


def test_waves_come_in_the_order_given_and_nobody_twice():
    people = [
        one(1, days={MONDAY: 9 * HOUR}, reserve="reserve", works=False),
        one(2),
        one(3, shift(-1, 12, standby=True)),
    ]
    order = [Wave.RESERVE, Wave.STANDBY, Wave.OFF_SHIFT]
    assert [candidate.person_id for candidate in asked(*people, waves=order)] == [1, 3, 2]
    assert [candidate.person_id for candidate in asked(*people, waves=order, gone=[3])] == [1, 2]


LONG_DAYS = {TODAY.replace(day=day): 12 * HOUR for day in range(1, 13)}


@pytest.mark.parametrize(
    ("days", "warnings"),
    [
        ({}, ()),  # the offer is three hours and twenty minutes of an ordinary day
        ({TODAY: 5 * HOUR - 20 * MINUTE}, ()),
        ({TODAY: 6 * HOUR}, ("day_usual",)),
        ({TODAY: 8 * HOUR}, ("day_most",)),
        (LONG_DAYS, ("month",)),
        (LONG_DAYS | {TODAY: 8 * HOUR}, ("day_most", "month")),
    ],
)
def test_the_limits_of_overtime_are_shown_and_stop_nobody(days, warnings):
    (candidate,) = asked(one(1, days=days))
    assert candidate.extra == UNTIL - BY
    assert (candidate.warnings, candidate.week) == (warnings, days.get(TODAY, 0 * HOUR))


# --- how many ---------------------------------------------------------------------------------------------------------

STATES = st.lists(st.sampled_from(list(State)), max_size=30)


@given(STATES, st.integers(1, 20), st.integers(0, 30))
def test_a_step_never_asks_for_more_than_are_wanted(states, quota, available):
    now = callouts.tally(quota, states)
    step = callouts.step(now, available)
    engaged = now.told + now.promised + now.arrived
    assert step.ask <= available
    assert engaged + step.ask <= max(quota, engaged)
    assert step.stand_down <= now.told
    assert step.ask == 0 or step.stand_down == 0
    assert step.is_dry == (engaged + step.ask < quota)


class CalledOut:
    """A call-out played by itself: what people do is drawn, what follows is the policy's."""

    def __init__(self, quota: int, people: int) -> None:
        self.quota, self.left = quota, list(range(people))
        self.states: dict[int, State] = {}
        self.asked: list[int] = []
        self.back = 0  # who was there although given up
        self.move()

    def tally(self, without: int | None = None) -> callouts.Tally:
        return callouts.tally(self.quota, [state for key, state in self.states.items() if key != without])

    def move(self) -> None:
        step = callouts.step(self.tally(), len(self.left))
        for _ in range(step.ask):
            person = self.left.pop(0)
            self.asked.append(person)
            self.states[person] = State.TOLD
        told = [key for key in self.asked if self.states[key] == State.TOLD]
        for person in told[len(told) - step.stand_down :]:
            self.states[person] = State.STOOD_DOWN
        self.dry = step.is_dry

    def hears(self, person: int, state: State) -> None:
        before = self.states[person]
        if before in (State.ARRIVED, State.STOOD_DOWN):
            return
        given_up = before in (State.REFUSED, State.SILENT, State.NO_SHOW)
        comes = state in (State.ACKNOWLEDGED, State.ON_THE_WAY, State.ARRIVED)
        if given_up and not (comes and callouts.may_promise(self.tally(without=person))):
            return
        self.states[person] = state
        self.move()


@given(st.integers(1, 8), st.integers(0, 25), st.data())
def test_nobody_is_asked_twice_and_never_are_more_engaged_than_wanted(quota, people, data):
    played = CalledOut(quota, people)
    answers = [state for state in State if state not in (State.TOLD, State.STOOD_DOWN)]
    for _ in range(data.draw(st.integers(0, 60))):
        if not played.asked:
            break
        played.hears(data.draw(st.sampled_from(played.asked)), data.draw(st.sampled_from(answers)))
        now = played.tally()
        assert now.told + now.promised + now.arrived <= quota
        assert len(played.asked) == len(set(played.asked))
        assert played.dry == (now.told + now.promised + now.arrived < quota)
        assert not played.dry or not played.left


@given(st.integers(1, 8), st.integers(0, 25), st.sets(st.integers(0, 24)))
def test_it_always_ends(quota, people, willing):
    """Everybody who is told either comes or not; at the end all places are taken, or nobody is left to ask."""
    played = CalledOut(quota, people)
    for _ in range(people + 1):
        waiting = [key for key in played.asked if played.states[key] == State.TOLD]
        for person in waiting:
            played.hears(person, State.ARRIVED if person in willing else State.SILENT)
    now = played.tally()
    assert now.told == now.promised == 0
    assert now.is_filled or (played.dry and not played.left)
    assert now.arrived == min(quota, len([key for key in willing if key < people]))


@pytest.mark.parametrize(
    ("state", "coming", "due"),
    [
        (State.TOLD, None, 3),
        (State.ACKNOWLEDGED, None, 50),  # said yes and no time: by the time people are wanted, and ten minutes
        (State.ON_THE_WAY, 20, 30),
        (State.ARRIVED, None, None),
        (State.REFUSED, 20, None),
        (State.STOOD_DOWN, None, None),
    ],
)
def test_when_somebody_is_given_up(state, coming, due):
    person = callouts.Asked(state, NOW, NOW + coming * MINUTE if coming else None)
    found = callouts.due_at(person, wait=3 * MINUTE, by_at=NOW + 40 * MINUTE)
    assert found == (NOW + due * MINUTE if due else None)


def test_silence_and_not_coming_are_told_apart():
    told = callouts.Asked(State.TOLD, NOW)
    assert callouts.given_up(told) == State.SILENT
    assert callouts.given_up(replace(told, state=State.ON_THE_WAY)) == State.NO_SHOW
