"""Full seats: the timer runs on through short dips, stands in silence, and does not care how readings come in."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing import saturation
from staffing.saturation import Course, Limits, Reading

T0 = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
LIMITS = Limits(dip=timedelta(seconds=60), stale=timedelta(seconds=30))

# How a reading of a story is written: seconds from T0, then one of these.
FULL, FREE, PRESSED, UNKNOWN = (10, 10, 0), (10, 7, 0), (10, 9, 3), (None, 10, 0)


def at(seconds):
    return T0 + timedelta(seconds=seconds)


def story(*told):
    return [Reading(at(second), *numbers) for second, numbers in told]


def every(kind, start, end, step=10):
    return [(second, kind) for second in range(start, end, step)]


def seen(readings, now, limits=LIMITS):
    return saturation.view(saturation.fold(Course(), readings, limits).head, at(now), limits)


@pytest.mark.parametrize(
    ("numbers", "kind"),
    [
        ((10, 10, 0), "full"),
        ((10, 10, None), "full"),
        ((10, 9, 0), "free"),
        ((10, 9, None), "free"),
        ((10, 9, 4), "pressed"),
        ((0, 0, 5), "full"),  # nobody is staffed and callers wait
        ((0, 0, 0), "free"),
        ((0, 0, None), "free"),
        ((None, 10, 5), None),
        ((10, None, 5), None),
        ((None, None, None), None),
    ],
)
def test_what_a_reading_says(numbers, kind):
    assert saturation.kind(Reading(T0, *numbers)) == kind


@pytest.mark.parametrize(
    ("told", "now", "full_for"),
    [
        ([], 0, None),
        ([(0, FREE)], 5, None),
        ([(0, FULL)], 20, 20),
        (every(FULL, 0, 900), 900, 900),
        # A dip shorter than a minute is run through; one of a minute is not.
        (every(FULL, 0, 300) + every(FREE, 300, 350) + every(FULL, 350, 400), 400, 400),
        (every(FULL, 0, 300) + every(FREE, 300, 360) + every(FULL, 360, 400), 400, 40),
        (every(FULL, 0, 300) + every(FREE, 300, 361), 361, None),
        # The dip is free seats and an empty queue together: whoever waits keeps the timer running.
        (every(FULL, 0, 300) + every(PRESSED, 300, 500), 500, 500),
        (every(FULL, 0, 300) + every(FREE, 300, 350) + [(350, PRESSED)] + every(FREE, 360, 410), 410, 410),
        (every(FULL, 0, 300) + every(FREE, 300, 350) + [(350, PRESSED)] + every(FREE, 360, 421), 421, None),
        # Nobody knows: as if nothing had been heard.
        (every(FULL, 0, 300) + every(UNKNOWN, 300, 400), 400, 290),
        (every(PRESSED, 0, 300), 300, None),  # a run begins with full seats
    ],
)
def test_how_long_the_seats_have_been_full(told, now, full_for):
    shown = seen(story(*told), now).full_for
    assert shown == (None if full_for is None else timedelta(seconds=full_for))


def test_without_tolerance_the_first_free_seat_resets():
    limits = Limits(dip=timedelta(0), stale=timedelta(seconds=30))
    assert seen(story((0, FULL), (10, FREE)), 10, limits).full_for is None
    assert seen(story((0, FULL), (10, FREE), (20, FULL)), 25, limits).full_for == timedelta(seconds=5)


def test_silence_neither_runs_nor_resets():
    heard = story(*every(FULL, 0, 301))
    assert not seen(heard, 330).is_stale
    assert seen(heard, 330).full_for == timedelta(seconds=330)
    frozen = seen(heard, 331)
    assert frozen.is_stale
    assert frozen.full_for == timedelta(seconds=300)
    assert seen(heard, 100_000).full_for == timedelta(seconds=300)
    assert frozen.due_at is None


def test_the_silent_stretch_counts_as_neither():
    back = seen(story(*every(FULL, 0, 301), *every(FULL, 900, 961)), 960)
    assert back.full_for == timedelta(seconds=360)
    assert back.full_since == at(600)
    assert back.run_at == at(0)  # the run itself began when it began


def test_a_dip_does_not_last_through_silence():
    dip = every(FULL, 0, 300) + every(FREE, 300, 341)  # forty seconds of it are known
    assert seen(story(*dip, (900, FREE)), 900).full_for == timedelta(seconds=340)
    assert seen(story(*dip, (900, FREE), (919, FREE)), 919).full_for is not None
    assert seen(story(*dip, (900, FREE), (920, FREE)), 920).full_for is None
    assert seen(story(*dip, (900, FULL)), 900).full_for == timedelta(seconds=340)


def test_a_dip_ends_by_itself_while_data_are_fresh():
    heard = story(*every(FULL, 0, 300), *every(FREE, 300, 341))
    assert seen(heard, 359).full_for == timedelta(seconds=359)
    assert seen(heard, 360).full_for is None
    assert seen(heard, 340).due_at == at(360)


def test_it_is_looked_at_again_when_it_falls_silent():
    due = seen(story((0, FULL)), 0).due_at
    assert not seen(story((0, FULL)), 30).is_stale
    assert at(30) < due < at(31)
    assert saturation.view(saturation.fold(Course(), story((0, FULL)), LIMITS).head, due, LIMITS).is_stale


def test_a_reading_that_comes_late_finds_its_place():
    """A free minute that was reported after the full seats behind it still breaks the run."""
    early, late = story(*every(FULL, 0, 101), *every(FULL, 170, 260)), story(*every(FREE, 101, 170))
    straight = saturation.fold(Course(), early + late, LIMITS)
    course = saturation.fold(Course(), early, LIMITS)
    assert course.head != straight.head
    assert saturation.late_from(course, late)
    assert saturation.refold(course, early + late, LIMITS).head == straight.head


def test_what_is_long_settled_is_not_unsettled():
    course = saturation.fold(Course(), story(*every(FULL, 0, 3600)), LIMITS)
    assert not saturation.late_from(course, story((5, FREE)))
    assert saturation.late_from(course, story((3599 - 299, FREE)))
    assert saturation.fold(course, story((5, FREE)), LIMITS) == course


readings = st.lists(
    st.builds(
        Reading,
        st.integers(0, 290).map(at),
        st.sampled_from([None, 0, 4]),
        st.sampled_from([None, 0, 3, 4]),
        st.sampled_from([None, 0, 2]),
    ),
    max_size=30,
    unique_by=lambda one: one.at,
)
limits_of = st.builds(
    Limits,
    dip=st.integers(0, 60).map(lambda seconds: timedelta(seconds=seconds)),
    stale=st.integers(5, 90).map(lambda seconds: timedelta(seconds=seconds)),
)


def taken_in(batches, limits):
    """As the intake does it: what is known is kept, and what comes late is worked out anew."""
    course, kept = Course(), []
    for batch in batches:
        fresh = [one for one in batch if one not in kept]
        kept += fresh
        if saturation.late_from(course, fresh):
            course = saturation.refold(course, kept, limits)
        else:
            course = saturation.fold(course, fresh, limits)
    return course


@given(readings, limits_of, st.randoms(use_true_random=False), st.data())
def test_the_state_is_that_of_the_set_of_readings(found, limits, random, data):
    """Order, doubles and the cuts between batches make no difference."""
    straight = saturation.fold(Course(), found, limits).head
    mixed = found + data.draw(st.lists(st.sampled_from(found), max_size=5) if found else st.just([]))
    random.shuffle(mixed)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(mixed)), max_size=6)))
    batches = [mixed[start:end] for start, end in zip([0, *cuts], [*cuts, len(mixed)], strict=True)]
    assert taken_in(batches, limits).head == straight


@given(st.lists(st.integers(1, 40), min_size=1, max_size=120), limits_of, st.data())
def test_a_long_story_in_order_may_be_cut_anywhere(steps, limits, data):
    moments = [at(sum(steps[: place + 1])) for place in range(len(steps))]
    kinds = st.sampled_from([FULL, FREE, PRESSED, UNKNOWN, (0, 0, 5)])
    told = [Reading(moment, *data.draw(kinds)) for moment in moments]
    cut = data.draw(st.integers(0, len(told)))
    whole = saturation.fold(Course(), told, limits)
    assert taken_in([told[:cut], told[cut:]], limits) == whole


@given(readings, limits_of, st.integers(0, 2000))
def test_the_timer_never_counts_what_was_not_heard(found, limits, later):
    """It shows no more than the time since the run began, and stands while nothing is heard."""
    course = saturation.fold(Course(), found, limits)
    shown = saturation.view(course.head, at(290 + later), limits)
    if shown.full_for is None:
        return
    assert timedelta(0) <= shown.full_for <= at(290 + later) - shown.run_at
    assert shown.full_since >= shown.run_at
    if shown.is_stale:
        assert shown.full_for == shown.heard_at - shown.full_since


@given(readings, limits_of)
def test_unknown_readings_are_as_if_never_sent(found, limits):
    known = [one for one in found if saturation.kind(one) is not None]
    assert saturation.fold(Course(), found, limits).head == saturation.fold(Course(), known, limits).head
