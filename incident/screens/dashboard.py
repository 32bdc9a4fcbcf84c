"""The dashboard: what is overdue, what comes next, how people were reached, and whether the console is well."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count, F, Q
from django.utils.timezone import localtime

from incident.audience import Audience, Page
from incident.models import Duty, Heartbeat
from incident.models.incident import Mode
from incident.screens import feed
from incident.screens.board import Board, heard
from incident.screens.coverage import Coverage
from incident.screens.seats import Seats
from incident.screens.tiers import Ladders
from notices import health

TICKER_LINES = 8
SWEEP_LATE = timedelta(seconds=10)  # the sweep runs each second; ten missed are news


@dataclass(frozen=True, slots=True)
class Met:
    """Deadlines of real incidents that fell due today: how many were kept."""

    kept: int
    total: int

    @property
    def percent(self) -> str:
        return f"{100 * self.kept / self.total:.1f}%" if self.total else ""


@dataclass(frozen=True, slots=True)
class Told:
    """Notices of live real incidents that want an answer, and those nobody has answered; `lost`: the ladder is out."""

    unanswered: int
    lost: int
    total: int


@dataclass(frozen=True, slots=True)
class Sweep:
    """When time was last looked at; `is_late` when deadlines may be going unnoticed."""

    at: datetime | None
    is_late: bool
    failed: int


class Dashboard:
    """What stands beside the strips; each part is at most one query, made when a region asks for it."""

    def __init__(self, board: Board) -> None:
        self.board, self.sites, self.now = board, board.sites, board.now

    @cached_property
    def met(self) -> Met:
        midnight = datetime.combine(localtime(self.now).date(), time(), tzinfo=localtime(self.now).tzinfo)
        due = Q(plan_due_at__gte=midnight, plan_due_at__lte=self.now)
        kept = Q(late_at__isnull=True, state=Duty.State.DONE, done_at__lte=F("plan_due_at"))
        found = (
            Duty.objects.filter(due, heard(self.board, "incident__"), incident__mode=Mode.REAL)
            .filter(incident__site_id__in=self.sites)
            .exclude(state=Duty.State.WAIVED)
            .aggregate(total=Count("pk"), kept=Count("pk", filter=kept))
        )
        return Met(kept=found["kept"], total=found["total"])

    @cached_property
    def told(self) -> Told:
        live = [row.strip for row in self.board.rows]
        total = sum(strip.told_total for strip in live)
        return Told(
            unanswered=total - sum(strip.told_answered for strip in live),
            lost=sum(strip.told_lost for strip in live),
            total=total,
        )

    @cached_property
    def sweep(self) -> Sweep:
        return sweep(self.now)

    @cached_property
    def channels(self) -> list[health.Channel]:
        return health.channels(now=self.now, site_ids=self.sites)

    @cached_property
    def is_failing(self) -> bool:
        """Some channel fails more often than it delivers."""
        return any(channel.is_failing for channel in self.channels)

    @cached_property
    def ticker(self) -> list[feed.Line]:
        return feed.latest(self.sites, limit=TICKER_LINES, cleared=self.board.cleared)


def sweep(now: datetime) -> Sweep:
    """How long ago the sweep ran. One query."""
    beat = Heartbeat.objects.filter(name="sweep").first()
    if beat is None:
        return Sweep(at=None, is_late=True, failed=0)
    return Sweep(at=beat.at, is_late=now - beat.at > SWEEP_LATE, failed=beat.failed)


def build(audience: Audience, now: datetime) -> dict[str, Any]:
    """The context of the dashboard, first paint and push."""
    board = Board(audience.sites, now, audience.cleared)
    seats = Seats(board)
    return {
        "board": board,
        "dashboard": Dashboard(board),
        "seats": seats,
        "ladders": Ladders(board),
        "coverage": Coverage(board),
        "coverage_region": PAGE.regions.get("live-coverage"),
        "page": "dashboard",
    }


PAGE = Page(
    name="dashboard",
    regions={
        "live-annunciator": "incident/dashboard/_annunciator.html",
        "live-strips": "incident/dashboard/_strips.html",
        "live-overdue-list": "incident/dashboard/_overdue_list.html",
        "live-saturation": "incident/dashboard/_saturation.html",
        "live-tier": "incident/dashboard/_tier.html",
        "live-delivery": "incident/dashboard/_delivery.html",
        "live-coverage": "incident/dashboard/_coverage.html",
        "live-ticker": "incident/dashboard/_ticker.html",
    },
    build=build,
)
