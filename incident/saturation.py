"""Seats that fill up move incidents: readings come in, full seats start a plan, and what changes is written into it.

The plan's own rules say what a time of fullness means; no threshold stands here. A site's queues are locked first,
then the incident that they move; whatever could not be done at once is found by the sweep through `due_at`.
"""

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any, Final

from django.db import OperationalError, connection, transaction

from incident import acting, deciding, measures, observing, proof, reporting, settle, writing
from incident.live import topics
from incident.measures import FULL, Measured
from incident.models import Fact, Incident, LevelDecision
from incident.models.incident import RUNNING_STATES, Mode
from incident.readings import Given
from incident.story import Story
from playbooks import library, rules
from staffing import intake
from staffing.intake import Taken
from staffing.models import Queue, Site
from staffing.saturation import View

log = logging.getLogger(__name__)

REGIONS: Final = frozenset({"live-seats", "live-saturation", "live-annunciator"})
ROUNDS: Final = 4  # one start may leave something to write; more would be a circle
HOLD: Final = timedelta(seconds=30)  # seats that could not be looked at are left alone for so long
LATEST: Final = timedelta(minutes=5)  # what was learnt later than that counts from when it was learnt
MOST_SITES: Final = 100  # a sweep

Step = Callable[[], None]


@dataclass(frozen=True)
class Crossing:
    """Full seats give a level: which, of which playbook, and the moment that they did."""

    playbook: rules.Playbook
    metric: str
    level: rules.Level
    at: datetime


@dataclass
class _Fed:
    """A running incident whose playbook queues fill, with what they said in it last."""

    incident: Incident
    playbook: rules.Playbook
    said: dict[str, Fact] = field(default_factory=dict)
    seals: list[proof.Seal] = field(default_factory=list)

    def sealed(self, queue: Queue) -> proof.Seal | None:
        return next((seal for seal in reversed(self.seals) if seal.queue == queue.key), None)


class _Picture:
    """One site's queues under their locks, and what they could move; each part is asked for once, when needed."""

    def __init__(self, site_id: int, queues: Sequence[Queue], now: datetime) -> None:
        self.site_id, self.queues, self.now = site_id, queues, now
        self.views: dict[int, View] = {queue.pk: intake.view(queue, now) for queue in queues}

    @cached_property
    def site(self) -> Site:
        return Site.objects.get(pk=self.site_id)

    @cached_property
    def running(self) -> list[_Fed]:
        """At most three queries."""
        rows = Incident.objects.filter(site_id=self.site_id, mode=Mode.REAL, state__in=RUNNING_STATES).order_by("id")
        found = [_Fed(row, library.playbook(row.playbook_id)) for row in rows]
        found = [one for one in found if measures.fed(one.playbook)]
        if not found:
            return []
        by_id = {one.incident.pk: one for one in found}
        said = Fact.objects.filter(incident__in=by_id, source__startswith=measures.SOURCE)
        for fact in said.order_by("incident_id", "metric", "-id").distinct("incident_id", "metric"):
            by_id[fact.incident_id].said[fact.metric] = fact
        for incident_id, seals in proof.seals(by_id).items():
            by_id[incident_id].seals = seals
        return found

    @cached_property
    def starting(self) -> list[tuple[rules.Playbook, str]]:
        """The playbooks in force here that full seats start, with the fact that says how long."""
        books = library.current(self.site.plans)
        return [(book, spec.metric) for book in books for spec in book.facts if spec.feed == FULL]

    def crossings(self, queue: Queue) -> list[Crossing]:
        """What the queue's fullness gives by the rules of each playbook that does not run already."""
        view = self.views[queue.pk]
        if queue.starts == Queue.Starts.OFF or view.full_since is None:
            return []
        keys = {one.playbook.key for one in self.running}
        found = (_crossing(book, metric, view, self.now) for book, metric in self.starting if book.key not in keys)
        return [one for one in found if one is not None and not self._is_served(view, one)]

    def next_at(self, queue: Queue) -> datetime | None:
        """When the queue's fullness, if it lasts, gives a level or a higher one."""
        view = self.views[queue.pk]
        if queue.starts == Queue.Starts.OFF or view.full_since is None or view.is_stale:
            return None
        keys = {one.playbook.key for one in self.running}
        turns = (_verdict(book, metric, view, self.now) for book, metric in self.starting if book.key not in keys)
        moments = [turn.next_change_at for turn in turns if turn.next_change_at is not None]
        return min(moments, default=None)

    def _is_served(self, view: View, found: Crossing) -> bool:
        """Whether this run of full seats has had its incident: ended or called off, it does not begin again."""
        return LevelDecision.objects.filter(
            incident__site_id=self.site_id,
            incident__mode=Mode.REAL,
            incident__playbook__key=found.playbook.key,
            rank__gte=found.level.rank,
            at__gte=view.run_at,
        ).exists()

    def news(self, fed: _Fed) -> list[tuple[rules.FactSpec, Measured]]:
        """What the queues have to tell a running incident."""
        told = []
        for spec in measures.fed(fed.playbook):
            measured = measures.of(spec, self.queues, self.now)
            if measured and measures.is_news(spec, measured, fed.said.get(spec.metric), self.now):
                told.append((spec, measured))
        return told

    def rising(self, fed: _Fed) -> list[Queue]:
        """The queues whose samples must be sealed again: the level has risen since, and more was heard."""
        seals = [(queue, fed.sealed(queue)) for queue in self.queues]
        return [
            queue
            for queue, seal in seals
            if seal is not None
            and seal.rank < fed.incident.level_rank
            and datetime.fromisoformat(queue.newest["at"]) > seal.until
        ]


def receive(site_id: int, rows: Sequence[Any], *, now: datetime, source: str) -> Taken:
    """Take readings in and act on them at once; the one way for machines and people alike.

    Good rows are kept though others are refused, and though acting on them fails: the sweep tries again. Raises
    intake.TooManyRows.
    """
    with transaction.atomic():
        taken = intake.take(site_id, rows, now=now, source=source)
        if not taken.queues:
            return taken
        picture = _Picture(site_id, taken.locked, now)
        moved = _copied(picture, taken.queues)
        steps = _ready(picture)
        topics.touch({topics.site(site_id): REGIONS} | {topics.incident(number): proof.REGION for number in moved})
    if steps:
        _act(site_id, steps, now=now)
    return taken


def look(queue_id: int, *, now: datetime) -> None:
    """Look at a queue's site without a reading: data have fallen silent, or a moment of the plan has come."""
    site_id = Queue.objects.values_list("site_id", flat=True).get(pk=queue_id)
    _act(site_id, [], now=now)


def sweep(*, now: datetime) -> list[str]:
    """Look at every site with a queue that is due; what failed, in words. Sites that somebody holds are skipped."""
    due = Queue.objects.filter(due_at__lte=now).order_by("site_id").values_list("site_id", flat=True)
    return [failed for site_id in due.distinct()[:MOST_SITES] if (failed := _act(site_id, [], now=now, wait=False))]


def _act(site_id: int, steps: Sequence[Step], *, now: datetime, wait: bool = True) -> str:
    """Do what is to be done and look again, until nothing is left; what failed, in words, and is tried again later."""
    try:
        for _round in range(ROUNDS):
            for step in steps:
                step()
            steps = _looked(site_id, now, wait=wait)
            if not steps:
                return ""
    except OperationalError as reason:  # of the database, not of these seats: after a deadlock the next tick tries
        if not connection.is_usable():
            raise
        log.warning("looking at the seats of site %s is tried again: %s", site_id, reason)
        return f"{type(reason).__name__}: {reason}"
    except Exception as reason:  # the readings are kept; one broken incident must not keep the feed waiting
        log.error("looking at the seats of site %s failed", site_id, exc_info=reason)
        Queue.objects.filter(site_id=site_id, due_at__lte=now).update(due_at=now + HOLD)
        return f"{type(reason).__name__}: {reason}"
    return ""


@transaction.atomic
def _looked(site_id: int, now: datetime, *, wait: bool) -> list[Step]:
    queues = intake.locked(site_id, wait=wait)
    if not wait and len(queues) < Queue.objects.filter(site_id=site_id).count():
        return []  # whoever holds them looks at them
    before = [_shown(queue) for queue in queues]
    intake.look(queues, now)
    steps = _ready(_Picture(site_id, queues, now))
    if before != [_shown(queue) for queue in queues]:
        topics.touch({topics.site(site_id): REGIONS})
    return steps


def _shown(queue: Queue) -> tuple[Any, ...]:
    return queue.full_since, queue.dip_since, queue.is_stale, queue.suggests


def _ready(picture: _Picture) -> list[Step]:
    """What is to be done now; the queues are armed for the next moment and written where that changed."""
    steps: list[Step] = []
    for fed in picture.running:
        if picture.news(fed) or picture.rising(fed):
            steps.append(partial(_tell, picture.site_id, fed.incident.pk, now=picture.now))
    for queue in picture.queues:
        found = picture.crossings(queue)
        is_asked = queue.starts == Queue.Starts.PROPOSE
        queue.suggests = _suggestion(found[0]) if found and is_asked else {}
        ready = [one for one in found if picture.views[queue.pk].is_full and not is_asked]
        steps += [partial(_start, queue.pk, one.playbook.id, now=picture.now) for one in ready]
        moments = [moment for moment in (picture.views[queue.pk].due_at, picture.next_at(queue)) if moment]
        queue.due_at = min(moments, default=None)
    if steps:
        for queue in picture.queues:
            queue.due_at = picture.now  # should this process die now, the sweep does them
    intake.keep(picture.queues)
    return steps


def _suggestion(found: Crossing) -> dict[str, Any]:
    return {"playbook": found.playbook.key, "level": found.level.key, "at": found.at.isoformat()}


def _verdict(book: rules.Playbook, metric: str, view: View, now: datetime) -> rules.Verdict:
    """What the rules make of the fullness alone, at the last moment that is known."""
    moment = view.known_at or now
    return rules.classify(book, {metric: rules.Reading(metric, since=view.full_since)}, moment)


def _crossing(book: rules.Playbook, metric: str, view: View, now: datetime) -> Crossing | None:
    if view.known_at is not None and now - view.known_at > LATEST:
        return None  # nobody knows what the seats have been doing since
    answer, without = _verdict(book, metric, view, now), rules.classify(book, {}, now)
    if answer.level is None or answer.level == without.level:
        return None
    since = answer.since or now
    return Crossing(book, metric, book.level(answer.level), since if now - since <= LATEST else now)


@transaction.atomic
def _start(queue_id: int, playbook_id: int, *, now: datetime) -> None:
    """Start the plan by itself, dated at the very moment, with the readings that prove it."""
    site_id = Queue.objects.values_list("site_id", flat=True).get(pk=queue_id)
    picture = _Picture(site_id, intake.locked(site_id), now)
    queue = next(queue for queue in picture.queues if queue.pk == queue_id)
    found = next((one for one in picture.crossings(queue) if one.playbook.id == playbook_id), None)
    if found is None:
        return
    view = picture.views[queue_id]
    key = f"{queue_id} {view.run_at} {found.playbook.key} {found.level.key}"
    story = reporting.start(
        site=picture.site,
        law=found.playbook,
        now=now,
        at=found.at,
        client_key=uuid.uuid5(uuid.NAMESPACE_OID, key),
        title=f"{queue.zh}座席占满",
        reporter=f"系统：{queue.zh}",
        facts={found.metric: Given(since=view.full_since)},
        source=measures.SOURCE + queue.key,
        heard_at=view.known_at,
    )
    proof.attach(story, queue, run_at=view.run_at)
    writing.save(story)


@transaction.atomic
def _tell(site_id: int, incident_id: int, *, now: datetime) -> None:
    """Write into a running incident what the queues say now, decide by it, and seal what proves it."""
    picture = _Picture(site_id, intake.locked(site_id), now)
    fed = next((one for one in picture.running if one.incident.pk == incident_id), None)
    if fed is None:
        return
    story = Story(incident=acting.locked(incident_id), actor=None, now=now)
    news = picture.news(fed)
    at = _broke_at(picture, fed, news) or story.at
    settle.settle(story, until=at)
    if not story.incident.is_running:
        return
    sources = {f"{measures.SOURCE}{queue.key}": queue for queue in picture.rising(fed)}
    for spec, measured in news:
        observing.write(story, {spec.metric: measured.given}, at=at, source=measured.source, heard_at=measured.heard_at)
        sources |= _proving(picture, spec, measured, fed)
    if news:
        deciding.assess(story, at=at)
    settle.settle(story)
    for queue in sources.values():
        proof.attach(story, queue, run_at=picture.views[queue.pk].run_at)
    writing.save(story)


def _broke_at(picture: _Picture, fed: _Fed, news: Sequence[tuple[rules.FactSpec, Measured]]) -> datetime | None:
    """When the timer that runs in the incident was over or stood: time acts on it up to then and no further."""
    said = [fact for spec, _measured in news if spec.feed == FULL and (fact := fed.said.get(spec.metric))]
    moments = [
        view.broke_at
        for fact in said
        for queue in picture.queues
        if fact.source == measures.SOURCE + queue.key and fact.since and not fact.heard_at
        if (view := picture.views[queue.pk]).broke_at is not None and view.broke_at >= fact.at
    ]
    return min((moment for moment in moments if moment is not None and moment <= picture.now), default=None)


def _proving(picture: _Picture, spec: rules.FactSpec, measured: Measured, fed: _Fed) -> dict[str, Queue]:
    """The queues whose readings prove what changed: the one that is full, and those sealed before."""
    if spec.feed != FULL:
        return {}
    return {
        name: queue
        for queue in picture.queues
        if (name := measures.SOURCE + queue.key) == measured.source or fed.sealed(queue)
    }


def _copied(picture: _Picture, fresh: set[int]) -> list[str]:
    """Copy new readings to the running incidents that they prove; the numbers of those incidents."""
    moved = []
    sealed = [fed for fed in picture.running if fed.seals]
    if sealed:
        proof.hold(fed.incident.pk for fed in sealed)
    for fed in sealed:
        pairs = [(queue, seal) for queue in picture.queues if queue.pk in fresh and (seal := fed.sealed(queue))]
        copied = [
            proof.copy(fed.incident.pk, queue, since=seal.until, sealed=seal.until, received=picture.now)
            for queue, seal in pairs
        ]
        if any(copied):
            moved.append(fed.incident.number)
    return moved
