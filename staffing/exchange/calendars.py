"""Shifts as calendars (RFC 5545): one event a shift, times in the zone of the sites, no telephone numbers.

What a feed says is read as plain rows first: they tell whether anything changed since a reader came last, and only
then is the calendar written. The library writes its frame, its zone and every line of words; the other lines of an
event are of a fixed form, and written by it they would cost ten times as much.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.http import http_date
from django.utils.translation import gettext as _
from icalendar import Calendar, Timezone, vText
from icalendar.parser import Contentline, Parameters

from staffing.exchange import texts
from staffing.models import Absence, Person, Shift, Site

# How far a feed looks back and ahead, in days; the next pair where it would hold more than MOST events.
WINDOWS = ((30, 180), (14, 60), (7, 30), (2, 14), (1, 3))
MOST = 5_000
CANCELLED_FOR = timedelta(days=30)
REFRESH = timedelta(hours=1)
STAMP = "%Y%m%dT%H%M%S"
ZONE = ZoneInfo("Asia/Shanghai")
HOST = "console.invalid"  # of the UIDs: the same under whatever name the console is reached


class Row(NamedTuple):
    """One event as plain values; `words` is the summary, in the language of the feed."""

    uid: str
    words: str
    starts_at: datetime
    ends_at: datetime
    sequence: int
    changed_at: datetime
    is_gone: bool
    is_away: bool


class Planned(NamedTuple):
    """A shift as it is read: thousands of them for a site."""

    uid: UUID
    starts_at: datetime
    ends_at: datetime
    sequence: int
    changed_at: datetime
    removed_at: datetime | None
    is_override: bool
    standby: bool
    kind_zh: str | None
    kind_en: str | None
    post_zh: str
    post_en: str
    person: str


COLUMNS = (*Planned._fields[:8], "kind__zh", "kind__en", "post__zh", "post__en", "person__name")


@dataclass(frozen=True)
class Feed:
    """A calendar that can be written, and what tells it from the one before."""

    name: str
    place: str
    rows: Sequence[Row]
    modified_at: datetime  # by the hour: leave keeps no time of its change

    @property
    def etag(self) -> str:
        """Changes exactly when the calendar would."""
        return hashlib.sha256(repr((self.name, self.place, self.rows)).encode()).hexdigest()[:32]

    @property
    def last_modified(self) -> str:
        """As HTTP writes it."""
        return http_date(self.modified_at.timestamp())

    def write(self) -> bytes:
        """The calendar, folded at 75 octets."""
        calendar = Calendar()
        calendar.add("prodid", "-//Incident command console//Rosters//ZH")
        calendar.add("version", "2.0")
        calendar.add("calscale", "GREGORIAN")
        calendar.add("method", "PUBLISH")
        for name in ("name", "x-wr-calname"):
            calendar.add(name, self.name)
        calendar.add("x-wr-timezone", ZONE.key)
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
        calendar.add_component(_zone())
        head, end, _rest = bytes(calendar.to_ical()).rpartition(b"END:VCALENDAR")
        place, words = _line("LOCATION", self.place), dict[str, bytes]()
        return b"".join((head, *(_event(row, place, words) for row in self.rows), end, b"\r\n"))


def of_person(person: Person, now: datetime, language: str) -> Feed:
    """The shifts and the leave of one person. Four queries at most."""
    with translation.override(language):
        shifts, away = Q(person=person), Q(person=person)
        rows = _rows(shifts, away, now, named=False)
        return _feed(_("%(name)s的班次") % {"name": person.name}, person.site, rows, now)


def of_site(site: Site, now: datetime, language: str) -> Feed:
    """The shifts and the leave of everybody at a site; why somebody is away is not said."""
    with translation.override(language):
        shifts, away = Q(post__site=site), Q(person__site=site)
        rows = _rows(shifts, away, now, named=True)
        return _feed(_("%(site)s值班表") % {"site": texts.pick(site.zh, site.en)}, site, rows, now)


def _feed(name: str, site: Site, rows: list[Row], now: datetime) -> Feed:
    hour = now.replace(minute=0, second=0, microsecond=0)
    newest = max([hour, *(row.changed_at for row in rows if not row.is_away)])
    return Feed(name, texts.pick(site.zh, site.en), rows, newest)


def _rows(shifts: Q, away: Q, now: datetime, *, named: bool) -> list[Row]:
    """The events; `named`: the summaries say who."""
    span, today = _window(shifts, now), now.replace(hour=0, minute=0, second=0, microsecond=0)
    spoken = int(texts.is_english())
    found = [_shift(Planned(*one), spoken, named=named) for one in _shifts(shifts, now, span).values_list(*COLUMNS)]
    touching = Absence.objects.filter(away, starts_at__lt=span[1], ends_at__gt=span[0])
    for one in touching.select_related("person").order_by("starts_at", "pk")[:MOST]:
        known_at = min(one.starts_at, today)  # leave keeps no time of its change
        words = _("离岗") + (f" · {one.person.name}" if named else "")
        uid = f"absence-{one.pk}@{HOST}"
        found.append(Row(uid, words, one.starts_at, one.ends_at, 0, known_at, is_gone=False, is_away=True))
    return found


def _window(shifts: Q, now: datetime) -> tuple[datetime, datetime]:
    """The widest window that holds no more than MOST shifts, else the narrowest."""
    for back, ahead in WINDOWS:
        span = (now - timedelta(days=back), now + timedelta(days=ahead))
        if _shifts(shifts, now, span).order_by()[: MOST + 1].count() <= MOST:
            break
    return span


def _shifts(shifts: Q, now: datetime, span: tuple[datetime, datetime]) -> "QuerySet[Shift]":
    """Planned ones, and those that were taken away lately: a calendar is told, it does not forget by itself."""
    kept = Q(removed_at__isnull=True) | Q(removed_at__gt=now - CANCELLED_FOR)
    return Shift.objects.filter(shifts, kept, starts_at__lt=span[1], ends_at__gt=span[0]).order_by("starts_at", "pk")


def _shift(shift: Planned, spoken: int, *, named: bool) -> Row:
    names = (shift.kind_zh, shift.kind_en), (shift.post_zh, shift.post_en)
    kind, post = (pair[spoken] or pair[1 - spoken] for pair in names)
    words = " ".join(filter(None, (kind or (_("备班") if shift.standby else ""), post)))
    if shift.is_override:
        words = _("%s（顶替）") % words
    return Row(
        uid=f"{shift.uid}@{HOST}",
        words=f"{words} · {shift.person}" if named else words,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        sequence=shift.sequence,
        changed_at=shift.changed_at,
        is_gone=shift.removed_at is not None,
        is_away=False,
    )


def _event(row: Row, place: bytes, words: dict[str, bytes]) -> bytes:
    """One event as it is sent. Only its words need the library, and many events share theirs."""
    if row.words not in words:
        words[row.words] = _line("SUMMARY", row.words)
    changed_at = row.changed_at.astimezone(UTC).strftime(f"{STAMP}Z")
    lines = (
        "BEGIN:VEVENT",
        f"UID:{row.uid}",
        f"DTSTAMP:{changed_at}",
        f"LAST-MODIFIED:{changed_at}",
        f"SEQUENCE:{row.sequence}",
        f"DTSTART;TZID={ZONE.key}:{row.starts_at.astimezone(ZONE).strftime(STAMP)}",
        f"DTEND;TZID={ZONE.key}:{row.ends_at.astimezone(ZONE).strftime(STAMP)}",
        f"STATUS:{'CANCELLED' if row.is_gone else 'CONFIRMED'}",
        f"TRANSP:{'TRANSPARENT' if row.is_away or row.is_gone else 'OPAQUE'}",
    )
    return b"\r\n".join((*(line.encode() for line in lines), words[row.words], place, b"END:VEVENT", b""))


def _line(name: str, text: str) -> bytes:
    """A line of words, escaped and folded."""
    return bytes(Contentline.from_parts(name, Parameters(), vText(text)).to_ical())


@cache
def _zone() -> Timezone:
    """China has kept one offset since 1991."""
    return Timezone.from_tzid(ZONE.key, first_date=date(2000, 1, 1), last_date=date(2099, 12, 31))
