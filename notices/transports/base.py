"""What a transport is: it takes one message, and says that it was accepted or raises."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeVar


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message to one person, ready to leave. `key` is the same for every try: a receiver can tell a repeat.

    `subject` and `text` carry the mark of an exercise or drill already; `kind` and `data` are for channels that take
    a template code and parameters instead of a text.
    """

    key: str
    address: str
    person: str
    user_id: int | None
    language: str
    mode: str
    subject: str
    text: str
    html: str
    link: str
    kind: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The channel took the message. `detail` is what it said, for the record; never a secret."""

    detail: str = ""


class TransportError(Exception):
    """The channel did not take it. `permanent`: trying again would not help. `channel_down`: nothing else would get
    through either just now, so the rest of a batch need not wait for the same time-out."""

    def __init__(self, detail: str, *, permanent: bool, channel_down: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.permanent = permanent
        self.channel_down = channel_down


class Transport(Protocol):
    """A way to a person. Made for one batch, closed after it; knows no database."""

    leaves_the_house: ClassVar[bool]  # held back in a drill

    def send(self, message: Message) -> Receipt: ...

    def close(self) -> None: ...


Maker = TypeVar("Maker", bound=Callable[[], Transport])
_makers: dict[str, Callable[[], Transport]] = {}


def register(channel: str) -> Callable[[Maker], Maker]:
    """Name the channel a transport serves; one transport a channel."""

    def keep(maker: Maker) -> Maker:
        _makers[channel] = maker
        return maker

    return keep


def make(channel: str) -> Transport:
    """A transport for one batch. Raises TransportError for a channel that nothing serves."""
    try:
        maker = _makers[channel]
    except KeyError:
        raise TransportError(f"no transport for channel {channel!r}", permanent=True) from None
    return maker()


def mask(channel: str, address: str) -> str:
    """An address as it may be kept in a record: enough to recognise, not enough to use."""
    name, at, host = address.rpartition("@")
    if at:
        return f"{name[:2]}***@{host}"
    return f"{address[:3]}****{address[-4:]}" if len(address) > 7 else "*" * len(address)


@contextmanager
def replaced(channel: str, maker: Callable[[], Transport]) -> Iterator[None]:
    """For tests: another transport serves the channel meanwhile."""
    before = _makers.get(channel)
    _makers[channel] = maker
    try:
        yield
    finally:
        if before is None:
            del _makers[channel]
        else:
            _makers[channel] = before
