"""People of the room: who was told, by which channel, and who has answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from incident.screens import room_words as say
from incident.screens.room_actions import is_lost, notice_words
from incident.screens.room_rows import Delivery, Rows
from notices import words as notice_text
from notices.models import Notice

OPEN = (Notice.State.QUEUED, Notice.State.ACCEPTED, Notice.State.EXHAUSTED)


@dataclass(frozen=True, slots=True)
class Message:
    """One notice. Times are on the incident's clock."""

    id: int
    subject: str
    state: str
    words: str
    told_at: datetime
    answered_at: datetime | None
    answered_by: str  # where somebody else of the ladder answered
    via: str
    tries: str
    is_lost: bool  # no channel has taken it, or nobody answered on any
    missed: tuple[str, ...] = ()  # who should have answered and was passed over, in words


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Everything one person was told; the oldest unanswered notice speaks for the row."""

    person: str
    post: str
    first_at: datetime
    answered_at: datetime | None
    mark: str  # late, lost, or empty once answered
    words: str
    tries: str
    messages: tuple[Message, ...]

    @property
    def missed(self) -> tuple[str, ...]:
        """Who was passed over first in each message, and how far the ladder has been climbed since; each once."""
        return tuple(dict.fromkeys(_shortly(message.missed) for message in self.messages if message.missed))


@dataclass(frozen=True, slots=True)
class People:
    rows: tuple[PersonRow, ...]
    answered: int

    @property
    def total(self) -> int:
        return len(self.rows)


def build(rows: Rows) -> People:
    by_person: dict[str, list[Notice]] = {}
    for notice in rows.notices:
        by_person.setdefault(notice.person, []).append(notice)
    found = [_person(rows, person, notices) for person, notices in by_person.items()]
    found.sort(key=lambda row: ({"lost": 0, "late": 1}.get(row.mark, 2), row.first_at))
    return People(rows=tuple(found), answered=sum(not row.mark for row in found))


def channel_words(channel: str) -> str:
    """A channel in words."""
    return {"in_app": _("站内"), "email": _("邮件"), "phone": _("电话")}.get(channel, channel)


def _person(rows: Rows, person: str, notices: list[Notice]) -> PersonRow:
    messages = tuple(_message(rows, notice) for notice in notices)
    waiting = [message for message in messages if message.state in OPEN]
    lost = any(message.is_lost for message in waiting)
    mark = "lost" if lost else "late" if waiting else ""
    answers = [message.answered_at for message in messages if message.answered_at]
    posts = dict.fromkeys(rows.post(notice.post) for notice in notices if notice.post)
    return PersonRow(
        person=person,
        post=_("、").join(posts),
        first_at=min(message.told_at for message in messages),
        answered_at=None if mark else max(answers, default=None),
        mark=mark,
        words=waiting[0].words if waiting else "",
        tries=waiting[0].tries if waiting else "",
        messages=messages,
    )


def _message(rows: Rows, notice: Notice) -> Message:
    text = notice_text.render(
        kind=notice.kind,
        data=notice.data,
        language="en" if say.is_english() else "zh-hans",
        mode=notice.mode,
    )
    by = notice.acknowledged_by
    return Message(
        id=notice.pk,
        subject=text.what,
        state=notice.state,
        words=notice_words(rows, notice),
        told_at=rows.shown(notice.created_at),
        answered_at=rows.shown(notice.acknowledged_at) if notice.acknowledged_at else None,
        answered_by=by if by != notice.person else "",
        via={"screen": _("屏幕"), "link": _("链接"), "phone": _("电话")}.get(notice.acknowledged_via, ""),
        tries=_tries(rows.deliveries.get(notice.pk, ())),
        is_lost=is_lost(rows, notice),
        missed=tuple(_missed(one) for one in notice.missed),
    )


def _shortly(missed: tuple[str, ...]) -> str:
    """The first in words, and the number of the others, who stand with the message."""
    if len(missed) == 1:
        return missed[0]
    return _("%(first)s；其后还有 %(count)d 人未应答") % {"first": missed[0], "count": len(missed) - 1}


def _missed(one: dict[str, Any]) -> str:
    """ "应答人 示例班长A 未应答，已转 示例班长I"."""
    text = _("应答人 %s 未应答") % one["person"] if one["reached"] else _("应答人 %s 未能送达") % one["person"]
    return text + (_("，已转 %s") % one["next"] if one["next"] else _("，已无人可转"))


def _tries(deliveries: tuple[Delivery, ...]) -> str:
    """ "邮件 2 次，站内 1 次失败"."""
    parts = []
    for delivery in deliveries:
        name = channel_words(delivery.channel)
        if delivery.outcome == "accepted":
            parts.append(_("%(channel)s %(count)d 次") % {"channel": name, "count": delivery.count})
        else:
            parts.append(_("%(channel)s %(count)d 次失败") % {"channel": name, "count": delivery.count})
    return _("，").join(parts)
