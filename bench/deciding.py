"""What one question to the rules costs: a verdict over the facts of the playbook with the most rules."""

import time
from datetime import timedelta
from decimal import Decimal

from bench import stage
from bench.figures import Figure, percentile
from incident import clock
from playbooks import library, rules

TIMES, WARM_UP = 2000, 100


def run() -> list[Figure]:
    """Measure; needs Django set up and engines attached."""
    with stage.database():
        playbook = max(library.current(), key=_rules)
        now = clock.wall_now()
        known = {spec.metric: _reading(spec, now - timedelta(minutes=20)) for spec in playbook.facts}
        spans = _spans(lambda: rules.classify(playbook, known, now))
        empty = _spans(lambda: rules.classify(playbook, {}, now))
    raw = percentile(empty, 0.5)
    note = f"{playbook.key}, {_rules(playbook)} rules, all {len(known)} facts known; raw: no fact known"
    return [Figure("one verdict of the rules, p50", percentile(spans, 0.5), "ms", 0.2, raw, note)]


def _rules(playbook: rules.Playbook) -> int:
    return sum(len(level.rules) for level in playbook.levels)


def _reading(spec: rules.FactSpec, since) -> rules.Reading:
    values = {"flag": False, "choice": spec.choices[0].key if spec.choices else "", "count": 1, "measure": Decimal(1)}
    return rules.Reading(spec.metric, value=values.get(spec.kind), since=since)


def _spans(ask) -> list[float]:
    spans = []
    for turn in range(WARM_UP + TIMES):
        begun = time.perf_counter()
        ask()
        if turn >= WARM_UP:
            spans.append((time.perf_counter() - begun) * 1000)
    return spans
