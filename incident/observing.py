"""Appends facts to a story."""

from collections.abc import Mapping
from datetime import datetime

from incident import chain
from incident.models import Fact
from incident.readings import Given, stored
from incident.story import Story


def write(story: Story, given: Mapping[str, Given], *, reason: str = "", at: datetime | None = None) -> None:
    """Append facts and their entry to the story. `at` (incident clock): when they were observed, default now."""
    said = []
    for metric, value in given.items():
        fact = Fact(
            incident=story.incident,
            metric=metric,
            value=stored(value.value),
            since=value.since,
            expected=value.expected,
            by=story.actor,
            at=at or story.at,
            recorded_at=story.now,
            reason=reason,
        )
        story.add_fact(fact)
        said.append({"metric": metric, "value": fact.value, "since": value.since.isoformat() if value.since else None})
    if said:
        chain.write(story, "facts", at=at, facts=said, reason=reason)
