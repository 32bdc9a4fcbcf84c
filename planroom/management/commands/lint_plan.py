"""Says what is wrong or doubtful about a plan file, without any engine."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from planroom import linter


class Command(BaseCommand):
    help = "Lint plan files: errors and warnings as file:line: severity: path: reason. Exits 1 where there are errors."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        answers = [(path, linter.check(_read(path), file=str(path))) for path in options["files"]]
        if options["json"]:
            said = [{"file": str(path)} | asdict(one) for path, checked in answers for one in checked.findings]
            self.stdout.write(json.dumps(said, ensure_ascii=False, indent=2))
        else:
            for path, checked in answers:
                for one in checked.findings:
                    self.stdout.write(one.said(str(path)))
        errors = sum(len(checked.errors) for _, checked in answers)
        others = sum(len(checked.findings) for _, checked in answers) - errors
        self.stderr.write(f"{errors} 处错误，{others} 处提醒 / errors, warnings and notes")
        if errors:
            raise SystemExit(1)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"读不到文件 / cannot read: {path} ({error.strerror})", returncode=2) from error
