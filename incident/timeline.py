"""What people write into the timeline: notes, and corrections that point at the entry they correct."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from incident import acting, chain, moments
from incident.models import Entry
from incident.refusals import Invalid, NotNow

if TYPE_CHECKING:
    from staffing.models import User


def note(
    *, incident_id: int, actor: "User", now: datetime, text: str, at: datetime | None = None, client_key: str = ""
) -> Entry:
    """Log what happened in free words. The same `client_key` again returns the entry that stands. Raises Invalid."""
    text = text.strip()
    with acting.act(incident_id, actor=actor, now=now, verb="incident.work") as story:
        if client_key:
            first = Entry.objects.filter(incident_id=incident_id, kind="note", data__key=client_key).first()
            if first is not None:
                return first
        if not text:
            raise Invalid({"text": _("请写下要记录的内容。")})
        if len(text) > 1000:
            raise Invalid({"text": _("一条记录最多 1000 字，请分成几条。")})
        moments.check(story, at, field="at")
        said: dict[str, Any] = {"text": text} | ({"key": client_key} if client_key else {})
        return chain.write(story, "note", at=at, **said)


def correct(*, incident_id: int, actor: "User", now: datetime, number: int, text: str) -> Entry:
    """Correct an entry by a new one that points at it; the old one stands. Raises Invalid and NotNow."""
    with acting.act(incident_id, actor=actor, now=now, verb="incident.work") as story:
        if not text.strip():
            raise Invalid({"text": _("请写明正确的内容。")})
        if not 1 <= number <= story.incident.entries_count:
            raise NotNow(_("这个事件没有第 %d 条记录。") % number)
        return chain.write(story, "correction", corrects=number, text=text.strip()[:1000])
