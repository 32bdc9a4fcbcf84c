"""Who holds the posts of a plan at a site, by name only."""

from collections.abc import Iterable
from datetime import datetime

from staffing import directory
from staffing.models import Site


def holders(site: Site, posts: Iterable[str], now: datetime) -> dict[str, tuple[str, ...]]:
    """Post -> the names of who holds it now, in the order in which they are tried; empty: vacant. One query."""
    found = directory.holders(site.pk, posts, now)
    return {post: tuple(dict.fromkeys(person.name for person in held if not person.up)) for post, held in found.items()}
