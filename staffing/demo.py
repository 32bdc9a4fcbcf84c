"""The demo: sites, posts, people and accounts out of a file, added where missing and otherwise left as they are."""

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.crypto import salted_hmac

from staffing import granting
from staffing.models import Contact, Holder, Person, Post, Queue, Site, User


def read(path: Path) -> dict[str, Any]:
    """Return the demo file as it is written."""
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def load(demo: Mapping[str, Any], passwords: Mapping[str, str], seen: Collection[str] = ()) -> set[str]:
    """Add whatever of the demo is missing, in one transaction; what somebody edited since stays edited.

    `passwords`: username -> password. An account whose password is already that one keeps its hash, and with it
    the sessions of whoever is signed in. `seen`: marks of an earlier load; those of this one are returned. A hash
    and a password that were seen together need not be compared again, which is slow on purpose.
    """
    with transaction.atomic():
        users = {row["username"]: _account(row) for row in demo["accounts"]}
        sites = {row["key"]: _site(row) for row in demo["sites"]}
        for row in demo["sites"]:
            _fill(sites[row["key"]], row, demo["post_sets"], users)
        for row in demo["accounts"]:
            for site_key, role in row["roles"].items():
                granting.grant(users[row["username"]], sites[site_key], role)
        return _set_passwords(users, passwords, seen)


def _account(row: Mapping[str, Any]) -> User:
    user, _ = User.objects.get_or_create(username=row["username"], defaults={"name": row["name"]})
    return user


def _site(row: Mapping[str, Any]) -> Site:
    fields = {name: row[name] for name in ("zh", "en", "place_zh", "place_en", "plans")}
    opened_at = row["opened_at"]
    fields["opened_at"] = opened_at if isinstance(opened_at, datetime) else datetime.fromisoformat(opened_at)
    site, _ = Site.objects.get_or_create(key=row["key"], defaults=fields)
    return site


def _fill(site: Site, row: Mapping[str, Any], post_sets: Mapping[str, Any], users: Mapping[str, User]) -> None:
    posts = {}
    for post in (post for plan in row["plans"] for post in post_sets[plan]):
        posts[post["key"]], _ = Post.objects.get_or_create(
            site=site, key=post["key"], defaults={name: value for name, value in post.items() if name != "key"}
        )
    for queue in row.get("queues", ()):
        values = {name: value for name, value in queue.items() if name != "key"}
        Queue.objects.get_or_create(site=site, key=queue["key"], defaults=values)
    for who in row["people"]:
        person = Person.objects.filter(site=site, name=who["name"]).order_by("pk").first()
        if person is None:
            person = Person.objects.create(site=site, name=who["name"], user=users.get(who.get("user", "")))
            contacts(person, who)
        for key, rank in who["holds"].items():
            if not Holder.objects.filter(post=posts[key], person=person).exists():
                Holder.objects.create(post=posts[key], person=person, rank=rank, starts_at=site.opened_at)


def contacts(person: Person, who: Mapping[str, Any]) -> None:
    """Give a new person the screen (with a login), the mail address and the telephone of the file, in this order."""
    channels = [(Contact.Channel.IN_APP, "")] if person.user_id else []
    channels += [(Contact.Channel.EMAIL, who["email"]), (Contact.Channel.PHONE, who["phone"])]
    for order, (channel, address) in enumerate(channels, start=1):
        Contact.objects.create(person=person, channel=channel, address=address, order=order)


def _set_passwords(users: Mapping[str, User], passwords: Mapping[str, str], seen: Collection[str]) -> set[str]:
    """Hashing is slow on purpose and leaves the interpreter free: side by side it takes a fraction of the time."""
    wanted = {name: passwords[name] for name in users if name in passwords}
    unsure = {name: password for name, password in wanted.items() if _mark(users[name], password) not in seen}
    with ThreadPoolExecutor() as pool:
        hashes = pool.map(lambda name: _hash(users[name].password, unsure[name]), unsure)
        for name, encoded in zip(unsure, hashes, strict=True):
            if encoded != users[name].password:
                users[name].password = encoded
                users[name].save(update_fields=["password"])
    return {_mark(users[name], password) for name, password in wanted.items()}


def _mark(user: User, password: str) -> str:
    return salted_hmac("staffing.demo", f"{user.password}:{password}", algorithm="sha256").hexdigest()


def _hash(encoded: str, password: str) -> str:
    return encoded if encoded and check_password(password, encoded) else make_password(password)
