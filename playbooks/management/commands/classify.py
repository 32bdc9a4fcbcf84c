"""Answers what level a set of facts gives, from the plan files or the published plans."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from playbooks import factinput, library, rules, shipped, statutory
from playbooks.law import FactSpec, Playbook, Reading, Words
from playbooks.mistakes import hint


class Command(BaseCommand):
    help = "Print the level that facts give: classify PLAYBOOK --fact metric=value ... [--json], or --list."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("playbook", nargs="?", default="")
        parser.add_argument("--fact", action="append", default=[], metavar="METRIC=VALUE")
        parser.add_argument("--list", action="store_true", help="list playbooks with their facts, units and levels")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--published", action="store_true", help="read the database instead of the plan files")
        parser.add_argument("--dir", type=Path, default=Path(settings.BASE_DIR) / "fixtures" / "plans")

    def handle(self, *args: Any, **options: Any) -> None:
        playbooks = _playbooks(Path(options["dir"]), published=options["published"])
        if options["list"]:
            self.show([_listed(playbook) for playbook in playbooks], as_json=options["json"])
            return
        playbook = _chosen(playbooks, options["playbook"])
        now = timezone.localtime(timezone.now())
        facts = _facts(playbook, options["fact"], now)
        verdict = rules.classify(playbook, facts, now)
        answer = _answer(playbook, verdict, _class_notes(playbook, facts, now))
        if not options["json"]:
            answer |= _outlook(verdict)
        self.show([answer], as_json=options["json"], single=True)

    def show(self, answers: list[dict[str, Any]], *, as_json: bool, single: bool = False) -> None:
        if as_json:
            self.stdout.write(json.dumps(answers[0] if single else answers, ensure_ascii=False, indent=2))
            return
        for answer in answers:
            for key, value in answer.items():
                lines = value if isinstance(value, list) else [value]
                self.stdout.write(f"{key}: {'; '.join(_plain(line) for line in lines)}")


def _playbooks(folder: Path, *, published: bool) -> list[Playbook]:
    if published:
        return library.current()
    try:
        documents, mistakes = shipped.read_folder(folder)
    except FileNotFoundError as error:
        raise CommandError(f"没有此目录 / no such folder: {error}", returncode=2) from error
    if mistakes:
        raise CommandError("\n".join(str(mistake) for mistake in mistakes), returncode=2)
    return [playbook for document in documents for playbook in document.playbooks]


def _chosen(playbooks: Iterable[Playbook], key: str) -> Playbook:
    known = {playbook.key: playbook for playbook in playbooks}
    if key not in known:
        zh, en = hint(key, known)
        raise CommandError(f"没有处置方案“{key}”{zh} / no playbook {key!r}{en}", returncode=2)
    return known[key]


def _facts(playbook: Playbook, written: list[str], now: datetime) -> dict[str, Reading]:
    facts: dict[str, Reading] = {}
    specs = playbook.specs
    for item in written:
        metric, equals, text = item.partition("=")
        if not equals or not text.strip():
            raise CommandError(f"应写成 事实=值 / write METRIC=VALUE: {item!r}", returncode=2)
        if metric not in specs:
            zh, en = hint(metric, specs)
            raise CommandError(f"{playbook.key} 没有事实“{metric}”{zh} / has no fact {metric!r}{en}", returncode=2)
        if metric in facts:
            raise CommandError(f"事实“{metric}”写了两次 / {metric} is given twice", returncode=2)
        try:
            facts[metric] = factinput.parse(specs[metric], text, now=now)
        except factinput.BadFact as error:
            raise CommandError(str(error), returncode=2) from error
    return facts


def _class_notes(playbook: Playbook, facts: dict[str, Reading], now: datetime) -> tuple[Words, ...]:
    return (statutory.classify(facts, now).sentence,) if playbook.statutory else ()


def _answer(playbook: Playbook, verdict: rules.Verdict, class_notes: tuple[Words, ...]) -> dict[str, Any]:
    clauses = [f"{' '.join(one.requirements)} {one.zh} / {one.en}".strip() for one in verdict.clauses]
    return {
        "playbook": playbook.key,
        "level": verdict.level,
        "at_least": verdict.at_least,
        "at_most": verdict.at_most,
        "clauses": clauses,
        "missing": list(verdict.missing),
        "notes": [f"{note.zh} / {note.en}" for note in (*verdict.notes, *class_notes)],
    }


def _outlook(verdict: rules.Verdict) -> dict[str, Any]:
    return {
        "settles": verdict.settles,
        "next_change_at": verdict.next_change_at.isoformat() if verdict.next_change_at else None,
        "next_change_to": verdict.next_change_to,
    }


def _listed(playbook: Playbook) -> dict[str, Any]:
    return {
        "playbook": playbook.key,
        "zh": playbook.zh,
        "en": playbook.en,
        "facts": [_fact(spec) for spec in playbook.facts],
        "levels": [
            {"key": level.key, "zh": level.zh, "en": level.en, "colour": level.colour, "starts": level.starts}
            for level in sorted(playbook.levels, key=lambda level: level.rank)
        ],
    }


def _fact(spec: FactSpec) -> dict[str, Any]:
    return {
        "metric": spec.metric,
        "kind": spec.kind,
        "unit": spec.unit,
        "choices": [choice.key for choice in spec.choices],
        "zh": spec.zh,
        "en": spec.en,
    }


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values() if part not in ("", []))
    return "-" if value is None else str(value)
