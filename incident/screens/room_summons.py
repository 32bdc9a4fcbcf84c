"""People called in, in the room: each call-out with its counts, its curve and everybody asked; arrivals on the spot."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from incident import callout_words
from incident.models import CallOut, Duty, Summons
from incident.screens import room_words as say
from incident.screens import summons_chart, summons_words
from incident.screens.room_rows import Rows
from incident.screens.summons_chart import Chart
from incident.screens.summons_words import Standing
from staffing import callouts
from staffing.callouts import Offer, State, Tally

ORDER = (
    State.ON_THE_WAY, State.ACKNOWLEDGED, State.TOLD, State.ARRIVED, State.NO_SHOW, State.SILENT, State.REFUSED,
    State.STOOD_DOWN,
)  # fmt: skip

ENGAGED = (State.ON_THE_WAY, State.ACKNOWLEDGED, State.TOLD, State.ARRIVED, State.NO_SHOW)


@dataclass(frozen=True, slots=True)
class Person:
    """One person asked. Moments are on the incident's clock; `coming_wall` is what the browser counts down."""

    id: int
    name: str
    wave: str
    offer: str
    standing: Standing
    told_at: datetime
    answered_at: datetime | None
    coming_at: datetime | None
    coming_wall: datetime | None
    arrived_at: datetime | None
    reason: str
    by: str
    may_answer: bool


@dataclass(frozen=True, slots=True)
class Party:
    """A call-out, or the people told of one arrival duty (`call_out_id` None)."""

    id: str
    call_out_id: int | None
    title: str
    waves: str
    by_at: datetime | None
    by_wall: datetime | None
    state: str  # open, filled, closed
    is_dry: bool
    tally: Tally
    people: tuple[Person, ...]
    chart: Chart | None
    opened_at: datetime | None = None
    opened_by: str = ""
    closed_at: datetime | None = None

    @property
    def promised(self) -> int:
        """Who has said yes, those on the way and there included."""
        return self.tally.promised + self.tally.arrived

    @property
    def awaited(self) -> tuple[Person, ...]:
        """Who is there or may still come."""
        return tuple(one for one in self.people if one.standing.state in ENGAGED)

    @property
    def others(self) -> tuple[Person, ...]:
        """Who was asked and does not come; folded away."""
        return tuple(one for one in self.people if one.standing.state not in ENGAGED)

    @property
    def is_open(self) -> bool:
        return self.state != CallOut.State.CLOSED

    @property
    def clock(self) -> str:
        """The state of the clock until people are wanted."""
        return "met" if self.tally.is_filled else "armed" if self.is_open else "waived"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A duty of the plan that calls people in, and has not yet."""

    duty_id: int
    words: str
    post: str
    quota: int | None
    waves: str
    clause: str


@dataclass(frozen=True, slots=True)
class Called:
    parties: tuple[Party, ...]
    proposals: tuple[Proposal, ...]
    can_work: bool

    @property
    def is_shown(self) -> bool:
        return bool(self.parties or (self.proposals and self.can_work))

    @property
    def arrived(self) -> int:
        return sum(party.tally.arrived for party in self.parties)

    @property
    def wanted(self) -> int:
        return sum(party.tally.quota for party in self.parties)


def build(rows: Rows) -> Called:
    can_work = rows.incident.is_open and "incident.work" in rows.verbs
    parties = [*_call_outs(rows, can_work=can_work), *_arrivals(rows, can_work=can_work)]
    return Called(tuple(parties), tuple(_proposals(rows)), can_work)


def _call_outs(rows: Rows, *, can_work: bool) -> Iterator[Party]:
    for call_out in rows.call_outs:
        people = [one for one in rows.summons if one.call_out_id == call_out.pk]
        yield party(
            call_out,
            people,
            rows.at,
            title=rows.post(call_out.post),
            by_wall=rows.wall(call_out.by_at),
            shown=tuple(_people(rows, people, call_out, None, can_work=can_work)),
        )


def party(
    call_out: CallOut, people: list[Summons], at: datetime, *, title: str, by_wall: datetime,
    shown: tuple[Person, ...] = (),
) -> Party:  # fmt: skip
    """A call-out as a party; also for a page that lists many."""
    return Party(
        id=f"call-out-{call_out.pk}",
        call_out_id=call_out.pk,
        title=title,
        waves=callout_words.waves(call_out.waves),
        by_at=call_out.by_at,
        by_wall=by_wall,
        state=call_out.state,
        is_dry=call_out.is_dry and call_out.state == CallOut.State.OPEN,
        tally=callouts.tally(call_out.quota, (one.state for one in people)),
        people=shown,
        chart=summons_chart.build(call_out, people, at),
        opened_at=call_out.opened_at,
        opened_by=str(call_out.opened_by or ""),
        closed_at=call_out.closed_at,
    )


def _arrivals(rows: Rows, *, can_work: bool) -> Iterator[Party]:
    told = [one for one in rows.summons if one.offer == Offer.SITE]
    for duty in rows.duties if told else ():
        people = [one for one in told if one.duty_id == duty.pk]
        is_over = duty.state != Duty.State.OPEN and not any(one.arrived_at or one.coming_at for one in people)
        if not people or is_over:
            continue
        due = duty.plan_due_at
        yield Party(
            id=f"arrival-{duty.pk}",
            call_out_id=None,
            title=rows.duty_words(duty),
            waves="",
            by_at=due,
            by_wall=rows.wall(due) if due else None,
            state="open" if duty.state == Duty.State.OPEN else "closed",
            is_dry=False,
            tally=callouts.tally(len(people), (one.state for one in people)),
            people=tuple(_people(rows, people, None, duty, can_work=can_work)),
            chart=None,
        )


def _people(
    rows: Rows, people: Iterable[Summons], call_out: CallOut | None, duty: Duty | None, *, can_work: bool
) -> Iterator[Person]:
    by_at = (call_out.by_at if call_out else duty.plan_due_at if duty else None) or rows.at
    for one in sorted(people, key=lambda one: (ORDER.index(State(one.state)), one.coming_at or one.told_at, one.pk)):
        is_coming = one.state == State.ON_THE_WAY and one.coming_at is not None
        yield Person(
            id=one.pk,
            name=one.name,
            wave=summons_words.wave(one),
            offer=summons_words.offer(one, by_at),
            standing=summons_words.standing(one),
            told_at=one.told_at,
            answered_at=one.acknowledged_at,
            coming_at=one.coming_at,
            coming_wall=rows.wall(one.coming_at) if is_coming and one.coming_at else None,
            arrived_at=one.arrived_at,
            reason=one.reason,
            by=one.by_name,
            may_answer=can_work and summons_words.may_answer(one, call_out, duty, is_open=rows.incident.is_open),
        )


def _proposals(rows: Rows) -> Iterator[Proposal]:
    """Open duties that call people in and have not been served by a call-out."""
    if not rows.incident.is_running:
        return
    served = {call_out.duty_id for call_out in rows.call_outs if call_out.closed_at is None}
    for duty in rows.duties:
        rule = rows.rule(duty) if duty.state == Duty.State.OPEN and duty.pk not in served else None
        if rule is None or rule.calls_out is None:
            continue
        yield Proposal(
            duty_id=duty.pk,
            words=say.pick(rule),
            post=rows.post(rule.calls_out.post),
            quota=rule.calls_out.quota,
            waves=callout_words.waves(list(rule.calls_out.waves)),
            clause=say.pick(rule, "clause"),
        )
