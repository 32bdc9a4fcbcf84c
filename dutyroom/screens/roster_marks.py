"""The panels beside the grid: gaps with who could fill them, double bookings, hours, leave, swaps that wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from dutyroom import reach, records
from dutyroom.screens import roster_rows as rows
from dutyroom.screens import roster_words as words
from incident.screens import room_words as say
from staffing import coverage, hours, planned, rights
from staffing.house import Row
from staffing.models import Absence

if TYPE_CHECKING:
    from dutyroom.screens.roster import Week

MOST_GAPS, MOST_PICKS, MOST_LINES = 6, 2, 5


@dataclass(frozen=True, slots=True)
class Pick:
    """Somebody who could fill a gap; `said`: what speaks for and against."""

    person_id: int
    name: str
    said: str
    is_sound: bool


@dataclass(frozen=True, slots=True)
class GapLine:
    """One gap with its suggestions."""

    title: str
    when: str
    why: str
    day: str
    post_id: int
    kind_id: int
    starts_at: datetime
    ends_at: datetime
    standby: bool
    picks: tuple[Pick, ...]

    @property
    def key(self) -> str:
        return f"{self.post_id}-{self.kind_id}-{self.starts_at:%m%d%H%M}"


@dataclass(frozen=True, slots=True)
class StrainLine:
    """Two shifts of one person that do not go together."""

    name: str
    what: str
    where: str
    shift_id: int
    is_double: bool


@dataclass(frozen=True, slots=True)
class HoursLine:
    """Somebody who is planned beyond the usual hours."""

    name: str
    week: str
    over: str
    month: str
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeaveLine:
    """Somebody away in this week."""

    id: int
    name: str
    what: str
    when: str
    note: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class SwapLine:
    """A swap that waits."""

    id: int
    what: str
    whom: str
    reason: str
    by: str
    may_decide: bool
    may_withdraw: bool


class Panels:
    """What stands beside the grid, each part made when the page asks for it."""

    def __init__(self, week: "Week") -> None:
        self.week = week

    # --- gaps ---

    @cached_property
    def gaps(self) -> list[GapLine]:
        """The first gaps with suggestions. Two queries, none where nothing lacks or the reader does not plan."""
        shown = self.week.gaps[:MOST_GAPS]
        if not shown:
            return []
        able, known = {}, {}
        if self.week.may_plan:
            able = rows.able({gap.turn.post for gap in shown}, self.week.now)
            known = records.of_site(self.week.site.pk, self.week.now)
        return [self._gap(gap, able.get(gap.turn.post, []), known) for gap in shown]

    @property
    def more_gaps(self) -> int:
        return max(len(self.week.gaps) - MOST_GAPS, 0)

    def _gap(self, gap: coverage.Gap, able: Iterable[rows.Able], known: dict[int, records.Record]) -> GapLine:
        turn = gap.turn
        post, kind = self.week.house.posts[turn.post], self.week.kind(turn.kind)
        day = _("今天") if turn.day == self.week.today else words.day(turn.day)
        return GapLine(
            title=words.sentence(f"{day} {words.kind_long(kind)} {say.pick(post)}"),
            when=words.left(gap, self.week.now),
            why=self._why(gap),
            day=turn.day.isoformat(),
            post_id=turn.post,
            kind_id=turn.kind,
            starts_at=gap.starts_at,
            ends_at=gap.ends_at,
            standby=turn.standby,
            picks=self._picks(gap, list(able), known),
        )

    def _why(self, gap: coverage.Gap) -> str:
        away = [self._names.get(person, "") for person in gap.away]
        if away:
            return _("%s 离岗") % words.listed(filter(None, away))
        if gap.turn.needed > 1:
            return _("需 %(needed)d 人，缺 %(missing)d 人") % {"needed": gap.turn.needed, "missing": gap.missing}
        return "" if gap.is_partial else _("无人排班")

    def _picks(self, gap: coverage.Gap, able: list[rows.Able], known: dict[int, records.Record]) -> tuple[Pick, ...]:
        local = self.week.now.astimezone(planned.ZONE).time()
        candidates = [
            hours.Candidate(
                person=one.person_id,
                week=self._week_hours(one.person_id),
                is_reachable=any(way.is_open(local) for way in one.ways)
                and reach.state(known.get(one.person_id, records.NOTHING).events, self.week.now) != "lost",
                is_away=bool(self.week.absent.during(one.person_id, gap.starts_at, gap.ends_at)),
                busy=tuple(row for row in self._by_person.get(one.person_id, ()) if not row.standby),
                nearness=one.nearness,
            )
            for one in able
        ]
        names = {one.person_id: one.name for one in able}
        best = hours.suggest(gap.starts_at, gap.ends_at, candidates)[:MOST_PICKS]
        return tuple(self._pick(one, names[one.person]) for one in best)

    def _pick(self, one: hours.Suggestion, name: str) -> Pick:
        said = [
            *words.doubts(doubt for doubt in one.doubts if doubt != hours.Doubt.OVER_WEEK),
            _("本周 %s") % words.hours(one.week),
        ]
        if hours.Doubt.UNREACHABLE not in one.doubts:
            said.insert(0, _("可达"))
        return Pick(one.person, name, words.clauses(said), is_sound=not one.doubts)

    @cached_property
    def _by_person(self) -> dict[int, list[Row]]:
        return rows.by_person(self.week.shifts)

    @cached_property
    def _names(self) -> dict[int, str]:
        found = {row.person_id: row.name for row in self.week.shifts}
        return found | {one.person_id: one.name for one in self.week.house.leave}

    def _week_hours(self, person_id: int) -> timedelta:
        own = [row for row in self._by_person.get(person_id, ()) if not row.standby]
        days = hours.by_day(own, planned.ZONE)
        return sum((length for day, length in days.items() if day in self.week.days), hours.NONE)

    # --- strains and hours ---

    @cached_property
    def _strained(self) -> list[list[coverage.Strain]]:
        """One list for each person and what is wrong, worst kinds first."""
        found: dict[tuple[coverage.Trouble, int], list[coverage.Strain]] = {}
        for one in self.week.strains:
            found.setdefault((one.kind, one.person), []).append(one)
        return list(found.values())

    @cached_property
    def strains(self) -> list[StrainLine]:
        return [self._strain(same) for same in self._strained[:MOST_LINES]]

    @property
    def strained(self) -> int:
        return len(self._strained)

    @property
    def more_strains(self) -> int:
        return max(len(self._strained) - MOST_LINES, 0)

    def _strain(self, same: list[coverage.Strain]) -> StrainLine:
        one, posts = same[0], self.week.house.posts
        said = []
        for work in (one.first, one.second):
            day = words.day(work.starts_at.astimezone(planned.ZONE).date())
            post = say.pick(posts[work.post]) if one.first.post != one.second.post and work.post in posts else ""
            said.append(f"{day} {words.span(work.starts_at, work.ends_at)} {post}".strip())
        what = words.trouble(one.kind)
        return StrainLine(
            name=self._names.get(one.person, ""),
            what=what if len(same) == 1 else _("%(what)s %(count)d 次") % {"what": what, "count": len(same)},
            where=" → ".join(said),
            shift_id=one.second.id,
            is_double=one.kind == coverage.Trouble.DOUBLE,
        )

    @cached_property
    def _over(self) -> list[tuple[int, hours.Tally]]:
        """Who is planned for more than 40 hours this week or too long on a day, most overtime first."""
        found = []
        for person_id, own in self._by_person.items():
            tally = hours.tally((row for row in own if not row.standby), day=self.week.first, zone=planned.ZONE)
            if tally.over_week > hours.NONE:
                found.append((person_id, tally))
        return sorted(found, key=lambda pair: (-pair[1].over_week, pair[0]))

    @property
    def more_hours(self) -> int:
        return max(len(self._over) - MOST_LINES, 0)

    @cached_property
    def hours(self) -> list[HoursLine]:
        """The first of them with their month. One query, none where nobody is."""
        shown = self._over[:MOST_LINES]
        if not shown:
            return []
        month = rows.month([person for person, _tally in shown], self.week.first)
        return [self._hours(person_id, month.get(person_id, [])) for person_id, _tally in shown]

    def _hours(self, person_id: int, own: list[Row]) -> HoursLine:
        tally = hours.tally(own, day=self.week.first, zone=planned.ZONE)
        return HoursLine(
            name=self._names.get(person_id, ""),
            week=words.hours(tally.week),
            over=words.hours(tally.over_week),
            month=words.hours(tally.over_month),
            limits=tuple(words.limit(one) for one in tally.passed),
        )

    # --- leave and swaps ---

    @cached_property
    def leave(self) -> list[LeaveLine]:
        since, until = planned.midnight(self.week.first), planned.midnight(self.week.first + planned.WEEK)
        reasons = dict(Absence.Reason.choices)
        return [
            LeaveLine(
                id=one.id,
                name=one.name,
                what=str(reasons.get(one.reason, one.reason)),
                when=_from_to(one.starts_at, one.ends_at),
                note=one.note,
                is_over=one.ends_at <= self.week.now,
            )
            for one in self.week.house.leave
            if one.starts_at < until and one.ends_at > since
        ]

    @cached_property
    def swaps(self) -> list[SwapLine]:
        by_id = {row.id: row for row in self.week.shifts}
        asked = [(by_id[one.shift_id], one) for one in self.week.office.swaps.values() if one.shift_id in by_id]
        return [self._swap(row, one, by_id) for row, one in sorted(asked, key=lambda pair: pair[0].starts_at)]

    def _swap(self, row: Row, one: rows.Asked, by_id: dict[int, Row]) -> SwapLine:
        user, site = self.week.user, self.week.site
        concerned = (one.asked_by_id, one.owner_id)
        back = by_id.get(one.back_id or 0)
        whom = _("%(name)s → %(taker)s") % {"name": row.name, "taker": one.to_name}
        return SwapLine(
            id=one.id,
            what=self._shift(row),
            whom=words.clauses([whom, _("换回 %s") % self._shift(back)]) if back else whom,
            reason=one.reason,
            by=one.asked_by,
            may_decide=user.pk not in (*concerned, one.taker_id) and rights.is_allowed(user, rights.ROSTER, site.pk),
            may_withdraw=user.pk in concerned,
        )

    def _shift(self, row: Row) -> str:
        post = self.week.house.posts.get(row.post_id)
        return f"{words.day(row.day)} {words.kind_long(self.week.kind(row.kind_id))} {say.pick(post) if post else ''}"


def _from_to(starts_at: datetime, ends_at: datetime) -> str:
    """12-15 08:00 – 12-17 08:00; whole days as days."""
    starts, ends = starts_at.astimezone(planned.ZONE), ends_at.astimezone(planned.ZONE)
    if starts.time() == ends.time() == datetime.min.time():
        last = ends.date() - planned.DAY
        first = words.date_words(starts.date())
        return first if last == starts.date() else f"{first} – {words.date_words(last)}"
    return f"{starts:%m-%d %H:%M} – {ends:%m-%d %H:%M}"
