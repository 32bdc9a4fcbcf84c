"""One incident under its lock, with all that an action reads and writes: gathered once, changed in memory, saved once.

The number of SQL statements is the same however many duties, notices and entries a step makes, and the same code runs
without saving for a preview.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from incident import clock, readings
from incident.models import CallOut, Duty, Entry, Fact, Incident, LevelDecision, Record, Signature, Summons
from notices.outbox import Draft
from playbooks import library, rules
from staffing import directory, pool

if TYPE_CHECKING:
    from staffing.models import User

# What a page shows of an incident; actions say which of these they changed.
HEAD = frozenset({"live-head", "live-closing", "live-section-nav"})
# The head too: its steps say which duties they still wait for.
DUTIES = HEAD | {"live-next-deadline", "live-deadlines", "live-actions"}
LOG = frozenset({"live-log", "live-log-count"})
LINES = frozenset({"live-feed", "live-ticker"})  # all that a mere entry moves on the pages of its site
LEVEL = frozenset({"live-head", "live-level-reasons", "live-deadlines", "live-section-nav"})
FACTS = frozenset({"live-facts", "live-level-reasons", "live-deadlines", "live-section-nav"})
RECORDS = frozenset({"live-records", "live-section-nav"})
PEOPLE = frozenset({"live-people", "live-section-nav", "live-actions"})
SUMMONS = frozenset({"live-summons", "live-section-nav", "live-actions"})


@dataclass(frozen=True)
class Call:
    """Somebody to be told when the story is saved: the holder of `post`, or everybody told before (`rules.TOLD`).

    `people`: these instead, whoever holds the post, in the order in which they are tried.
    """

    post: str
    kind: str
    at: datetime
    duties: tuple[Duty, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    people: tuple[directory.Held, ...] = ()


@dataclass(frozen=True)
class Letter:
    """A notice to one person, whatever post they hold; `summons`: it asks them to come."""

    draft: Draft
    summons: Summons | None = None


@dataclass
class Story:
    """The unit of work of one action. `now` is the wall clock, `at` the same moment on the incident's clock."""

    incident: Incident
    actor: "User | None"
    now: datetime
    entries: list[Entry] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    new_facts: list[Fact] = field(default_factory=list)
    new_duties: list[Duty] = field(default_factory=list)
    changed_duties: set[int] = field(default_factory=set)  # ids
    new_decisions: list[LevelDecision] = field(default_factory=list)
    changed_decisions: set[int] = field(default_factory=set)  # ids
    new_records: list[Record] = field(default_factory=list)
    new_signatures: list[Signature] = field(default_factory=list)
    new_call_outs: list[CallOut] = field(default_factory=list)
    changed_call_outs: set[int] = field(default_factory=set)  # ids
    new_summons: list[Summons] = field(default_factory=list)
    changed_summons: set[int] = field(default_factory=set)  # ids
    letters: list[Letter] = field(default_factory=list)
    withdrawn: set[int] = field(default_factory=set)  # ids of notices that need no answer any more
    pools: dict[str, pool.Pool] = field(default_factory=dict)  # by post: who could be asked, as read last
    regions: set[str] = field(default_factory=set)
    people: set[int] = field(default_factory=set)  # user ids whose personal parts changed
    changed: bool = False
    armed_for: datetime | None = field(init=False)  # the incident's `reassess_at` as it was read
    stood: tuple[str, str, datetime] = field(init=False)  # state, level and beginning as they were read
    settling: bool = False  # effects of time: written by the system, whoever presses the button

    def __post_init__(self) -> None:
        self.armed_for = self.incident.reassess_at
        self.stood = _stand(self.incident)

    @property
    def has_turned(self) -> bool:
        """Something changed on which a step or a level is decided; a tick, a note or an answer does not count."""
        return bool(self.new_decisions or self.changed_decisions) or self.stood != _stand(self.incident)

    @property
    def at(self) -> datetime:
        return clock.at(self.incident, self.now)

    @cached_property
    def playbook(self) -> rules.Playbook:
        return library.playbook(self.incident.playbook_id)

    @cached_property
    def duties(self) -> list[Duty]:
        """Every duty of the incident, oldest first; new ones are appended."""
        if self.incident.pk is None:
            return []
        return list(Duty.objects.filter(incident=self.incident).order_by("id"))

    @cached_property
    def decisions(self) -> list[LevelDecision]:
        """Every level decision, oldest first; new ones are appended."""
        if self.incident.pk is None:
            return []
        return list(LevelDecision.objects.filter(incident=self.incident).order_by("id"))

    @cached_property
    def facts(self) -> list[Fact]:
        """Every fact, oldest first; new ones are appended."""
        if self.incident.pk is None:
            return []
        return list(Fact.objects.filter(incident=self.incident).order_by("id"))

    @cached_property
    def records(self) -> list[Record]:
        """Every version of every line of every form, oldest first; new ones are appended."""
        if self.incident.pk is None:
            return []
        return list(Record.objects.filter(incident=self.incident).order_by("id"))

    @cached_property
    def signatures(self) -> list[Signature]:
        """Who signed which duty, oldest first; new ones are appended."""
        if self.incident.pk is None:
            return []
        return list(Signature.objects.filter(duty__incident=self.incident).order_by("id"))

    @cached_property
    def call_outs(self) -> list[CallOut]:
        """Every call-out, oldest first; new ones are appended. No query where nobody was ever asked to come."""
        if not self.incident.has_summons:
            return []
        return list(CallOut.objects.filter(incident=self.incident).order_by("id"))

    @cached_property
    def summons(self) -> list[Summons]:
        """Everybody who was asked to come, with the notice that asked; new ones are appended."""
        if not self.incident.has_summons:
            return []
        return list(Summons.objects.filter(incident=self.incident).select_related("notice").order_by("id"))

    @cached_property
    def held(self) -> dict[str, tuple[directory.Held, ...]]:
        """Who answers for each post that the plan names; one query, asked once."""
        return directory.holders(self.incident.site_id, [post.key for post in self.playbook.posts], self.now)

    @property
    def actor_posts(self) -> frozenset[str]:
        """The posts that the actor holds in the first place; none while time acts instead of a person."""
        if self.settling or self.actor is None:
            return frozenset()
        return frozenset(
            key
            for key, people in self.held.items()
            if people and people[0].user_id == self.actor.pk and people[0].post == key
        )

    def readings(self) -> dict[str, rules.Reading]:
        """What the rules are asked with: the current reading of every metric."""
        return readings.current(self.facts, playbook=self.playbook, occurred_at=self.incident.occurred_at)

    def open_duties(self) -> list[Duty]:
        return [duty for duty in self.duties if duty.state == Duty.State.OPEN]

    def touch(self, *regions: frozenset[str]) -> None:
        """Say which regions of the pages changed."""
        self.changed = True
        for region in regions:
            self.regions |= region

    def add_duty(self, duty: Duty) -> None:
        self.duties.append(duty)
        self.new_duties.append(duty)
        self.touch(DUTIES)

    def change_duty(self, duty: Duty) -> None:
        if duty.state != Duty.State.OPEN:
            duty.follow_at = None  # nothing more has to follow
        if duty.pk is not None:
            self.changed_duties.add(duty.pk)
        if duty.holder_user_id:
            self.people.add(duty.holder_user_id)
        self.touch(DUTIES)

    def add_decision(self, decision: LevelDecision) -> None:
        self.decisions.append(decision)
        self.new_decisions.append(decision)
        self.touch(LEVEL)

    def change_decision(self, decision: LevelDecision) -> None:
        if decision.pk is not None:
            self.changed_decisions.add(decision.pk)
        self.touch(LEVEL)

    def add_fact(self, fact: Fact) -> None:
        self.facts.append(fact)
        self.new_facts.append(fact)
        self.touch(FACTS)

    def add_record(self, record: Record) -> None:
        self.records.append(record)
        self.new_records.append(record)
        self.touch(RECORDS, DUTIES)

    def add_signature(self, signature: Signature) -> None:
        self.signatures.append(signature)
        self.new_signatures.append(signature)
        self.touch(DUTIES)

    def add_call_out(self, call_out: CallOut) -> None:
        self.call_outs.append(call_out)
        self.new_call_outs.append(call_out)
        self.incident.has_summons = True
        self.touch(SUMMONS)

    def change_call_out(self, call_out: CallOut) -> None:
        if call_out.pk is not None:
            self.changed_call_outs.add(call_out.pk)
        self.touch(SUMMONS)

    def add_summons(self, one: Summons) -> None:
        self.summons.append(one)
        self.new_summons.append(one)
        self.incident.has_summons = True
        self.touch(SUMMONS)

    def change_summons(self, one: Summons) -> None:
        if one.pk is not None:
            self.changed_summons.add(one.pk)
        self.touch(SUMMONS)

    def send(self, letter: Letter) -> None:
        """Write one notice when the story is saved."""
        self.letters.append(letter)
        self.touch(PEOPLE)

    def call(
        self, post: str, kind: str, *, at: datetime, duties: tuple[Duty, ...] = (),
        people: tuple[directory.Held, ...] = (), **data: Any,
    ) -> None:  # fmt: skip
        """Tell the holder of a post when the story is saved, or these people instead."""
        self.calls.append(Call(post=post, kind=kind, at=at, duties=duties, data=data, people=people))
        self.touch(PEOPLE)

    @contextmanager
    def as_system(self) -> Iterator[None]:
        """Entries made inside are the system's own, whoever pressed the button."""
        before, self.settling = self.settling, True
        try:
            yield
        finally:
            self.settling = before


def _stand(incident: Incident) -> tuple[str, str, datetime]:
    return incident.state, incident.level, incident.occurred_at


def minutes(amount: Any) -> timedelta:
    """Plan minutes as a span."""
    return timedelta(microseconds=int(amount * 60_000_000))
