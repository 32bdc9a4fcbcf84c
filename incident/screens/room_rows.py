"""Every row that the room shows, read with a fixed number of queries, and the verdict on them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol

from django.db.models import Count
from django.http import Http404
from django.utils.translation import gettext as _

from incident import catalogue, clock, confirming, readings, spacing, veil
from incident.models import CallOut, Duty, Entry, Fact, Incident, LevelDecision, Record, Signature, Summons
from incident.screens import room_words as say
from notices.models import Attempt, Notice
from playbooks import rules
from staffing.models import Post

LOG_PAGE = 50


class Viewer(Protocol):
    """What the room reads of its audience."""

    @property
    def incident_id(self) -> int | None: ...
    @property
    def verbs(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """The tries of one notice through one channel, counted by how they ended."""

    channel: str
    outcome: str
    count: int


@dataclass(frozen=True, slots=True)
class Move:
    """An exercise was moved on by `span` at the wall moment `at`."""

    at: datetime
    span: timedelta


class Rows:
    """What is known of one incident at one moment: `now` is the wall clock, `at` the incident's own.

    Each kind of row is read when a part first asks for it, so a push of one region costs only that region's queries.
    """

    def __init__(self, incident: Incident, *, verbs: frozenset[str], now: datetime) -> None:
        self.incident, self.verbs, self.now = incident, verbs, now
        self.at = clock.at(incident, now)
        self.playbook = veil.for_viewer(incident.playbook_id, cleared=veil.VERB in verbs)

    @cached_property
    def posts(self) -> Mapping[str, Post]:
        return {post.key: post for post in Post.objects.filter(site_id=self.incident.site_id)}

    @cached_property
    def duties(self) -> tuple[Duty, ...]:
        return tuple(Duty.objects.filter(incident=self.incident).order_by("order", "id"))

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Newest first; one page of them and one more."""
        return tuple(entries(self.incident))

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        return tuple(Fact.objects.filter(incident=self.incident).select_related("by").order_by("id"))

    @cached_property
    def records(self) -> tuple[Record, ...]:
        return tuple(Record.objects.filter(incident=self.incident).order_by("id")) if self.playbook.forms else ()

    @cached_property
    def signatures(self) -> tuple[Signature, ...]:
        """Asked for only where some duty takes several signers."""
        if not any(rule.signers > 1 for rule in self.playbook.duties):
            return ()
        return tuple(Signature.objects.filter(duty__incident=self.incident).order_by("id"))

    @cached_property
    def decisions(self) -> tuple[LevelDecision, ...]:
        rows = LevelDecision.objects.filter(incident=self.incident).select_related("made_by", "settled_by")
        return tuple(rows.order_by("id"))

    @cached_property
    def call_outs(self) -> tuple[CallOut, ...]:
        """Newest first; asked for only where somebody was asked to come."""
        if not self.incident.has_summons:
            return ()
        return tuple(CallOut.objects.filter(incident=self.incident).select_related("opened_by").order_by("-id"))

    @cached_property
    def summons(self) -> tuple[Summons, ...]:
        if not self.incident.has_summons:
            return ()
        return tuple(Summons.objects.filter(incident=self.incident).order_by("id"))

    @cached_property
    def notices(self) -> tuple[Notice, ...]:
        return tuple(Notice.objects.filter(incident=self.incident).order_by("id"))

    @cached_property
    def deliveries(self) -> Mapping[int, tuple[Delivery, ...]]:
        return _deliveries(self.incident)

    @cached_property
    def told(self) -> Mapping[int, tuple[Notice, ...]]:
        return _told(self.incident, self.notices)

    @cached_property
    def linked(self) -> tuple[Incident, ...]:
        return tuple(_linked(self.incident))

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        return moves(self.incident)

    @cached_property
    def readings(self) -> Mapping[str, rules.Reading]:
        return readings.current(self.facts, playbook=self.playbook, occurred_at=self.incident.occurred_at)

    @property
    def judged_at(self) -> datetime:
        """Clocks stand still once the end is declared."""
        return self.incident.ended_at or self.incident.closed_at or self.at

    @cached_property
    def verdict(self) -> rules.Verdict:
        return rules.classify(self.playbook, self.readings, self.judged_at)

    @cached_property
    def change(self) -> tuple[datetime | None, str | None]:
        """When and to what the level changes if nothing is reported; not what is proposed already."""
        incident = self.incident
        since = spacing.ordered_at(self.decisions, incident.level)
        moment, to = spacing.change(
            self.playbook, self.verdict, rank=incident.level_rank, since=since, at=self.judged_at
        )
        asked = {decision.level for decision in self.decisions if decision.status == "proposed"}
        return (None, None) if to in asked else (moment, to)

    @property
    def pending(self) -> dict[str, int]:
        """Rule key of the duty to confirm a level -> the decision that waits for it."""
        waiting = [decision for decision in self.decisions if decision.status in ("proposed", "provisional")]
        return {confirming.key(decision.level): decision.pk for decision in waiting}

    def post(self, key: str) -> str:
        """The site's own name of a post, else the plan's, else the key."""
        if key == confirming.POST:
            return _("值班主管")
        if key in self.posts:
            return say.pick(self.posts[key])
        return next((say.pick(post) for post in self.playbook.posts if post.key == key), key)

    def wall(self, moment: datetime) -> datetime:
        return clock.wall(self.incident, moment)

    def shown(self, moment: datetime) -> datetime:
        """A wall moment of the past on the incident's clock as it stood then."""
        return moment + shift_at(self.moves, moment)

    def rule(self, duty: Duty) -> rules.DutyRule | None:
        """The rule that opened the duty; None where the plan no longer holds it."""
        own = confirming.rule(self.playbook, duty.rule)
        return own or next((rule for rule in self.playbook.duties if rule.key == duty.rule), None)

    def duty_words(self, duty: Duty) -> str:
        rule = self.rule(duty)
        return say.pick(rule) if rule else duty.rule

    def reason(self, note: str) -> str:
        """Why a duty was waived: a person's own words, or those of the catalogue."""
        return catalogue.reason(note, self.playbook)


def gather(audience: Viewer, now: datetime) -> Rows:
    """One incident; ten queries at most, whatever the number of duties, notices and entries."""
    if audience.incident_id is None:
        raise Http404
    related = ("site", "lead", "reported_by")  # few are merged or follow another: those are asked for
    incident = Incident.objects.select_related(*related).filter(pk=audience.incident_id).first()
    if incident is None:
        raise Http404
    return Rows(incident, verbs=audience.verbs, now=now)


def entries(incident: Incident, before: int | None = None) -> list[Entry]:
    """One page of the timeline, newest first, by keyset; one row more than shown says that there are earlier ones."""
    rows = Entry.objects.filter(incident=incident).order_by("-number")
    if before is not None:
        rows = rows.filter(number__lt=before)
    return list(rows[: LOG_PAGE + 1])


def moves(incident: Incident) -> tuple[Move, ...]:
    """How the clock of an exercise was moved; a real one never is. One query, none for a real incident."""
    if incident.is_real or not incident.clock_shift:
        return ()
    rows = Entry.objects.filter(incident=incident, kind="fast_forward").order_by("number")
    return tuple(
        Move(recorded_at, timedelta(minutes=float(data["minutes"])))
        for recorded_at, data in rows.values_list("recorded_at", "data")
    )


def shift_at(moved: tuple[Move, ...], moment: datetime) -> timedelta:
    """How far the clock had been moved at a wall moment."""
    return sum((move.span for move in moved if move.at < moment), timedelta(0))


def corrected(incident: Incident, numbers: Collection[int]) -> dict[int, int]:
    """Number of an entry -> number of the newest entry that corrects it. One query."""
    rows = Entry.objects.filter(incident=incident, corrects__in=numbers).order_by("number")
    return {old: new for old, new in rows.values_list("corrects", "number") if old is not None}


def _deliveries(incident: Incident) -> dict[int, tuple[Delivery, ...]]:
    rows = (
        Attempt.objects.filter(notice__incident=incident)
        .values_list("notice_id", "channel", "outcome")
        .annotate(count=Count("id"))
        .order_by("notice_id", "channel", "outcome")
    )
    found: dict[int, tuple[Delivery, ...]] = {}
    for notice_id, channel, outcome, count in rows:
        found[notice_id] = (*found.get(notice_id, ()), Delivery(channel, outcome, count))
    return found


def _told(incident: Incident, notices: tuple[Notice, ...]) -> dict[int, tuple[Notice, ...]]:
    by_id = {notice.pk: notice for notice in notices}
    pairs = Duty.told.through.objects.filter(duty__incident=incident).order_by("id")
    found: dict[int, tuple[Notice, ...]] = {}
    for duty_id, notice_id in pairs.values_list("duty_id", "notice_id"):
        if notice_id in by_id:
            found[duty_id] = (*found.get(duty_id, ()), by_id[notice_id])
    return found


def _linked(incident: Incident) -> list[Incident]:
    """Incidents that were merged into this one, and those that follow it."""
    return list((incident.twins.all() | incident.followers.all()).order_by("id"))
