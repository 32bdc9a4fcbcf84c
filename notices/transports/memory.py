"""A twin for tests: keeps what it was given, and is slow or fails as it is told to."""

from time import sleep
from typing import ClassVar

from notices.transports import base


class Memory:
    """Its own maker: `base.replaced("email", memory)`; `errors` are raised one a message, first to last."""

    leaves_the_house: ClassVar[bool] = True

    def __init__(self, *errors: Exception | None) -> None:
        self.sent: list[base.Message] = []
        self.errors = list(errors)
        self.seconds = 0.0  # every send takes
        self.made = self.closed = 0

    def __call__(self) -> "Memory":
        self.made += 1
        return self

    def send(self, message: base.Message) -> base.Receipt:
        sleep(self.seconds)
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        self.sent.append(message)
        return base.Receipt(detail="kept")

    def close(self) -> None:
        self.closed += 1
