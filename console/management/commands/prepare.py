"""`manage.py prepare`: brings the database up to date and loads the plans, before the processes start."""

import json
import os
import time
from argparse import ArgumentParser
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand

from console import secrets
from console.supervisor import say


class Command(BaseCommand):
    help = "Migrates the database and loads the plans; with --demo also the demo, with fresh passwords, printed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load the demo sites, people and incidents as well")

    def handle(self, *_args: object, **options: bool) -> None:
        passwords = secrets.from_file(settings.HOME).demo_passwords if options["demo"] else {}
        prepare(passwords)
        for name, password in passwords.items():
            self.stdout.write(f"{name:<6} {password}")


def prepare(passwords: dict[str, str]) -> None:
    """Migrate, load the plans and, if passwords for its accounts are given, the demo; say each step."""
    _step("database", lambda: call_command("migrate", interactive=False, verbosity=0))
    _step("plans", lambda: call_command("load_plans", verbosity=0))
    if passwords:
        os.environ["DEMO_PASSWORDS"] = json.dumps(passwords)
        try:
            _step("demo data", lambda: call_command("load_demo", verbosity=0))
        finally:
            del os.environ["DEMO_PASSWORDS"]


def close_easy_doors() -> None:
    """Give demo accounts left from a run on this machine only a password that cannot be guessed."""
    hard = secrets.from_file(settings.HOME).demo_passwords
    easy = secrets.demo_passwords(settings.HOME, only_this_machine=True)
    for user in get_user_model()._default_manager.filter(username__in=easy):
        if user.check_password(easy[user.get_username()]):
            user.set_password(hard[user.get_username()])
            user.save(update_fields=["password"])


def _step(name: str, work: Callable[[], object]) -> None:
    begun = time.monotonic()
    work()
    say(f"· {name} ready ({time.monotonic() - begun:.1f} s)")
