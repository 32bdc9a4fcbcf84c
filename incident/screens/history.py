"""The list of incidents, open and past: filters that explain themselves, and pages by keyset."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.dateparse import parse_date
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _

from incident.audience import Audience, Page
from incident.models import Incident
from incident.models.incident import OPEN_STATES, Mode, State
from incident.screens import room_words as say
from incident.screens import strips
from incident.screens.board import TopBar
from playbooks import library, rules
from staffing.models import Site

PAGE_ROWS = 50
OPEN, PAST = "open", "past"
COLOURS = ("red", "orange", "yellow", "blue", "none")
TEXT_LIMIT = 80


@dataclass(frozen=True, slots=True)
class Item:
    """One incident in the list; times are on its own clock."""

    number: str
    url: str
    mark: str
    mode: str
    title: str
    site: str
    plan: str
    colour: str
    colour_word: str
    level: str
    state: str
    state_word: str
    lead: str
    occurred_at: datetime
    reported_at: datetime
    over_at: datetime | None
    merged_into: str

    @property
    def level_icon(self) -> str:
        return "state-armed" if self.colour == "none" else f"level-{self.colour}"

    @property
    def length(self) -> timedelta | None:
        """From the report to its end; None while it is open."""
        return self.over_at - self.reported_at if self.over_at else None


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter."""

    value: str
    words: str
    chosen: bool


@dataclass
class Filters:
    """What was asked for; `wrong` holds a sentence for each value that means nothing, which is then left out."""

    raw: Mapping[str, str]
    wrong: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.raw.get(name, "").strip()

    @property
    def is_narrow(self) -> bool:
        """Something beyond the newest of everything is asked for."""
        return any(self.text(name) for name in NAMES)

    def query(self, **more: str) -> str:
        """The address of the same filters."""
        kept = {name: self.text(name) for name in NAMES if self.text(name)}
        return urlencode(kept | {name: value for name, value in more.items() if value})


NAMES = ("state", "site", "playbook", "mode", "level", "q", "from", "to")


@dataclass(frozen=True)
class Listing:
    """One page of the list, newest first; `older` and `newest` are addresses, empty where there is nothing."""

    items: tuple[Item, ...]
    filters: Filters
    states: tuple[Choice, ...]
    sites: tuple[Choice, ...]
    playbooks: tuple[Choice, ...]
    modes: tuple[Choice, ...]
    levels: tuple[Choice, ...]
    older: str
    newest: str


def listing(sites: list[Site], raw: Mapping[str, str], cleared: tuple[int, ...]) -> Listing:
    """Three queries at most: versions and ids of the playbooks, and one page of incidents."""
    filters = Filters(raw)
    laws = library.current({plan for site in sites for plan in site.plans})
    rows = _narrowed(sites, filters)
    if not {site.pk for site in sites} <= set(cleared):
        rows = rows.heard_by(cleared)
    after = _cursor(filters)
    if after is not None:
        reported_at, pk = after
        rows = rows.filter(Q(reported_at__lt=reported_at) | Q(reported_at=reported_at, pk__lt=pk))
    found = list(rows.select_related("site", "lead", "merged_into").order_by("-reported_at", "-id")[: PAGE_ROWS + 1])
    shown = found[:PAGE_ROWS]
    return Listing(
        items=tuple(_item(incident) for incident in shown),
        filters=filters,
        states=_choices(filters, "state", _states()),
        sites=_choices(filters, "site", [(site.key, say.pick(site)) for site in sites]),
        playbooks=_choices(filters, "playbook", [(law.key, f"{strips.plan(law)} {say.pick(law)}") for law in laws]),
        modes=_choices(filters, "mode", [(Mode.REAL.value, _("真实")), (Mode.EXERCISE.value, _("练习"))]),
        levels=_choices(filters, "level", [(colour, say.colour(colour)) for colour in COLOURS]),
        older=filters.query(before=_mark(shown[-1])) if len(found) > PAGE_ROWS else "",
        newest=filters.query() if after is not None else "",
    )


def _states() -> list[tuple[str, str]]:
    return [
        (OPEN, _("进行中")),
        (PAST, _("已关闭或撤销")),
        *((state.value, strips.phase_word(state)) for state in State),
    ]


def _choices(filters: Filters, name: str, known: list[tuple[str, str]]) -> tuple[Choice, ...]:
    """The values of a filter. One that is not among them is told so, and was not applied."""
    asked = filters.text(name)
    if asked and asked not in [value for value, _words in known]:
        filters.wrong[name] = _("没有“%s”这个选项，已忽略。") % asked[:TEXT_LIMIT]
    return tuple(Choice(value, words, value == asked) for value, words in known)


def _narrowed(sites: list[Site], filters: Filters) -> Any:
    by_key = {site.key: site.pk for site in sites}
    wanted = by_key.get(filters.text("site"))
    rows = Incident.objects.filter(site_id__in=[wanted] if wanted else list(by_key.values()))
    state = filters.text("state")
    if state in (OPEN, PAST):
        rows = rows.filter(state__in=OPEN_STATES) if state == OPEN else rows.exclude(state__in=OPEN_STATES)
    elif state in State.values:
        rows = rows.filter(state=state)
    if filters.text("mode") in Mode.values:
        rows = rows.filter(mode=filters.text("mode"))
    if filters.text("level") in COLOURS:
        rows = rows.filter(level_colour=filters.text("level"))
    if filters.text("playbook"):
        rows = rows.filter(playbook__key=filters.text("playbook"))
    if filters.text("q"):
        text = filters.text("q")[:TEXT_LIMIT]
        rows = rows.filter(Q(title__icontains=text) | Q(number__icontains=text) | Q(place__icontains=text))
    return _between(rows, filters)


def _between(rows: Any, filters: Filters) -> Any:
    """Both days included, by the report on the incident's clock."""
    since, until = _day(filters, "from"), _day(filters, "to")
    if since and until and since > until:
        filters.wrong["to"] = _("结束日期早于开始日期，已忽略结束日期。")
        until = None
    if since:
        rows = rows.filter(reported_at__gte=since)
    if until:
        rows = rows.filter(reported_at__lt=until + timedelta(days=1))
    return rows


def _day(filters: Filters, name: str) -> datetime | None:
    text = filters.text(name)
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2100:
        filters.wrong[name] = _("“%s”不是日期，请按 2026-01-31 填写；已忽略。") % text[:TEXT_LIMIT]
        return None
    return datetime(day.year, day.month, day.day, tzinfo=get_default_timezone())


def _mark(incident: Incident) -> str:
    return f"{incident.reported_at.timestamp():.6f}_{incident.pk}"


def _cursor(filters: Filters) -> tuple[datetime, int] | None:
    text = filters.text("before")
    if not text:
        return None
    moment, _sign, pk = text.partition("_")
    try:
        return datetime.fromtimestamp(float(moment), tz=get_default_timezone()), int(pk)
    except (ValueError, OverflowError, OSError):
        filters.wrong["before"] = _("翻页位置无效，已回到最新一页。")
        return None


def _item(incident: Incident) -> Item:
    law: rules.Playbook = library.playbook(incident.playbook_id)
    return Item(
        number=incident.number,
        url=strips.room_url(incident.number),
        mark=strips.mode_mark(incident.mode),
        mode=incident.mode,
        title=strips.title(incident, law),
        site=say.pick(incident.site),
        plan=strips.plan(law),
        colour=incident.level_colour,
        colour_word=say.colour(incident.level_colour),
        level=strips.level_name(law, incident.level),
        state=incident.state,
        state_word=strips.phase_word(incident.state),
        lead=str(incident.lead) if incident.lead else "",
        occurred_at=incident.occurred_at,
        reported_at=incident.reported_at,
        over_at=incident.closed_at or incident.ended_at,
        merged_into=incident.merged_into.number if incident.merged_into else "",
    )


def build(audience: Audience, now: datetime) -> dict[str, Any]:
    """Of the list only the top bar is live."""
    return {"board": TopBar(audience.sites, now, audience.cleared), "page": "list"}


PAGE = Page(name="list", regions={}, build=build)
