"""Writes the page that says where each row of the written plans lives, or checks that it is up to date."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from playbooks import shipped, standing, traceability

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
PAGE = Path(settings.BASE_DIR) / "docs" / "traceability.md"


def built() -> tuple[str, list[str]]:
    """The page as the files give it, and the ids of rows without a home of their kind."""
    documents, mistakes = shipped.read_folder(FIXTURES / "plans")
    shelf = standing.shipped()
    if mistakes or shelf.mistakes:
        raise CommandError("\n".join(str(mistake) for mistake in (*mistakes, *shelf.mistakes)), returncode=2)
    rows = traceability.rows(yaml.safe_load((FIXTURES / "requirements.yaml").read_text("utf-8"))["rows"])
    homes = traceability.homes(documents, shelf)
    unknown = sorted(set(homes) - {row.id for row in rows})
    if unknown:
        raise CommandError(f"没有这些条目 / no such rows: {', '.join(unknown)}", returncode=2)
    homeless = [
        f"{row.id} {row.kind}"
        for row in rows
        if not any(traceability.fits(row, element) for element in homes.get(row.id, []))
    ]
    return traceability.page(rows, homes), homeless


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # reads files only
    help = "Write docs/traceability.md from the plan files. Exits 1 where a row has no home of its kind."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where the page is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        text, homeless = built()
        if not options["check"]:
            PAGE.write_text(text, "utf-8")
        elif not PAGE.exists() or PAGE.read_text("utf-8") != text:
            raise CommandError("docs/traceability.md 已过时 / is out of date", returncode=1)
        if homeless:
            raise CommandError(f"没有归处的条目 / rows without a home: {', '.join(homeless)}", returncode=1)
        self.stdout.write("每一条都有归处 / every row has a home")
