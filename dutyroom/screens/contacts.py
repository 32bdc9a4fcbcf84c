"""The directory: who holds what, how each is reached, and whether it worked in the last 24 hours."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from dutyroom import checks, finding, present, reach, records
from incident import clock
from incident.models import Duty, Incident
from incident.models.incident import Mode
from incident.screens import room_words as say
from staffing import masks
from staffing.models import Contact, Person, Site

PAGE_ROWS = 50
CELL_WIDTH = 7
ORDER: tuple[reach.State, ...] = ("lost", "waiting", "untested", "reachable")
MARKS: Mapping[reach.State, str] = {"lost": "lost", "waiting": "late", "untested": "open", "reachable": ""}


@dataclass(frozen=True, slots=True)
class Way:
    """One way of reaching somebody; `address` is masked unless it was revealed."""

    id: int
    channel: str
    words: str
    address: str
    hours: str
    tested_at: datetime | None
    is_proven: bool
    is_usable: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One person. `day` says the cells in words; `answer` is the median from being told to the answer."""

    id: int
    name: str
    posts: tuple[str, ...]
    kept_for: str  # in which wave of a call-out, for who holds no post
    is_away: bool
    ways: tuple[Way, ...]
    state: reach.State
    cells: tuple[reach.Cell, ...]
    last_at: datetime | None
    last_words: str
    answer: str

    @property
    def mark(self) -> str:
        return MARKS[self.state]

    @property
    def state_words(self) -> str:
        return state_words(self.state)

    @property
    def day(self) -> str:
        """The cells for who cannot see them."""
        said = [
            _("%(words)s %(count)d 小时") % {"words": cell_words(kind), "count": self.cells.count(kind)}
            for kind in ("answered", "reachable", "missed", "outside", "unknown")
            if kind in self.cells
        ]
        return _("近 24 小时：") + _("，").join(said)

    @property
    def bars(self) -> list[tuple[int, reach.Cell]]:
        """Where each cell is drawn."""
        return [(place * CELL_WIDTH, cell) for place, cell in enumerate(self.cells)]

    @property
    def numbers(self) -> tuple[Way, ...]:
        """The telephones, whose digits are masked."""
        return tuple(way for way in self.ways if way.channel in checks.BY_HAND)

    @property
    def untested(self) -> tuple[Way, ...]:
        return tuple(way for way in self.ways if not way.is_proven)


@dataclass(frozen=True, slots=True)
class Unreached:
    """A member of a running incident's groups who cannot be relied on to answer."""

    name: str
    posts: str
    state: reach.State
    number: str

    @property
    def mark(self) -> str:
        return MARKS[self.state]

    @property
    def state_words(self) -> str:
        return state_words(self.state)


@dataclass(frozen=True, slots=True)
class Watch:
    """KF-3-03: the groups of running incidents keep their telephones on around the clock."""

    numbers: tuple[str, ...]
    members: int
    unreached: tuple[Unreached, ...]


@dataclass(frozen=True, slots=True)
class Directory:
    """One page of the list, who wants attention first."""

    rows: tuple[Row, ...]
    total: int
    found: int
    counts: Mapping[reach.State, int]
    query: str
    state: str
    page: int
    pages: int
    watch: Watch | None

    @property
    def states(self) -> Iterator[tuple[reach.State, str, int]]:
        """The filter: state, its words, how many."""
        return ((state, state_words(state), self.counts.get(state, 0)) for state in ORDER)


def state_words(state: reach.State) -> str:
    words: Mapping[reach.State, str] = {
        "lost": _("失联"), "waiting": _("未确认"), "untested": _("未测"), "reachable": _("可达"),
    }  # fmt: skip
    return words[state]


def cell_words(cell: reach.Cell) -> str:
    words: Mapping[reach.Cell, str] = {
        "answered": _("有应答"), "reachable": _("可达"), "missed": _("无应答"), "outside": _("不在时段"),
        "unknown": _("未测"),
    }  # fmt: skip
    return words[cell]


def build(
    site: Site, now: datetime, *, query: str = "", state: str = "", page: int = 1, whole: bool = False
) -> Directory:
    """Ten queries, however many people. `whole`: the reader may see, and so may search, whole numbers."""
    people = list(_people(site))
    known = records.of_site(site.pk, now)
    here = present.at(site.pk, now)
    posts = _posts(here)
    standing = {person.pk: reach.state(known.get(person.pk, records.NOTHING).events, now) for person in people}
    found = [person for person in people if _is_found(person, posts, query, whole)]
    counts = {one: sum(standing[person.pk] == one for person in found) for one in ORDER}
    shown = [person for person in found if state not in ORDER or standing[person.pk] == state]
    shown.sort(key=lambda person: (ORDER.index(standing[person.pk]), finding.place(person.name), person.pk))
    pages = max(1, -(-len(shown) // PAGE_ROWS))
    page = min(max(page, 1), pages)
    return Directory(
        rows=tuple(
            row(person, known.get(person.pk, records.NOTHING), posts.get(person.pk, ()), here.away, now)
            for person in shown[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
        ),
        total=len(people),
        found=len(shown),
        counts=counts,
        query=query,
        state=state if state in ORDER else "",
        page=page,
        pages=pages,
        watch=_watch(site, here, people, standing, posts),
    )


def one(person: Person, now: datetime, *, contacts: Collection[Contact]) -> Row:
    """One person, with these contacts in whole."""
    here = present.at(person.site_id, now)
    record = records.of_site(person.site_id, now).get(person.pk, records.NOTHING)
    return row(person, record, _posts(here).get(person.pk, ()), here.away, now, whole=contacts)


def row(
    person: Person,
    record: records.Record,
    posts: Iterable[str],
    away: Collection[int],
    now: datetime,
    whole: Collection[Contact] = (),
) -> Row:
    """One person of the list. No query where the contacts were fetched before."""
    contacts = list(whole or person.contacts.all())
    events, last = record.events, reach.last(record.events)
    return Row(
        id=person.pk,
        name=person.name,
        posts=tuple(posts),
        kept_for=str(person.get_reserve_display()) if person.reserve else "",
        is_away=person.pk in away,
        ways=tuple(_way(contact, record, now, is_whole=bool(whole)) for contact in contacts),
        state=reach.state(events, now),
        cells=reach.cells(
            events,
            [reach.Hours(way.from_time, way.to_time) for way in contacts if checks.can_be_tested(way)],
            now,
            clock.ZONE,
        ),
        last_at=last.at if last else None,
        last_words=_outcome(last) if last else "",
        answer=_span(records.seconds(record.median_seconds)),
    )


def _people(site: Site) -> Iterable[Person]:
    ways = Prefetch("contacts", Contact.objects.order_by("order", "pk"))
    return Person.objects.filter(site=site, is_active=True).select_related("user").prefetch_related(ways)


def _posts(here: present.Present) -> dict[int, tuple[str, ...]]:
    deputy = _("（代）")
    return {
        person: tuple(say.pick(one.post) + (deputy if one.is_deputy else "") for one in held)
        for person, held in here.by_person().items()
    }


def _is_found(person: Person, posts: Mapping[int, tuple[str, ...]], query: str, whole: bool) -> bool:
    numbers = [way.address for way in person.contacts.all() if way.channel in checks.BY_HAND]
    return finding.is_found(
        query, name=person.name, posts=(*posts.get(person.pk, ()), person.number), numbers=numbers, whole=whole
    )


def _way(contact: Contact, record: records.Record, now: datetime, *, is_whole: bool) -> Way:
    address = "" if contact.channel == Contact.Channel.IN_APP else contact.address
    tested_at = record.proven.get((contact.channel, address))
    starts, ends = contact.from_time, contact.to_time
    return Way(
        id=contact.pk,
        channel=contact.channel,
        words=str(contact.get_channel_display()),
        address=address if is_whole else masks.contact(address),
        hours=f"{starts:%H:%M}–{ends:%H:%M}" if starts and ends else "",
        tested_at=tested_at,
        is_proven=reach.is_proven(tested_at, now),
        is_usable=checks.can_be_tested(contact),
    )


def _outcome(event: reach.Event) -> str:
    known: Mapping[reach.Outcome, str] = {
        "answered": _("应答"), "missed": _("未应答"), "waiting": _("待确认"), "undelivered": _("没有送达"),
    }  # fmt: skip
    words = known[event.outcome]
    channels = dict(Contact.Channel.choices)
    return f"{channels.get(event.channel, '')} {words}".strip()


def _span(length: timedelta | None) -> str:
    """8 秒, 2 分 10 秒."""
    if length is None:
        return ""
    minutes, rest = divmod(int(length.total_seconds()), 60)
    if minutes >= 60:
        return _("%(hours)d 小时 %(minutes)d 分") % {"hours": minutes // 60, "minutes": minutes % 60}
    if minutes:
        return _("%(minutes)d 分 %(seconds)d 秒") % {"minutes": minutes, "seconds": rest}
    return _("%(seconds)d 秒") % {"seconds": rest}


def _watch(
    site: Site,
    here: present.Present,
    people: Iterable[Person],
    standing: Mapping[int, reach.State],
    posts: Mapping[int, tuple[str, ...]],
) -> Watch | None:
    """The groups of what is running for real; None where nothing is. Two queries."""
    running = dict(Incident.objects.live().filter(site=site, mode=Mode.REAL).order_by("pk").values_list("pk", "number"))
    if not running:
        return None
    asked: dict[str, str] = {}
    for incident, post in (
        Duty.objects.filter(incident__in=running).order_by("incident_id").values_list("incident_id", "post")
    ):
        asked.setdefault(post, running[incident])
    members = {person: number for post, number in reversed(asked.items()) for person in here.behind([post])}
    return Watch(
        numbers=tuple(running.values()),
        members=len(members),
        unreached=tuple(
            sorted(
                (
                    Unreached(
                        person.name, _("、").join(posts.get(person.pk, ())), standing[person.pk], members[person.pk]
                    )
                    for person in people
                    if person.pk in members and standing[person.pk] != "reachable"
                ),
                key=lambda found: (ORDER.index(found.state), found.name),
            )
        ),
    )
