"""What is written into the plan's forms: line by line, version by version, with the time it happened."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from incident import acting, chain, items, moments
from incident.models import Duty, Record, Signature
from incident.models.incident import State
from incident.readings import label
from incident.refusals import Invalid, NotNow, Refusal
from incident.story import Story
from playbooks import law, rules

if TYPE_CHECKING:
    from staffing.models import User

MOST_ROWS = 500  # lines of one form
OVER = (State.CLOSED, State.CANCELLED)


class Rewritten(Refusal):
    """Somebody wrote another version of the line since the form was opened; `version` is the newest."""

    def __init__(self, newest: Record) -> None:
        super().__init__(
            _("%(who)s 刚改过这一行（第 %(version)d 版），未作任何改动。请核对后再保存，将记为新的一版。")
            % {"who": newest.by_name, "version": newest.version}
        )
        self.version = newest.version


@dataclass(frozen=True)
class Draft:
    """One line as a person wrote it. `row` None: a new line; `base`: the version it was made from, 0 for none.

    `happened_at` None: now, or as it stood. `key`: made by the page, so that a second submit finds the first.
    """

    form: str
    data: items.Data
    row: int | None = None
    base: int = 0
    happened_at: datetime | None = None
    key: uuid.UUID | None = None


def write(*, incident_id: int, actor: "User", now: datetime, draft: Draft) -> Record:
    """Write a line, also when no duty asks for it; possible until the incident is closed.

    Raises NotNow, Invalid, Rewritten.
    """
    with acting.act(incident_id, actor=actor, now=now, verb="incident.work") as story:
        return put(story, draft, None, actor=actor)


def put(story: Story, draft: Draft, duty: Duty | None, *, actor: "User") -> Record:
    """Add a version to the story; one that says nothing new is not written. Raises NotNow, Invalid, Rewritten."""
    if story.incident.state in OVER:
        raise NotNow(_("事件已关闭或撤销，记录不能再补。需要时请报告新事件并注明。"))
    form = _form(story.playbook, draft.form)
    again = next((one for one in story.records if draft.key and one.key == draft.key), None)
    if again is not None:
        return again
    lines = current(story.records, form.key)
    row = _row(form, draft, lines)
    before = lines.get(row)
    if before is not None and before.version != draft.base:
        raise Rewritten(before)
    began = story.incident.occurred_at
    # People write whole minutes: the minute in which it began is not before it.
    moments.check(story, draft.happened_at, field="happened_at", not_before=began.replace(second=0, microsecond=0))
    stood = before.happened_at if before else story.at
    happened_at = max(draft.happened_at, began) if draft.happened_at else stood
    if not draft.data:
        raise Invalid({_first(form): _("还没有填写任何内容。")})
    if before is not None and before.data == draft.data and before.happened_at == happened_at:
        return before
    record = Record(
        incident=story.incident,
        form=form.key,
        row=row,
        version=before.version + 1 if before else 1,
        data=draft.data,
        happened_at=happened_at,
        recorded_at=story.now,
        by=actor,
        by_name=str(actor)[:80],
        duty=duty,
        key=draft.key,
    )
    _say(story, record, happened_at if before is None else None)
    return record


def current(records: Iterable[Record], form: str) -> dict[int, Record]:
    """The newest version of every line of a form, by line; `records` oldest first."""
    return {record.row: record for record in sorted(records, key=lambda one: (one.row, one.version))
            if record.form == form}  # fmt: skip


def edition(records: Iterable[Record], form: str) -> int:
    """How often a form has been written: what a signature is bound to."""
    return sum(record.form == form for record in records)


def signed(signatures: Iterable[Signature], duty: Duty, now_at: int) -> list[Signature]:
    """The signatures that count: those on the newest edition."""
    return [one for one in signatures if one.duty_id == duty.pk and one.edition == now_at]


def wanting(form: law.Form, lines: dict[int, Record], *, is_gate: bool) -> str:
    """What the form still lacks before its duty can be done, as a sentence; empty when nothing is."""
    if not lines:
        return _("“%s”还没有填写。") % label(form)
    parts = []
    for row, record in lines.items():
        unwritten = lacking(form, record.data, is_gate=is_gate)
        if unwritten:
            parts.append(_line(form, row, record, [label(item) for item in unwritten]))
    return _("还不能完成：%s。") % _("；").join(parts) if parts else ""


def lacking(form: law.Form, data: items.Data, *, is_gate: bool) -> tuple[law.Item, ...]:
    """The items that a line must still be given: the required ones, and before a gate its outcome."""
    due = form.outcome if is_gate else ""
    return tuple(
        item for item in form.items if (item.required or item.key == due) and not items.is_given(data, item.key)
    )


def unfilled(form: law.Form, lines: dict[int, Record]) -> dict[str, str]:
    """The required inputs left empty on a form without rows, each with its sentence."""
    if form.rows:
        return {}
    data = lines[1].data if 1 in lines else {}
    return {items.name(item): _("请填写“%s”。") % label(item) for item in items.missing(form, data)}


def _line(form: law.Form, row: int, record: Record, names: list[str]) -> str:
    what = _("、").join(f"“{name}”" for name in names)
    if not form.rows:
        return _("没有填%s") % what
    first = next((items.words(item, record.data.get(item.key)) for item in form.items if item.kind != "check"), "")
    where = _("%(row)d（%(what)s）") % {"row": row, "what": first} if first else str(row)
    return _("第 %(row)s 行没有填%(what)s") % {"row": where, "what": what}


def _row(form: law.Form, draft: Draft, lines: dict[int, Record]) -> int:
    if not form.rows:
        return 1
    if draft.row is None:
        if len(lines) >= MOST_ROWS:
            raise NotNow(_("这张表已有 %d 行，不能再加。") % MOST_ROWS)
        return max(lines, default=0) + 1
    if draft.row not in lines:
        raise NotNow(_("这张表没有第 %d 行。") % draft.row)
    return draft.row


def _form(playbook: rules.Playbook, key: str) -> law.Form:
    try:
        return playbook.form(key)
    except KeyError:
        raise NotNow(_("这个预案没有这张记录表。")) from None


def _first(form: law.Form) -> str:
    return items.name(form.items[0]) if form.items else "form"


def _say(story: Story, record: Record, at: datetime | None) -> None:
    """The entry names the version and its digest; signatures on the edition before count no more."""
    voided = []
    for duty in story.open_duties():
        rule = next((rule for rule in story.playbook.duties if rule.key == duty.rule), None)
        if rule is not None and rule.form == record.form and rule.signers > 1:
            voided += [one.name for one in signed(story.signatures, duty, edition(story.records, record.form))]
    more: dict[str, Any] = {"voided": voided} if voided else {}
    story.add_record(record)
    chain.write(
        story,
        "record_written",
        at=at,
        form=record.form,
        row=record.row,
        version=record.version,
        sha256=items.digest(record.data),
        **more,
    )
