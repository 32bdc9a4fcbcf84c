"""The tables of the law: plans, their versions, and everything a version holds; published rows never change."""

from playbooks.models.duty import DutyRule, Effect
from playbooks.models.level import Condition, Level, Rule
from playbooks.models.plan import Party, Plan, PlanVersion, PostName
from playbooks.models.playbook import Form, Metric, Note, Playbook

__all__ = [
    "Condition",
    "DutyRule",
    "Effect",
    "Form",
    "Level",
    "Metric",
    "Note",
    "Party",
    "Plan",
    "PlanVersion",
    "Playbook",
    "PostName",
    "Rule",
]
