"""The parts of a plan one by one, each with the path under which a plan file holds it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playbooks import law
from playbooks.planfile import PlanDocument


@dataclass(frozen=True, slots=True)
class Element:
    """One part: its kind, its path (`playbooks[HJ-2].duties[HJ-2-05]`) and the law itself.

    `key` names it within its playbook; `playbook` is empty for what belongs to the whole plan. `parent` is the key of
    the level that holds a rule.
    """

    kind: str
    path: str
    key: str
    part: Any
    playbook: str = ""
    parent: str = ""


def walk(document: PlanDocument) -> Iterator[Element]:
    """Every part in the order of the file."""
    for post in document.posts:
        yield Element("post", f"posts[{post.key}]", post.key, post)
    for party in getattr(document, "parties", ()) or _parties(document):
        yield Element("party", f"parties[{party.key}]", party.key, party)
    for playbook in document.playbooks:
        yield Element("playbook", f"playbooks[{playbook.key}]", "", playbook, playbook.key)
        yield from within(playbook)


def _parties(document: PlanDocument) -> tuple[law.Party, ...]:
    return document.playbooks[0].parties if document.playbooks else ()


def within(playbook: law.Playbook) -> Iterator[Element]:
    """The parts of one playbook."""
    root = f"playbooks[{playbook.key}]"
    for spec in playbook.facts:
        yield Element("fact", f"{root}.facts[{spec.metric}]", spec.metric, spec, playbook.key)
    for level in playbook.levels:
        path = f"{root}.levels[{level.key}]"
        yield Element("level", path, level.key, level, playbook.key)
        for rule in level.rules:
            yield Element("rule", f"{path}.rules[{rule.key}]", rule.key, rule, playbook.key, level.key)
    for duty in playbook.duties:
        yield Element("duty", f"{root}.duties[{duty.key}]", duty.key, duty, playbook.key)
    for note in playbook.notes:
        yield Element("note", f"{root}.notes[{note.key}]", note.key, note, playbook.key)
    for form in playbook.forms:
        path = f"{root}.forms[{form.key}]"
        yield Element("form", path, form.key, form, playbook.key)
        for item in form.items:
            yield Element("item", f"{path}.items[{item.key}]", f"{form.key}.{item.key}", item, playbook.key, form.key)
