"""The closing panel: the gates of the plan, what is missing at each, and who can give it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from incident import access, lifecycle
from incident.models.incident import State
from incident.screens.room_actions import Actions, Task
from incident.screens.room_head import Head, StepButton
from incident.screens.room_rows import Rows

GATES = ("restore", "declare_end", "close")
GATE_OF_STEP = {"restore": "restore", "declare_end": "end", "close": "close"}


@dataclass(frozen=True, slots=True)
class Condition:
    """A duty that a gate waits for."""

    task: Task
    who: str


@dataclass(frozen=True, slots=True)
class Gate:
    """One step on the way out. `passed_at`: it has been taken."""

    step: str
    words: str
    button: StepButton | None
    conditions: tuple[Condition, ...]
    missing: tuple[str, ...]
    passed_at: datetime | None
    is_next: bool
    waits_for: str = ""  # why the step is not there for this reader

    @property
    def met(self) -> int:
        return sum(not condition.task.is_open for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class Closing:
    gates: tuple[Gate, ...]
    met: int
    total: int
    is_over: bool


def build(rows: Rows, head: Head, actions: Actions) -> Closing:
    buttons = {button.name: button for button in head.steps}
    names = {"restore": _("转入恢复"), "declare_end": _("宣布结束"), "close": _("关闭")}
    incident = rows.incident
    passed = {"restore": incident.restored_at, "declare_end": incident.ended_at, "close": incident.closed_at}
    upcoming = next((step for step in GATES if passed[step] is None), "")
    who = {task.id: _who(card.words, card.holder) for card in actions.cards for task in card.tasks}
    every = [task for card in actions.cards for task in card.tasks] + list(actions.urgent)
    gates = []
    for step in GATES:
        conditions = tuple(Condition(task, who.get(task.id, "")) for task in every if task.gate == GATE_OF_STEP[step])
        button = buttons.get(step)
        missing = button.missing if button and step == upcoming else ()
        waits = "" if button else _waits_for(rows, step)
        gates.append(Gate(step, names[step], button, conditions, missing, passed[step], step == upcoming, waits))
    held = [condition for gate in gates for condition in gate.conditions]
    return Closing(
        gates=tuple(gates),
        met=sum(not condition.task.is_open for condition in held),
        total=len(held),
        is_over=incident.state in (State.CLOSED, State.CANCELLED),
    )


def _waits_for(rows: Rows, step: str) -> str:
    """Why a reader has no button for the step: the state, or the role."""
    verb = lifecycle.STEPS[step]
    if verb not in rows.verbs:
        return access.denial(verb)
    return _("先接手事件。") if rows.incident.state == State.REPORTED else ""


def _who(post: str, holder: str) -> str:
    return " · ".join(filter(None, (post, holder)))
