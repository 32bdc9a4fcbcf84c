"""Who is asked to come, in which order, and how many at a time. Pure: no Django, no clock.

People are asked in waves. Within a wave whoever has worked least this week comes first. Never are more people asked,
promised and present than are wanted: a place is offered anew only when it was refused, left unanswered or not taken.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from staffing import hours

NO_SHOW_AFTER = timedelta(minutes=10)  # past the time at which somebody said they would be there
EARLY_WITHIN = timedelta(hours=12)  # a shift that begins later than that is not "the next" one


class Wave(StrEnum):
    """Whom a wave holds."""

    EXTEND = "extend"  # on shift now: may stay longer
    EARLY = "early"  # on the next shift: may come sooner
    STANDBY = "standby"  # kept reachable by the roster
    RESERVE = "reserve"  # kept ready, or on leave and named for it
    OFF_SHIFT = "off_shift"  # works the post, not now
    FUNCTIONAL = "functional"  # offices and departments


class Offer(StrEnum):
    """What somebody is asked; the same words as `Summons.Offer`."""

    COME = "come"
    EXTEND = "extend"
    EARLY = "early"
    SITE = "site"


class State(StrEnum):
    """Where one person stands; the same words as `Summons.State`."""

    TOLD = "told"
    ACKNOWLEDGED = "acknowledged"
    ON_THE_WAY = "on_the_way"
    ARRIVED = "arrived"
    REFUSED = "refused"
    NO_SHOW = "no_show"
    SILENT = "silent"
    STOOD_DOWN = "stood_down"


PROMISED = frozenset({State.ACKNOWLEDGED, State.ON_THE_WAY})
WAITING = PROMISED | {State.TOLD}  # something is still expected of them


@dataclass(frozen=True, slots=True)
class Stint:
    """A shift of somebody, from `starts_at` until before `ends_at`."""

    post: str
    starts_at: datetime
    ends_at: datetime
    standby: bool = False

    def covers(self, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person who might be asked. `works`: holds the post for good, or has shifts on it. `reserve` as in `Person`.

    `days`: the hours on duty by day, of this month and the weeks it touches.
    """

    person_id: int
    name: str
    works: bool = False
    reserve: str = ""
    stints: tuple[Stint, ...] = ()
    away: tuple[tuple[datetime, datetime], ...] = ()
    days: Mapping[date, timedelta] = field(default_factory=dict)

    def is_away(self, at: datetime) -> bool:
        return any(starts_at <= at < ends_at for starts_at, ends_at in self.away)

    def is_busy(self, at: datetime) -> bool:
        """On a shift of whatever post; standby is not work."""
        return any(stint.covers(at) and not stint.standby for stint in self.stints)


@dataclass(frozen=True, slots=True)
class Want:
    """What is asked for: people on one of these posts, by a time, for as long as until another."""

    posts: frozenset[str]
    now: datetime
    by_at: datetime
    until_at: datetime
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can be asked now, with what is offered: the extra hours from `from_at` until `until_at`.

    `week`: hours without the offer. `day` and `month`: the overtime there would be with it; shown, it stops nobody.
    """

    person_id: int
    name: str
    wave: Wave
    offer: Offer
    from_at: datetime
    until_at: datetime
    week: timedelta
    day: timedelta
    month: timedelta

    @property
    def extra(self) -> timedelta:
        return self.until_at - self.from_at

    @property
    def warnings(self) -> tuple[str, ...]:
        """Limits of overtime that the offer passes: `day_most` (3 h) or `day_usual` (1 h), and `month` (36 h)."""
        return tuple(limit.value for limit in hours.Tally(over_month=self.month, worst_day=self.day).passed)


def candidates(
    people: Iterable[Somebody], want: Want, waves: Sequence[Wave], asked: Iterable[int] = ()
) -> tuple[Candidate, ...]:
    """Everybody who can be asked now, in order; `asked`: who was asked already, or is needed elsewhere.

    Each person once, in the first wave that fits; within a wave fewest hours this week first, then by name.
    """
    gone = set(asked)
    free = [one for one in people if one.person_id not in gone and not one.is_away(max(want.now, want.by_at))]
    found: dict[int, Candidate] = {}
    for wave in waves:
        fitting = [candidate for one in free if one.person_id not in found and (candidate := _in_wave(one, wave, want))]
        for candidate in sorted(fitting, key=lambda one: (one.week, one.name, one.person_id)):
            found[candidate.person_id] = candidate
    return tuple(found.values())


def _in_wave(one: Somebody, wave: Wave, want: Want) -> Candidate | None:
    span = _span(one, wave, want)
    if span is None or span[0] >= span[1]:
        return None
    from_at, until_at = span
    offer = {Wave.EXTEND: Offer.EXTEND, Wave.EARLY: Offer.EARLY}.get(wave, Offer.COME)
    day = from_at.astimezone(want.zone).date()
    before = _week(one.days, want)
    days = {**one.days, day: one.days.get(day, hours.NONE) + until_at - from_at}
    over = hours.overtime(days)
    month = sum((span for at, span in over.items() if (at.year, at.month) == (day.year, day.month)), hours.NONE)
    return Candidate(one.person_id, one.name, wave, offer, from_at, until_at, before, over[day], month)


def _week(days: Mapping[date, timedelta], want: Want) -> timedelta:
    monday = hours.monday(want.now.astimezone(want.zone).date())
    return sum((span for at, span in days.items() if hours.monday(at) == monday), hours.NONE)


def _span(one: Somebody, wave: Wave, want: Want) -> tuple[datetime, datetime] | None:
    """The extra hours that the wave offers this person; None where they do not belong to it."""
    if wave == Wave.EXTEND:
        return _longer(one, want)
    if one.is_busy(want.now) or one.is_busy(want.by_at):
        return None
    if wave == Wave.EARLY:
        following = _next_stint(one, want)
        return (want.by_at, following.starts_at) if following else None
    if not _belongs(one, wave, want):
        return None
    following = _next_stint(one, want)
    until_at = min(want.until_at, following.starts_at) if following else want.until_at
    return want.by_at, until_at


def _belongs(one: Somebody, wave: Wave, want: Want) -> bool:
    if wave == Wave.STANDBY:
        return any(
            stint.standby and stint.post in want.posts and (stint.covers(want.now) or stint.covers(want.by_at))
            for stint in one.stints
        )
    if wave == Wave.OFF_SHIFT:
        return one.works and not one.reserve
    return one.reserve == wave.value


def _longer(one: Somebody, want: Want) -> tuple[datetime, datetime] | None:
    """From the end of the present shift, with what follows it without a gap, until they are needed no more."""
    present = next((s for s in one.stints if s.covers(want.now) and s.post in want.posts and not s.standby), None)
    if present is None:
        return None
    end = present.ends_at
    for stint in sorted(one.stints, key=lambda found: found.starts_at):
        if not stint.standby and stint.starts_at <= end < stint.ends_at:
            end = stint.ends_at
    following = min((s.starts_at for s in one.stints if s.starts_at >= end and not s.standby), default=want.until_at)
    return end, min(want.until_at, following)


def _next_stint(one: Somebody, want: Want) -> Stint | None:
    """The next shift on the post that begins soon."""
    coming = [
        stint
        for stint in one.stints
        if not stint.standby and stint.post in want.posts and want.by_at < stint.starts_at <= want.now + EARLY_WITHIN
    ]
    return min(coming, key=lambda stint: stint.starts_at, default=None)


# --- how many ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tally:
    """How a call-out stands."""

    quota: int
    told: int = 0  # have not answered yet
    promised: int = 0
    on_the_way: int = 0  # of those promised
    arrived: int = 0
    lost: int = 0  # refused, silent, not come

    @property
    def open(self) -> int:
        """Places that nobody was offered."""
        return max(0, self.quota - self.told - self.promised - self.arrived)

    @property
    def wanting(self) -> int:
        """Places that nobody has promised to fill."""
        return max(0, self.quota - self.promised - self.arrived)

    @property
    def is_filled(self) -> bool:
        return self.arrived >= self.quota


@dataclass(frozen=True, slots=True)
class Step:
    """What to do now: ask so many more, and tell so many of those who have not answered that they are not needed."""

    ask: int = 0
    stand_down: int = 0
    is_dry: bool = field(default=False)  # nobody is left to ask, and places stay open


def tally(quota: int, states: Iterable[str]) -> Tally:
    found = [State(state) for state in states]
    return Tally(
        quota=quota,
        told=found.count(State.TOLD),
        promised=sum(state in PROMISED for state in found),
        on_the_way=found.count(State.ON_THE_WAY),
        arrived=found.count(State.ARRIVED),
        lost=sum(state in (State.REFUSED, State.SILENT, State.NO_SHOW) for state in found),
    )


def step(now: Tally, available: int) -> Step:
    """The next step, with so many people left to ask."""
    needless = min(now.told, max(0, now.told + now.promised + now.arrived - now.quota))
    ask = min(now.open, available)
    return Step(ask=ask, stand_down=needless, is_dry=now.open > ask)


def may_promise(now: Tally) -> bool:
    """Whether somebody who had been given up, or had refused, may come after all. `now`: without that person.

    A place offered to somebody who has not answered yet is taken by whoever promises first.
    """
    return now.wanting > 0


@dataclass(frozen=True, slots=True)
class Asked:
    """One person asked, as time looks at them. All on one clock."""

    state: str
    told_at: datetime
    coming_at: datetime | None = None


def due_at(asked: Asked, *, wait: timedelta, by_at: datetime) -> datetime | None:
    """When somebody is given up: told, and no answer; promised, and not there. None: nothing is expected of them.

    Whoever said yes without a time is expected by the time for which people are wanted, or a wait after being told.
    """
    if asked.state == State.TOLD:
        return asked.told_at + wait
    if asked.state in PROMISED:
        return (asked.coming_at or max(by_at, asked.told_at + wait)) + NO_SHOW_AFTER
    return None


def given_up(asked: Asked) -> State:
    """What becomes of somebody whose time has passed."""
    return State.SILENT if asked.state == State.TOLD else State.NO_SHOW
