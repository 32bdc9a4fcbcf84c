"""One form of the plan on the screen: its lines so far, and the inputs of the line that is written."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from incident import clock, forms, items, records
from incident.forms import Field, Option
from incident.models import Duty, Incident, Record
from incident.refusals import Invalid
from incident.screens import record_fill
from incident.screens import room_words as say
from playbooks import law, library

FEW = 5  # choices shown as buttons; more become a list
KINDS = {"text": "text", "long": "long", "number": "number", "time": "time", "phone": "phone", "date": "date"}
MOST_COLUMNS = 4  # items of a line shown in the table


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a ledger; `url` opens it for correction. Phones are masked."""

    row: int
    at: datetime
    cells: tuple[str, ...]
    by: str
    version: int
    url: str
    is_open: bool  # the line that the inputs below hold
    lacks: str


@dataclass(frozen=True, slots=True)
class Table:
    """The lines of a form so far."""

    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    new_url: str  # empty while a new line is being written


@dataclass(frozen=True)
class Sheet:
    """A form of an incident with what is written in it. `record`: the version that the inputs start from."""

    incident: Incident
    form: law.Form
    lines: Mapping[int, Record]
    edition: int
    first_at: datetime | None  # when the line was first written (wall)
    now: datetime
    row: int | None = None
    duty: Duty | None = None

    @property
    def record(self) -> Record | None:
        return self.lines.get(self.row or 0) if self.form.rows else self.lines.get(1)

    @property
    def since(self) -> date:
        """The day from which minimum days count: that of the first version, else today."""
        return clock.at(self.incident, self.first_at or self.now).astimezone(clock.ZONE).date()


def gather(incident: Incident, key: str, *, row: int | None, duty: Duty | None, now: datetime) -> Sheet | None:
    """The form as it stands; None where the playbook has none of that key. One query."""
    found = next((form for form in library.playbook(incident.playbook_id).forms if form.key == key), None)
    if found is None:
        return None
    written = list(Record.objects.filter(incident=incident, form=key).order_by("id"))
    lines = records.current(written, key)
    opened = (row if row in lines else None) if found.rows else 1
    first = next((one.recorded_at for one in written if one.row == opened), None)
    return Sheet(incident, found, lines, len(written), first, now, opened, duty)


def fields(sheet: Sheet) -> tuple[Field, ...]:
    """The inputs: every item, and when it happened."""
    record = sheet.record
    told = {} if record else record_fill.proposed(sheet.incident, sheet.form, sheet.now, sheet.since)
    inputs = []
    for place, item in enumerate(sheet.form.items):
        value = items.text(item, record.data.get(item.key)) if record else told.get(item.key, "")
        inputs.append(_field(item, value, sheet.since, is_focused=place == 0))
    at = f"{record.happened_at.astimezone(clock.ZONE):{items.TIME_FORM}}" if record else ""
    help_text = "" if record else _("留空为现在；更早发生的，填 14:30")
    inputs.append(Field("happened_at", _("何时发生"), "time", at, help_text, was=at))
    return tuple(inputs)


def hidden(sheet: Sheet) -> dict[str, str]:
    """What the form must bring back: the version it was made from, and a key that makes a second submit harmless."""
    record = sheet.record
    row = {"row": str(sheet.row)} if sheet.form.rows and sheet.row else {}
    base = str(record.version if record else 0)
    return {"base": base, "edition": str(sheet.edition), "key": str(uuid.uuid4()), **row}


def draft(sheet: Sheet, raw: Mapping[str, str], *, always: bool = True) -> records.Draft | None:
    """The line as typed; None where the form sent no item at all, or (unless `always`) nothing was changed in it.

    Raises Invalid with a sentence for each wrong field.
    """
    names = [items.name(item) for item in sheet.form.items]
    touched = any(_is_changed(raw, name) for name in [*names, "happened_at"])
    if not touched and not (always and any(name in raw for name in names)):
        return None
    record = sheet.record
    wrong: dict[str, str] = {}
    data: items.Data = {}
    happened_at = None
    at = clock.at(sheet.incident, sheet.now)
    try:
        data = items.read(sheet.form, raw, at=at, before=record.data if record else {}, since=sheet.since)
    except Invalid as refusal:
        wrong |= refusal.fields
    try:
        if record is None or _is_changed(raw, "happened_at"):
            happened_at = forms.moment(sheet.incident, raw, "happened_at", _("何时发生"), sheet.now)
    except Invalid as refusal:
        wrong |= refusal.fields
    if wrong:
        raise Invalid(wrong)
    return records.Draft(
        form=sheet.form.key,
        data=data,
        row=sheet.row if sheet.form.rows else 1,
        base=_number(raw.get("base", "")),
        happened_at=happened_at,
        key=_key(raw.get("key", "")),
    )


def edition(raw: Mapping[str, str]) -> int | None:
    """The edition that the page showed; None where it says nothing usable."""
    return _number(raw["edition"]) if raw.get("edition", "").isascii() and raw.get("edition", "").isdigit() else None


def table(sheet: Sheet, url: str, *, is_gate: bool) -> Table | None:
    """The lines so far, of a ledger; `url` is the page that writes them."""
    if not sheet.form.rows:
        return None
    shown = [item for item in sheet.form.items if item.kind != "long"][:MOST_COLUMNS]
    outcome = next((item for item in sheet.form.items if item.key == sheet.form.outcome), None)
    if outcome is not None and outcome not in shown:
        shown = [*shown[: MOST_COLUMNS - 1], outcome]
    lines = tuple(_line(sheet, record, shown, url, is_gate) for record in sheet.lines.values())
    return Table(tuple(say.pick(item) for item in shown), lines, url if sheet.record else "")


def said(sheet: Sheet | None) -> str:
    """What the dialog says after a line was taken."""
    return _("已记下，共 %d 行。") % (len(sheet.lines) if sheet else 0)


def address(sheet: Sheet) -> str:
    """Where the form is written: from its duty, or by itself."""
    number = sheet.incident.number
    if sheet.duty is not None:
        return reverse("room-duty", args=[number, sheet.duty.pk])
    return reverse("room-record", args=[number, sheet.form.key])


def _line(sheet: Sheet, record: Record, shown: list[law.Item], url: str, is_gate: bool) -> Line:
    return Line(
        row=record.row,
        at=record.happened_at,
        cells=tuple(items.words(item, record.data.get(item.key)) for item in shown),
        by=record.by_name,
        version=record.version,
        url=f"{url}?row={record.row}",
        is_open=record.row == sheet.row,
        lacks=_("、").join(say.pick(item) for item in records.lacking(sheet.form, record.data, is_gate=is_gate)),
    )


def _field(item: law.Item, value: str, since: date, *, is_focused: bool) -> Field:
    options = tuple(Option(choice.key, say.pick(choice)) for choice in item.choices)
    least, help_text = "", ""
    first = items.earliest(item, since)
    if first is not None:
        least, help_text = first.isoformat(), _("最早 %s") % first.isoformat()
    kind = KINDS.get(item.kind, item.kind)
    if item.kind == "choice" and len(options) > FEW:
        kind, options = "list", (Option("", "—"), *options)
    return Field(
        items.name(item), say.pick(item), kind, value, help_text, options,
        is_required=item.required, is_focused=is_focused, was=value, least=least,
    )  # fmt: skip


def _is_changed(raw: Mapping[str, str], name: str) -> bool:
    return raw.get(name, "").strip() != raw.get(f"was-{name}", "").strip()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
