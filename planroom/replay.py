"""Runs a past incident once more through a playbook: the levels and duties that its recorded facts would bring."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from incident import readings, spacing
from incident.models import Fact
from playbooks import law, rules
from playbooks.law import DutyRule, Level, Playbook

MOST_TURNS: Final = 400  # of one incident; a long one has some dozens


@dataclass(frozen=True)
class History:
    """What is on record of one incident, all times on its own clock. `over_at` ends it; `done` by the duty's key.

    `late`: duties that were still open, or done too late, when their own time was over.
    """

    number: str
    playbook: str
    mode: str
    title: str
    site: str
    reported_at: datetime
    occurred_at: datetime
    over_at: datetime
    taken_at: datetime | None = None
    restored_at: datetime | None = None
    ended_at: datetime | None = None
    facts: tuple[Fact, ...] = ()  # oldest first
    done: Mapping[str, datetime] = field(default_factory=dict)
    never_done: frozenset[str] = frozenset()
    confirmed: tuple[tuple[datetime, str], ...] = ()  # levels that a person confirmed


@dataclass(frozen=True, slots=True)
class Rise:
    """A level that came into force."""

    at: datetime
    level: Level


@dataclass(frozen=True, slots=True)
class Opened:
    """A duty that opened, and when it is due; None is without a time."""

    rule: DutyRule
    at: datetime
    due_at: datetime | None


@dataclass(frozen=True)
class Course:
    """How an incident goes by one playbook."""

    levels: tuple[Rise, ...] = ()
    duties: tuple[Opened, ...] = ()
    is_cut: bool = False  # after MOST_TURNS the rest was left out


@dataclass(frozen=True)
class Outcome:
    """What would be different; `new` None: the draft has no playbook for it."""

    history: History
    old: Course | None
    new: Course | None

    @property
    def levels_differ(self) -> bool:
        return _steps(self.old) != _steps(self.new)

    @property
    def added(self) -> tuple[Opened, ...]:
        return _without(self.new, self.old)

    @property
    def removed(self) -> tuple[Opened, ...]:
        return _without(self.old, self.new)

    @property
    def moved(self) -> tuple[tuple[Opened, Opened], ...]:
        """Duties in both with another deadline, or opening at another moment."""
        before = {one.rule.key: one for one in self.old.duties} if self.old else {}
        after = self.new.duties if self.new else ()
        pairs = [(before[one.rule.key], one) for one in after if one.rule.key in before]
        return tuple((was, now) for was, now in pairs if (was.at, was.due_at) != (now.at, now.due_at))

    @property
    def differs(self) -> bool:
        return self.levels_differ or bool(self.added or self.removed or self.moved)


def _steps(course: Course | None) -> list[tuple[datetime, str, str]]:
    return [(rise.at, rise.level.key, rise.level.colour) for rise in course.levels] if course else []


def _without(course: Course | None, other: Course | None) -> tuple[Opened, ...]:
    known = {one.rule.key for one in other.duties} if other else set()
    return tuple(one for one in course.duties if one.rule.key not in known) if course else ()


def is_same(old: Playbook, new: Playbook) -> bool:
    """Tell whether two playbooks say the same, whatever their rows and versions."""
    return replace(old, id=0, version_number=0) == replace(new, id=0, version_number=0)


def run(history: History, old: Playbook | None, new: Playbook | None) -> Outcome:
    """The incident by the plan in force and by the draft."""
    return Outcome(
        history, course(history, old) if old is not None else None, course(history, new) if new is not None else None
    )


def course(history: History, playbook: Playbook) -> Course:
    """The levels that the rules ask for, never lowered by themselves, and the duties that open with them.

    What people decided beyond the rules (a level set by hand, a proposal turned down) is not replayed.
    """
    return _Run(history, playbook).go()


Step = tuple[datetime, int, str, str]  # moment, order within it, event, argument


class _Run:
    """One incident moving through time by one playbook."""

    def __init__(self, history: History, playbook: Playbook) -> None:
        self.history, self.playbook, self.specs = history, playbook, playbook.specs
        self.rank = 0
        self.rises: list[Rise] = []
        self.opened: dict[str, Opened] = {}
        self.closed: set[str] = set()
        self.restored = False
        self.facts: dict[str, rules.Reading] = {}
        self.known = -1
        self.steps = sorted(self._script())
        self.timers: set[datetime] = set()
        self.waiting = [duty for duty in playbook.duties if duty.opens.event == "facts"]
        self.on: dict[str, list[DutyRule]] = {}
        for duty in playbook.duties:
            self.on.setdefault(duty.opens.event, []).append(duty)

    def _script(self) -> list[Step]:
        """What happened from outside: steps, facts, duties done, levels confirmed."""
        past, start = self.history, self.history.reported_at
        steps: list[Step] = [(start, 0, "report", "")]
        moments = {"take": past.taken_at, "restore": past.restored_at, "end": past.ended_at}
        steps += [(max(at, start), 3, event, "") for event, at in moments.items() if at is not None]
        steps += [(max(fact.at, start), 1, "facts", "") for fact in past.facts]
        steps += [(max(at, start), 2, "done", key) for key, at in past.done.items()]
        steps += [(max(at, start), 2, "confirmed", level) for at, level in past.confirmed]
        return [step for step in steps if step[0] <= past.over_at]

    def go(self) -> Course:
        for _turn in range(MOST_TURNS):
            at = min([*(step[0] for step in self.steps[:1]), *self.timers], default=None)
            if at is None or at > self.history.over_at:
                return self._course()
            # The verdict changes with what is known or at a moment foreseen; nothing else needs to ask again.
            before, foreseen = self.known, at in self.timers
            self.timers.discard(at)
            while self.steps and self.steps[0][0] <= at:
                _, _, event, argument = self.steps.pop(0)
                self._happen(event, argument, at)
            self._late(at)
            self._read(at)
            if foreseen or self.known != before:
                self._assess(at)
        return self._course(is_cut=True)

    def _course(self, *, is_cut: bool = False) -> Course:
        return Course(tuple(self.rises), tuple(self.opened.values()), is_cut)

    def _happen(self, event: str, argument: str, at: datetime) -> None:
        self._read(at)
        if event == "done":
            if argument not in self.opened or argument in self.closed:
                return
            self.closed.add(argument)
        elif event == "confirmed" and not any(rise.level.key == argument for rise in self.rises):
            return
        elif event == "restore":
            self.restored = True
        elif event == "facts":
            return
        self._emit(event, argument, at)

    def _read(self, at: datetime) -> None:
        """What was known at that moment."""
        seen = [fact for fact in self.history.facts if fact.at <= at]
        if len(seen) != self.known:
            self.known = len(seen)
            self.facts = readings.current(seen, playbook=self.playbook, occurred_at=self.history.occurred_at)
            for spec in self.playbook.facts:
                if spec.from_report and spec.metric not in self.facts:
                    self.facts[spec.metric] = rules.Reading(spec.metric, since=self.history.reported_at)

    def _emit(self, event: str, argument: str, at: datetime) -> None:
        for key, one in self.opened.items():
            if key not in self.closed and one.rule.lapses_on == event and not (one.due_at and one.due_at < at):
                self.closed.add(key)
        for duty in self.on.get(event, ()):
            when = duty.opens.when
            if self._fits(duty, event, argument) and (when is None or self._holds(when, at).value):
                self._open(duty, at)

    def _fits(self, duty: DutyRule, event: str, argument: str) -> bool:
        opens = duty.opens
        if event not in ("level", "confirmed"):
            return opens.argument in ("", argument)
        asked, reached = self.playbook.level(opens.argument), self.playbook.level(argument)
        return asked.rank == reached.rank if opens.only else asked.rank <= reached.rank

    def _holds(self, group: law.Group, at: datetime) -> rules.Truth:
        return rules.truth(group, self.specs, self.facts, at)

    def _open(self, duty: DutyRule, at: datetime) -> None:
        if duty.key in self.opened or (duty.lapses_on == "restore" and self.restored):
            return
        past = self.history
        at = max(at, past.reported_at)
        anchor = {"opened": at, "occurred": past.occurred_at, "reported": past.reported_at}[duty.anchor]
        minutes = duty.minutes if duty.minutes is not None else duty.target_minutes
        due = None if minutes is None else anchor + timedelta(microseconds=int(minutes * 60_000_000))
        self.opened[duty.key] = Opened(duty, at, due)
        self.closed |= {key for key in duty.replaces if key in self.opened}
        if due is not None and (duty.on_late or any(one.opens.argument == duty.key for one in self.on.get("late", ()))):
            self.timers.add(max(due, at))

    def _late(self, at: datetime) -> None:
        """Duties whose time is over and that were, by the record, not done by then."""
        for key, one in list(self.opened.items()):
            if one.due_at is None or one.due_at > at or key in self.closed or f"late:{key}" in self.closed:
                continue
            done = self.history.done.get(key)
            if (done is None and key not in self.history.never_done) or (done is not None and done <= one.due_at):
                continue
            self.closed.add(f"late:{key}")
            self._emit("late", key, at)
            for effect in one.rule.on_late:
                if effect.kind == "open":
                    self._open(self.playbook.duty(effect.argument), at)
                elif effect.kind == "raise":
                    self._rise(self.playbook.level(effect.argument), at)

    def _assess(self, at: datetime) -> None:
        if at >= (self.history.ended_at or self.history.over_at):
            return
        verdict = rules.classify(self.playbook, self.facts, at)
        self._rise_by(verdict, at)
        if verdict.next_change_at is not None and verdict.next_change_at > at:
            self.timers.add(verdict.next_change_at)
        for duty in self.waiting:
            if duty.key in self.opened:
                continue
            truth = self._holds(duty.opens.when or law.ALWAYS, at)
            if truth.value:
                self._open(duty, truth.since or at)
            elif truth.next_change_at is not None and truth.next_change_at > at:
                self.timers.add(truth.next_change_at)

    def _rise_by(self, verdict: rules.Verdict, at: datetime) -> None:
        """As far up as the verdict asks, keeping the distance between levels that the plan asks for."""
        since = self.rises[-1].at if self.rises else None
        step = spacing.step(self.playbook, verdict, rank=self.rank, since=since, at=at)
        if step.later_at is not None and step.later_at > at:
            self.timers.add(step.later_at)
        if step.level is not None:
            self._rise(step.level, at)
            if spacing.is_spaced(self.playbook):
                self._rise_by(verdict, at)

    def _rise(self, level: Level, at: datetime) -> None:
        if level.rank <= self.rank:
            return
        self.rank = level.rank
        self.rises.append(Rise(at, level))
        self._emit("level", level.key, at)
        if level.starts == "confirmed":
            self._emit("confirmed", level.key, at)
