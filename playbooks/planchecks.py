"""Checks across a playbook: every reference leads somewhere, deadlines can work, and no duty waits for itself."""

from collections.abc import Iterable, Iterator
from typing import Final

from playbooks import dutychecks, law, statutory
from playbooks.finding import Finder
from playbooks.mistakes import Ledger
from playbooks.planreader import Joined


def check(joined: Joined, ledger: Ledger) -> None:
    """Note every mistake that only shows when the whole playbook is known."""
    finder = Finder(joined, ledger)
    for duty in joined.playbook.duties:
        dutychecks.check(joined.playbook, duty, finder)
    _cycles(joined.playbook, finder)
    _levels(joined.playbook, finder)
    _forms(joined.playbook, finder)
    _statutory(joined.playbook, finder)


def _cycles(playbook: law.Playbook, finder: Finder) -> None:
    """A duty that only opens because of itself, however far around."""
    leads: dict[str, list[str]] = {duty.key: [] for duty in playbook.duties}
    for duty in playbook.duties:
        if duty.opens.event in ("late", "done") and duty.opens.argument in leads:
            leads[duty.opens.argument].append(duty.key)
        leads[duty.key].extend(e.argument for e in duty.on_late if e.kind == "open" and e.argument in leads)
    for key in leads:
        if key in _reachable(key, leads):
            finder.wrong(
                f"duties[{key}]", ".opens", f"任务“{key}”绕回打开自己", f"the duty {key} opens itself in a circle"
            )


def _reachable(start: str, leads: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(leads[start])
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting.extend(leads[key])
    return found


def _levels(playbook: law.Playbook, finder: Finder) -> None:
    lowest = min((level.rank for level in playbook.levels), default=0)
    seen: set[str] = set()
    for level in playbook.levels:
        at = f"levels[{level.key}]"
        if level.spacing_minutes is not None and (level.rank == lowest or level.starts != "proposed"):
            finder.wrong(
                at,
                ".spacing_minutes",
                "间隔只适用于最低等级以上、由人确认（starts: proposed）的等级",
                "spacing needs a level below and starts: proposed",
            )
        for rule in level.rules:
            if rule.key in seen:
                finder.wrong(
                    at, f".rules[{rule.key}]", f"规则“{rule.key}”重复", f"the rule {rule.key} is defined twice"
                )
            seen.add(rule.key)


def _forms(playbook: law.Playbook, finder: Finder) -> None:
    for form, item in _items(playbook.forms):
        if item.fact:
            at = f".items[{item.key}].fact"
            finder.known(f"forms[{form.key}]", at, item.fact, playbook.specs, _FACT)


def _items(forms: Iterable[law.Form]) -> Iterator[tuple[law.Form, law.Item]]:
    for form in forms:
        for item in form.items:
            yield form, item


def _statutory(playbook: law.Playbook, finder: Finder) -> None:
    if not playbook.statutory:
        return
    declared = {spec.metric: spec for spec in playbook.facts}
    for needed in statutory.FACTS:
        spec = declared.get(needed.metric)
        if spec is None or spec.kind != needed.kind or spec.unit not in statutory.UNITS[needed.metric]:
            finder.wrong_at(
                f"playbooks[{playbook.key}].statutory",
                f"法定等级需要事实 {needed.metric}（{needed.kind}，单位 {needed.unit or '无'}）",
                f"the statutory class needs {needed.metric} (kind {needed.kind}, unit {needed.unit or 'none'})",
            )


_FACT: Final = ("事实", "fact")
