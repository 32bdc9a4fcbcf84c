"""Builders for rosters and seats: shifts, kinds of shift, leave, queues; plain names, sensible defaults."""

from datetime import datetime, time, timedelta

from staffing.models import Absence, Holder, Person, Post, Queue, Shift, ShiftKind, Site

HOUR = timedelta(hours=1)


def kind(site: Site, key: str = "day", zh: str = "白", starts: int = 8, ends: int = 16, **more) -> ShiftKind:
    """A kind of shift, from and to a full hour."""
    values = {"zh": zh, "en": key.capitalize(), "starts": time(starts % 24), "ends": time(ends % 24), **more}
    return ShiftKind.objects.update_or_create(site=site, key=key, defaults=values)[0]


def person(site: Site, name: str = "示例新人", **more) -> Person:
    """A person of the site, found by name or made."""
    return Person.objects.filter(site=site, name=name).first() or Person.objects.create(site=site, name=name, **more)


def post(site: Site, key: str, **more) -> Post:
    """A post of the site, found by key or made."""
    made, _ = Post.objects.get_or_create(site=site, key=key, defaults={"zh": key, "en": key, **more})
    return made


def shift(on: Post, who: Person, starts_at: datetime, hours: float = 8, **more) -> Shift:
    """A shift of so many hours."""
    return Shift.objects.create(post=on, person=who, starts_at=starts_at, ends_at=starts_at + hours * HOUR, **more)


def leave(who: Person, starts_at: datetime, hours: float = 24, **more) -> Absence:
    """Away for so many hours."""
    return Absence.objects.create(person=who, starts_at=starts_at, ends_at=starts_at + hours * HOUR, **more)


def vacant(on: Post) -> Post:
    """Nobody holds the post any more."""
    Holder.objects.filter(post=on).delete()
    return on


def queue(site: Site, key: str = "hotline", **more) -> Queue:
    """A queue with thirty seats, found by key or made; what is given is set."""
    values = {"zh": "示例热线", "en": "Sample hotline", "seats": 30, **more}
    return Queue.objects.update_or_create(site=site, key=key, defaults=values)[0]
