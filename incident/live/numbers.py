"""What one process knows of a topic's counter: up to where every change is accounted for, and what lies beyond a gap.

Pure: knows neither the database nor the clock. Pokes of several processes may overtake each other, and any may be
lost. A number beyond the next one is kept back for `PATIENCE`; if the missing ones do not come, everything of the topic
counts as changed. See docs/algorithm-live.md.
"""

PATIENCE = 0.15  # seconds
EVERYTHING: frozenset[str] = frozenset()  # as in a poke: no region named means all of them


class Counter:
    """The counter of one topic. `known`: the highest number up to which all changes have been handed out."""

    def __init__(self, number: int) -> None:
        self.known = number
        self._early: dict[int, frozenset[str]] = {}
        self._goal = number
        self._gap_since: float | None = None

    def hear(self, number: int, regions: frozenset[str], at: float) -> list[frozenset[str]]:
        """Take a poke; return the changes that are ready to be shown, oldest first. Repeated pokes do nothing."""
        if number > self.known:
            self._early.setdefault(number, regions)
            self._goal = max(self._goal, number)
        return self.settle(at)

    def read(self, head: int, known_before: int, at: float) -> list[frozenset[str]]:
        """Take the number read from the database by a query that began when `known` was `known_before`.

        A lower number than that is another database, or one put back from a copy: everything changed.
        """
        if head < known_before:
            self.known = self._goal = head
            self._early.clear()
            self._gap_since = None
            return [EVERYTHING]
        self._goal = max(self._goal, head)
        return self.settle(at)

    def settle(self, at: float) -> list[frozenset[str]]:
        """Return the changes that are ready; call it again when `is_waiting`, after PATIENCE."""
        ready: list[frozenset[str]] = []
        while self.known + 1 in self._early:
            self.known += 1
            ready.append(self._early.pop(self.known))
        if self.known >= self._goal:
            self._gap_since = None
            return ready
        if ready or self._gap_since is None:
            self._gap_since = at
        if at - self._gap_since < PATIENCE:
            return ready
        self.known, self._gap_since = self._goal, None
        self._early.clear()
        return [*ready, EVERYTHING]

    @property
    def is_waiting(self) -> bool:
        return self._gap_since is not None
