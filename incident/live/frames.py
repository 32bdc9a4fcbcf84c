"""What a server says on the socket: each frame is made once, as JSON text, for all who get it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


class Text(str):
    """Text that is encoded once, however many sockets a server encodes it for."""

    __slots__ = ("_bytes",)
    _bytes: bytes

    def __new__(cls, text: str) -> "Text":
        made = super().__new__(cls, text)
        made._bytes = text.encode()
        return made

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return self._bytes if encoding == "utf-8" else super().encode(encoding, errors)


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame and its length in bytes."""

    text: Text
    size: int


def make(content: Mapping[str, object]) -> Frame:
    text = Text(json.dumps(content, ensure_ascii=False, separators=(",", ":")))
    return Frame(text, len(text.encode()))


def paint(since: Mapping[str, int], to: Mapping[str, int], now: datetime, html: Mapping[str, str]) -> dict[str, object]:
    """Return a paint: regions that bring a page at the numbers `since`, or later ones, to the numbers `to`.

    An empty `since` means the whole page, whatever was there before.
    """
    return {"type": "paint", "from": dict(since), "to": dict(to), "now": now.isoformat(), "html": dict(html)}


def beat(now: datetime, head: Mapping[str, int]) -> Frame:
    """Return a sign of life with the numbers a page has if it missed nothing."""
    return make({"type": "beat", "now": now.isoformat(), "head": dict(head)})


PERSONAL = make({"type": "personal"})  # something of this user's own changed: fetch the personal regions
RESYNC = make({"type": "resync"})  # frames were dropped: fetch the page's regions
BLIND = make({"type": "blind"})  # the database does not answer: what is shown may be old
DENIED = make({"type": "denied"})
