"""Law bent for a test: a shipped playbook with other duties, facts or levels, as if it had been published so."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from playbooks import library, rules
from playbooks.law import DutyRule, Trigger


def duty(key: str, **more: Any) -> DutyRule:
    """A duty that opens with the report, held by the team leader of the call centre."""
    told: dict[str, Any] = {
        "requirements": (), "kind": "task", "post": "team_leader", "zh": f"职责 {key}", "en": f"duty {key}",
        "opens": Trigger("report"),
    }  # fmt: skip
    return DutyRule(key=key, **(told | more))


@contextmanager
def bent(playbook: rules.Playbook, **changes: Any) -> Iterator[rules.Playbook]:
    """The playbook changed for the length of a test; this process takes it for what was published."""
    other = replace(playbook, **changes)
    library._kept[playbook.id] = other
    try:
        yield other
    finally:
        library._kept[playbook.id] = playbook
