"""`manage.py state_diagram`: the road of an incident as a Mermaid diagram, read off the state machine itself."""

from typing import Any

from django.core.management.base import BaseCommand
from django_fsm import get_all_FIELD_transitions

from incident.models import Incident

FIELD = Incident._meta.get_field("state")


def diagram() -> str:
    """The diagram that docs/algorithm-settle.md holds; a house test compares them."""
    found = sorted({(step.source, step.target, step.name) for step in get_all_FIELD_transitions(Incident(), FIELD)})
    lines = ["stateDiagram-v2", "    [*] --> reported: report"]
    lines += [f"    {source} --> {target}: {name}" for source, target, name in found]
    return "\n".join([*lines, "    closed --> [*]", "    cancelled --> [*]"])


class Command(BaseCommand):
    help = "Print the state machine of an incident as a Mermaid diagram."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(diagram())
