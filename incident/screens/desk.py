"""The duty desk: live strips, who is on duty, the latest lines, and the tasks of the person who looks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from incident import clock, veil
from incident.audience import Audience, Page
from incident.models import Duty
from incident.models.incident import OPEN_STATES, Mode
from incident.screens import feed, on_duty, room_clocks, strips
from incident.screens import room_words as say
from incident.screens.board import Board
from incident.screens.seats import Seats
from staffing import rights

if TYPE_CHECKING:
    from staffing.models import User

FEED_LINES = 10
DONE_SHOWN = timedelta(hours=8)  # how long a task that was done stays in the list: one shift
DONE_MOST = 5


class Desk:
    """What the desk shows beside the strips; a part is read when a region asks for it."""

    def __init__(self, sites: tuple[int, ...], now: datetime, cleared: tuple[int, ...] = ()) -> None:
        self.sites, self.now, self.cleared = sites, now, cleared

    @cached_property
    def roll(self) -> on_duty.Roll:
        return on_duty.roll(self.sites, self.now)

    @cached_property
    def feed(self) -> list[feed.Line]:
        return feed.latest(self.sites, limit=FEED_LINES, cleared=self.cleared)


@dataclass(frozen=True, slots=True)
class Task:
    """One duty of the person who looks. `asks_choice`: it is decided in the room, not ticked here."""

    id: int
    number: str
    url: str
    mark: str
    words: str
    note: str
    state: str  # of the clock; empty without a deadline
    due_at: datetime | None
    is_target: bool
    is_done: bool
    done_at: datetime | None
    asks_choice: bool

    @property
    def tick_url(self) -> str:
        return reverse("room-duty-done", args=[self.number, self.id])


@dataclass(frozen=True, slots=True)
class Tasks:
    """My tasks: the open ones, real before exercises, by deadline; then what was done lately."""

    open: tuple[Task, ...]
    done: tuple[Task, ...]
    now: datetime


def build(audience: Audience, now: datetime) -> dict[str, Any]:
    """The context of the desk, first paint and push. Parts nobody asks for cost nothing."""
    of = (audience.sites, now, audience.cleared)
    board = Board(*of)
    return {"board": board, "desk": Desk(*of), "seats": Seats(board), "page": "desk"}


def tasks(user: "User", sites: tuple[int, ...], now: datetime) -> Tasks:
    """The duties of one person in live incidents. One query."""
    rows = (
        Duty.objects.filter(holder_user=user, incident__site_id__in=sites, incident__state__in=OPEN_STATES)
        .exclude(state=Duty.State.WAIVED)
        .exclude(kind="prohibition")
        .select_related("incident")
        .order_by("id")
    )
    cleared = rights.sites_with(user, veil.VERB)
    found = [_task(duty, now, cleared=duty.incident.site_id in cleared) for duty in rows]
    never = now + timedelta(days=36500)
    done = [task for task in found if task.done_at is not None and task.done_at > now - DONE_SHOWN]
    waiting = [task for task in found if not task.is_done]
    return Tasks(
        open=tuple(sorted(waiting, key=lambda task: (task.mark, task.due_at or never, task.id))),
        done=tuple(sorted(done, key=lambda task: task.done_at or now, reverse=True)[:DONE_MOST]),
        now=now,
    )


def _task(duty: Duty, now: datetime, *, cleared: bool) -> Task:
    incident = duty.incident
    due_at = clock.wall(incident, duty.plan_due_at) if duty.plan_due_at else None
    done_at = clock.wall(incident, duty.done_at) if duty.done_at else None
    playbook = veil.for_viewer(incident.playbook_id, cleared=cleared)
    rule = strips.duty_rule(playbook, duty.rule)
    return Task(
        id=duty.pk,
        number=incident.number,
        url=strips.room_url(incident.number),
        mark="" if incident.mode == Mode.REAL else strips.mode_mark(incident.mode),
        words=say.pick(rule) if rule else duty.rule,
        note=strips.clause(rule),
        state=strips.due_state(due_at, now) if due_at else "",
        due_at=due_at,
        is_target=duty.due_kind == Duty.DueKind.TARGET,
        is_done=duty.state == Duty.State.DONE,
        done_at=done_at,
        asks_choice=room_clocks.is_asked(rule),
    )


PAGE = Page(
    name="desk",
    regions={
        "live-seats": "incident/_seats.html",
        "live-strips": "incident/_strips.html",
        "live-duty": "incident/_on_duty.html",
        "live-feed": "incident/_feed.html",
    },
    build=build,
)
