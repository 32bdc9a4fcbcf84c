"""`manage.py serve NAME`: becomes one process of the console (web, worker, sender, beat, ami), as containers want."""

import os
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand

from console import engines, processes
from console.engines import folders


class Command(BaseCommand):
    help = "Runs one process of the console in the foreground: web, worker, sender, beat or ami."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=(*processes.NAMES, processes.FEED))

    def handle(self, *_args: object, **options: str) -> None:
        folders.prepare_home(settings.HOME)
        held = engines.attach()
        if held is not None:
            held.keep_across_exec()
        words = processes.argv(options["name"], host=settings.HOST, port=settings.PORT, home=settings.HOME)
        os.chdir(settings.BASE_DIR)
        os.execve(words[0], words, processes.environment())
