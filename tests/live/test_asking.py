"""A delivery asked for reaches the senders' queue, at once and not once per question."""

import time

from console.celery import app
from incident.live import pokes
from tests.live.conftest import wait_for


def test_many_questions_are_few_messages():
    with app.connection_for_read() as link:
        queue = link.default_channel

        def waiting() -> int:
            return queue._size("notify")

        before = waiting()
        for _ in range(100):
            pokes.ask_delivery()
        wait_for(lambda: waiting() > before, 3)
        time.sleep(0.7)
        assert waiting() - before <= 3
        queue._purge("notify")
