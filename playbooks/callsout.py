"""Whom a duty calls in: which post is to be filled, by how many people, and who is asked in what order."""

from dataclasses import dataclass
from typing import Literal

# On shift now and asked to stay; of the next shift and asked to come early; on standby; of the reserve; not on shift
# now; people of other departments.
Wave = Literal["extend", "early", "standby", "reserve", "off_shift", "functional"]


@dataclass(frozen=True, slots=True)
class CallsOut:
    """People asked to come when the duty opens. `quota` None: everybody who can be asked."""

    post: str
    quota: int | None
    waves: tuple[Wave, ...]
