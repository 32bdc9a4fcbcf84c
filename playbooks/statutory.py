"""The accident class of decree 493, article 3, kept apart from the plan's own level: the worst dimension decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from playbooks.law import Colour, Condition, FactSpec, Group, Level, Op, Reading, Rule, Words
from playbooks.rules import Verdict, decide

DEATHS: Final = FactSpec("deaths", "count", zh="死亡人数", en="deaths")
INJURED: Final = FactSpec("seriously_injured", "count", zh="重伤人数", en="seriously injured")
LOSS: Final = FactSpec("loss_yuan", "measure", unit="yuan", zh="直接经济损失", en="direct loss")
FACTS: Final = (DEATHS, INJURED, LOSS)
# Units in which a playbook may count them; any other would miss the decree's numbers.
UNITS: Final = {
    DEATHS.metric: ("", "persons", "人"),
    INJURED.metric: ("", "persons", "人"),
    LOSS.metric: ("", "yuan", "元"),
}
LAW: Final = Words("《生产安全事故报告和调查处理条例》（国务院令第493号）第三条", "State Council decree 493, article 3")
_SPECS: Final = {spec.metric: spec for spec in FACTS}


@dataclass(frozen=True, slots=True)
class StatutoryClass:
    """The class as far as it is known: `key` None is none yet, `at_most` None as well means there is no accident.

    `clauses` say which number of the decree is reached; `missing` are metrics nobody gave that could still raise it.
    """

    key: str | None
    zh: str
    en: str
    at_most: str | None
    clauses: tuple[Words, ...]
    missing: tuple[str, ...]
    sentence: Words


def _level(key: str, rank: int, colour: Colour, zh: str, en: str, bounds: tuple[tuple[Op, int], ...]) -> Level:
    return Level(
        key,
        rank,
        colour,
        "confirmed",
        zh,
        en,
        tuple(_rule(key, spec, *bound) for spec, bound in zip(FACTS, bounds, strict=True)),
    )


def _rule(level: str, spec: FactSpec, op: Op, number: int) -> Rule:
    zh, en = _clause(spec, op, number)
    when = Group("all", (Condition(spec.metric, op, Decimal(number)),))
    return Rule(f"{level}-{spec.metric}", zh, en, (), when, zh, en)


def _clause(spec: FactSpec, op: Op, number: int) -> tuple[str, str]:
    if op == "more_than":
        return f"有{spec.zh}", f"any {spec.en}"
    if spec is LOSS:
        return f"{spec.zh} {_yuan(number)}以上", f"{spec.en} of {number:,} yuan or more"
    return f"{spec.zh[:2]} {number} 人以上", f"{number} or more {spec.en}"


def _yuan(number: int) -> str:
    return f"{number // 100_000_000} 亿元" if number >= 100_000_000 else f"{number // 10_000} 万元"


CLASSES: Final = (
    _level("general", 1, "blue", "一般事故", "General accident", (("at_least", 1), ("at_least", 1), ("more_than", 0))),
    _level(
        "larger",
        2,
        "yellow",
        "较大事故",
        "Larger accident",
        (("at_least", 3), ("at_least", 10), ("at_least", 10_000_000)),
    ),
    _level(
        "major",
        3,
        "orange",
        "重大事故",
        "Major accident",
        (("at_least", 10), ("at_least", 50), ("at_least", 50_000_000)),
    ),
    _level(
        "special_major",
        4,
        "red",
        "特别重大事故",
        "Especially major accident",
        (("at_least", 30), ("at_least", 100), ("at_least", 100_000_000)),
    ),
)
_BY_KEY: Final = {level.key: level for level in CLASSES}


def classify(facts: Mapping[str, Reading], now: datetime) -> StatutoryClass:
    """The class that deaths, serious injuries and direct loss give; what was only expected does not count."""
    verdict = decide(CLASSES, _SPECS, facts, now)
    level = _BY_KEY.get(verdict.level or "")
    return StatutoryClass(
        key=verdict.level,
        zh=level.zh if level else "",
        en=level.en if level else "",
        at_most=verdict.at_most,
        clauses=tuple(Words(clause.zh, clause.en) for clause in verdict.clauses),
        missing=_missing(verdict),
        sentence=_sentence(verdict, level),
    )


def _missing(verdict: Verdict) -> tuple[str, ...]:
    return () if verdict.at_most == verdict.level else verdict.missing


def _sentence(verdict: Verdict, level: Level | None) -> Words:
    """The class in words, what it rests on, and what could still raise it."""
    if level is None and verdict.at_most is None:
        zh, en = "不构成（无死亡、无重伤、无直接经济损失）", "none (nobody dead or seriously injured, no direct loss)"
    elif level is None:
        zh, en = "尚不能确定", "not determined"
    else:
        zh = f"{level.zh}（{'；'.join(clause.zh for clause in verdict.clauses)}）"
        en = f"{level.en} ({'; '.join(clause.en for clause in verdict.clauses)})"
    missing = [_SPECS[metric] for metric in _missing(verdict)]
    if missing:
        zh += f"；尚缺{'、'.join(spec.zh for spec in missing)}"
        en += f"; still missing: {', '.join(spec.en for spec in missing)}"
    return Words(f"法定事故等级：{zh}。依据{LAW.zh}。", f"Statutory accident class: {en}. {LAW.en}.")
