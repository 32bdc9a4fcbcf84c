"""Loads the shipped plan files: published where no version exists, as drafts where the text is new."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from playbooks import shipped, standing
from playbooks.storing import Outcome, ship

_SAID = {
    Outcome.PUBLISHED: "已发布 / published",
    Outcome.UNCHANGED: "未变 / unchanged",
    Outcome.DRAFTED: "新草案，待审批发布 / new draft, to be approved",
}


class Command(BaseCommand):
    help = "Load plan files. Every mistake is printed as file:line: path: reason, and then nothing is written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dir", type=Path, default=Path(settings.BASE_DIR) / "fixtures" / "plans")
        parser.add_argument(
            "--check",
            action="store_true",
            help="read the files only, standing duties and features beside them too; needs no database",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            documents, mistakes = shipped.read_folder(Path(options["dir"]))
        except FileNotFoundError as error:
            raise CommandError(f"没有此目录 / no such folder: {error}", returncode=2) from error
        if options["check"]:
            # A plan with a mistake is no document: then nobody knows its posts.
            known = None if mistakes else {one.key: {post.key for post in one.posts} for one in documents}
            mistakes = [*mistakes, *standing.read(Path(options["dir"]).parent, known).mistakes]
        for mistake in mistakes:
            self.stderr.write(str(mistake))
        if mistakes:
            raise CommandError(f"{len(mistakes)} 处错误，未写入 / mistakes, nothing written", returncode=2)
        if options["check"]:
            self.stdout.write(f"{len(documents)} 份预案无误 / plans without a mistake")
            return
        now = timezone.now()
        with transaction.atomic():
            for document in documents:
                outcome, version = ship(document, now=now)
                if options["verbosity"]:
                    self.stdout.write(f"{document.key} v{version.number}: {_SAID[outcome]}")
