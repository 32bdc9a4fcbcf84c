"""`manage.py fast_forward NUMBER MINUTES`: moves an exercise on; exits 2 on a real incident."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from incident import clock, exercises
from incident.models import Incident
from incident.refusals import Refusal


class Command(BaseCommand):
    help = "Move an exercise on by plan minutes. A real incident is refused (exit 2)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number")
        parser.add_argument("minutes", type=float)

    def handle(self, *args: Any, number: str, minutes: float, **options: Any) -> None:
        incident = Incident.objects.filter(number=number).first()
        if incident is None:
            self.stderr.write(f"没有编号为 {number} 的事件。There is no incident {number}.")
            sys.exit(2)
        try:
            moved = exercises.fast_forward(incident_id=incident.pk, minutes=minutes, now=clock.wall_now())
        except Refusal as refusal:
            self.stderr.write(str(refusal))
            sys.exit(2)
        self.stdout.write(f"{moved.number}: +{minutes:g} min, {moved.state}, {moved.level or '-'}")
