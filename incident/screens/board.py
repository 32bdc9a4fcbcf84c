"""The live incidents of some sites, and what the top bar of every page says about them."""

from collections import Counter
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, Func, IntegerField, OuterRef, Q, QuerySet, Subquery

from incident.audience import Audience
from incident.models import Duty, Incident
from incident.models.incident import OPEN_STATES, RUNNING_STATES, Mode
from incident.screens import room_words as say
from incident.screens import strips
from notices.models import Notice
from playbooks import library

LISTED = timedelta(minutes=15)
LISTED_MOST = 12
COLOURS = ("red", "orange", "yellow", "blue", "none")  # the gravest first
NEAREST = (
    "rule", "plan_due_at", "due_kind", "holder", "incident__number", "incident__mode", "incident__title",
    "incident__playbook_id", "incident__site_id", "incident__clock_shift",
)  # fmt: skip
_NEVER = timedelta(days=36500)


# What a strip needs; the rest of a row is left where it is.
COLUMNS = (
    "number", "mode", "state", "title", "place", "playbook_id", "clock_shift", "reported_at", "reassess_at", "level",
    "level_rank", "level_colour", "site__zh", "site__en", "lead__name", "lead__username",
)  # fmt: skip


class _Due(NamedTuple):
    """A deadline as it is in the table; `at` is on the wall."""

    at: datetime
    incident_id: int
    rule: str
    plan_due_at: datetime
    kind: str
    holder: str


class TopBar:
    """For pages that show no strips: three small queries over real incidents."""

    def __init__(self, sites: tuple[int, ...], now: datetime, cleared: tuple[int, ...] = ()) -> None:
        self.sites, self.now, self.cleared = sites, now, cleared

    @cached_property
    def open_count(self) -> int:
        return Incident.objects.live().filter(heard(self), mode=Mode.REAL, site_id__in=self.sites).count()

    @cached_property
    def overdue_count(self) -> int:
        return self._duties().filter(plan_due_at__lt=self.now, due_kind=Duty.DueKind.PLAN).count()

    @cached_property
    def nearest(self) -> strips.Deadline | None:
        """The next deadline to come; those already past are in `overdue_count`."""
        armed = self._duties().filter(due_at__gte=self.now).select_related("incident").only(*NEAREST)
        duty = armed.order_by("due_at", "id").first()
        if duty is None or duty.plan_due_at is None:
            return None
        cleared = duty.incident.site_id in self.cleared
        return strips.deadline(
            duty.incident, duty.rule, duty.plan_due_at, duty.due_kind, duty.holder, self.now, cleared=cleared
        )

    def _duties(self) -> QuerySet[Duty]:
        return _with_deadline(self.sites).filter(heard(self, "incident__"), incident__mode=Mode.REAL)


class Board:
    """Every live incident of the sites, from two queries, whatever their number; the top bar comes out of them too."""

    def __init__(self, sites: tuple[int, ...], now: datetime, cleared: tuple[int, ...] = ()) -> None:
        self.sites, self.now, self.cleared = sites, now, cleared

    @cached_property
    def rows(self) -> list[strips.Row]:
        """Real incidents, overdue first, then by the nearest deadline, then the gravest."""
        return [row for row in self._rows if row.strip.mode == Mode.REAL]

    @cached_property
    def exercises(self) -> list[strips.Row]:
        """Exercises and drills: shown apart, outside every count."""
        return [row for row in self._rows if row.strip.mode != Mode.REAL]

    @cached_property
    def open_count(self) -> int:
        return len(self.rows)

    @cached_property
    def overdue(self) -> list[_Due]:
        """Deadlines of a plan that are past and still open, longest first; a passed target is no breach."""
        return [due for due in self._real if due.at < self.now and due.kind == Duty.DueKind.PLAN]

    @cached_property
    def overdue_count(self) -> int:
        return len(self.overdue)

    @cached_property
    def longest_overdue(self) -> strips.Deadline | None:
        return self._said(self.overdue[0]) if self.overdue else None

    @cached_property
    def nearest(self) -> strips.Deadline | None:
        """The next deadline to come."""
        due = next((due for due in self._real if due.at >= self.now), None)
        return self._said(due) if due else None

    @cached_property
    def due_count(self) -> int:
        """Overdue, or due within a quarter of an hour."""
        return sum(1 for due in self._real if due.at <= self.now + LISTED)

    @cached_property
    def due(self) -> list[strips.Deadline]:
        """The most urgent of those."""
        return [self._said(due) for due in self._real[: min(self.due_count, LISTED_MOST)]]

    @cached_property
    def colours(self) -> list[tuple[str, str, int]]:
        """(colour, its word, how many real incidents), the gravest first; colours that nobody has are left out."""
        counted = Counter(row.strip.colour for row in self.rows)
        return [(key, say.colour(key), counted[key]) for key in COLOURS if counted[key]]

    @property
    def in_progress(self) -> list[Incident]:
        """Real incidents whose levels still move, oldest first."""
        real = [incident for incident in self._incidents.values() if incident.mode == Mode.REAL]
        return sorted((one for one in real if one.state in RUNNING_STATES), key=lambda incident: incident.pk)

    def running(self, site_id: int, playbook_key: str) -> Incident | None:
        """The newest of those that runs the playbook at the site, in whatever version."""
        here = [incident for incident in self.in_progress if incident.site_id == site_id]
        found = [one for one in here if library.playbook(one.playbook_id).key == playbook_key]
        return found[-1] if found else None

    @cached_property
    def _incidents(self) -> dict[int, Incident]:
        duties = Duty.objects.exclude(kind="prohibition").exclude(state=Duty.State.WAIVED)
        notices = Notice.objects.filter(wants_answer=True).exclude(state=Notice.State.CANCELLED)
        found = (
            Incident.objects.live()
            .filter(heard(self), site_id__in=self.sites)
            .select_related("site", "lead")
            .only(*COLUMNS)
            .annotate(
                duty_counts=_counts(duties, Q(state=Duty.State.DONE)),
                told_counts=_counts(notices, Q(state=Notice.State.ACKNOWLEDGED), Q(state=Notice.State.EXHAUSTED)),
            )
        )
        return {incident.pk: incident for incident in found}

    @cached_property
    def _dues(self) -> list[_Due]:
        rows = _with_deadline(self.sites).values_list("incident_id", "rule", "plan_due_at", "due_kind", "holder")
        found = [
            _Due(plan_due_at - self._incidents[incident_id].clock_shift, incident_id, rule, plan_due_at, kind, holder)
            for incident_id, rule, plan_due_at, kind, holder in rows
            if incident_id in self._incidents and plan_due_at is not None
        ]
        return sorted(found)

    @cached_property
    def _real(self) -> list[_Due]:
        return [due for due in self._dues if self._incidents[due.incident_id].mode == Mode.REAL]

    @cached_property
    def _rows(self) -> list[strips.Row]:
        first: dict[int, _Due] = {}
        for due in sorted(self._dues, key=self._is_passed_target):  # those only where nothing else counts down
            first.setdefault(due.incident_id, due)
        rows = [
            strips.row(incident, self._said(first[pk]) if pk in first else None, self.now)
            for pk, incident in self._incidents.items()
        ]
        never = self.now + _NEVER
        return sorted(rows, key=lambda row: (row.due_at or never, -row.rank, row.strip.number))

    def _is_passed_target(self, due: _Due) -> bool:
        return due.kind == Duty.DueKind.TARGET and due.at < self.now

    def _said(self, due: _Due) -> strips.Deadline:
        incident = self._incidents[due.incident_id]
        cleared = incident.site_id in self.cleared
        return strips.deadline(incident, due.rule, due.plan_due_at, due.kind, due.holder, self.now, cleared=cleared)


def heard(board: "TopBar | Board", path: str = "") -> Q:
    """Silent incidents are for hall staff of their site; nothing is asked of a viewer who is that everywhere."""
    if set(board.sites) <= set(board.cleared):
        return Q()
    return Q(**{f"{path}playbook__silent": False}) | Q(**{f"{path}site_id__in": board.cleared})


def _with_deadline(sites: tuple[int, ...]) -> QuerySet[Duty]:
    return Duty.objects.filter(
        state=Duty.State.OPEN,
        plan_due_at__isnull=False,
        incident__site_id__in=sites,
        incident__state__in=OPEN_STATES,
    )


def _counts(rows: QuerySet[Any], *conditions: Q) -> Subquery:
    """How many of the incident's rows meet each condition, and how many there are; null where there are none."""
    counted = Func(
        *(Count("pk", filter=condition) for condition in conditions),
        Count("pk"),
        template="ARRAY[%(expressions)s]",
        output_field=ArrayField(IntegerField()),
    )
    mine = rows.filter(incident=OuterRef("pk")).order_by().values("incident").annotate(found=counted)
    return Subquery(mine.values("found"), output_field=ArrayField(IntegerField()))


def build(audience: Audience, now: datetime) -> TopBar:
    """The top bar of a page without strips."""
    return TopBar(audience.sites, now, audience.cleared)
