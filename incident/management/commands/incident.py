"""`manage.py incident NUMBER [--json]`: the record of one incident."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from incident import clock, record
from incident.models import Incident


class Command(BaseCommand):
    help = "Print the record of an incident: state, level, duties with due, done and late, timeline, notices."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, number: str, as_json: bool, **options: Any) -> None:
        incident = Incident.objects.select_related("site").filter(number=number).first()
        if incident is None:
            self.stderr.write(f"没有编号为 {number} 的事件。There is no incident {number}.")
            sys.exit(2)
        found = record.record(incident, now=clock.wall_now())
        if as_json:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
            return
        self.stdout.write(
            f"{found['number']} {found['title']} [{found['mode']}] {found['state']} {found['level'] or '-'}"
        )
        for duty in found["duties"]:
            mark = "late " if duty["late"] else ""
            self.stdout.write(f"  {duty['key']:<16} {mark}{duty['state']:<7} due {duty['due'] or '-'}  {duty['zh']}")
        for entry in found["entries"]:
            self.stdout.write(f"  #{entry['number']:<4} {entry['at'][11:19]} {entry['words']}")
