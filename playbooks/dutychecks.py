"""Checks of one duty against its playbook: known names, times that can work, and what fits its kind."""

from collections.abc import Callable
from typing import Final

from playbooks import law
from playbooks.finding import Finder

_TOKENS: Final = (law.TOLD, law.HOLDER)
_FORM_KINDS: Final = ("record", "report", "task", "decision", "acknowledgement")
_OUTSIDE_KINDS: Final = ("notification", "call", "report")
_CALLING_KINDS: Final = ("task", "notification", "arrival")
_TELL_KINDS: Final = ("notification", "report")
_POST: Final = ("岗位", "post")
_DUTY: Final = ("任务", "duty")
_LEVEL: Final = ("等级", "level")
_PARTY: Final = ("外部对象", "party")
_FORM: Final = ("表单", "form")
_FACT: Final = ("事实", "fact")


def check(playbook: law.Playbook, duty: law.DutyRule, finder: Finder) -> None:
    checker = _Checker(playbook, duty, finder)
    checks: tuple[Callable[[], None], ...] = (
        checker.names,
        checker.trigger,
        checker.effects,
        checker.times,
        checker.kind,
        checker.decision,
        checker.recipients,
        checker.call,
    )
    for one in checks:
        one()


class _Checker:
    def __init__(self, playbook: law.Playbook, duty: law.DutyRule, finder: Finder) -> None:
        self.playbook, self.duty, self.finder = playbook, duty, finder
        self.at = f"duties[{duty.key}]"
        self.posts = [post.key for post in playbook.posts]
        self.duties = [other.key for other in playbook.duties]
        self.levels = [level.key for level in playbook.levels]

    def wrong(self, rest: str, zh: str, en: str) -> None:
        self.finder.wrong(self.at, rest, zh, en)

    def known(self, rest: str, word: str, known: list[str], what: tuple[str, str]) -> None:
        self.finder.known(self.at, rest, word, known, what)

    def names(self) -> None:
        duty = self.duty
        self.known(".post", duty.post, self.posts, _POST)
        self.known(".form", duty.form, [form.key for form in self.playbook.forms], _FORM)
        for name in duty.tell:
            if name not in _TOKENS:
                self.known(f".tell[{name}]", name, self.posts, _POST)
        for name in duty.outside:
            self.known(f".outside[{name}]", name, [party.key for party in self.playbook.parties], _PARTY)
        for name in duty.replaces:
            self.known(f".replaces[{name}]", name, self.duties, _DUTY)
        for name in duty.apart_from:
            self.known(f".apart_from[{name}]", name, self.duties, _DUTY)
            if name == duty.key:
                self.wrong(f".apart_from[{name}]", "任务不能与自己分开", "a duty can't be apart from itself")
        if duty.calls_out is not None:
            self.known(".calls_out.post", duty.calls_out.post, self.posts, _POST)

    def trigger(self) -> None:
        opens = self.duty.opens
        if opens.event in ("level", "confirmed"):
            self.known(".opens.level", opens.argument, self.levels, _LEVEL)
        if opens.event in ("late", "done"):
            self.known(".opens.duty", opens.argument, self.duties, _DUTY)
        if opens.event == "end" and self.duty.gate == "end":
            self.wrong(".gate", "结束时才打开，不能作为结束的条件", "it opens at the end and can't gate it")
        if self.duty.life_safety and opens.event not in ("report", "facts"):
            self.wrong(
                ".opens",
                "生命安全任务只能在报告时或因事实而打开",
                "a life-safety duty opens at the report or on a fact",
            )

    def effects(self) -> None:
        duty = self.duty
        targets = {"tell": (self.posts, _POST), "open": (self.duties, _DUTY), "raise": (self.levels, _LEVEL)}
        for effect in duty.on_late:
            known, what = targets[effect.kind]
            self.known(f".on_late[{effect.argument}]", effect.argument, known, what)
        if duty.on_late and duty.minutes is None and duty.target_minutes is None:
            self.wrong(".on_late", "没有时限的任务不会超时", "a duty without a time never goes late")

    def times(self) -> None:
        if self.duty.minutes is not None and self.duty.target_minutes is not None:
            self.wrong(
                ".target_minutes",
                "预案时限与内部目标只能有一个",
                "either the plan's deadline (minutes) or an internal target (target_minutes), not both",
            )

    def kind(self) -> None:
        duty = self.duty
        if duty.tell and duty.kind not in _TELL_KINDS:
            self.wrong(".tell", "只有通知和报告类任务有对象", "only notifications and reports tell somebody")
        if duty.outside and duty.kind not in _OUTSIDE_KINDS:
            self.wrong(
                ".outside",
                "只有通知、通话和报告类任务有外部对象",
                "only notifications, calls and reports have parties outside",
            )
        if duty.form and duty.kind not in _FORM_KINDS:
            self.wrong(".form", f"{duty.kind} 类任务没有表单", f"a duty of kind {duty.kind} has no form")
        if duty.calls_out is not None and duty.kind not in _CALLING_KINDS:
            self.wrong(
                ".calls_out",
                "只有任务、通知和到场类任务召人",
                "only tasks, notifications and arrivals call people in",
            )

    def decision(self) -> None:
        duty = self.duty
        if duty.choices and duty.kind != "decision":
            self.wrong(".choices", "只有决定类任务有选项", "only a decision has choices")
        if duty.kind == "decision" and len(duty.choices) < 2:
            self.wrong("", "决定类任务需要至少两个选项", "a decision needs two or more choices")
        if duty.fact is not None:
            self.fact(duty.fact)

    def fact(self, metric: str) -> None:
        specs = self.playbook.specs
        self.known(".fact", metric, list(specs), _FACT)
        spec = specs.get(metric)
        if spec is None:
            return
        allowed = {choice.key for choice in spec.choices}
        if self.duty.kind != "decision" or not {choice.key for choice in self.duty.choices} <= allowed:
            self.wrong(
                ".fact",
                f"选项须都属于事实“{metric}”",
                f"the choices must all belong to the fact {metric}",
            )

    def recipients(self) -> None:
        if self.duty.kind == "notification" and not self.duty.tell and not self.duty.outside:
            self.wrong("", "通知类任务须写明对象（tell 或 outside）", "a notification needs tell or outside")

    def call(self) -> None:
        if self.duty.kind != "call":
            return
        numbers = {party.key: party.number for party in self.playbook.parties}
        reached = [numbers[name] for name in self.duty.outside if name in numbers]
        if len(self.duty.outside) != 1 or not all(reached):
            self.wrong(
                ".outside" if self.duty.outside else "",
                "通话类任务须有且仅有一个有号码的外部对象",
                "a call needs exactly one party outside, with a number",
            )
