"""A topic's counter as one process knows it: nothing lost, nothing shown twice, gaps filled by everything."""

import random

from incident.live.numbers import EVERYTHING, PATIENCE, Counter

LOG, HEAD = frozenset({"live-log"}), frozenset({"live-head"})


def test_the_next_number_is_ready_at_once():
    assert Counter(5).hear(6, LOG, at=0) == [LOG]


def test_a_poke_heard_twice_or_from_before_does_nothing():
    counter = Counter(5)
    counter.hear(6, LOG, at=0)
    assert counter.hear(6, LOG, at=0) == []
    assert counter.hear(3, LOG, at=0) == []


def test_pokes_that_overtake_each_other_are_put_in_order():
    counter = Counter(5)
    assert counter.hear(7, HEAD, at=0) == []
    assert counter.is_waiting
    assert counter.hear(6, LOG, at=0.01) == [LOG, HEAD]
    assert counter.known == 7
    assert not counter.is_waiting


def test_a_gap_that_stays_makes_everything_changed():
    counter = Counter(5)
    counter.hear(8, HEAD, at=0)
    assert counter.settle(at=PATIENCE - 0.01) == []
    assert counter.settle(at=PATIENCE + 0.01) == [EVERYTHING]
    assert counter.known == 8
    assert counter.hear(7, LOG, at=1) == []


def test_a_second_gap_has_patience_of_its_own():
    counter = Counter(5)
    counter.hear(7, HEAD, at=0)
    assert counter.hear(6, LOG, at=PATIENCE - 0.01) == [LOG, HEAD]
    assert counter.hear(9, LOG, at=PATIENCE) == []
    assert counter.settle(at=PATIENCE + 0.05) == []


def test_what_was_read_and_not_heard_is_waited_for_then_everything():
    counter = Counter(5)
    assert counter.read(7, known_before=5, at=0) == []
    assert counter.hear(6, LOG, at=0.01) == [LOG]
    assert counter.settle(at=1) == [EVERYTHING]
    assert counter.known == 7


def test_an_old_reading_is_no_return_to_the_past():
    counter = Counter(5)
    counter.hear(6, LOG, at=0)
    assert counter.read(5, known_before=5, at=0) == []
    assert counter.known == 6


def test_a_database_put_back_starts_anew():
    counter = Counter(50)
    assert counter.read(7, known_before=50, at=0) == [EVERYTHING]
    assert counter.hear(8, LOG, at=0) == [LOG]


def test_every_region_is_told_whatever_the_order_and_the_losses():
    chance = random.Random(7)
    for _ in range(300):
        counter, told, everything_at, at = Counter(0), set(), 0, 0.0
        numbers = list(range(1, 40))
        kept = [number for number in numbers if chance.random() > 0.1]
        for number in sorted(kept, key=lambda n: n + chance.uniform(0, 6)):
            at += chance.uniform(0, 0.05)
            for change in counter.hear(number, frozenset({str(number)}), at):
                everything_at = counter.known if change == EVERYTHING else everything_at
                told |= change
        for change in [*counter.read(39, counter.known, at), *counter.settle(at + 1)]:
            everything_at = counter.known if change == EVERYTHING else everything_at
            told |= change
        assert counter.known == 39
        assert all(str(number) in told or number <= everything_at for number in numbers)
