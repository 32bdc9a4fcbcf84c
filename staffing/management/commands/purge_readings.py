"""`purge_readings`: deletes the readings of seats that are older than five weeks; beat does it once a day."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from staffing import intake


class Command(BaseCommand):
    help = "Delete readings of seats older than 35 days; what proves an incident stays with it."

    def handle(self, *args: Any, **options: Any) -> None:
        count = intake.purge(now=timezone.now())
        self.stdout.write(f"已删除 {count} 条读数 / {count} readings deleted")
