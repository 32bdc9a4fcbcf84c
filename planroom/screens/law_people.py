"""Who holds the posts of a plan at the sites that use it, and who was ever reached: gathered for the linter."""

from collections.abc import Iterable
from datetime import datetime

from notices.models import Attempt, Notice
from planroom import lint_people
from planroom.lint_people import Reached, Staffed
from playbooks.planfile import PlanDocument
from staffing import directory
from staffing.models import Contact, Person, Site

WAIT_SECONDS = 1  # any: only whether there is a rung counts


def staffed(document: PlanDocument, sites: Iterable[Site], now: datetime) -> tuple[Staffed, ...]:
    """Six queries a site."""
    posts = list(lint_people.posts_of(document))
    return tuple(Staffed(site.zh, site.en, _holders(site, posts, now)) for site in sites)


def _holders(site: Site, posts: list[str], now: datetime) -> dict[str, tuple[Reached, ...]]:
    reached = _once_reached(site)
    return {
        post: tuple(_reached(one, reached) for one in held)
        for post, held in directory.holders(site.pk, posts, now).items()
    }


def _once_reached(site: Site) -> set[str]:
    """Names of people who answered a notice or a call that tested them, or whose mail was taken.

    A screen of our own proves nothing.
    """
    sent = Attempt.objects.filter(
        notice__site_id=site.pk, outcome=Attempt.Outcome.ACCEPTED, channel=Contact.Channel.EMAIL
    )
    answered = Notice.objects.filter(site_id=site.pk).exclude(acknowledged_by="")
    called = Person.objects.filter(site=site, contacts__checks__result="answered")
    return {
        *sent.values_list("person", flat=True).distinct(),
        *answered.values_list("acknowledged_by", flat=True).distinct(),
        *called.values_list("name", flat=True).distinct(),
    }


def _reached(held: directory.Held, reached: set[str]) -> Reached:
    return Reached(
        person_id=held.person_id,
        name=held.name,
        by_machine=bool(directory.ladder([held], wait_seconds=WAIT_SECONDS)),
        by_phone=any(channel == Contact.Channel.PHONE for channel, _ in held.contacts),
        tested=held.name in reached,
    )
