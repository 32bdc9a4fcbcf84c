"""The few threads in which the hub asks the database, each with a connection of its own that is mended when broken."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection

P = ParamSpec("P")
T = TypeVar("T")

BROKEN = (OperationalError, InterfaceError)


class Threads:
    """A small pool; `run` is awaited on the event loop."""

    def __init__(self, name: str, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)

    async def run(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `ask`, which must only read: after a broken connection it is tried once more on a new one."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: _with_connection(lambda: ask(*args, **kwargs)))


def _with_connection(ask: Callable[[], T]) -> T:
    connection.close_if_unusable_or_obsolete()
    was_open = connection.connection is not None
    try:
        return ask()
    except BROKEN:
        connection.close()
        if not was_open:
            raise
    try:
        return ask()
    except BROKEN:
        connection.close()
        raise
