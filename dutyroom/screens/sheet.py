"""The contact sheet and the telephone tree of a site, for paper and for the hour without network (KF-3-02)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from dutyroom import checks, finding, phonetree, present
from incident import clock
from incident.screens import room_words as say
from playbooks import law, library
from staffing import masks, roster
from staffing.models import Contact, Edition, Person, Post, Shift, Site

NUMBERS_HOLD = timedelta(days=30)  # how long a printed number is trusted
MOST_DEPUTIES = 4


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody with telephones; `mark` says how the post is held where that is not for good."""

    name: str
    mark: str
    mobiles: tuple[str, ...]
    offices: tuple[str, ...]
    mail: str


@dataclass(frozen=True, slots=True)
class SheetPost:
    """One post: who holds it now, who deputises, where an unanswered call goes on."""

    words: str
    is_group: bool
    holders: tuple[Called, ...]
    deputies: tuple[Called, ...]
    made_of: str
    next_post: str

    @property
    def is_vacant(self) -> bool:
        return not self.holders and not self.deputies and not self.made_of

    @property
    def people(self) -> tuple[Called, ...]:
        return self.holders + self.deputies


@dataclass(frozen=True, slots=True)
class Twig:
    """One post of the telephone tree with the first who answers."""

    words: str
    who: Called | None
    made_of: str
    next_post: str
    also_by: str
    calls: "tuple[Twig, ...]"


@dataclass(frozen=True, slots=True)
class Outside:
    """A public number that the plans name."""

    words: str
    number: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """All of it. `roster_until`: the next change of shift; `until`: the day after which it is printed anew."""

    site: str
    duty_phone: str
    posts: tuple[SheetPost, ...]
    others: tuple[Called, ...]
    trees: tuple[Twig, ...]
    outside: tuple[Outside, ...]
    is_whole: bool
    made_at: datetime
    made_by: str
    until: date
    roster_until: datetime | None
    editions: tuple[str, ...]

    @property
    def people(self) -> int:
        """How many entries with a number it holds."""
        return sum(len(post.people) for post in self.posts) + len(self.others)


def build(site: Site, now: datetime, *, by: str, is_whole: bool) -> Sheet:
    """Nine queries, however many people, and what the library has to read of the plans."""
    laws = library.current(site.plans)
    here = present.at(site.pk, now)
    cards = _cards(site, is_whole=is_whole)
    posts = _ordered(here.posts, laws)
    held = here.by_post()
    made = {
        post.key: _post(post, held.get(post.key, ()), cards, {one.key: one for one in here.posts}) for post in posts
    }
    named = {holding.person_id for holding in here.holdings}
    return Sheet(
        site=say.pick(site),
        duty_phone=site.duty_phone,
        posts=tuple(made.values()),
        others=tuple(card for person, card in cards.items() if person not in named),
        trees=tuple(_twigs(phonetree.grow(_calls(laws)), made, here)),
        outside=_outside(laws),
        is_whole=is_whole,
        made_at=now,
        made_by=by,
        until=(now.astimezone(clock.ZONE) + NUMBERS_HOLD).date(),
        roster_until=_next_change(site, now),
        editions=tuple(_editions(site, laws, now)),
    )


def _cards(site: Site, *, is_whole: bool) -> dict[int, Called]:
    """Everybody with their numbers, by name. Two queries."""
    people = Person.objects.filter(site=site, is_active=True).order_by("pk").prefetch_related("contacts")
    found = sorted(people, key=lambda person: finding.place(person.name))
    return {person.pk: _called(person, is_whole=is_whole) for person in found}


def _called(person: Person, *, is_whole: bool) -> Called:
    ways = sorted(person.contacts.all(), key=lambda way: (way.order, way.pk))

    def shown(channel: str) -> tuple[str, ...]:
        return tuple(way.address if is_whole else masks.contact(way.address) for way in ways if way.channel == channel)

    mails = shown(Contact.Channel.EMAIL)
    return Called(
        name=person.name,
        mark="",
        mobiles=shown(checks.BY_HAND[0]),
        offices=shown(checks.BY_HAND[1]),
        mail=mails[0] if mails else "",
    )


def _ordered(posts: Iterable[Post], laws: Iterable[law.Playbook]) -> list[Post]:
    """In the order in which the plans name them; those of the site alone behind."""
    place: dict[str, int] = {}
    for playbook in laws:
        for post in playbook.posts:
            place.setdefault(post.key, len(place))
    return sorted(posts, key=lambda post: (place.get(post.key, len(place)), post.pk))


def _post(
    post: Post, held: Iterable[present.Holding], cards: Mapping[int, Called], posts: Mapping[str, Post]
) -> SheetPost:
    marks = {roster.OVERRIDE: _("顶替"), roster.SHIFT: _("当班")}
    rows = [
        (holding, _marked(cards[holding.person_id], marks.get(holding.source, "")))
        for holding in held
        if holding.person_id in cards
    ]
    return SheetPost(
        words=say.pick(post),
        is_group=post.kind == Post.Kind.GROUP,
        holders=tuple(card for holding, card in rows if not holding.is_deputy),
        deputies=tuple(_marked(card, _("代理")) for holding, card in rows if holding.is_deputy)[:MOST_DEPUTIES],
        made_of=_("、").join(say.pick(posts[key]) for key in post.stands_for if key in posts),
        next_post=say.pick(posts[post.next_post]) if post.next_post in posts else "",
    )


def _marked(card: Called, mark: str) -> Called:
    return Called(card.name, mark, card.mobiles, card.offices, card.mail)


def _calls(laws: Iterable[law.Playbook]) -> Iterator[tuple[str, str]]:
    """Every notification of the plans, in their order: who tells whom."""
    for playbook in laws:
        for duty in playbook.duties:
            if duty.restricted or playbook.restricted or duty.post.startswith("@"):
                continue
            for post in duty.tell:
                if not post.startswith("@"):
                    yield duty.post, post


def _twigs(
    branches: Iterable[phonetree.Branch], made: Mapping[str, SheetPost], here: present.Present
) -> Iterator[Twig]:
    words = {post.key: say.pick(post) for post in here.posts}
    for branch in branches:
        post = made.get(branch.post)
        if post is None:  # the site has no such post: whom it would call is called by nobody
            yield from _twigs(branch.calls, made, here)
            continue
        also = [words[key] for key in branch.also_by if key in words]
        yield Twig(
            words=post.words,
            who=next(iter(post.people), None),
            made_of=post.made_of,
            next_post=post.next_post,
            also_by=_("、").join(also),
            calls=tuple(_twigs(branch.calls, made, here)),
        )


def _outside(laws: Iterable[law.Playbook]) -> tuple[Outside, ...]:
    found = {
        party.number: Outside(say.pick(party).replace(party.number, "").strip(), party.number)
        for playbook in laws
        for party in playbook.parties
        if party.number
    }
    return tuple(found.values())


def _next_change(site: Site, now: datetime) -> datetime | None:
    """When the next shift begins or ends. One query."""
    coming = Shift.objects.filter(post__site=site, removed_at=None).filter(Q(starts_at__gt=now) | Q(ends_at__gt=now))
    nearest = coming.order_by("ends_at").values_list("starts_at", "ends_at")[:200]
    return min((moment for span in nearest for moment in span if moment > now), default=None)


def _editions(site: Site, laws: Iterable[law.Playbook], now: datetime) -> Iterator[str]:
    """What it was made from: editions of the plans and of this week's roster. One query."""
    for key, number in {book.plan_key: book.version_number for book in laws}.items():
        yield _("预案 %(key)s 第 %(number)d 版") % {"key": key, "number": number}
    today = now.astimezone(clock.ZONE).date()
    monday = today - timedelta(days=today.weekday())
    edition = Edition.objects.filter(site=site, week=monday).order_by("-number").first()
    if edition is None:
        yield _("本周值班表未发布")
    else:
        yield _("本周值班表第 %(number)d 版") % {"number": edition.number}
