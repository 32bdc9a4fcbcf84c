"""Appends facts to a story."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from incident import chain
from incident.models import Fact
from incident.readings import Given, stored
from incident.story import Story

SYSTEM: Final = "system"  # the source of what the console itself starts


def write(
    story: Story,
    given: Mapping[str, Given],
    *,
    reason: str = "",
    at: datetime | None = None,
    heard_at: datetime | None = None,
    source: str = "",
) -> None:
    """Append facts and their entry to the story. `at` (incident clock): when they were observed, default now.

    `heard_at`: the source has gone silent and was last heard then; its timers stand there.
    """
    said: list[dict[str, Any]] = []
    by = None if story.settling else story.actor
    for metric, value in given.items():
        fact = Fact(
            incident=story.incident,
            metric=metric,
            value=stored(value.value),
            since=value.since,
            expected=value.expected,
            source=source or ("person" if by else SYSTEM),
            by=by,
            at=at or story.at,
            heard_at=heard_at,
            recorded_at=story.now,
            reason=reason,
        )
        story.add_fact(fact)
        said.append(_said(fact))
    if said:
        chain.write(story, "facts", at=at, facts=said, reason=reason)


def from_report(story: Story) -> None:
    """Start the stopwatches that run from the report, unless somebody gave them: written by the system."""
    known = {fact.metric for fact in story.facts}
    started = {
        spec.metric: Given(since=story.incident.reported_at)
        for spec in story.playbook.facts
        if spec.from_report and spec.metric not in known
    }
    with story.as_system():
        write(story, started, at=story.incident.reported_at)


def _said(fact: Fact) -> dict[str, Any]:
    """A fact as its entry holds it; what is usual is left out."""
    said: dict[str, Any] = {
        "metric": fact.metric,
        "value": fact.value,
        "since": fact.since.isoformat() if fact.since else None,
    }
    if fact.expected:
        said["expected"] = True
    if fact.heard_at:
        said["heard_at"] = fact.heard_at.isoformat()
    return said
