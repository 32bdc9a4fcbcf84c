"""Two numbers that a rule weighs together as a map: which level each corner of the plane gives, and where we stand."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from incident.screens import room_words as say
from planroom import trying
from planroom.screens import saying
from playbooks import law, reasons, rules, truth

if TYPE_CHECKING:
    from planroom.trying import Trial

LEFT, RIGHT, TOP, BOTTOM = 36, 316, 8, 148
NUMBERS = ("stopwatch", "measure", "count")
LEAST_LABEL = 26  # a zone narrower than that has no room for its word


@dataclass(frozen=True, slots=True)
class Zone:
    """A rectangle of one level; `words` where there is room for them."""

    colour: str
    x: float
    y: float
    width: float
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Map:
    """`here_x`, `here_y`: what was typed, None where either number is unknown."""

    across: str
    up: str
    zones: tuple[Zone, ...]
    ticks_x: tuple[Tick, ...]
    ticks_y: tuple[Tick, ...]
    here_x: float | None
    here_y: float | None


def build(book: law.Playbook, trial: "Trial", scales: dict[str, int], now: datetime) -> Map | None:
    """The map of the first two numbers that one rule asks for together; None where no rule does."""
    pair = _pair(book, scales)
    if pair is None:
        return None
    across, up = pair
    limits = trying.thresholds(book)
    xs, ys = _breaks(limits[across.metric], scales[across.metric]), _breaks(limits[up.metric], scales[up.metric])
    levels = {level.key: level for level in book.levels}
    seen: set[str] = set()
    zones = []
    for low_x, high_x in pairwise(xs):
        for low_y, high_y in pairwise(ys):
            values = {across.metric: (low_x + high_x) / 2, up.metric: (low_y + high_y) / 2}
            facts = trial.facts | {metric: law.Reading(metric, value) for metric, value in values.items()}
            level = levels.get(rules.classify(book, facts, now).level or "")
            x, right = _x(low_x, xs[-1]), _x(high_x, xs[-1])
            y, bottom = _y(high_y, ys[-1]), _y(low_y, ys[-1])
            words = say.colour(level.colour) if level and level.key not in seen and right - x >= LEAST_LABEL else ""
            if words and level:
                seen.add(level.key)
            colour = level.colour if level else "none"
            zones.append(Zone(colour, x, y, round(right - x, 1), round(bottom - y, 1), words))
    here = _here(trial, pair, now)
    return Map(
        across=f"{say.pick(across)} {saying.unit(across)}",
        up=f"{say.pick(up)} {saying.unit(up)}",
        zones=tuple(zones),
        ticks_x=tuple(Tick(_x(value, xs[-1]), say.number(value)) for value in xs[:-1]),
        ticks_y=tuple(Tick(_y(value, ys[-1]), say.number(value)) for value in ys[1:-1]),
        here_x=_x(here[0], xs[-1]) if here else None,
        here_y=_y(here[1], ys[-1]) if here else None,
    )


def _pair(book: law.Playbook, scales: dict[str, int]) -> tuple[law.FactSpec, law.FactSpec] | None:
    """The watch goes across, the amount up."""
    specs = book.specs
    for level in book.levels:
        for rule in level.rules:
            metrics = dict.fromkeys(
                condition.metric
                for condition in reasons.conditions(rule.when)
                if condition.op in ("at_least", "more_than") and condition.metric in specs
            )
            found = [specs[metric] for metric in metrics if specs[metric].kind in NUMBERS and scales.get(metric)]
            if rule.when.mode == "all" and len(found) == 2:
                found.sort(key=lambda spec: spec.kind != "stopwatch")
                return found[0], found[1]
    return None


def _breaks(limits: list[Decimal], most: int) -> list[Decimal]:
    inside = sorted({limit for limit in limits if 0 < limit < most})
    return [Decimal(0), *inside, Decimal(most)]


def _x(value: Decimal, most: Decimal) -> float:
    return round(LEFT + float(min(value, most) / most) * (RIGHT - LEFT), 1)


def _y(value: Decimal, most: Decimal) -> float:
    return round(BOTTOM - float(min(value, most) / most) * (BOTTOM - TOP), 1)


def _here(trial: "Trial", pair: tuple[law.FactSpec, law.FactSpec], now: datetime) -> tuple[Decimal, Decimal] | None:
    """Both numbers as they stand; None where one of them is unknown."""
    found = []
    for spec in pair:
        reading = trial.facts.get(spec.metric)
        have = truth.elapsed(reading, spec, now) if spec.kind == "stopwatch" else reading.value if reading else None
        if have is None or isinstance(have, bool | str):
            return None
        found.append(Decimal(have))
    return found[0], found[1]
