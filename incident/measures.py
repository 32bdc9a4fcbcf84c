"""What a site's queues say of the facts that a plan lets them fill; unknown is never taken for zero."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from incident.models import Fact
from incident.readings import Given, typed
from playbooks import rules
from staffing import intake, service
from staffing.models import Queue

SOURCE: Final = "queue:"  # of a fact: the queue's key follows
FULL: Final = "seats_full"
APART: Final = timedelta(seconds=60)  # counts that change all the time are written down no more often


@dataclass(frozen=True, slots=True)
class Measured:
    """One fact as the queues have it. `heard_at`: nothing was heard since, and it stands there."""

    given: Given
    source: str
    heard_at: datetime | None = None


def fed(playbook: rules.Playbook) -> list[rules.FactSpec]:
    """The facts that queues fill."""
    return [spec for spec in playbook.facts if spec.feed]


def of(spec: rules.FactSpec, queues: Sequence[Queue], now: datetime) -> Measured | None:
    """What the queues say of the fact at `now`; None where they say nothing."""
    if spec.feed == FULL:
        return _fullness([queue for queue in queues if queue.starts != Queue.Starts.OFF], now)
    return _counted(spec, queues, now)


def is_news(spec: rules.FactSpec, measured: Measured, newest: Fact | None, now: datetime) -> bool:
    """Whether the incident must be told: the queues say something else than when they were last written down.

    `newest`: what they said last. What a person said since is left alone until the queues change their mind.
    """
    if newest is None:
        return measured.heard_at is None and measured.given != Given()
    if newest.heard_at is not None or measured.heard_at is not None:
        return (newest.heard_at is None) is not (measured.heard_at is None)
    if spec.feed == FULL:
        said = (typed(spec, newest.value), newest.since)
        return said != (measured.given.value, measured.given.since)
    return typed(spec, newest.value) != measured.given.value and now - newest.at >= APART


def _fullness(queues: Sequence[Queue], now: datetime) -> Measured | None:
    """The queue that has been full longest; one that fell silent while full stands for it where no other is full."""
    seen = [(queue, intake.view(queue, now)) for queue in queues]
    live = [(queue, view) for queue, view in seen if view.heard_at is not None and not view.is_stale]
    running = [(view.full_since, queue.pk, queue) for queue, view in live if view.full_since is not None]
    if running:
        since, _pk, queue = min(running)
        return Measured(Given(since=min(since, now)), SOURCE + queue.key)
    stood = [
        (view.full_for, queue.pk, queue, view)
        for queue, view in seen
        if view.is_stale and view.full_for is not None and view.full_since is not None
    ]
    if stood:
        _for, _pk, queue, view = max(stood)
        return Measured(Given(since=view.full_since), SOURCE + queue.key, view.heard_at)
    return Measured(Given(value=Decimal(0)), SOURCE + live[0][0].key) if live else None


def _counted(spec: rules.FactSpec, queues: Sequence[Queue], now: datetime) -> Measured | None:
    """A count over the queues whose data are fresh; not known where one of them does not know it."""
    heard = [(datetime.fromisoformat(queue.newest["at"]), queue) for queue in queues if queue.newest]
    if not heard:
        return None
    live = [queue for at, queue in heard if now - at <= intake.limits(queue).stale]
    value = _COUNTING[spec.feed](spec, live or [queue for _at, queue in heard])
    names = ",".join(queue.key for queue in live or [queue for _at, queue in heard])
    silent = None if live else max(at for at, _queue in heard)
    return Measured(Given(value=value), (SOURCE + names)[:40], silent)


def _numbers(queues: Iterable[Queue], name: str) -> list[int] | None:
    found = [queue.newest.get(name) for queue in queues]
    known = [number for number in found if number is not None]
    return known if len(known) == len(found) else None


def _waiting(_spec: rules.FactSpec, queues: Sequence[Queue]) -> rules.Value:
    numbers = _numbers(queues, "waiting")
    return None if numbers is None else sum(numbers)


def _longest(spec: rules.FactSpec, queues: Sequence[Queue]) -> rules.Value:
    numbers = _numbers(queues, "longest_wait")
    if numbers is None:
        return None
    seconds = max(numbers)
    if spec.kind == "count":
        return seconds // 60 if spec.unit == "min" else seconds
    return (Decimal(seconds) / 60).quantize(Decimal("0.1")) if spec.unit == "min" else Decimal(seconds)


def _connected(_spec: rules.FactSpec, queues: Sequence[Queue]) -> rules.Value:
    """As counted today so far, by the first queue's formula."""
    names = ("offered", "answered", "abandoned_soon")
    sums: dict[str, Any] = {name: None if (found := _numbers(queues, name)) is None else sum(found) for name in names}
    newest = max(datetime.fromisoformat(queue.newest["at"]) for queue in queues)
    way: service.Way = "short_out" if queues[0].formula == Queue.Formula.SHORT_OUT else "all"
    return service.connect_rate(service.Calls(newest, newest, **sums), way).value


_COUNTING: Final[dict[str, Callable[[rules.FactSpec, Sequence[Queue]], rules.Value]]] = {
    "waiting": _waiting,
    "longest_wait": _longest,
    "connect_rate": _connected,
}
