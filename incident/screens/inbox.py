"""The inbox: what somebody was told and has not answered yet. Personal, so never pushed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from incident.screens import room_words as say
from incident.screens import strips
from notices import outbox, words

if TYPE_CHECKING:
    from staffing.models import User


MOST_SHOWN = 3  # in a room; the rest are counted, with a link to all


@dataclass(frozen=True, slots=True)
class Letter:
    """One unanswered notice in words; `told_at` is on the wall clock."""

    id: int
    prefix: str
    what: str
    number: str
    title: str
    url: str
    due: str
    told_at: datetime
    mode: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """What waits for me: about the incident I look at, and about others."""

    here: tuple[Letter, ...]
    elsewhere: tuple[Letter, ...]
    number: str = ""

    @property
    def total(self) -> int:
        return len(self.here) + len(self.elsewhere)


def build(user: "User", number: str = "") -> Inbox:
    """My unanswered notices, newest first; without a number all of them are `here`. One query."""
    letters = list(_letters(user))
    here = tuple(letter for letter in letters if not number or letter.number == number)
    elsewhere = tuple(letter for letter in letters if number and letter.number != number)
    if number:
        here, elsewhere = here[:MOST_SHOWN], (*here[MOST_SHOWN:], *elsewhere)
    return Inbox(here, elsewhere, number)


def _letters(user: "User") -> Iterator[Letter]:
    for notice in outbox.open_for(user.pk):
        language = "en" if say.is_english() else "zh-hans"
        text = words.render(kind=notice.kind, data=notice.data, language=language, mode=notice.mode)
        incident = notice.incident
        yield Letter(
            id=notice.pk,
            prefix=text.prefix,
            what=text.what,
            number=incident.number if incident else text.number,
            title=text.title,
            url=strips.room_url(incident.number) if incident else "",
            due=text.due,
            told_at=notice.created_at,
            mode=notice.mode,
        )
