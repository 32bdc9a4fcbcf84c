"""Counters of topics: raised last in the transaction that changes something, compared by whoever shows it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import connection, transaction

from incident.live import pokes

_RAISE = """
    INSERT INTO incident_topic AS topic (name, number)
    SELECT name, 1 FROM unnest(%s::text[]) AS name
    ON CONFLICT (name) DO UPDATE SET number = topic.number + 1
    RETURNING name, number
"""
_HEADS = """
    SELECT clock_timestamp(), (
        SELECT coalesce(json_object_agg(name, number), '{}') FROM incident_topic WHERE name = ANY(%s)
    )
"""


def incident(number: str) -> str:
    return f"incident:{number}"


def site(site_id: int) -> str:
    return f"site:{site_id}"


def user(user_id: int) -> str:
    return f"user:{user_id}"


def touch(changed: Mapping[str, Iterable[str]]) -> None:
    """Raise the counter of each topic and tell its viewers, after the commit, which regions changed.

    `changed` maps a topic to the ids of its changed regions; none named means all of them (for `user:ID`: the
    personal ones). One statement, rows locked in name order: it must be the last SQL of the transaction, so that no
    two transactions ever wait for each other and nobody waits long.
    """
    if not changed:
        return
    with connection.cursor() as cursor:
        cursor.execute(_RAISE, [sorted(changed)])
        numbers = cursor.fetchall()
    news = [pokes.Poke(name, number, frozenset(changed[name])) for name, number in numbers]
    transaction.on_commit(lambda: pokes.send(news), robust=True)


def heads(names: Iterable[str]) -> dict[str, int]:
    """Return the present number of each topic; 0 for one that was never raised. One query."""
    return heads_at(names)[1]


def heads_at(names: Iterable[str]) -> tuple[datetime, dict[str, int]]:
    """Return the database's wall clock and the present numbers, read together. One query."""
    wanted = sorted(set(names))
    with connection.cursor() as cursor:
        cursor.execute(_HEADS, [wanted])
        now, found = cursor.fetchone()
    return now, {name: found.get(name, 0) for name in wanted}
