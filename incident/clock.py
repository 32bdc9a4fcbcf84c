"""Two clocks: the wall clock of the database, and an incident's own clock, which an exercise may move on."""

from datetime import datetime, timedelta
from typing import Protocol

from django.db import connection
from django.utils import timezone

# People read times in the zone of the sites; one zone for all of them.
ZONE = timezone.get_default_timezone()


class Clocked(Protocol):
    """Anything with a clock of its own; in the product, an incident."""

    clock_shift: timedelta


def wall_now() -> datetime:
    """The database's clock, so that every process agrees. Entry points read it once and pass it on. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def at(incident: Clocked, now: datetime) -> datetime:
    """The incident's own time at the wall time `now`."""
    return now + incident.clock_shift


def wall(incident: Clocked, moment: datetime) -> datetime:
    """The wall time at which the incident's clock shows `moment`."""
    return moment - incident.clock_shift
