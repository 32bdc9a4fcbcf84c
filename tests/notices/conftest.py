"""A real mail server on loopback that answers as the address tells it to, and threads with connections of their own."""

import asyncio
import email
import email.policy
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection


class Sink:
    """Takes mail. A recipient `NNN-...@` is refused with code NNN; `slow` seconds pass before DATA is answered."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.slow = 0.0
        self.sessions = 0
        self.mails_a_session = 1000

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.sessions += 1
        session.host_name = hostname
        session.taken = 0  # type: ignore[attr-defined]
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        code = address.partition("-")[0]
        if code.isdigit():
            return f"{code} as you asked"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.slow)
        session.taken += 1  # type: ignore[attr-defined]
        if session.taken > self.mails_a_session:  # type: ignore[attr-defined]
            return "421 too many in one session"
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        self.recipients += envelope.rcpt_tos
        return "250 taken"

    def one(self) -> EmailMessage:
        (mail,) = self.mails
        return mail


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    taken = Sink()
    controller = Controller(taken, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield taken
    controller.stop()


@pytest.fixture
def nobody_listens(settings: Any) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()


@pytest.fixture
def together() -> Callable[..., list[Any]]:
    """Runs functions at once, each on a database connection of its own; their results in order."""

    def run(*functions: Callable[[], Any]) -> list[Any]:
        def alone(function: Callable[[], Any]) -> Any:
            try:
                return function()
            finally:
                connection.close()

        with ThreadPoolExecutor(len(functions)) as pool:
            return [future.result(timeout=30) for future in [pool.submit(alone, function) for function in functions]]

    return run


@pytest.fixture(autouse=True)
def _bare(request: pytest.FixtureRequest) -> None:
    """Tests of notices make the few sites and people they need."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("bare")
