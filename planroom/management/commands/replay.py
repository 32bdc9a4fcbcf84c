"""Runs past incidents and exercises of a plan through a draft and lists what would change."""

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from planroom import drafts, past
from planroom.replay import Course, Opened, Outcome
from playbooks import models, planfile
from playbooks.planfile import PlanDocument


class Command(BaseCommand):
    help = "Replay the newest past incidents of a plan by a draft: replay PLAN --draft N [--json]."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("plan", metavar="PLAN")
        parser.add_argument("--draft", type=int, required=True, metavar="N", help="the version's number")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = models.Plan.objects.filter(key=options["plan"]).first()
        if plan is None:
            raise CommandError(f"没有预案 {options['plan']} / no plan {options['plan']!r}", returncode=2)
        draft = plan.versions.filter(number=options["draft"]).first()
        if draft is None:
            raise CommandError(f"{plan.key} 没有第 {options['draft']} 版 / has no such version", returncode=2)
        law_now = drafts.in_force(plan)
        old = _document(law_now) if law_now is not None else None
        found = past.replayed(past.over(plan, None), old, _document(draft))
        if options["json"]:
            self.stdout.write(json.dumps(_all(found), ensure_ascii=False, indent=2))
            return
        for outcome in found.different:
            self.stdout.write("\n".join(_lines(outcome)))
        self.stdout.write(
            f"{found.total} 起，{len(found.different)} 起会不同 / incidents, {len(found.different)} would differ"
        )


def _document(version: models.PlanVersion) -> PlanDocument:
    document = planfile.read(version.source_text, file=f"{version.plan.key}.yaml").document
    if document is None:
        raise CommandError(f"第 {version.number} 版读不出 / version {version.number} does not read", returncode=2)
    return document


def _all(found: past.Replayed) -> dict[str, Any]:
    return {
        "incidents": found.total,
        "same_law": found.same_law,
        "different": [_outcome(outcome) for outcome in found.different],
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "number": outcome.history.number,
        "playbook": outcome.history.playbook,
        "mode": outcome.history.mode,
        "levels": {"before": _levels(outcome.old), "after": _levels(outcome.new)},
        "added": [_duty(one) for one in outcome.added],
        "removed": [_duty(one) for one in outcome.removed],
        "moved": [{"before": _duty(was), "after": _duty(now)} for was, now in outcome.moved],
        "cut": any(course is not None and course.is_cut for course in (outcome.old, outcome.new)),
    }


def _levels(course: Course | None) -> list[dict[str, str]] | None:
    return None if course is None else [{"at": _iso(rise.at), "level": rise.level.key} for rise in course.levels]


def _duty(one: Opened) -> dict[str, str | None]:
    return {"duty": one.rule.key, "at": _iso(one.at), "due_at": _iso(one.due_at) if one.due_at else None}


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _lines(outcome: Outcome) -> list[str]:
    head = f"{outcome.history.number} {outcome.history.playbook} ({outcome.history.mode})"
    if outcome.new is None:
        return [f"{head}: 草案没有此处置方案 / the draft has no such playbook"]
    lines = [head]
    if outcome.levels_differ:
        steps = [
            " → ".join(f"{rise.level.key}@{rise.at:%m-%d %H:%M:%S}" for rise in course.levels) or "-"
            for course in (outcome.old, outcome.new)
            if course is not None
        ]
        lines.append(f"  等级 / level: {' ⇒ '.join(steps)}")
    lines += [f"  + {one.rule.key} {one.rule.zh} / {one.rule.en}" for one in outcome.added]
    lines += [f"  - {one.rule.key} {one.rule.zh} / {one.rule.en}" for one in outcome.removed]
    lines += [f"  ~ {now.rule.key}: {_span(was)} ⇒ {_span(now)}" for was, now in outcome.moved]
    return lines


def _span(one: Opened) -> str:
    return f"{one.at:%H:%M:%S}–{one.due_at:%H:%M:%S}" if one.due_at else f"{one.at:%H:%M:%S}"
