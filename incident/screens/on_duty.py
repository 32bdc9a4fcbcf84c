"""Who holds which post now, for the panel of people on duty; telephone numbers are masked, for it is pushed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from incident.screens import room_words as say
from staffing.models import Contact, Holder, Post

SHOWN_DIGITS_BEFORE, SHOWN_DIGITS_AFTER = 3, 4


@dataclass(frozen=True, slots=True)
class Duty:
    """A post and who answers for it first; `name` is empty where it is vacant."""

    post: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class SiteDuties:
    """The posts of one site; the site is named only where there are several."""

    key: str
    site: str
    duties: tuple[Duty, ...]

    @property
    def held(self) -> int:
        return sum(1 for duty in self.duties if duty.name)


@dataclass(frozen=True, slots=True)
class Roll:
    """The panel: sites with their posts, and how many of the posts are held."""

    sites: tuple[SiteDuties, ...]
    held: int
    total: int


def roll(sites: tuple[int, ...], now: datetime) -> Roll:
    """Posts with their holders, vacant ones first. Three queries; a post made up of others counts as those."""
    open_now = Q(starts_at__lte=now) & (Q(ends_at__isnull=True) | Q(ends_at__gt=now))
    posts = list(Post.objects.filter(site_id__in=sites).select_related("site").order_by("site_id", "id"))
    holders: dict[int, list[Holder]] = defaultdict(list)
    found = Holder.objects.filter(open_now, post__site_id__in=sites).select_related("person")
    for holder in found.order_by("rank", "-starts_at", "id"):
        holders[holder.post_id].append(holder)
    phones = _phones(holder.person_id for held in holders.values() for holder in held)
    shown = [post for post in posts if holders[post.pk] or not post.stands_for]
    by_site: dict[int, list[Post]] = defaultdict(list)
    for post in shown:
        by_site[post.site_id].append(post)
    return Roll(
        sites=tuple(
            SiteDuties(
                key=own[0].site.key,
                site=say.pick(own[0].site) if len(by_site) > 1 else "",
                duties=tuple(
                    sorted((_duty(post, holders[post.pk], phones) for post in own), key=lambda duty: bool(duty.name))
                ),
            )
            for own in by_site.values()
        ),
        held=sum(1 for post in shown if holders[post.pk]),
        total=len(shown),
    )


def masked(phone: str) -> str:
    """138****0001: enough to recognise, not to call."""
    digits = [place for place, sign in enumerate(phone) if sign.isdigit()]
    hidden = set(digits[SHOWN_DIGITS_BEFORE : len(digits) - SHOWN_DIGITS_AFTER])
    if not hidden:
        hidden = set(digits[1:])
    return "".join("*" if place in hidden else sign for place, sign in enumerate(phone))


def _phones(people: Iterable[int]) -> dict[int, str]:
    rows = Contact.objects.filter(person_id__in=set(people), channel=Contact.Channel.PHONE).order_by("-order", "-id")
    return dict(rows.values_list("person_id", "address"))


def _duty(post: Post, holders: list[Holder], phones: dict[int, str]) -> Duty:
    if not holders:
        return Duty(post=say.pick(post), name="", phone="")
    first = holders[0]
    return Duty(
        post=say.pick(post),
        name=first.person.name,
        phone=masked(phones.get(first.person_id, "")),
    )
