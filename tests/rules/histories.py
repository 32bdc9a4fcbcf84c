"""Random facts of the shipped playbooks, drawn close to the numbers that their rules name."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from playbooks import shipped
from playbooks.law import FactSpec, Playbook, Reading
from playbooks.rules import conditions

DOCUMENTS, MISTAKES = shipped.read_folder(Path(__file__).resolve().parents[2] / "fixtures" / "plans")
PLAYBOOKS = [playbook for document in DOCUMENTS for playbook in document.playbooks]
START = datetime(2026, 1, 1, tzinfo=UTC)


def history(playbook: Playbook, random: Random) -> tuple[dict[str, Reading], datetime]:
    """What somebody may have reported, and a moment at which the rules are asked."""
    numbers = _numbers(playbook)
    specs = [spec for spec in playbook.specs.values() if random.random() < 0.7]
    now = START + timedelta(microseconds=random.randrange(2 * 86_400_000_000))
    return {spec.metric: _reading(spec, numbers.get(spec.metric, [Decimal(1)]), random, now) for spec in specs}, now


def _numbers(playbook: Playbook) -> dict[str, list[Decimal]]:
    found: dict[str, list[Decimal]] = {}
    for level in playbook.levels:
        for rule in level.rules:
            for condition in conditions(rule.when):
                if isinstance(condition.value, Decimal):
                    found.setdefault(condition.metric, []).append(condition.value)
    return found


def _reading(spec: FactSpec, numbers: list[Decimal], random: Random, now: datetime) -> Reading:
    number = max(random.choice(numbers) + random.choice((-1, Decimal("-0.01"), 0, 0, Decimal("0.01"), 1)), Decimal(0))
    since = now - timedelta(microseconds=random.randrange(6 * 3_600_000_000))
    extra = {"stale": random.random() < 0.1, "expected": random.random() < 0.1}
    if extra["stale"] and random.random() < 0.8:
        extra["heard_at"] = since + (now - since) * random.random()
    if random.random() < 0.1:
        return Reading(spec.metric, **extra)
    if spec.kind == "stopwatch" and random.random() < 0.7:
        return Reading(spec.metric, since=since, **extra)
    values = {
        "flag": random.random() < 0.5,
        "choice": random.choice(spec.choices).key if spec.choices else "",
        "count": int(number),
        "text": "x",
        "time": None,
    }
    earlier = ((since - timedelta(minutes=random.randrange(60)), number + 1),) if random.random() < 0.2 else ()
    return Reading(spec.metric, values.get(spec.kind, number), since, earlier=earlier, **extra)
