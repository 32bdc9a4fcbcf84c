"""Everybody who holds a post of a site at a moment, by shift or appointment; who is away holds none."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from staffing import roster
from staffing.models import Absence, Holder, Post, Shift


@dataclass(frozen=True, slots=True)
class Holding:
    """One person on one post; from rank 1 on a deputy."""

    post: Post
    person_id: int
    rank: int
    source: str

    @property
    def is_deputy(self) -> bool:
        return self.rank > 0


@dataclass(frozen=True)
class Present:
    """The posts of a site with everybody who holds them, stand-ins and shifts before appointments, deputies last."""

    posts: tuple[Post, ...]
    holdings: tuple[Holding, ...]
    away: frozenset[int]

    def by_person(self) -> dict[int, list[Holding]]:
        found: dict[int, list[Holding]] = defaultdict(list)
        for holding in self.holdings:
            found[holding.person_id].append(holding)
        return found

    def by_post(self) -> dict[str, list[Holding]]:
        found: dict[str, list[Holding]] = defaultdict(list)
        for holding in self.holdings:
            found[holding.post.key].append(holding)
        return found

    def behind(self, keys: Iterable[str]) -> set[int]:
        """Everybody who answers for one of these posts, or for a post that it stands for."""
        stands_for: Mapping[str, Sequence[str]] = {post.key: post.stands_for for post in self.posts}
        wanted = {one for key in keys for one in roster.expand(key, stands_for)}
        return {holding.person_id for holding in self.holdings if holding.post.key in wanted}

    def on_duty(self) -> set[int]:
        """Who is on shift, or holds a post for good; deputies are not on duty."""
        return {holding.person_id for holding in self.holdings if not holding.is_deputy}


def at(site_id: int, now: datetime) -> Present:
    """Four queries, however many people."""
    running = Q(starts_at__lte=now) & (Q(ends_at__isnull=True) | Q(ends_at__gt=now))
    posts = tuple(Post.objects.filter(site_id=site_id).order_by("id"))
    by_id = {post.pk: post for post in posts}
    away = frozenset(Absence.objects.filter(running, person__site=site_id).values_list("person_id", flat=True))
    shifts = Shift.objects.filter(running, post__site=site_id, removed_at=None, standby=False, person__is_active=True)
    shifts = shifts.order_by("-is_override", "starts_at", "person_id")
    holders = Holder.objects.filter(running, post__site=site_id, person__is_active=True)
    found = [
        Holding(by_id[post], person, 0, roster.OVERRIDE if override else roster.SHIFT)
        for post, person, override in shifts.values_list("post_id", "person_id", "is_override")
    ]
    found += [
        Holding(by_id[post], person, rank, roster.STANDING)
        for post, person, rank in holders.order_by("rank", "starts_at", "person_id").values_list(
            "post_id", "person_id", "rank"
        )
    ]
    first: dict[tuple[int, int], Holding] = {}
    for holding in sorted(found, key=lambda one: one.rank):
        if holding.person_id not in away:
            first.setdefault((holding.post.pk, holding.person_id), holding)
    return Present(posts, tuple(first.values()), away)
