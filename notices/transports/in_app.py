"""In-app: the notice itself is the message; the inbox shows it as soon as its rung is reached."""

from typing import ClassVar

from notices.transports import base


@base.register("in_app")
class InApp:
    leaves_the_house: ClassVar[bool] = False

    def send(self, message: base.Message) -> base.Receipt:
        if message.user_id is None:
            raise base.TransportError("no login", permanent=True)
        return base.Receipt()

    def close(self) -> None:
        pass
