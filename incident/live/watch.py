"""Lost rights: every second and a half all viewers are looked at together, and whoever lost the right is shown out."""

import asyncio
import logging
from typing import TYPE_CHECKING

from incident import clock
from incident.live import admission, frames
from incident.live.sockets import Socket
from incident.live.threads import BROKEN, Threads

if TYPE_CHECKING:
    from incident.live.hub import Hub

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.5
LOGGED_OUT = 4401


class Watch:
    """Compares each socket's user, password, session and rights with those it was opened with."""

    def __init__(self, hub: "Hub", threads: Threads) -> None:
        self._hub, self._threads = hub, threads

    async def run(self) -> None:
        """Look for ever. While the database is away nothing is shown either, so nobody sees what they may not."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look()
            except BROKEN as error:
                log.warning("rights not looked at: %s", error)
            except Exception:
                log.exception("rights not looked at")

    async def _look(self) -> None:
        sockets = self._hub.sockets()
        if not sockets:
            return
        users, sessions = {one.user_id for one in sockets}, {one.session_key for one in sockets}
        standing = await self._threads.run(lambda: admission.standing(users, sessions, clock.wall_now()))
        for socket in sockets:
            if standing.passwords.get(socket.user_id) != socket.password:
                socket.end(admission.REFUSED, frames.DENIED)
            elif socket.session_key not in standing.sessions:
                socket.end(LOGGED_OUT, frames.DENIED)
            elif standing.rights[socket.user_id] != socket.rights:
                await self._admit_again(socket)

    async def _admit_again(self, socket: Socket) -> None:
        try:
            admitted = await self._threads.run(admission.admit, socket.user_id, socket.page, socket.number)
        except admission.NotAdmitted:
            socket.end(admission.REFUSED, frames.DENIED)
            return
        self._hub.place(socket, admitted, seen=None)
