"""Who holds which post now, for the panel of people on duty; telephone numbers are masked, for it is pushed."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from incident.screens import room_words as say
from staffing import directory
from staffing.models import Contact, Post

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
    """Posts with their holders, vacant ones first; a post made up of others counts as those. 1 query + 1 a site."""
    by_site: dict[int, list[Post]] = defaultdict(list)
    for post in Post.objects.filter(site_id__in=sites).select_related("site").order_by("site_id", "id"):
        by_site[post.site_id].append(post)
    parts = [_site(own, directory.holders(own[0].site_id, [post.key for post in own], now)) for own in by_site.values()]
    return Roll(
        sites=tuple(replace(part, site="") for part in parts) if len(parts) == 1 else tuple(parts),
        held=sum(part.held for part in parts),
        total=sum(len(part.duties) for part in parts),
    )


def _site(posts: list[Post], held: dict[str, tuple[directory.Held, ...]]) -> SiteDuties:
    shown = [_duty(post, held[post.key]) for post in posts if not post.stands_for or _own(post, held[post.key])]
    return SiteDuties(
        key=posts[0].site.key,
        site=say.pick(posts[0].site),
        duties=tuple(sorted(shown, key=lambda duty: bool(duty.name))),
    )


def masked(phone: str) -> str:
    """138****0001: enough to recognise, not to call."""
    digits = [place for place, sign in enumerate(phone) if sign.isdigit()]
    hidden = set(digits[SHOWN_DIGITS_BEFORE : len(digits) - SHOWN_DIGITS_AFTER])
    if not hidden:
        hidden = set(digits[1:])
    return "".join("*" if place in hidden else sign for place, sign in enumerate(phone))


def _duty(post: Post, held: tuple[directory.Held, ...]) -> Duty:
    first = _own(post, held)
    if first is None:
        return Duty(post=say.pick(post), name="", phone="")
    phone = next((address for channel, address in first.contacts if channel == Contact.Channel.PHONE), "")
    return Duty(post=say.pick(post), name=first.name, phone=masked(phone))


def _own(post: Post, held: tuple[directory.Held, ...]) -> directory.Held | None:
    """Who holds the post itself; not one of its parts, and not the post to which its calls are passed on."""
    return next((person for person in held if person.post == post.key and not person.up), None)
