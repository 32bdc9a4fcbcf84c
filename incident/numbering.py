"""Numbers of incidents: a prefix, the day at the site, and a running number, e.g. INC-261123-01."""

from datetime import datetime

from django.db import connection

from incident import clock
from incident.models.incident import Mode

PREFIXES = {Mode.REAL: "INC", Mode.EXERCISE: "EXE", Mode.DRILL: "DRL"}


def following(mode: str, now: datetime) -> tuple[int, str]:
    """The id and the number of the next incident of the day, so that its row is written once, complete.

    Holds its series until the transaction ends: numbers have no gaps (ids may). One query.
    """
    series = f"{PREFIXES[Mode(mode)]}-{now.astimezone(clock.ZONE):%y%m%d}"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO incident_numberseries (prefix, last) VALUES (%s, 1) "
            "ON CONFLICT (prefix) DO UPDATE SET last = incident_numberseries.last + 1 "
            "RETURNING nextval('incident_incident_id_seq'), last",
            [series],
        )
        row_id, last = cursor.fetchone()
    return row_id, f"{series}-{last:02d}"
