"""The week of a site's roster: posts by days, who is on now, what lacks, who strains, what waits for a decision."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from dutyroom.screens import roster_marks as marks
from dutyroom.screens import roster_rows as rows
from dutyroom.screens import roster_words as words
from incident.screens import room_words as say
from staffing import coverage, planned, rights, workdays
from staffing import house as houses
from staffing.house import House, Row
from staffing.models import Post, ShiftKind, Site

if TYPE_CHECKING:
    from staffing.models import User

FOLDED_FROM = 4  # people on one kind of shift: from here on their names are folded away
MOST_NAMED = 12  # beyond, they are fetched
MOST_SENT = 1500  # shifts of a week whose names are sent along; beyond, only those of thin shifts are
DAYS = 7
ALL, DUTY, STANDBY = "", "duty", "standby"


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a day's column."""

    day: date
    label: str
    special: str
    is_today: bool
    is_off: bool
    is_chosen: bool  # shown first where only one day fits


@dataclass(frozen=True, slots=True)
class Chip:
    """One shift in the grid."""

    row: Row
    kind: str
    name: str
    is_now: bool
    time: str = ""  # where it is not that of its kind
    away: str = ""
    is_away: bool = False  # all the time
    trouble: str = ""
    is_asked: bool = False  # a swap waits


@dataclass(frozen=True, slots=True)
class Lack:
    """A gap in the grid."""

    kind: str
    words: str
    kind_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Fold:
    """Many people on one kind of shift: how many, and their chips; none where there are too many to send along."""

    key: str
    kind: str
    count: int
    is_now: bool
    has_trouble: bool
    chips: tuple[Chip, ...]
    kind_id: int | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One post on one day: what begins there, in order of time."""

    head: Head
    post_id: int
    entries: tuple["Entry", ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One of the three."""

    chip: Chip | None = None
    fold: Fold | None = None
    lack: Lack | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One post through the week."""

    post: Post
    name: str
    note: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Lines under one heading."""

    title: str
    lines: list[Line]


@dataclass
class Week:
    """Everything the page shows; at most six queries, of which three only where something lacks or strains."""

    site: Site
    first: date
    now: datetime
    user: "User"
    show: str = ALL
    house: House = field(init=False)
    shifts: list[Row] = field(init=False)

    def __post_init__(self) -> None:
        self.house = houses.read([self.site.pk], self.first, self.last)[self.site.pk]
        self.shifts = houses.shifts(
            [self.site.pk], planned.midnight(self.first - planned.DAY), planned.midnight(self.last + 2 * planned.DAY)
        )

    @property
    def last(self) -> date:
        return self.first + (DAYS - 1) * planned.DAY

    @cached_property
    def days(self) -> list[date]:
        return [self.first + number * planned.DAY for number in range(DAYS)]

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(planned.ZONE).date()

    # --- the head of the page ---

    @property
    def title(self) -> str:
        return words.week(self.first)

    @property
    def number(self) -> int:
        return self.first.isocalendar().week

    @property
    def before(self) -> str:
        return (self.first - planned.WEEK).isoformat()

    @property
    def after(self) -> str:
        return (self.first + planned.WEEK).isoformat()

    @property
    def is_present(self) -> bool:
        return self.first <= self.today <= self.last

    @cached_property
    def legend(self) -> list[str]:
        return [f"{say.pick(kind)} {words.hours_of(kind)}" for kind in self.house.kinds.values()]

    @cached_property
    def heads(self) -> list[Head]:
        chosen = self.today if self.is_present else self.first
        return [
            Head(
                day=day,
                label=words.day(day),
                special=words.special(self.house.days[day]),
                is_today=day == self.today,
                is_off=not self.house.days[day].is_worked,
                is_chosen=day == chosen,
            )
            for day in self.days
        ]

    @cached_property
    def warnings(self) -> list[str]:
        return words.missing_years(workdays.unknown_years(self.house.days.values()))

    @cached_property
    def office(self) -> rows.Office:
        return rows.office(self.site.pk, self.first)

    @cached_property
    def edition(self) -> str:
        found = self.office.edition
        if found is None:
            return _("未发布")
        at = f"{words.date_words(found.at.date())} {words.clock(found.at)}"
        said = _("第 %(number)d 版，%(who)s %(at)s 发布") % {"number": found.number, "who": found.by_name, "at": at}
        since = _("之后改动 %d 处") % found.changed
        return f"{said} · {since}" if found.changed else said

    @property
    def may_plan(self) -> bool:
        return rights.is_allowed(self.user, rights.ROSTER, self.site.pk)

    @property
    def may_ask(self) -> bool:
        return self.may_plan or rights.is_allowed(self.user, rights.WORK, self.site.pk)

    # --- what is wrong ---

    @cached_property
    def gaps(self) -> list[coverage.Gap]:
        """Those that can still be filled: a gap of the past is history."""
        work = [row.work for row in self.shifts]
        found = coverage.gaps(self.house.turns(self.days), work, self.house.away)
        return [gap for gap in found if gap.ends_at > self.now]

    @cached_property
    def strains(self) -> list[coverage.Strain]:
        """Those of this week that are not over."""
        until = planned.midnight(self.first + planned.WEEK)
        found = coverage.strains(row.work for row in self.shifts)
        return [one for one in found if self.now < one.second.ends_at and one.second.starts_at < until]

    @cached_property
    def troubled(self) -> dict[int, coverage.Trouble]:
        """Shift -> the worst that is wrong with it."""
        found: dict[int, coverage.Trouble] = {}
        for one in self.strains:
            for work in (one.first, one.second):
                found.setdefault(work.id, one.kind)
        return found

    @cached_property
    def panels(self) -> "marks.Panels":
        return marks.Panels(self)

    # --- the grid ---

    @cached_property
    def by_cell(self) -> dict[tuple[int, bool, date], list[Row]]:
        found: dict[tuple[int, bool, date], list[Row]] = defaultdict(list)
        for row in self.shifts:
            if self.first <= row.day <= self.last:
                found[row.post_id, row.standby, row.day].append(row)
        return found

    @cached_property
    def lines(self) -> list[Line]:
        """Posts on duty; none where only standby is asked for."""
        return [] if self.show == STANDBY else self._lines(standby=False)

    @cached_property
    def standby_lines(self) -> list[Line]:
        return [] if self.show == DUTY else self._lines(standby=True)

    @cached_property
    def paper(self) -> list[Part]:
        """The same, part by part, for print; what is empty is left out."""
        parts = [Part("", self.lines), Part(_("应急备班"), self.standby_lines)]
        return [part for part in parts if part.lines]

    def _lines(self, *, standby: bool) -> list[Line]:
        wanted = {post for post, on_call, _day in self.by_cell if on_call == standby}
        wanted |= {need.post_id for need in self.house.needs if need.kind.standby == standby}
        return [self._line(post, standby) for post in self.house.posts.values() if post.pk in wanted]

    def _line(self, post: Post, standby: bool) -> Line:
        cells = tuple(self._cell(post, standby, head) for head in self.heads)
        note = _("备班，保持可达") if standby else self._note(post)
        return Line(post, say.pick(post), note, cells)

    def _note(self, post: Post) -> str:
        """24 小时, or the kinds of shift that are needed; with the number of people where it is more than one."""
        needs = [need for need in self.house.needs if need.post_id == post.pk and not need.kind.standby]
        if not needs:
            return ""
        spans = [planned.span(need.kind, self.first) for need in needs]
        whole = sum((ends - starts for starts, ends in spans), timedelta()) >= planned.DAY
        said = _("24 小时") if whole else words.listed(words.kind_long(need.kind) for need in needs)
        most = max(need.count for need in needs)
        many = _("每班 %d 人") % most
        return f"{said} · {many}" if most > 1 else said

    @cached_property
    def _lacking(self) -> dict[tuple[int, bool, date], list[coverage.Gap]]:
        found: dict[tuple[int, bool, date], list[coverage.Gap]] = defaultdict(list)
        for gap in self.gaps:
            found[gap.turn.post, gap.turn.standby, gap.turn.day].append(gap)
        return found

    def _cell(self, post: Post, standby: bool, head: Head) -> Cell:
        key = (post.pk, standby, head.day)
        own = self.by_cell.get(key, [])
        many = {kind for kind, count in Counter(row.kind_id for row in own).items() if count >= FOLDED_FROM}
        found = [(row.starts_at, Entry(chip=self.chip(row))) for row in own if row.kind_id not in many]
        for kind in many:
            crowd = [row for row in own if row.kind_id == kind]
            found.append((crowd[0].starts_at, Entry(fold=self._fold(head, kind, crowd))))
        found += [(gap.starts_at, Entry(lack=self._lack(gap))) for gap in self._lacking.get(key, [])]
        found.sort(key=lambda pair: pair[0])
        return Cell(head, post.pk, tuple(entry for _starts_at, entry in found))

    def _fold(self, head: Head, kind_id: int | None, own: Sequence[Row]) -> Fold:
        few = len(own) <= MOST_NAMED and len(self.shifts) <= MOST_SENT
        return Fold(
            key=f"{own[0].post_id}-{head.day:%m%d}-{kind_id or 0}-{int(own[0].standby)}",
            kind=words.kind(self.kind(kind_id)),
            count=len(own),
            is_now=any(self._is_now(row) for row in own),
            has_trouble=any(self.troubled.get(row.id) == coverage.Trouble.DOUBLE for row in own),
            chips=tuple(self.chip(row) for row in own) if few else (),
            kind_id=kind_id,
        )

    def kind(self, kind_id: int | None) -> ShiftKind | None:
        return None if kind_id is None else self.house.kinds.get(kind_id)

    def chip(self, row: Row) -> Chip:
        """One shift as the grid shows it."""
        kind = self.kind(row.kind_id)
        usual = kind is not None and planned.span(kind, row.day) == (row.starts_at, row.ends_at)
        trouble = self.troubled.get(row.id)
        away = self.absent.during(row.person_id, row.starts_at, row.ends_at)
        return Chip(
            row=row,
            kind=words.kind(kind),
            name=row.name,
            is_now=self._is_now(row),
            time="" if usual else words.span(row.starts_at, row.ends_at),
            away=_("离岗") if away else "",
            is_away=any(one.starts_at <= row.starts_at and one.ends_at >= row.ends_at for one in away),
            trouble=words.trouble(trouble) if trouble in (coverage.Trouble.DOUBLE, coverage.Trouble.STANDBY) else "",
            is_asked=row.id in self.office.swaps,
        )

    def _is_now(self, row: Row) -> bool:
        if row.standby or not row.starts_at <= self.now < row.ends_at:
            return False
        return not self.absent.during(row.person_id, self.now, self.now + timedelta(seconds=1))

    @cached_property
    def absent(self) -> coverage.Leave:
        return coverage.Leave.of(self.house.away)

    def _lack(self, gap: coverage.Gap) -> Lack:
        kind = self.kind(gap.turn.kind)
        if gap.is_partial:
            said = _("%s 缺岗") % words.span(gap.starts_at, gap.ends_at)
        elif gap.turn.needed > 1:
            said = _("缺 %d 人") % gap.missing
        else:
            said = _("缺岗")
        return Lack(words.kind(kind), said, gap.turn.kind, gap.starts_at, gap.ends_at)


def monday(text: str, now: datetime) -> date:
    """The Monday of the week in which that day lies; of the present one where the text is no day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = now.astimezone(planned.ZONE).date()
    if not 2000 <= day.year < 2100:
        day = now.astimezone(planned.ZONE).date()
    return day - timedelta(days=day.weekday())
