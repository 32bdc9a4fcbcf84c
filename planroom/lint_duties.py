"""Duties that can never open, times that can't be kept, and life safety that waits for somebody's approval."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from incident import confirming
from planroom.findings import Finding
from planroom.lint_levels import is_reachable
from planroom.lint_ways import alternatives, is_possible, span_of
from playbooks.law import ELAPSED, DutyRule, Group, Playbook

# A step asks for its gates first; what opens at the step, or after it, waits for them.
GATES_BEFORE: Final = {"restore": ("restore",), "end": ("restore", "end")}
AFTER_RESTORE: Final = ("restore", "end")
MOST_DUTIES: Final = 300  # of one playbook; a plan has some dozens


def check(playbook: Playbook) -> Iterator[Finding]:
    """Everything about the duties of one playbook."""
    if len(playbook.duties) > MOST_DUTIES:
        yield Finding(
            "note",
            f"playbooks[{playbook.key}].duties",
            f"任务太多（{len(playbook.duties)} 项），没有检查先后和时限",
            f"Too many duties ({len(playbook.duties)}) to check their order and times",
        )
        return
    plan = _Plan(playbook)
    for duty in playbook.duties:
        yield from _never(plan, duty)
        yield from _too_short(plan, duty)
        yield from _behind_approval(plan, duty)
        yield from _without_clause(plan, duty)


@dataclass
class _Plan:
    """One playbook with what is asked of it again and again."""

    playbook: Playbook
    duties: dict[str, DutyRule] = field(init=False)
    reachable: dict[str, bool] = field(init=False)
    opening: set[str] = field(init=False)
    waits: dict[str, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.duties = {duty.key: duty for duty in self.playbook.duties}
        self.reachable = {level.key: is_reachable(self.playbook, level) for level in self.playbook.levels}
        self.opening = set()
        while True:
            fresh = {key for key, duty in self.duties.items() if key not in self.opening and self.can_open(duty)}
            if not fresh:
                break
            self.opening |= fresh

    def at(self, duty: DutyRule, rest: str = "") -> str:
        return f"playbooks[{self.playbook.key}].duties[{duty.key}]{rest}"

    def can_open(self, duty: DutyRule) -> bool:
        """Whether something known so far opens it."""
        opened_late = any(
            effect.kind == "open" and effect.argument == duty.key
            for key in self.opening
            for effect in self.duties[key].on_late
        )
        return opened_late or not self.why_not(duty)

    def why_not(self, duty: DutyRule) -> tuple[str, str] | None:
        """The reason in both languages why its own trigger never opens it; None where it can."""
        opens = duty.opens
        if duty.lapses_on == "restore" and opens.event in AFTER_RESTORE:
            return "恢复后才打开，却又在恢复时失效", "it opens after recovery and lapses at recovery"
        if opens.when is not None and not self._is_possible(opens.when):
            return "打开条件互相矛盾", "the conditions that open it contradict each other"
        if opens.event in ("level", "confirmed"):
            return self._level_never(opens.argument, only=opens.only)
        if opens.event in ("late", "done"):
            return self._other_never(opens.event, opens.argument)
        return None

    def _is_possible(self, group: Group) -> bool:
        return any(is_possible(terms, self.playbook.specs) for terms in alternatives(group))

    def _level_never(self, key: str, *, only: bool) -> tuple[str, str] | None:
        asked = next((level for level in self.playbook.levels if level.key == key), None)
        raised = {effect.argument for duty in self.duties.values() for effect in duty.on_late if effect.kind == "raise"}
        for level in self.playbook.levels:
            fits = asked is not None and (level.rank == asked.rank if only else level.rank >= asked.rank)
            if fits and (self.reachable[level.key] or level.key in raised):
                return None
        return f"它所等的等级“{key}”不可能达到", f"the level {key} that it waits for can't be reached"

    def _other_never(self, event: str, key: str) -> tuple[str, str] | None:
        other = self.duties.get(key)
        if other is None or key not in self.opening:
            return f"它所等的任务“{key}”不会打开", f"the duty {key} that it waits for never opens"
        if event == "late" and amount(other) is None:
            return f"任务“{key}”没有时限，不会超时", f"the duty {key} has no time and is never late"
        if event == "done" and other.kind == "prohibition":
            return f"“{key}”是禁令，没有完成一说", f"{key} is a prohibition and is never done"
        return None

    def wait(self, duty: DutyRule) -> Decimal:
        """Minutes from the report that the plan itself allows to pass before the duty opens; 0 within a circle."""
        if duty.key not in self.waits:
            self.waits[duty.key] = Decimal(0)
            self.waits[duty.key] = self._wait(duty)
        return self.waits[duty.key]

    def _wait(self, duty: DutyRule) -> Decimal:
        opens = duty.opens
        if opens.event in ("late", "done") and opens.argument in self.duties:
            return self.due(self.duties[opens.argument])
        if opens.event in ("level", "confirmed"):
            return self._until_level(opens.argument, confirmed=opens.event == "confirmed")
        if opens.event in GATES_BEFORE:
            gates = GATES_BEFORE[opens.event]
            waiting = [other for other in self.duties.values() if other.gate in gates and other.key != duty.key]
            return max((self.due(other) for other in waiting), default=Decimal(0))
        return Decimal(0) if opens.when is None else self._earliest(opens.when)

    def due(self, duty: DutyRule) -> Decimal:
        """Minutes from the report until the duty is due; its opening where it has no time of its own."""
        minutes = amount(duty)
        if minutes is not None and duty.anchor != "opened":
            return minutes
        return self.wait(duty) + (minutes or 0)

    def _until_level(self, key: str, *, confirmed: bool) -> Decimal:
        level = next((level for level in self.playbook.levels if level.key == key), None)
        if level is None:
            return Decimal(0)
        earliest = min((self._earliest(rule.when) for rule in level.rules), default=Decimal(0))
        by_person = level.starts == "proposed" or (confirmed and level.starts != "confirmed")
        return earliest + (confirming.TARGET_MINUTES if by_person else 0)

    def _earliest(self, group: Group) -> Decimal:
        """The shortest time after which the tree can hold, by what it asks of the time since it happened."""
        found = []
        for terms in alternatives(group):
            low = span_of(terms, ELAPSED).low
            found.append(max(low or Decimal(0), max((term.hold_minutes for term in terms), default=Decimal(0))))
        return min(found, default=Decimal(0))


def amount(duty: DutyRule) -> Decimal | None:
    """The minutes of the plan or of the site's own target."""
    return duty.minutes if duty.minutes is not None else duty.target_minutes


def _never(plan: _Plan, duty: DutyRule) -> Iterator[Finding]:
    if duty.key in plan.opening:
        return
    reason = plan.why_not(duty) or ("没有什么会打开它", "nothing opens it")
    yield Finding(
        "warning",
        plan.at(duty, ".opens"),
        f"任务“{duty.key}”永远不会打开：{reason[0]}",
        f"The duty {duty.key} can never open: {reason[1]}",
    )


def _too_short(plan: _Plan, duty: DutyRule) -> Iterator[Finding]:
    """Its own time is over before what it waits for is due."""
    minutes = amount(duty)
    if minutes is None:
        return
    named = ".minutes" if duty.minutes is not None else ".target_minutes"
    wait = plan.wait(duty)
    if duty.anchor != "opened" and minutes <= wait:
        yield Finding(
            "warning",
            plan.at(duty, named),
            f"时限 {minutes:f} 分钟从事发或报告起算，但它前面的步骤可用到第 {wait:f} 分钟：打开时已经超时",
            f"{minutes:f} minutes count from the event or report, but what comes first may take until minute {wait:f}: "
            "it is late when it opens",
        )
    due = plan.due(duty)
    for key in duty.apart_from:
        other = plan.duties.get(key)
        if other is not None and amount(other) is not None and plan.due(other) > due:
            yield Finding(
                "warning",
                plan.at(duty, named),
                f"须由“{key}”完成人以外的人办理，但它第 {due:f} 分钟到期，早于“{key}”的第 {plan.due(other):f} 分钟",
                f"Somebody else than whoever finished {key} does it, but it is due at minute {due:f}, before {key} "
                f"at minute {plan.due(other):f}",
            )


def _behind_approval(plan: _Plan, duty: DutyRule) -> Iterator[Finding]:
    """Life safety waits for nobody."""
    if not duty.life_safety:
        return
    if duty.signers > 1:
        yield Finding(
            "warning",
            plan.at(duty, ".signers"),
            f"生命安全任务须 {duty.signers} 人签认才算完成",
            f"A life-safety duty is only done when {duty.signers} persons have signed",
        )
    for key in _decisions_before(plan, duty):
        yield Finding(
            "warning",
            plan.at(duty, ".opens"),
            f"生命安全任务要等决定“{key}”作出后才打开",
            f"A life-safety duty waits for the decision {key}",
        )


def _decisions_before(plan: _Plan, duty: DutyRule) -> list[str]:
    """Decisions without which none of the ways to open it can hold."""
    if duty.opens.event == "done":
        return [duty.opens.argument]
    if duty.opens.when is None:
        return []
    decided = {other.fact: other.key for other in plan.duties.values() if other.fact}
    asked = {spec.metric for spec in plan.playbook.facts if spec.asked}
    ways = [{term.metric for term in terms} for terms in alternatives(duty.opens.when)]
    behind = set.intersection(*ways) if ways else set()
    return [key for metric, key in decided.items() if metric in behind - asked]


def _without_clause(plan: _Plan, duty: DutyRule) -> Iterator[Finding]:
    if duty.minutes is None:
        return
    if not duty.clause_zh or not duty.clause_en:
        yield Finding(
            "warning",
            plan.at(duty, ".minutes"),
            "预案时限没有写明条款",
            "A deadline of the plan without its clause",
        )
    elif not duty.requirements:
        yield Finding(
            "warning",
            plan.at(duty, ".minutes"),
            "时限只是本站规则，却写成预案时限；请用 target_minutes，或补上条目编号",
            "The time is a site rule and not the plan's: use target_minutes, or name the requirement",
        )
