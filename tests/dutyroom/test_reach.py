"""The 24 cells, the state and the last contact, as tables; cells agree with what happened whatever happened."""

from datetime import UTC, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutyroom import reach
from dutyroom.reach import Event, Hours

ZONE = timezone(timedelta(hours=8))
NOW = datetime(2026, 12, 15, 14, 32, tzinfo=ZONE).astimezone(UTC)
ALL_DAY = (Hours(),)


def ago(**span) -> datetime:
    return NOW - timedelta(**span)


def answered(**span) -> Event:
    return Event(ago(**span), "answered")


def missed(**span) -> Event:
    return Event(ago(**span), "missed")


def drawn(events, ways=ALL_DAY) -> str:
    """The cells as letters: a answered, r reachable, m missed, . outside hours, ? unknown."""
    letters = {"answered": "a", "reachable": "r", "missed": "m", "outside": ".", "unknown": "?"}
    return "".join(letters[cell] for cell in reach.cells(events, ways, NOW, ZONE))


@pytest.mark.parametrize(
    ("events", "ways", "cells"),
    [
        ([], ALL_DAY, "?" * 24),
        ([answered(days=2)], ALL_DAY, "r" * 24),
        ([answered(days=91)], ALL_DAY, "?" * 24),
        ([missed(days=2)], ALL_DAY, "m" * 24),
        ([answered(minutes=5)], ALL_DAY, "?" * 23 + "a"),
        ([answered(days=2), missed(minutes=130)], ALL_DAY, "r" * 21 + "mmm"),
        ([missed(hours=10, minutes=30), answered(hours=10, minutes=10)], ALL_DAY, "?" * 13 + "a" + "r" * 10),
        ([Event(ago(minutes=3), "waiting")], ALL_DAY, "?" * 24),
        ([Event(ago(minutes=3), "undelivered")], ALL_DAY, "?" * 24),
        ([answered(days=1, hours=3)], (Hours(time(8), time(18)),), "rrr" + "." * 14 + "r" * 7),
        ([answered(days=2)], (Hours(time(22), time(6)),), "." * 7 + "r" * 8 + "." * 9),
        ([missed(hours=9, minutes=30)], (Hours(time(8), time(18)),), "???" + "." * 11 + "m" + ".." + "m" * 7),
        ([answered(days=2)], (), "." * 24),
    ],
)
def test_a_day_in_cells(events, ways, cells):
    assert drawn(events, ways) == cells


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], "untested"),
        ([answered(days=91)], "untested"),
        ([answered(days=80)], "reachable"),
        ([answered(hours=3), missed(hours=2)], "lost"),
        ([missed(hours=3), answered(hours=2)], "reachable"),
        ([missed(hours=3), Event(ago(minutes=1), "waiting")], "waiting"),
        ([Event(ago(minutes=1), "undelivered")], "untested"),
        ([answered(hours=3), Event(ago(minutes=1), "undelivered")], "reachable"),
    ],
)
def test_the_state_follows_the_newest_answer_or_miss(events, state):
    assert reach.state(events, NOW) == state


def test_the_newest_contact_is_the_last():
    waiting = Event(ago(minutes=1), "waiting", "email")
    assert reach.last([answered(hours=2), waiting, missed(hours=1)]) == waiting
    assert reach.last([]) is None


@pytest.mark.parametrize(
    ("hours", "at", "is_open"),
    [
        (Hours(), time(3), True),
        (Hours(time(8), time(18)), time(8), True),
        (Hours(time(8), time(18)), time(18), False),
        (Hours(time(22), time(6)), time(23, 59), True),
        (Hours(time(22), time(6)), time(5, 59), True),
        (Hours(time(22), time(6)), time(6), False),
        (Hours(time(8), time(8)), time(3), True),
    ],
)
def test_hours_are_half_open_and_may_cross_midnight(hours, at, is_open):
    assert hours.is_open(at) is is_open


@given(
    st.lists(
        st.builds(
            Event,
            st.integers(0, 60 * 48).map(lambda minutes: NOW - timedelta(minutes=minutes)),
            st.sampled_from(["answered", "missed"]),
        ),
        max_size=8,
    ),
    st.lists(st.builds(Hours, st.times(), st.times()), max_size=3),
)
def test_whatever_happened_there_are_24_cells_and_every_event_shows(events, ways):
    cells = reach.cells(events, ways, NOW, ZONE)
    assert len(cells) == 24
    for place, cell in enumerate(cells):
        ends = NOW - (23 - place) * reach.HOUR
        within = [event for event in events if ends - reach.HOUR < event.at <= ends]
        if within:
            assert cell in {event.outcome for event in within}
        else:
            assert cell != "answered"


def test_an_answer_proves_a_way_for_ninety_days():
    assert reach.is_proven(ago(days=89), NOW)
    assert not reach.is_proven(ago(days=91), NOW)
    assert not reach.is_proven(None, NOW)
