"""What would change in past incidents, in words: levels over time, duties, deadlines."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from incident.screens import room_words as say
from incident.screens import strips
from planroom import drafts, past
from planroom.replay import Course, Opened, Outcome
from planroom.screens.law import Room
from playbooks import models, planfile

FIRST = 12  # duties of one incident that are listed; the rest is counted


@dataclass(frozen=True, slots=True)
class Step:
    """One level on the way of an incident."""

    at: datetime
    words: str
    colour: str


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty that would be new, gone, or due at another moment."""

    kind: str
    key: str
    words: str
    was: datetime | None
    would: datetime | None
    was_at: datetime | None
    would_at: datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """One incident that would go another way."""

    number: str
    url: str
    title: str
    playbook: str
    mode: str
    reported_at: datetime
    is_gone: bool
    levels_differ: bool
    before: tuple[Step, ...]
    after: tuple[Step, ...]
    duties: tuple[Duty, ...]
    more: int


@dataclass(frozen=True)
class Replay:
    """One page of the replay. `total` counts all incidents it could run, `looked_at` those of this page."""

    version: models.PlanVersion
    against: models.PlanVersion | None
    rows: tuple[Row, ...]
    total: int
    looked_at: int
    same_law: int
    page: int
    pages: int
    unreadable: bool

    @property
    def older(self) -> int | None:
        return self.page + 1 if self.page < self.pages else None

    @property
    def newer(self) -> int | None:
        return self.page - 1 if self.page > 1 else None


def build(room: Room, version: models.PlanVersion, asked: str) -> Replay:
    """Six queries."""
    newest = drafts.in_force(room.plan)
    old = planfile.read(newest.source_text).document if newest else None
    new = planfile.read(version.source_text).document
    ids = past.over(room.plan, [site.pk for site in room.sites])
    pages = max(1, -(-len(ids) // past.PAGE))
    page = min(int(asked), pages) if asked.isascii() and asked.isdigit() and len(asked) < 6 and int(asked) else 1
    chosen = ids[(page - 1) * past.PAGE : page * past.PAGE]
    found = past.replayed(chosen, old, new) if new is not None else past.Replayed((), 0, 0)
    return Replay(
        version=version,
        against=newest,
        rows=tuple(_row(outcome) for outcome in found.different),
        total=len(ids),
        looked_at=found.total,
        same_law=found.same_law,
        page=page,
        pages=pages,
        unreadable=new is None,
    )


def _row(outcome: Outcome) -> Row:
    history = outcome.history
    duties = _duties(outcome) if outcome.new is not None else ()
    return Row(
        number=history.number,
        url=strips.room_url(history.number),
        title=history.title,
        playbook=history.playbook,
        mode=history.mode,
        reported_at=history.reported_at,
        is_gone=outcome.new is None,
        levels_differ=outcome.levels_differ and outcome.new is not None,
        before=_steps(outcome.old),
        after=_steps(outcome.new),
        duties=duties[:FIRST],
        more=max(len(duties) - FIRST, 0),
    )


def _steps(course: Course | None) -> tuple[Step, ...]:
    return tuple(Step(rise.at, say.pick(rise.level), rise.level.colour) for rise in course.levels) if course else ()


def _duties(outcome: Outcome) -> tuple[Duty, ...]:
    return (
        *(_duty(_("会新增"), None, one) for one in outcome.added),
        *(_duty(_("不再有"), one, None) for one in outcome.removed),
        *(_duty(_("会改期"), was, would) for was, would in outcome.moved),
    )


def _duty(kind: str, was: Opened | None, would: Opened | None) -> Duty:
    known = would or was
    assert known is not None
    return Duty(
        kind,
        known.rule.key,
        say.pick(known.rule),
        was.due_at if was else None,
        would.due_at if would else None,
        was.at if was else None,
        would.at if would else None,
    )
