"""Who goes and who comes at a change of shift, and the supervisor to whom goes what nobody takes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from incident import calling
from staffing import directory, roster
from staffing.directory import Held
from staffing.models import Post

SINGLE = timedelta(microseconds=1)
BY_THE_ROSTER = (roster.OVERRIDE, roster.SHIFT)


@dataclass(frozen=True)
class Turn:
    """Who held a post just before a moment and holds it no more, and who holds it from then on; both may be empty."""

    leaving: tuple[Held, ...]
    coming: tuple[Held, ...]

    @property
    def is_change(self) -> bool:
        return bool(self.leaving)


def at_the_change(site_id: int, post: str, moment: datetime) -> Turn:
    """The two sides of a change of shift. Two queries."""
    before = present(site_id, post, moment - SINGLE)
    after = present(site_id, post, moment)
    stays = {held.person_id for held in after}
    goes = {held.person_id for held in before}
    coming = tuple(held for held in after if held.person_id not in goes)
    return Turn(tuple(held for held in before if held.person_id not in stays), coming or after)


def present(site_id: int, post: str, at: datetime) -> tuple[Held, ...]:
    """Who has the post at the moment: everybody whom the roster puts there, or else the one appointed. One query.

    Deputies and those to whom calls are passed on only answer for it: they do not have it.
    """
    held = [one for one in directory.holders(site_id, [post], at)[post] if one.source != roster.NEXT]
    by_roster = tuple(one for one in held if one.source in BY_THE_ROSTER)
    return by_roster or tuple(held[:1])


def supervisors(site_id: int, at: datetime, *, but: Iterable[int | None] = ()) -> tuple[Held, ...]:
    """Whoever may decide at the site, those who hold a post by the roster now before all others. Three queries."""
    deciders = [one for one in calling.deciders(site_id) if one.user_id not in set(but)]
    posts = list(Post.objects.filter(site_id=site_id).values_list("key", flat=True))
    on_duty = {
        held.user_id: (held.source not in BY_THE_ROSTER, held.rank > 0)
        for people in directory.holders(site_id, posts, at).values()
        for held in reversed(people)
        if held.source != roster.NEXT
    }
    last = (True, True)
    return tuple(
        sorted(deciders, key=lambda one: (one.user_id not in on_duty, on_duty.get(one.user_id, last), one.rank))
    )


def names(people: Iterable[Held]) -> str:
    """As a record of a handover shows them."""
    return "、".join(dict.fromkeys(held.name for held in people))[:80]
