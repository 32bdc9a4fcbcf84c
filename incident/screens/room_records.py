"""The records of the room: every form of the playbook with how far it has come, and one form for reading."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from incident import items, records, veil
from incident.models import Record
from incident.screens import room_words as say
from incident.screens.record_form import Sheet
from incident.screens.room_rows import Rows
from playbooks import law


@dataclass(frozen=True, slots=True)
class FormRow:
    """One form: `state` in words, who wrote last and when it happened, and what the form still lacks."""

    key: str
    words: str
    is_ledger: bool
    state: str
    by: str
    at: datetime | None
    lacks: str
    is_begun: bool
    is_kept_back: bool  # for hall staff only, and this viewer is not


@dataclass(frozen=True, slots=True)
class Records:
    rows: tuple[FormRow, ...]
    begun: int
    can_write: bool

    @property
    def total(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Told:
    """One item for reading."""

    words: str
    value: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line for reading, phones masked."""

    row: int
    version: int
    at: datetime
    by: str
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One form for reading."""

    words: str
    is_ledger: bool
    is_kept_back: bool
    entries: tuple[Entry, ...]


def build(rows: Rows) -> Records:
    found = tuple(_form(rows, form) for form in rows.playbook.forms)
    return Records(
        rows=found,
        begun=sum(one.is_begun for one in found),
        can_write=rows.incident.state not in records.OVER and "incident.work" in rows.verbs,
    )


def page(sheet: Sheet, *, cleared: bool) -> Reading:
    """One form for somebody who only reads."""
    playbook = veil.for_viewer(sheet.incident.playbook_id, cleared=cleared)
    hidden = not cleared and veil.is_kept_back(playbook, sheet.form)
    shown = () if hidden else tuple(entry(sheet.form, record) for record in sheet.lines.values())
    words = say.pick(playbook.form(sheet.form.key))
    return Reading(words, sheet.form.rows, hidden, shown)


def entry(form: law.Form, record: Record) -> Entry:
    """A line in words; what was left empty is left out."""
    told = [Told(say.pick(item), items.words(item, record.data.get(item.key))) for item in form.items]
    return Entry(
        record.row,
        record.version,
        record.happened_at,
        record.by_name,
        tuple(one for item, one in zip(form.items, told, strict=True) if one.value and item.key in record.data),
    )


def readings(rows: Rows) -> tuple[Reading, ...]:
    """Every form that was begun, for paper; what is kept from exports has its name only."""
    found = []
    for form in rows.playbook.forms:
        lines = records.current(rows.records, form.key)
        if lines:
            hidden = veil.is_kept_back(rows.playbook, form)
            shown = () if hidden else tuple(entry(form, record) for record in lines.values())
            found.append(Reading(say.pick(form), form.rows, hidden, shown))
    return tuple(found)


def _form(rows: Rows, form: law.Form) -> FormRow:
    lines = records.current(rows.records, form.key)
    newest = max(lines.values(), key=lambda record: (record.recorded_at, record.pk), default=None)
    lacking = [item for record in lines.values() for item in records.lacking(form, record.data, is_gate=True)]
    return FormRow(
        key=form.key,
        words=say.pick(form),
        is_ledger=form.rows,
        state=_state(form, lines),
        by=newest.by_name if newest else "",
        at=newest.happened_at if newest else None,
        lacks=_("、").join(dict.fromkeys(say.pick(item) for item in lacking)),
        is_begun=bool(lines),
        is_kept_back=_is_veiled(rows, form),
    )


def _is_veiled(rows: Rows, form: law.Form) -> bool:
    return isinstance(rows.playbook, veil.Veiled) and veil.is_kept_back(rows.playbook, form)


def _state(form: law.Form, lines: dict[int, Record]) -> str:
    if not lines:
        return _("未开始")
    if form.rows:
        return _("%d 行") % len(lines)
    return _("已填，第 %d 版") % lines[1].version
