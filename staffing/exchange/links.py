"""Secret addresses of calendar feeds: signed, without a login, void as soon as the number of their owner is raised."""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing

from staffing.models import Person, Site

PERSON, SITE = "p", "s"


@dataclass(frozen=True)
class Target:
    """Whose calendar a token opens; one of the two."""

    person: Person | None = None
    site: Site | None = None


def of_person(person: Person) -> str:
    """The token of one person's calendar."""
    return _signer().sign(f"{PERSON}{person.pk}-{person.feed_serial}")


def of_site(site: Site) -> str:
    """The token of a site's calendar."""
    return _signer().sign(f"{SITE}{site.pk}-{site.feed_serial}")


def read(token: str) -> Target | None:
    """Whose token it is; None for a forged or void one, for who has left, and for a login switched off. One query."""
    try:
        said = _signer().unsign(token)
        owner, serial = (int(part) for part in said[1:].split("-"))
    except (signing.BadSignature, ValueError):
        return None
    if said[0] == SITE:
        site = Site.objects.filter(pk=owner, feed_serial=serial).first()
        return Target(site=site) if site else None
    found = Person.objects.select_related("site", "user").filter(pk=owner, feed_serial=serial, is_active=True).first()
    if found is None or (found.user is not None and not found.user.is_active):
        return None
    return Target(person=found)


def _signer() -> signing.Signer:
    return signing.Signer(key=settings.LINK_KEY, sep=".", salt="staffing.feed")
