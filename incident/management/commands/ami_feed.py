"""`manage.py ami_feed`: reads seats and callers from the Asterisk at AMI_URL until it is asked to stop."""

import asyncio
import logging
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, close_old_connections, connections

from incident import clock
from incident.pbx import Pbx
from staffing.ami import client
from staffing.ami.client import Address, Message
from staffing.ami.feed import Feed

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Feed the queues whose source is Asterisk AMI from the exchange at AMI_URL, until SIGTERM or Ctrl-C."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.AMI_URL:
            raise CommandError("AMI_URL is not set: AMI_URL=ami://user:secret@host:5038 manage.py ami_feed")
        try:
            where = client.address(settings.AMI_URL)
        except ValueError as wrong:
            raise CommandError(str(wrong)) from None
        asyncio.run(self._run(where))

    async def _run(self, where: Address) -> None:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        # One thread, so that the database is spoken to by one connection and readings come in their order.
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="readings") as pool:
            intake = Intake(Pbx(self._say), self._say, clock.wall_now)
            try:
                await Feed(where, lambda rows: loop.run_in_executor(pool, intake.take, rows), say=self._say).run(
                    stopping
                )
            finally:
                await loop.run_in_executor(pool, connections.close_all)  # that thread's own
        self._say("stopped")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


class Intake:
    """Writes each picture down; a database that is away costs the picture, never the feed."""

    def __init__(self, pbx: Pbx, say: Callable[[str], None], now: Callable[[], datetime]) -> None:
        self.pbx, self.say, self.now = pbx, say, now
        self._is_troubled = False

    def take(self, rows: Sequence[Message]) -> None:
        """Runs in the thread of the readings."""
        close_old_connections()
        try:
            self.pbx.take(rows, now=self.now())
        except Error as reason:
            self._trouble(f"the database is away, readings are not kept: {str(reason).splitlines()[0]}")
        except Exception:
            log.exception("a picture of the queues could not be taken")
            self._trouble("a picture of the queues could not be taken; see the log")
        else:
            if self._is_troubled:
                self.say("readings are kept again")
            self._is_troubled = False

    def _trouble(self, words: str) -> None:
        if not self._is_troubled:
            self.say(words)
        self._is_troubled = True
