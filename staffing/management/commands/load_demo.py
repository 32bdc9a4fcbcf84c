"""`manage.py load_demo`: the demo sites, people and accounts; run again, it adds only what is missing."""

import json
import os
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from staffing import demo, demo_roster

DEMO_FILE = settings.BASE_DIR / "fixtures" / "demo.yaml"
ROSTER_FILE = settings.BASE_DIR / "fixtures" / "demo_roster.yaml"
SEEN = settings.HOME / "demo-seen"  # marks without meaning outside this console


class Command(BaseCommand):
    help = "Loads the demo. DEMO_PASSWORDS may hold a JSON object username -> password; otherwise <username>-demo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--without-rosters", action="store_true", help="leave out shifts and the people on them")

    def handle(self, *_args: object, **options: int) -> None:
        found, rosters = demo.read(DEMO_FILE), demo.read(ROSTER_FILE)
        if not options["without_rosters"]:
            found["accounts"] += rosters["accounts"]
        names = [row["username"] for row in found["accounts"]]
        passwords = {name: f"{name}-demo" for name in names} | _given()
        SEEN.write_text("\n".join(sorted(demo.load(found, passwords, _seen()))), encoding="utf-8")
        if not options["without_rosters"]:
            demo_roster.load(rosters, now=timezone.now())
        if options["verbosity"]:
            self.stdout.write(f"Demo loaded: {len(found['sites'])} sites, accounts {', '.join(names)}")


def _seen() -> set[str]:
    return set(SEEN.read_text(encoding="utf-8").split()) if SEEN.exists() else set()


def _given() -> dict[str, str]:
    text = os.environ.get("DEMO_PASSWORDS", "")
    try:
        given = json.loads(text) if text else {}
    except ValueError as error:
        raise CommandError(f"DEMO_PASSWORDS is not JSON: {error}") from error
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise CommandError("DEMO_PASSWORDS must be a JSON object of usernames and passwords")
    return given
