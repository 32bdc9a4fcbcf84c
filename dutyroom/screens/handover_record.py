"""The frozen record of a handover in the reader's words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from incident.models.incident import State
from incident.screens import room_words as say
from incident.screens import strips
from playbooks import rules

Row = dict[str, Any]
Books = Callable[[int], rules.Playbook]


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident that was open when the handover opened."""

    number: str
    url: str
    title: str
    colour: str
    level: str
    state: str
    lead: str
    next_words: str
    next_at: datetime | None
    counts: str


@dataclass(frozen=True, slots=True)
class Line:
    """A duty, an announcement or a call-out as a line: what, in which incident, who, when."""

    number: str
    url: str
    words: str
    who: str
    at: datetime | None
    mark: str = ""  # late, or said


@dataclass(frozen=True, slots=True)
class Seats:
    """The newest reading of a queue; a dash stands for what nobody knows."""

    words: str
    figures: str
    at: datetime | None
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Record:
    """All parts; the moments are on the wall clock."""

    since: datetime | None
    incidents: tuple[Incident, ...]
    undone: tuple[Line, ...]
    done: tuple[Line, ...]
    announcements: tuple[Line, ...]
    call_outs: tuple[Line, ...]
    reserve: str
    seats: tuple[Seats, ...]


def build(kept: Row, books: Books, posts: dict[str, tuple[str, str]]) -> Record:
    """Say a record; `books` gives a playbook as this reader may read it, `posts` how the site calls its posts."""
    saying = _Saying(books, posts)
    return Record(
        since=moment(kept.get("since")),
        incidents=tuple(saying.incident(row) for row in kept.get("incidents", ())),
        undone=tuple(saying.undone(row) for row in kept.get("undone", ())),
        done=tuple(saying.done(row) for row in kept.get("done", ())),
        announcements=tuple(saying.announcement(row) for row in kept.get("announcements", ())),
        call_outs=tuple(saying.call_out(row) for row in kept.get("call_outs", ())),
        reserve=_("、").join(dict.fromkeys(row["name"] for row in kept.get("reserve", ()))),
        seats=tuple(_seats(row) for row in kept.get("seats", ())),
    )


def moment(text: str | None) -> datetime | None:
    """A moment as the record keeps it; None where it keeps none."""
    return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True, slots=True)
class _Saying:
    books: Books
    posts: dict[str, tuple[str, str]]

    def incident(self, row: Row) -> Incident:
        book, following = self.books(row["playbook"]), row["next"]
        counts = {"open": row["open"], "done": row["done"]}
        text = _("未完成 %(open)d · 已完成 %(done)d") % counts
        if row["late"]:
            text += _(" · 超时 %d") % row["late"]
        return Incident(
            number=row["number"],
            url=strips.room_url(row["number"]),
            title=say.pick(book) if row["title"] == book.zh else row["title"],
            colour=row["colour"] or "none",
            level=strips.level_name(book, row["level"]) or _("未定级"),
            state=str(State(row["state"]).label),
            lead=row["lead"],
            next_words=self.duty(following | {"playbook": row["playbook"]}) if following else "",
            next_at=moment(following["due_at"]) if following else None,
            counts=text,
        )

    def duty(self, row: Row) -> str:
        rule = strips.duty_rule(self.books(row["playbook"]), row["rule"])
        return say.pick(rule) if rule else str(row["rule"])

    def post(self, key: str) -> str:
        zh, en = self.posts.get(key, (key, key))
        return (en if say.is_english() else zh) or key

    def line(self, row: Row, words: str, who: str, at: str = "", mark: str = "") -> Line:
        return Line(row["number"], strips.room_url(row["number"]), words, who, moment(at), mark)

    def undone(self, row: Row) -> Line:
        who = row["holder"] or (self.post(row["post"]) if row["post"] else _("值班主管"))
        return self.line(row, self.duty(row), who, row["due_at"], "late" if row["late"] else "")

    def done(self, row: Row) -> Line:
        return self.line(row, self.duty(row), row["by"], row["at"])

    def announcement(self, row: Row) -> Line:
        parties = {party.key: say.pick(party) for party in self.books(row["playbook"]).parties}
        who = _("、").join(parties.get(key, key) for key in row["parties"])
        return self.line(row, self.duty(row), who, mark="said" if row["said"] else "")

    def call_out(self, row: Row) -> Line:
        words = _("%(post)s 召集 %(quota)d 人：已到 %(arrived)d，在途 %(coming)d") % {
            **row,
            "post": self.post(row["post"]),
        }
        return self.line(row, words, "", row["by_at"])


def _seats(row: Row) -> Seats:
    said = [
        (_("在席"), row["staffed"]),
        (_("占用"), row["busy"]),
        (_("示忙"), row["paused"]),
        (_("排队"), row["waiting"]),
        (_("最长等待（秒）"), row["longest_wait"]),
    ]
    return Seats(
        words=row["en"] if say.is_english() else row["zh"],
        figures=" · ".join(f"{name} {'—' if value is None else value}" for name, value in said),
        at=moment(row["at"]),
        is_stale=row["stale"],
    )
