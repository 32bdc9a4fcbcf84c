"""Who is on for the next 24 hours: the present shift and the next ones, post by post, and where somebody lacks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from incident.models.incident import OPEN_STATES
from incident.screens import room_words as say
from incident.screens.board import Board
from staffing import coverage, house, planned
from staffing.house import House
from staffing.models import Post, ShiftKind

AHEAD = timedelta(hours=24)
MOST_NAMED = 2  # of more people the first is named and the others are counted
MOST_COLUMNS = 4
REGION = "live-coverage"


@dataclass(frozen=True, slots=True)
class On:
    """Somebody on a post; `reach` is empty, "late" (has not answered yet) or "lost" (did not answer)."""

    name: str
    reach: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One post in one column: who is there, how many lack; nobody needed where `is_idle`."""

    people: tuple[On, ...]
    total: int  # of all people there, where not all are named; else 0
    missing: int
    needed: int
    is_now: bool
    is_idle: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A shift of the next 24 hours; `hours` is empty for the one that runs."""

    kind: str
    hours: str
    is_now: bool
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    post: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One site; `site` is empty where there is only one."""

    key: str
    site: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """A planned shift with what is known of the person's answers."""

    work: coverage.Work
    site_id: int
    name: str
    reach: str


# Whoever is called by a live incident and has not answered; lost where the ladder has gone on to somebody else. A
# silent incident marks nobody for those who may not know of it.
_SHIFTS = """
    WITH called AS (
        SELECT (rung.v ->> 'person_id')::bigint AS person_id, bool_or(
            notice.state = 'exhausted'
            OR (notice.ladder -> notice.rung::int ->> 'person_id')::bigint
                IS DISTINCT FROM (rung.v ->> 'person_id')::bigint
        ) AS is_lost
        FROM notices_notice AS notice
        JOIN incident_incident AS incident ON incident.id = notice.incident_id
        JOIN playbooks_playbook AS playbook ON playbook.id = incident.playbook_id
        CROSS JOIN LATERAL jsonb_array_elements(notice.ladder) WITH ORDINALITY AS rung (v, n)
        WHERE incident.site_id = ANY(%(sites)s) AND incident.mode = 'real' AND incident.state = ANY(%(states)s)
            AND (NOT playbook.silent OR incident.site_id = ANY(%(cleared)s))
            AND notice.wants_answer AND notice.state IN ('queued', 'accepted', 'exhausted')
            AND rung.n <= notice.rung + 1
        GROUP BY 1
    )
    SELECT shift.id, shift.post_id, shift.person_id, shift.starts_at, shift.ends_at, shift.standby, shift.is_override,
        post.site_id, person.name, CASE WHEN called.is_lost THEN 'lost' WHEN NOT called.is_lost THEN 'late' ELSE '' END
    FROM staffing_shift AS shift
    JOIN staffing_post AS post ON post.id = shift.post_id
    JOIN staffing_person AS person ON person.id = shift.person_id
    LEFT JOIN called ON called.person_id = shift.person_id
    WHERE tstzrange(shift.starts_at, shift.ends_at, '[)') && tstzrange(%(now)s, %(until)s, '[)')
        AND shift.removed_at IS NULL AND post.site_id = ANY(%(sites)s) AND person.is_active
    ORDER BY NOT shift.is_override, shift.starts_at, person.name, shift.id
"""


class Coverage:
    """The panel and the tile; two queries, made when either is asked for."""

    def __init__(self, board: Board) -> None:
        self.sites, self.now, self.cleared = board.sites, board.now, board.cleared

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(planned.ZONE).date()

    @cached_property
    def houses(self) -> dict[int, House]:
        return house.read(self.sites, self.today - planned.DAY, self.today + planned.DAY)

    @cached_property
    def shifts(self) -> list[Shift]:
        values: dict[str, Any] = {
            "sites": list(self.sites),
            "cleared": list(self.cleared),
            "states": [str(state) for state in OPEN_STATES],
            "now": self.now - planned.DAY,  # those of the running shift who went home are part of its coverage
            "until": self.now + 2 * AHEAD,
        }
        with connection.cursor() as cursor:
            cursor.execute(_SHIFTS, values)
            return [Shift(coverage.Work(*row[:7]), *row[7:]) for row in cursor.fetchall()]

    # --- the tile ---

    @cached_property
    def gaps(self) -> list[coverage.Gap]:
        """Those of the next 24 hours, the earliest first."""
        work = [shift.work for shift in self.shifts]
        found = [gap for one in self.houses.values() for gap in coverage.gaps(self._turns(one), work, one.away)]
        soon = [gap for gap in found if gap.ends_at > self.now and gap.starts_at < self.now + AHEAD]
        return sorted(soon, key=lambda gap: gap.starts_at)

    @property
    def is_planned(self) -> bool:
        """Some site says how many people it needs."""
        return any(one.needs for one in self.houses.values())

    @property
    def first_gap(self) -> str:
        """夜班 安保: the earliest."""
        if not self.gaps:
            return ""
        turn = self.gaps[0].turn
        for one in self.houses.values():
            if turn.post in one.posts:
                return f"{kind_words(one.kinds[turn.kind])} {say.pick(one.posts[turn.post])}"
        return ""

    def _turns(self, one: House) -> list[coverage.Turn]:
        days = [self.today - planned.DAY, self.today, self.today + planned.DAY]
        return [turn for turn in one.turns(days) if turn.ends_at > self.now and turn.starts_at < self.now + AHEAD]

    # --- the panel ---

    @cached_property
    def tables(self) -> list[Table]:
        """The sites that need somebody."""
        found = [self._table(one) for one in self.houses.values()]
        shown = [table for table in found if table.lines]
        return shown if len(self.sites) > 1 else [replace(table, site="") for table in shown]

    def _table(self, one: House) -> Table:
        turns = [turn for turn in self._turns(one) if not turn.standby]
        columns = self._columns(one, turns)
        posts = [post for post in one.posts.values() if any(turn.post == post.pk for turn in turns)]
        return Table(
            key=one.key,
            site=say.pick(one),
            columns=columns,
            lines=tuple(self._line(one, post, columns, turns) for post in posts),
        )

    def _columns(self, one: House, turns: Sequence[coverage.Turn]) -> tuple[Column, ...]:
        """Each kind of shift once: the one that runs, then the others as they begin."""
        found: dict[int, Column] = {}
        for turn in sorted(turns, key=lambda turn: turn.starts_at):
            is_now = turn.starts_at <= self.now
            hours = "" if is_now else hours_words(turn.starts_at, turn.ends_at)
            column = Column(kind_words(one.kinds[turn.kind]), hours, is_now, turn.starts_at, turn.ends_at)
            found.setdefault(turn.kind, column)
        return tuple(sorted(found.values(), key=lambda column: column.starts_at)[:MOST_COLUMNS])

    def _line(self, one: House, post: Post, columns: Sequence[Column], turns: Sequence[coverage.Turn]) -> Line:
        return Line(say.pick(post), tuple(self._cell(one, post, column, turns) for column in columns))

    def _cell(self, one: House, post: Post, column: Column, turns: Sequence[coverage.Turn]) -> Cell:
        """In the shift that runs, who is there now; in a coming one, who is planned at some time of it."""
        since = self.now if column.is_now else column.starts_at
        until = self.now + timedelta(microseconds=1) if column.is_now else column.ends_at
        here = [turn for turn in turns if turn.post == post.pk and coverage.overlaps(turn, since, until)]
        leave = self._leave[one.site_id]
        on: dict[int, On] = {}
        for shift in self._on_duty.get(post.pk, []):
            work = shift.work
            if coverage.overlaps(work, since, until) and not leave.during(work.person, since, until):
                on.setdefault(work.person, On(shift.name, shift.reach if column.is_now else ""))
        missing = [
            gap.missing for gap in self.gaps if gap.turn in here and gap.starts_at < until and gap.ends_at > since
        ]
        people = tuple(on.values())
        named = people if len(people) <= MOST_NAMED else people[:1]
        return Cell(
            people=named,
            total=len(people) if len(people) > len(named) else 0,
            missing=max(missing, default=0),
            needed=max((turn.needed for turn in here), default=0),
            is_now=column.is_now,
            is_idle=not here and not people,
        )

    @cached_property
    def _on_duty(self) -> dict[int, list[Shift]]:
        found: dict[int, list[Shift]] = {}
        for shift in self.shifts:
            if not shift.work.standby:
                found.setdefault(shift.work.post, []).append(shift)
        return found

    @cached_property
    def _leave(self) -> dict[int, coverage.Leave]:
        return {one.site_id: coverage.Leave.of(one.away) for one in self.houses.values()}


def kind_words(kind: ShiftKind) -> str:
    """夜班, or Night."""
    name = say.pick(kind)
    return name if say.is_english() or name.endswith("班") else _("%s班") % name


def hours_words(starts_at: datetime, ends_at: datetime) -> str:
    """16–24."""
    starts, ends = starts_at.astimezone(planned.ZONE), ends_at.astimezone(planned.ZONE)
    last = "24" if f"{ends:%H:%M}" == "00:00" else _plain(ends)
    return f"{_plain(starts)}–{last}"


def _plain(moment: datetime) -> str:
    return f"{moment:%H:%M}" if moment.minute else str(moment.hour)
