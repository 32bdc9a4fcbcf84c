"""Tests of contacts as they run: who has answered, who may still, whom somebody has to dial."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.utils.translation import gettext as _

from dutyroom import checks
from dutyroom.models import ContactCheck
from notices.models import Notice
from staffing import masks
from staffing.models import Site

SHOWN_FOR = timedelta(hours=2)  # after the window
MOST_RUNS = 3

Stand = Literal["to_dial", "waiting", "missed", "answered"]
ORDER: tuple[Stand, ...] = ("to_dial", "waiting", "missed", "answered")


@dataclass(frozen=True, slots=True)
class Line:
    """One contact under test. `by_hand`: somebody dials it and writes down how it ended."""

    id: int
    person_id: int
    person: str
    channel: str
    address: str
    stand: Stand
    words: str
    at: datetime | None

    @property
    def mark(self) -> str:
        return {"to_dial": "open", "waiting": "late", "missed": "lost", "answered": ""}[self.stand]


@dataclass(frozen=True, slots=True)
class Run:
    """What was started with one press."""

    asked_at: datetime
    asked_by: str
    due_at: datetime
    is_running: bool
    lines: tuple[Line, ...]

    def count(self, stand: Stand) -> int:
        return sum(line.stand == stand for line in self.lines)

    @property
    def counts(self) -> list[tuple[str, int]]:
        words: dict[Stand, str] = {
            "answered": _("已应答"), "waiting": _("等待确认"), "to_dial": _("待拨打"), "missed": _("无应答"),
        }  # fmt: skip
        return [(words[stand], self.count(stand)) for stand in ("answered", "waiting", "to_dial", "missed")]


@dataclass(frozen=True, slots=True)
class Tests:
    """The newest runs; `is_running`: the page asks again."""

    runs: tuple[Run, ...]

    @property
    def is_running(self) -> bool:
        return any(run.is_running for run in self.runs)


def build(site: Site, now: datetime) -> Tests:
    """One query."""
    found = ContactCheck.objects.filter(contact__person__site=site, due_at__gt=now - SHOWN_FOR)
    by_press: dict[tuple[datetime, int | None], list[ContactCheck]] = {}
    for check in found.select_related("contact__person", "notice", "asked_by").order_by("-asked_at", "pk"):
        by_press.setdefault((check.asked_at, check.asked_by_id), []).append(check)
    return Tests(tuple(_run(rows, now) for rows in list(by_press.values())[:MOST_RUNS]))


def _run(rows: Sequence[ContactCheck], now: datetime) -> Run:
    first = rows[0]
    lines = sorted((_line(check, now) for check in rows), key=lambda line: (ORDER.index(line.stand), line.person))
    return Run(
        asked_at=first.asked_at,
        asked_by=str(first.asked_by or ""),
        due_at=first.due_at,
        is_running=first.due_at > now and any(line.stand in ("waiting", "to_dial") for line in lines),
        lines=tuple(lines),
    )


def _line(check: ContactCheck, now: datetime) -> Line:
    stand, words, at = _stand(check, now)
    contact = check.contact
    return Line(
        id=check.pk,
        person_id=contact.person_id,
        person=contact.person.name,
        channel=str(contact.get_channel_display()),
        address=masks.contact(contact.address),
        stand=stand,
        words=words,
        at=at,
    )


def _stand(check: ContactCheck, now: datetime) -> tuple[Stand, str, datetime | None]:
    """How one contact stands, in words, and since when."""
    if check.contact.channel in checks.BY_HAND:
        if check.result == ContactCheck.Result.ANSWERED:
            return "answered", _("接通"), check.result_at
        if check.result == ContactCheck.Result.MISSED:
            return "missed", _("未接通"), check.result_at
        return "to_dial", _("待拨打") if check.due_at > now else _("没有拨打"), None
    notice = check.notice
    if notice is not None and notice.state == Notice.State.ACKNOWLEDGED:
        if notice.acknowledged_at is not None and notice.acknowledged_at <= check.due_at:
            return "answered", _("已确认"), notice.acknowledged_at
        return "missed", _("过时才确认"), notice.acknowledged_at
    if check.due_at <= now:
        return "missed", _("时限内未确认"), check.due_at
    if notice is not None and notice.state == Notice.State.EXHAUSTED:
        return "missed", _("没有送达"), None
    return "waiting", _("等待确认"), None
