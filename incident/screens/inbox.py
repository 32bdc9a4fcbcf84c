"""The inbox: what somebody was told and has not answered yet. Personal, so never pushed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Case, Count, When, Window

from incident.screens import room_words as say
from incident.screens import strips
from notices import outbox, words
from notices.models import Notice
from staffing import rights

if TYPE_CHECKING:
    from staffing.models import User


MOST_SHOWN = 3  # beside other work; the rest are counted, with a link to all


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
    asks_to_come: bool = False  # answered with more than a word


@dataclass(frozen=True, slots=True)
class Inbox:
    """What waits for me: the letters shown, and how many more there are. `query` asks for the same again."""

    here: tuple[Letter, ...]
    rest: int
    number: str = ""
    query: str = ""

    @property
    def total(self) -> int:
        return len(self.here) + self.rest


def build(user: "User", number: str = "", *, whole: bool = False) -> Inbox:
    """My unanswered notices, real ones first, then newest, of one incident or all. Few unless `whole`; 1 query."""
    # Whoever belongs to the site no more reads nothing of it, though the roster may still name them.
    waiting = outbox.open_for(user.pk).filter(site_id__in=rights.sites(user)).annotate(total=Window(Count("id")))
    waiting = waiting.order_by(_first(incident__number=number), _first(mode=Notice.Mode.REAL), "-id")
    found = list(waiting if whole else waiting[:MOST_SHOWN])
    shown = [notice for notice in found if not number or (notice.incident and notice.incident.number == number)]
    total = found[0].total if found else 0
    query = f"?number={number}" if number else "?all=1" if whole else ""
    return Inbox(tuple(_letters(shown)), total - len(shown), number, query)


def _first(**fits: str) -> Case:
    return Case(When(**fits, then=0), default=1)


def _letters(notices: Iterable[Notice]) -> Iterator[Letter]:
    for notice in notices:
        language = "en" if say.is_english() else "zh-hans"
        text = words.render(kind=notice.kind, data=notice.data, language=language, mode=notice.mode)
        incident = notice.incident
        yield Letter(
            id=notice.pk,
            prefix=f"{text.prefix} " if text.prefix and say.is_english() else text.prefix,
            what=text.what,
            number=incident.number if incident else text.number,
            title=text.title,
            url=strips.room_url(incident.number) if incident else "",
            due=text.due,
            told_at=notice.created_at,
            mode=notice.mode,
            asks_to_come=notice.kind == "call_out",
        )
