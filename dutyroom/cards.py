"""People as cards (vCard 3.0) for telephones and address books."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import vobject

from incident.screens import room_words as say
from staffing.models import Contact, Person

MOST_OCTETS = 75
UNFOLDED = 10**9  # the library counts characters where octets are meant
TYPES = {Contact.Channel.PHONE.value: "cell", Contact.Channel.OFFICE.value: "work"}


def write(people: Iterable[tuple[Person, Sequence[str]]], now: datetime) -> str:
    """The cards of people with the posts they hold; lines end and fold as RFC 2425 wants, also within Chinese."""
    lines = "".join(_card(person, posts, now).serialize(lineLength=UNFOLDED) for person, posts in people)
    return "".join(_folded(line) for line in lines.split("\r\n") if line)


def _card(person: Person, posts: Sequence[str], now: datetime) -> Any:
    card = vobject.vCard()
    card.add("fn").value = person.name
    card.add("n").value = vobject.vcard.Name(family=person.name)
    organisation = [say.pick(person.site)]
    if person.department is not None:
        organisation.append(say.pick(person.department))
    card.add("org").value = organisation
    if posts:
        card.add("title").value = posts[0]
        card.add("role").value = "、".join(posts)
    for contact in sorted(person.contacts.all(), key=lambda one: (one.order, one.pk)):
        _add(card, contact)
    card.add("uid").value = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{person.site.key}/people/{person.pk}"))
    card.add("rev").value = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return card


def _add(card: Any, contact: Contact) -> None:
    if contact.channel in TYPES:
        line = card.add("tel")
        line.value, line.type_param = contact.address, TYPES[contact.channel]
    elif contact.channel == Contact.Channel.EMAIL:
        line = card.add("email")
        line.value, line.type_param = contact.address, "internet"


def _folded(line: str) -> str:
    """The line in pieces of at most 75 octets, none of which ends within a character."""
    parts, size = [""], 0
    for character in line:
        octets = len(character.encode())
        if size + octets > MOST_OCTETS:
            parts.append(" ")
            size = 1
        parts[-1] += character
        size += octets
    return "\r\n".join(parts) + "\r\n"
