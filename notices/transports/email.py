"""E-mail by SMTP: one connection a batch, a deadline for every message, never a line break in a header."""

import smtplib
import ssl
from email.utils import parseaddr
from time import monotonic
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail.message import sanitize_address
from django.core.validators import validate_email

from notices import mail
from notices.transports import base

SECONDS = 8.0  # for one message, connecting included


class _Server(smtplib.SMTP):
    """Waits for each reply only as long as the message has time left."""

    def __init__(self, sender: str, deadline: float) -> None:
        self.deadline = deadline
        # Naming ourselves after the sender's domain spares a look-up of our own name, which may hang without DNS.
        own_name = sender.rpartition("@")[2]
        super().__init__(settings.EMAIL_HOST, settings.EMAIL_PORT, own_name, max(deadline - monotonic(), 0.1))
        if settings.EMAIL_USE_TLS:
            self.starttls(context=ssl.create_default_context())
        if settings.EMAIL_HOST_USER:
            self.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)

    def getreply(self) -> tuple[int, bytes]:
        left = self.deadline - monotonic()
        if left <= 0:
            raise TimeoutError(f"no end within {SECONDS:g} s")
        if self.sock is not None:
            self.sock.settimeout(left)
        return super().getreply()


@base.register("email")
class Email:
    leaves_the_house: ClassVar[bool] = True

    def __init__(self) -> None:
        self._server: _Server | None = None

    def send(self, message: base.Message) -> base.Receipt:
        if not settings.EMAIL_HOST:
            raise base.TransportError("no mail server is set up (SMTP_HOST)", permanent=True)
        sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
        try:
            validate_email(message.address)
            address = sanitize_address(message.address, "utf-8")
            content: Any = mail.build(message, sender).message()
            raw = content.as_bytes(linesep="\r\n")
        except (ValidationError, ValueError) as error:
            raise base.TransportError("not a usable address", permanent=True) from error
        reused = self._server is not None
        try:
            self._say(sender, address, raw)
        except base.TransportError as error:
            # A server may close a connection it finds too long; only a fresh one tells whether it is down.
            if not (reused and error.channel_down):
                raise
            self._say(sender, address, raw)
        return base.Receipt()

    def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            try:
                server.deadline = monotonic() + 1
                server.quit()
            except (OSError, smtplib.SMTPException):
                server.close()

    def _say(self, sender: str, address: str, raw: bytes) -> None:
        deadline = monotonic() + SECONDS
        try:
            if self._server is None:
                self._server = _Server(sender, deadline)
            self._server.deadline = deadline
            self._server.sendmail(sender, [address], raw)
        except (OSError, smtplib.SMTPException) as error:
            problem = _problem(error)
            if problem.channel_down and self._server is not None:
                self._server.close()
                self._server = None
            raise problem from error


def _problem(error: Exception) -> base.TransportError:
    """5xx about this message is permanent; all else may pass. Greeting, login and silence are the server's trouble."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = _said(*next(iter(error.recipients.values())))
    elif isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPDataError):
        code, text = _said(error.smtp_code, error.smtp_error)
    elif isinstance(error, smtplib.SMTPResponseException):
        _, text = _said(error.smtp_code, error.smtp_error)
        return base.TransportError(f"{type(error).__name__}: {text}", permanent=False, channel_down=True)
    else:
        return base.TransportError(f"{type(error).__name__}: {error}", permanent=False, channel_down=True)
    return base.TransportError(text, permanent=code >= 500, channel_down=code == 421)


def _said(code: int, words: bytes | str) -> tuple[int, str]:
    return code, f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
