"""Slows down guessing of passwords: failures of one name from one address are counted, and the wait grows.

A name is never locked for good, and somebody who guesses elsewhere does not slow down its owner.
"""

import math
import threading
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from staffing.models import LoginAttempt

FREE_TRIES = 5
FIRST_WAIT_SECONDS = 5
LONGEST_WAIT_SECONDS = 300
FORGOTTEN_AFTER = timedelta(hours=1)  # without a further try
KEPT_FOR = timedelta(days=1)

# Hashing a password takes a thread of the web process for a while: strangers must not take them all.
AT_ONCE = threading.BoundedSemaphore(4)


@dataclass(frozen=True)
class Turn:
    """The answer to one try: how long to wait before it may be made (0: now), and what follows if it fails."""

    wait_seconds: int
    tries_left: int  # without a wait
    next_wait_seconds: int


def wait_seconds(failures: int) -> int:
    """Return the pause after so many failures in a row: 0 for the first four, then 5, 10, 20 ... 300 seconds."""
    if failures < FREE_TRIES:
        return 0
    doublings = min(failures - FREE_TRIES, 16)
    return min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS << doublings)


def take_turn(username: str, address: str, now: datetime) -> Turn:
    """Count one try before the password is looked at, so that many at once count as many; `forgive` after success.

    A try that has to wait is not counted.
    """
    with transaction.atomic():
        key = {"username": _name(username), "address": address[:64]}
        _, is_new = LoginAttempt.objects.get_or_create(**key, defaults={"last_at": now})
        row = LoginAttempt.objects.select_for_update().get(**key)
        failures = 0 if now - row.last_at > FORGOTTEN_AFTER else row.failures
        left = wait_seconds(failures) - (now - row.last_at).total_seconds()
        if left > 0:
            return Turn(math.ceil(left), tries_left=0, next_wait_seconds=math.ceil(left))
        row.failures, row.last_at = failures + 1, now
        row.save(update_fields=["failures", "last_at"])
        if is_new:
            LoginAttempt.objects.filter(last_at__lt=now - KEPT_FOR).delete()
        return Turn(0, max(0, FREE_TRIES - row.failures), wait_seconds(row.failures))


def forgive(username: str, address: str) -> None:
    """Forget the failures after the right password."""
    LoginAttempt.objects.filter(username=_name(username), address=address[:64]).delete()


def _name(username: str) -> str:
    return unicodedata.normalize("NFKC", username).strip().casefold()[:150]
