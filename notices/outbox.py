"""The outbox: notices are written here inside the caller's transaction, answered, and withdrawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import F, Func, PositiveSmallIntegerField

from notices.models import Notice, NoticeSet

Rungs = Sequence[dict[str, Any]]


class NotInTransaction(RuntimeError):
    """The outbox was called outside a transaction: what it writes must live or die with what caused it."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A notice to be written; `key` makes a second try harmless. Rungs are as in `Notice.ladder`."""

    key: str
    incident_id: int | None
    site_id: int
    mode: str
    kind: str
    data: dict[str, Any] = field(default_factory=dict)
    post: str = ""
    person: str = ""
    ladder: Rungs = ()
    wants_answer: bool = True


class Result(StrEnum):
    """How an answer was taken."""

    FIRST = "first"  # this answer counts
    AGAIN = "again"  # the same person had answered already
    BEFORE = "before"  # somebody else had answered already
    WITHDRAWN = "withdrawn"  # nothing to answer any more


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer that stands: who gave it, when and how (for a withdrawn notice: when it was withdrawn)."""

    notice: Notice
    result: Result
    by: str
    at: datetime | None
    via: str


def enqueue(
    *,
    key: str,
    incident_id: int | None,
    site_id: int,
    mode: str,
    kind: str,
    data: dict[str, Any],
    post: str,
    person: str,
    ladder: Rungs,
    wants_answer: bool,
    now: datetime,
) -> Notice:
    """Write one notice, or return the one that has this key already. Two statements; needs a transaction.

    A ladder without rungs gives a notice that is exhausted and in trouble from the start: nobody can be reached, and
    the incident must learn of it.
    """
    draft = Draft(
        key=key,
        incident_id=incident_id,
        site_id=site_id,
        mode=mode,
        kind=kind,
        data=data,
        post=post,
        person=person,
        ladder=ladder,
        wants_answer=wants_answer,
    )
    return Notice.objects.get(pk=enqueue_many([draft], now=now)[0].pk)


def enqueue_many(drafts: Sequence[Draft], *, now: datetime) -> list[Notice]:
    """Write notices in the order given: one statement however many. Needs a transaction.

    Of one that had been written before only its id comes back, in a notice made of the draft: nothing in the table
    changes, its key is set to itself because PostgreSQL gives back only rows that it wrote.
    """
    _need_transaction()
    if not drafts:
        return []
    rows: dict[str, Notice] = {}
    for draft in drafts:
        if draft.key not in rows:
            rows[draft.key] = _row(draft, now)
    Notice.objects.bulk_create(rows.values(), update_conflicts=True, unique_fields=["key"], update_fields=["key"])
    return [rows[draft.key] for draft in drafts]


def acknowledge(notice_id: int, *, by: str, user_id: int | None, via: str, now: datetime) -> Answer:
    """Take a person's answer; the first one stands. Locks the notice; needs a transaction.

    Whoever also locks the incident locks it first. Raises Notice.DoesNotExist.
    """
    _need_transaction()
    notice = Notice.objects.select_for_update().get(pk=notice_id)
    standing = answer_of(notice, by=by, user_id=user_id)
    if standing is not None:
        return standing
    notice.state = Notice.State.ACKNOWLEDGED
    notice.acknowledged_at = now
    notice.acknowledged_by = by[:80]
    notice.acknowledged_user_id = user_id
    notice.acknowledged_via = via
    notice.due_at = notice.trouble_at = None
    notice.save(
        update_fields=[
            "state",
            "acknowledged_at",
            "acknowledged_by",
            "acknowledged_user",
            "acknowledged_via",
            "due_at",
            "trouble_at",
        ]
    )
    return Answer(notice=notice, result=Result.FIRST, by=notice.acknowledged_by, at=now, via=via)


def answer_of(notice: Notice, *, by: str, user_id: int | None) -> Answer | None:
    """What this person is told who opens a notice that needs no answer any more; None while it still waits.

    Somebody who answered by link and comes back logged in (or the other way round) is recognised by name.
    """
    if notice.state == Notice.State.CANCELLED:
        return Answer(notice=notice, result=Result.WITHDRAWN, by="", at=notice.withdrawn_at, via="")
    if notice.state == Notice.State.ACKNOWLEDGED:
        known = notice.acknowledged_user_id and user_id
        same = notice.acknowledged_user_id == user_id if known else notice.acknowledged_by == by
        return Answer(
            notice=notice,
            result=Result.AGAIN if same else Result.BEFORE,
            by=notice.acknowledged_by,
            at=notice.acknowledged_at,
            via=notice.acknowledged_via,
        )
    return None


def withdraw(incident_id: int, *, now: datetime, reason: str) -> int:
    """Cancel every notice of the incident that still waits for an answer or has not left yet; how many.

    Call it before writing the notices that say why. A notice that wants no answer and has been accepted stays as it
    is: it was only information. Needs a transaction.
    """
    return _withdraw(Notice.objects.filter(incident_id=incident_id), now=now, reason=reason)


def withdraw_some(ids: Iterable[int], *, now: datetime, reason: str) -> int:
    """Cancel those of these notices that still wait for an answer; how many. Needs a transaction."""
    return _withdraw(Notice.objects.filter(pk__in=list(ids)), now=now, reason=reason)


def _withdraw(notices: NoticeSet, *, now: datetime, reason: str) -> int:
    _need_transaction()
    waiting = notices.withdrawable()
    return waiting.update(
        state=Notice.State.CANCELLED, withdrawn_at=now, withdrawn_reason=reason[:200], due_at=None, trouble_at=None
    )


def open_for(user_id: int) -> NoticeSet:
    """The in-app inbox: unanswered notices whose ladder has reached an in-app rung of this user, newest first."""
    return Notice.objects.in_inbox_of(user_id).select_related("incident").order_by("-id")


def for_incident(incident_id: int) -> NoticeSet:
    """All notices of an incident in the order written; one query, attempts (`tries`) in a second."""
    return Notice.objects.filter(incident_id=incident_id).prefetch_related("tries").order_by("id")


def troubles(*, now: datetime, limit: int) -> list[Notice]:
    """What delivery found out and the incident must know, oldest first: nobody reached, or nobody answered."""
    return list(Notice.objects.filter(trouble_at__lte=now).order_by("trouble_at", "id")[:limit])


def unsaid(notice: Notice) -> list[dict[str, Any]]:
    """Who was passed over and is not yet written down in the incident; the items are as `delivery` makes them."""
    return list(notice.missed[notice.missed_said :])


def clear_trouble(ids: Iterable[int]) -> None:
    """Mark troubles, and who was passed over, as taken over by the incident.

    Needs a transaction: the one that acts on them, with the notices locked.
    """
    _need_transaction()
    counted = Func(F("missed"), function="jsonb_array_length", output_field=PositiveSmallIntegerField())
    Notice.objects.filter(pk__in=list(ids)).update(trouble_at=None, missed_said=counted)


def _row(draft: Draft, now: datetime) -> Notice:
    reachable = bool(draft.ladder)
    return Notice(
        key=draft.key,
        incident_id=draft.incident_id,
        site_id=draft.site_id,
        mode=draft.mode,
        kind=draft.kind,
        data=draft.data,
        post=draft.post,
        person=draft.person[:80],
        ladder=list(draft.ladder),
        wants_answer=draft.wants_answer,
        created_at=now,
        state=Notice.State.QUEUED if reachable else Notice.State.EXHAUSTED,
        due_at=now if reachable else None,
        trouble_at=None if reachable else now,
    )


def _need_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction("the outbox writes only inside the transaction of what it tells about")
