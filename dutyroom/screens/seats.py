"""The page of a site's seats: the queue shown at length, its figures with their formulas, and its neighbours."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils.translation import gettext as _

from incident.screens.board import Board
from incident.screens.seat_history import Rate
from incident.screens.seats import Row, Seats
from staffing import service
from staffing.models import FeedToken, Site


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of the service with what it is of, its target and its formula."""

    words: str
    figure: service.Figure
    basis: str
    target: str = ""
    is_below: bool = False


class SeatPage:
    """One site's queues. `chosen`: the key asked for, or the fullest. Two queries where there is a queue, else one."""

    def __init__(self, site: Site, key: str, now: datetime) -> None:
        self.site, self.key, self.now = site, key, now
        self.seats = Seats(Board((site.pk,), now, (site.pk,)))

    @property
    def rows(self) -> list[Row]:
        """All queues, as they were made: the order of the tabs stays while they fill."""
        return sorted(self.seats.rows, key=lambda row: row.id)

    @cached_property
    def chosen(self) -> Row | None:
        asked = next((row for row in self.seats.rows if row.queue.key == self.key), None)
        return asked or self.seats.main

    @property
    def others(self) -> list[Row]:
        return [row for row in self.rows if row is not self.chosen]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The four measures of the chosen queue."""
        row = self.chosen
        if row is None:
            return ()
        queue, history = row.queue, row.history
        connected, in_time = history.connected, history.in_time
        return (
            _measure(_("接通率"), connected, queue.connect_target),
            _measure(_("%s 秒服务水平") % queue.answer_seconds, in_time, queue.answer_target),
            _measure(_("放弃率"), history.abandoned, None),
            Measure(_("占用率"), history.occupied, _("近 30 分钟平均")),
        )


def tokens(site: Site) -> list[FeedToken]:
    """The site's tokens, those in use first. One query."""
    found = FeedToken.objects.filter(site=site).select_related("made_by").order_by("-made_at")
    return sorted(found, key=lambda token: token.revoked_at is not None)


def _measure(words: str, rate: Rate, target: int | None) -> Measure:
    value = rate.figure.value
    return Measure(
        words=words,
        figure=rate.figure,
        basis=_basis(rate),
        target="" if target is None else _("目标 %s%%") % target,
        is_below=value is not None and target is not None and value < target,
    )


def _basis(rate: Rate) -> str:
    if rate.figure.value is None and not rate.figure.is_empty:
        return ""
    span = _("今日") if rate.is_day else _("近 %s 分钟") % rate.minutes
    if rate.figure.part is None:
        return span
    return f"{span} · {rate.figure.part} / {rate.figure.whole}"
