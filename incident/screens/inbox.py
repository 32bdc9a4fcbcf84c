"""The inbox: what somebody was told and has not answered yet. Personal, so never pushed."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from incident import clock
from incident.screens import room_words as say
from incident.screens import strips
from notices import outbox, words

if TYPE_CHECKING:
    from staffing.models import User


@dataclass(frozen=True, slots=True)
class Letter:
    """One unanswered notice in words; `told_at` is on the incident's clock."""

    id: int
    prefix: str
    what: str
    number: str
    title: str
    url: str
    due: str
    told_at: datetime
    mode: str


def build(user: "User", now: datetime) -> list[Letter]:
    """My unanswered notices, newest first. One query."""
    letters = []
    for notice in outbox.open_for(user.pk):
        language = "en" if say.is_english() else "zh-hans"
        text = words.render(kind=notice.kind, data=notice.data, language=language, mode=notice.mode)
        incident = notice.incident
        letters.append(
            Letter(
                id=notice.pk,
                prefix=text.prefix,
                what=text.what,
                number=text.number,
                title=text.title,
                url=strips.room_url(incident.number) if incident else "",
                due=text.due,
                told_at=clock.at(incident, notice.created_at) if incident else notice.created_at,
                mode=notice.mode,
            )
        )
    return letters
