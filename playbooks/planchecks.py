"""Checks across a plan: every reference leads somewhere, deadlines can work, and no duty waits for itself."""

from collections.abc import Iterable, Iterator
from typing import Final

from playbooks import law
from playbooks.mistakes import Ledger, hint

_TOLD_BY_TOKEN: Final = (law.TOLD, law.HOLDER)


def check(posts: tuple[law.Post, ...], playbooks: tuple[law.Playbook, ...], ledger: Ledger) -> None:
    """Note every mistake that only shows when the whole plan is known."""
    known_posts = [post.key for post in posts]
    for playbook in playbooks:
        checker = _Checker(playbook, known_posts, ledger)
        for duty in playbook.duties:
            checker.duty(duty)
        checker.cycles()
        checker.rule_keys()


class _Checker:
    def __init__(self, playbook: law.Playbook, posts: list[str], ledger: Ledger) -> None:
        self.playbook, self.ledger = playbook, ledger
        self.posts = posts
        self.duties = {duty.key: duty for duty in playbook.duties}
        self.levels = [level.key for level in playbook.levels]

    def at(self, duty: law.DutyRule, rest: str = "") -> str:
        return f"playbooks[{self.playbook.key}].duties[{duty.key}]{rest}"

    def wrong(self, duty: law.DutyRule, rest: str, zh: str, en: str) -> None:
        self.ledger.add_at(self.at(duty, rest), zh, en)

    def known(self, duty: law.DutyRule, rest: str, word: str, known: Iterable[str], what: tuple[str, str]) -> None:
        if word and word not in known:
            zh, en = hint(word, known)
            self.wrong(duty, rest, f"未知的{what[0]}“{word}”{zh}", f"unknown {what[1]} {word}{en}")

    def duty(self, duty: law.DutyRule) -> None:
        self.known(duty, ".post", duty.post, self.posts, _POST)
        for name in duty.tell:
            if name not in _TOLD_BY_TOKEN:
                self.known(duty, f".tell[{name}]", name, self.posts, _POST)
        for name in duty.replaces:
            self.known(duty, f".replaces[{name}]", name, self.duties, _DUTY)
        self.trigger(duty)
        self.effects(duty)
        self.times(duty)
        self.kind(duty)

    def trigger(self, duty: law.DutyRule) -> None:
        if duty.opens.event in ("level", "confirmed"):
            self.known(duty, ".opens.level", duty.opens.argument, self.levels, _LEVEL)
        if duty.opens.event in ("late", "done"):
            self.known(duty, ".opens.duty", duty.opens.argument, self.duties, _DUTY)
        if duty.opens.event == "end" and duty.gate == "end":
            self.wrong(duty, ".gate", "结束时才打开，不能作为结束的条件", "it opens at the end and can't gate it")
        if duty.life_safety and duty.opens.event not in ("report", "facts"):
            self.wrong(
                duty,
                ".opens",
                "生命安全任务只能在报告时或因事实而打开",
                "a life-safety duty opens at the report or on a fact",
            )

    def effects(self, duty: law.DutyRule) -> None:
        targets = {"tell": (self.posts, _POST), "open": (list(self.duties), _DUTY), "raise": (self.levels, _LEVEL)}
        for effect in duty.on_late:
            known, what = targets[effect.kind]
            self.known(duty, f".on_late[{effect.argument}]", effect.argument, known, what)
        if duty.on_late and duty.minutes is None and duty.target_minutes is None:
            self.wrong(duty, ".on_late", "没有时限的任务不会超时", "a duty without a time never goes late")

    def times(self, duty: law.DutyRule) -> None:
        if duty.minutes is not None and duty.target_minutes is not None:
            self.wrong(
                duty,
                ".target_minutes",
                "预案时限与内部目标只能有一个",
                "either the plan's deadline (minutes) or an internal target (target_minutes), not both",
            )

    def kind(self, duty: law.DutyRule) -> None:
        if duty.choices and duty.kind != "decision":
            self.wrong(duty, ".choices", "只有决定类任务有选项", "only a decision has choices")
        if duty.kind == "decision" and len(duty.choices) < 2:
            self.wrong(duty, "", "决定类任务需要至少两个选项", "a decision needs two or more choices")
        if duty.tell and duty.kind not in ("notification", "report"):
            self.wrong(duty, ".tell", "只有通知和报告类任务有对象", "only notifications and reports tell somebody")
        if duty.fact is not None:
            self.fact(duty, duty.fact)

    def fact(self, duty: law.DutyRule, metric: str) -> None:
        specs = self.playbook.specs
        self.known(duty, ".fact", metric, specs, ("事实", "fact"))
        spec = specs.get(metric)
        if spec is None:
            return
        allowed = {choice.key for choice in spec.choices}
        if duty.kind != "decision" or not {choice.key for choice in duty.choices} <= allowed:
            self.wrong(
                duty,
                ".fact",
                f"选项须都属于事实“{metric}”",
                f"the choices must all belong to the fact {metric}",
            )

    def cycles(self) -> None:
        """A duty that only opens because of itself, however far around."""
        leads: dict[str, list[str]] = {key: [] for key in self.duties}
        for duty in self.duties.values():
            if duty.opens.event in ("late", "done") and duty.opens.argument in leads:
                leads[duty.opens.argument].append(duty.key)
            leads[duty.key].extend(e.argument for e in duty.on_late if e.kind == "open" and e.argument in leads)
        for key, duty in self.duties.items():
            if key in _reachable(key, leads):
                self.wrong(duty, ".opens", f"任务“{key}”绕回打开自己", f"the duty {key} opens itself in a circle")

    def rule_keys(self) -> None:
        seen: set[str] = set()
        for level, rule in _rules(self.playbook):
            if rule.key in seen:
                path = f"playbooks[{self.playbook.key}].levels[{level.key}].rules[{rule.key}]"
                self.ledger.add_at(path, f"规则“{rule.key}”重复", f"the rule {rule.key} is defined twice")
            seen.add(rule.key)


_POST: Final = ("岗位", "post")
_DUTY: Final = ("任务", "duty")
_LEVEL: Final = ("等级", "level")


def _rules(playbook: law.Playbook) -> Iterator[tuple[law.Level, law.Rule]]:
    for level in playbook.levels:
        for rule in level.rules:
            yield level, rule


def _reachable(start: str, leads: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(leads[start])
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting.extend(leads[key])
    return found
