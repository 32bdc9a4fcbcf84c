"""The live incidents of some sites, and what the top bar of every page says about them."""

from collections import Counter
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from incident.audience import Audience
from incident.models import Duty, Incident
from incident.models.incident import OPEN_STATES, Mode
from incident.screens import room_words as say
from incident.screens import strips
from notices.models import Notice

LISTED = timedelta(minutes=15)
COLOURS = ("red", "orange", "yellow", "blue", "none")  # the gravest first
_NEVER = timedelta(days=36500)


class TopBar:
    """For pages that show no strips: three small queries over real incidents."""

    def __init__(self, sites: tuple[int, ...], now: datetime) -> None:
        self.sites, self.now = sites, now

    @cached_property
    def open_count(self) -> int:
        return Incident.objects.live().filter(mode=Mode.REAL, site_id__in=self.sites).count()

    @cached_property
    def overdue_count(self) -> int:
        return self._duties().filter(plan_due_at__lt=self.now).count()

    @cached_property
    def nearest(self) -> strips.Deadline | None:
        """The next deadline to come; those already past are in `overdue_count`."""
        armed = self._duties().filter(due_at__gte=self.now).select_related("incident")
        duty = armed.order_by("due_at", "id").first()
        if duty is None or duty.plan_due_at is None:
            return None
        return strips.deadline(duty.incident, duty.rule, duty.plan_due_at, duty.due_kind, duty.holder, self.now)

    def _duties(self) -> QuerySet[Duty]:
        return _with_deadline(self.sites).filter(incident__mode=Mode.REAL)


class Board:
    """Every live incident of the sites, from two queries, whatever their number; the top bar comes out of them too."""

    def __init__(self, sites: tuple[int, ...], now: datetime) -> None:
        self.sites, self.now = sites, now

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
    def overdue(self) -> list[strips.Deadline]:
        """Past and still open, longest first."""
        return [deadline for deadline in self._real if deadline.due_at < self.now]

    @cached_property
    def overdue_count(self) -> int:
        return len(self.overdue)

    @cached_property
    def nearest(self) -> strips.Deadline | None:
        return next((deadline for deadline in self._real if deadline.due_at >= self.now), None)

    @cached_property
    def due(self) -> list[strips.Deadline]:
        """Overdue, or due within a quarter of an hour."""
        return [deadline for deadline in self._real if deadline.due_at <= self.now + LISTED]

    @cached_property
    def colours(self) -> list[tuple[str, str, int]]:
        """(colour, its word, how many real incidents), the gravest first; colours that nobody has are left out."""
        counted = Counter(row.strip.colour for row in self.rows)
        return [(key, say.colour(key), counted[key]) for key in COLOURS if counted[key]]

    @cached_property
    def _incidents(self) -> list[Incident]:
        duties = Duty.objects.exclude(kind="prohibition").exclude(state=Duty.State.WAIVED)
        notices = Notice.objects.filter(wants_answer=True).exclude(state=Notice.State.CANCELLED)
        return list(
            Incident.objects.live()
            .filter(site_id__in=self.sites)
            .select_related("site", "lead")
            .annotate(
                duties_total=_count(duties),
                duties_done=_count(duties.filter(state=Duty.State.DONE)),
                told_total=_count(notices),
                told_lost=_count(notices.filter(state=Notice.State.EXHAUSTED)),
                told_answered=_count(notices.filter(state=Notice.State.ACKNOWLEDGED)),
            )
        )

    @cached_property
    def _deadlines(self) -> list[strips.Deadline]:
        by_id = {incident.pk: incident for incident in self._incidents}
        rows = _with_deadline(self.sites).values_list("incident_id", "rule", "plan_due_at", "due_kind", "holder")
        found = [
            strips.deadline(by_id[incident_id], rule, due_at, kind, holder, self.now)
            for incident_id, rule, due_at, kind, holder in rows
            if incident_id in by_id and due_at is not None
        ]
        return sorted(found, key=lambda deadline: (deadline.due_at, deadline.incident_id, deadline.words))

    @cached_property
    def _real(self) -> list[strips.Deadline]:
        return [deadline for deadline in self._deadlines if deadline.mode == Mode.REAL]

    @cached_property
    def _rows(self) -> list[strips.Row]:
        first: dict[int, strips.Deadline] = {}
        for deadline in self._deadlines:
            first.setdefault(deadline.incident_id, deadline)
        rows = [strips.row(incident, first.get(incident.pk), self.now) for incident in self._incidents]
        never = self.now + _NEVER
        return sorted(rows, key=lambda row: (row.due_at or never, -row.rank, row.strip.number))


def _with_deadline(sites: tuple[int, ...]) -> QuerySet[Duty]:
    return Duty.objects.filter(
        state=Duty.State.OPEN,
        plan_due_at__isnull=False,
        incident__site_id__in=sites,
        incident__state__in=OPEN_STATES,
    )


def _count(rows: QuerySet[Any]) -> Coalesce:
    mine = rows.filter(incident=OuterRef("pk")).order_by().values("incident").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(mine, output_field=IntegerField()), 0)


def build(audience: Audience, now: datetime) -> TopBar:
    """The top bar of a page without strips."""
    return TopBar(audience.sites, now)
