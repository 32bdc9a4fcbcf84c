"""The page of a plan: its version, its posts with who holds them, parties outside, standing duties, gaps."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from incident.screens import room_words as say
from planroom.door import Reader
from planroom.screens import library, people, saying
from planroom.screens import playbook as reading_view
from playbooks import law, models, standing
from staffing.models import Site


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds a post at one site; no names: it is vacant."""

    site: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PostRow:
    words: str
    aliases: tuple[str, ...]
    duties: int  # how many duties of the plan it has
    held: tuple[Held, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GapRow:
    """A hole in the plan, with the playbook it is found in."""

    remark: reading_view.Remark
    book: law.Playbook


@dataclass(frozen=True, slots=True)
class StandingRow:
    """Something to be kept ready at all times. `is_own_rhythm`: the site's rhythm, not the plan's."""

    key: str
    words: str
    post: str
    rhythm: str
    is_own_rhythm: bool
    evidence: str
    is_optional: bool
    clause: str
    ids: tuple[str, ...]
    is_site_rule: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    key: str
    words: str
    version: models.PlanVersion | None  # None: rules without playbooks
    sites: tuple[Site, ...]
    group: library.Group
    posts: tuple[PostRow, ...]
    parties: tuple[reading_view.Party, ...]
    standing: tuple[StandingRow, ...]
    gaps: tuple[GapRow, ...]

    @property
    def has_many_sites(self) -> bool:
        return len(self.sites) > 1

    @property
    def vacant(self) -> int:
        return sum(1 for post in self.posts for held in post.held if not held.names)


def build(reader: Reader, key: str, now: datetime) -> Plan | None:
    """The plan; None where nothing of it is published or kept ready. Three queries a site, and the reader's."""
    sites = reader.sites_with(key)
    group = next((group for group in library.build(reader, "").groups if group.key == key), None)
    if group is None:
        return None
    books = reader.laws(key)
    return Plan(
        key=key,
        words=group.words,
        version=reader.versions.get(key),
        sites=tuple(sites),
        group=group,
        posts=tuple(_posts(books, sites, now)),
        parties=tuple(reading_view.Party(saying.party_name(one), one.number) for one in books[0].parties)
        if books
        else (),
        standing=tuple(_standing(key, books)),
        gaps=tuple(_gaps(books, trusted=reader.is_trusted(key))),
    )


def _standing(key: str, books: list[law.Playbook]) -> Iterator[StandingRow]:
    """The plan's standing duties, those that are off by default last."""
    posts = {post.key: say.pick(post) for post in books[0].posts} if books else {}
    duties = [duty for plan in standing.shipped().plans if plan.key == key for duty in plan.duties]
    for duty in sorted(duties, key=lambda duty: duty.optional):
        yield StandingRow(
            key=duty.key,
            words=say.pick(duty),
            post=say.pick(duty, "post") or posts.get(duty.post, duty.post),
            rhythm=rhythm(duty.every),
            is_own_rhythm=duty.rhythm_is_ours,
            evidence=say.pick(duty, "evidence"),
            is_optional=duty.optional,
            clause=say.pick(duty, "clause"),
            ids=duty.requirements,
        )


def rhythm(every: standing.Rhythm) -> str:
    """How often, as a word; empty where there is no rhythm."""
    return {
        "": "",
        "daily": _("每天"),
        "weekly": _("每周"),
        "monthly": _("每月"),
        "quarterly": _("每季"),
        "half_yearly": _("每半年"),
        "yearly": _("每年"),
    }[every]


def _posts(books: list[law.Playbook], sites: list[Site], now: datetime) -> Iterator[PostRow]:
    posts = books[0].posts if books else ()
    duties = _counted(books)
    held = [(site, people.holders(site, [post.key for post in posts], now)) for site in sites]
    for post in posts:
        yield PostRow(
            words=say.pick(post),
            aliases=() if say.is_english() else post.aliases,
            duties=duties.get(post.key, 0),
            held=tuple(Held(say.pick(site), names.get(post.key, ())) for site, names in held),
            ids=post.requirements,
        )


def _counted(books: Iterable[law.Playbook]) -> dict[str, int]:
    """How many different duties each post has; one that several playbooks share counts once."""
    by_post: dict[str, set[str]] = {}
    for book in books:
        for duty in book.duties:
            by_post.setdefault(duty.post, set()).add(duty.key)
    return {post: len(keys) for post, keys in by_post.items()}


def _gaps(books: Iterable[law.Playbook], *, trusted: bool) -> Iterator[GapRow]:
    said: set[str] = set()
    for book in books:
        for remark in reading_view.build(book, trusted=trusted, held=None).gaps:
            if remark.words and remark.words not in said:
                said.add(remark.words)
                yield GapRow(remark, book)
