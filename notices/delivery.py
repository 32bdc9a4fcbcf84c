"""Delivery: claims due notices under a lease, sends outside the transaction, and records what came of it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import F

from notices import compose, policy, words
from notices.models import Attempt, Notice
from notices.transports import base

LEASE = timedelta(seconds=20)  # longer than BUDGET and the longest send together
BLOCK = 25  # claimed at once: what a killed sender holds back until its lease ends
BUDGET = 8.0  # seconds after which a call begins no further send
PUSHED = timedelta(minutes=1)  # how far a notice is pushed that could not even be looked at

log = logging.getLogger(__name__)


def deliver(*, now: datetime, limit: int = 2000) -> int:
    """Bring due notices further until none is due, `limit` steps are taken or the time is up; how many steps.

    `now` is the clock of the database, read by the caller; what follows is dated by the time that passed since. May
    run any number of times at once. Must not run inside a transaction: it sends between its own.
    """
    if transaction.get_connection().in_atomic_block:
        raise RuntimeError("delivery sends between its transactions and can't run inside one")
    batch = _Batch(now=now)
    steps = 0
    try:
        while steps < limit and not batch.is_over():
            claimed = claim_due(now=batch.now, limit=min(limit - steps, BLOCK))
            if not claimed:
                break
            for notice in _inside_first(claimed):
                _take_on(batch, notice)
            steps += len(claimed)
    finally:
        batch.close()
    return steps


def claim_due(*, now: datetime, limit: int) -> list[Notice]:
    """Lease due notices, oldest first: until the lease ends nobody else finds them due. Counts the try as begun."""
    lease = uuid4()
    with transaction.atomic():
        claimed = list(Notice.objects.due(now).select_for_update(skip_locked=True).order_by("due_at")[:limit])
        Notice.objects.filter(pk__in=[notice.pk for notice in claimed]).update(
            lease=lease, due_at=now + LEASE, attempts=F("attempts") + 1
        )
    for notice in claimed:
        notice.lease, notice.attempts = lease, notice.attempts + 1
    return claimed


@dataclass
class _Batch:
    """What the notices of one call share: the clock, and one transport a channel."""

    now: datetime  # moves on with the time that passes
    started: float = field(default_factory=monotonic)
    transports: dict[str, base.Transport] = field(default_factory=dict)
    down: dict[str, base.TransportError] = field(default_factory=dict)
    _begun_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._begun_at = self.now

    def read_clock(self) -> datetime:
        self.now = self._begun_at + timedelta(seconds=monotonic() - self.started)
        return self.now

    def is_over(self) -> bool:
        return monotonic() - self.started > BUDGET

    def transport(self, channel: str) -> base.Transport:
        if channel in self.down:
            raise self.down[channel]
        if channel not in self.transports:
            self.transports[channel] = base.make(channel)
        return self.transports[channel]

    def close(self) -> None:
        for channel, transport in self.transports.items():
            try:
                transport.close()
            except Exception:
                log.exception("closing the transport of %s failed", channel)


@dataclass(frozen=True, kw_only=True)
class Try:
    """One send, for the record."""

    outcome: policy.Outcome
    detail: str
    started_at: datetime
    ended_at: datetime


def _inside_first(notices: list[Notice]) -> Iterator[Notice]:
    """In-app notices cost nothing and must not wait behind a mail server that hangs."""
    yield from sorted(notices, key=lambda notice: notice.rung_at(notice.rung).get("channel") != "in_app")


def _take_on(batch: _Batch, notice: Notice) -> None:
    """One step of one notice; whatever goes wrong with it stays with it."""
    try:
        if batch.is_over():
            claim_released(notice, now=batch.now)
            return
        standing = _standing(notice)
        step = policy.due(standing, batch.now)
        if step is not None:
            claim_step(notice, step, tried=None)
            return
        tried = _send(batch, notice)
        claim_step(notice, policy.tried(standing, tried.outcome, tried.ended_at), tried=tried)
    except Exception:
        log.exception("notice %s could not be delivered and is pushed forward", notice.pk)
        claim_pushed(notice, now=batch.now)


def _send(batch: _Batch, notice: Notice) -> Try:
    started_at = batch.read_clock()
    outcome, detail = policy.Outcome.ACCEPTED, ""
    channel = str(notice.rung_at(notice.rung)["channel"])
    try:
        transport = batch.transport(channel)
        if notice.mode == Notice.Mode.DRILL and transport.leaves_the_house:
            outcome, detail = policy.Outcome.HELD, "drill: kept inside"
        else:
            detail = transport.send(compose.message(notice, notice.rung)).detail
    except base.TransportError as error:
        outcome = policy.Outcome.REFUSED if error.permanent else policy.Outcome.FAILED
        detail = error.detail
        if error.channel_down:
            batch.down[channel] = error
    except Exception as error:
        log.exception("sending notice %s through %s failed", notice.pk, channel)
        outcome, detail = policy.Outcome.FAILED, type(error).__name__
    return Try(outcome=outcome, detail=detail, started_at=started_at, ended_at=batch.read_clock())


def claim_step(notice: Notice, step: policy.Step, *, tried: Try | None) -> bool:
    """Write a step back if the lease still holds; False for a sender that came back too late.

    A notice that was answered or withdrawn meanwhile keeps its state; the try is recorded all the same, since the
    message did go out.
    """
    leased = Notice.objects.filter(pk=notice.pk, lease=notice.lease)
    values: dict[str, Any] = {
        "state": step.state.value,
        "rung": step.rung,
        "attempts": step.attempts,
        "accepted_at": step.accepted_at,
        "due_at": step.due_at,
    }
    moment = tried.ended_at if tried else notice.due_at
    if step.is_trouble:
        values["trouble_at"] = moment
    if step.passes_over and moment is not None:
        values["missed"] = [*notice.missed, _missed(notice, step, moment)]
    with transaction.atomic():
        running = leased.filter(state__in=("queued", "accepted"))
        written = running.update(lease=None, **values) or leased.update(lease=None)
        if written and tried:
            _record(notice, tried)
    if not written:
        log.warning("notice %s was taken over while it was being sent; nothing is written", notice.pk)
    return bool(written)


def claim_released(notice: Notice, *, now: datetime) -> None:
    """Give a notice back untried."""
    running = Notice.objects.filter(pk=notice.pk, lease=notice.lease, state__in=("queued", "accepted"))
    running.update(lease=None, due_at=now, attempts=F("attempts") - 1)


def claim_pushed(notice: Notice, *, now: datetime) -> None:
    """Push a notice forward that can't even be looked at, and let the incident know."""
    running = Notice.objects.filter(pk=notice.pk, lease=notice.lease, state__in=("queued", "accepted"))
    running.update(lease=None, due_at=now + PUSHED, trouble_at=now)


def _record(notice: Notice, tried: Try) -> None:
    place = notice.rung_at(notice.rung)
    channel = str(place["channel"])
    Attempt.objects.create(
        notice=notice,
        rung=notice.rung,
        person=words.one_line(place.get("person"))[:80],
        channel=channel[:20],
        address=base.mask(channel, str(place.get("address") or ""))[:200],
        started_at=tried.started_at,
        ended_at=tried.ended_at,
        outcome=tried.outcome.value,
        detail=words.one_line(tried.detail)[:300],
    )


def _missed(notice: Notice, step: policy.Step, moment: datetime) -> dict[str, Any]:
    """Who was passed over: asked `since` then, given up `at` that moment, and who is asked now (empty: nobody).

    `reached`: a channel took it, so the person could have answered. A lease lets one sender write, so a climb is
    written down once, however many senders died over it. One query.
    """
    who = notice.rung_at(notice.rung)
    name = words.one_line(who.get("person"))[:80]
    then = notice.rung_at(step.rung) if step.rung != notice.rung else {}
    asked = notice.missed[-1]["at"] if notice.missed else notice.created_at.isoformat()
    return {
        "person": name,
        "post": str(who.get("post") or notice.post),
        "since": asked,
        "at": moment.isoformat(),
        "reached": notice.tries.filter(person=name, outcome__in=("accepted", "held")).exists(),
        "next": words.one_line(then.get("person"))[:80],
        "next_post": str(then.get("post") or notice.post) if then else "",
    }


def _standing(notice: Notice) -> policy.Standing:
    return policy.Standing(
        notice_id=notice.pk,
        state=policy.State(notice.state),
        rung=notice.rung,
        attempts=notice.attempts,
        accepted_at=notice.accepted_at,
        wants_answer=notice.wants_answer,
        waits=tuple(timedelta(seconds=rung["wait_seconds"]) for rung in notice.ladder),
        people=tuple(f"{rung.get('person_id')}:{rung.get('person')}" for rung in notice.ladder),
    )
