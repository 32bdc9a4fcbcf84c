"""Small forms of the room, in a dialog or as a page of their own: what is asked, what it will do, what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from incident import clock, items, readings
from incident.models import Incident
from incident.refusals import Invalid
from playbooks import law

LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Option:
    key: str
    words: str


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `kind`: text, long, number, time, date, phone, check, choice (buttons) or list (a drop-down)."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    help: str = ""
    options: tuple[Option, ...] = ()
    unit: str = ""
    is_required: bool = False
    is_focused: bool = False
    error: str = ""
    was: str | None = None  # what the form was filled with, to tell what a person changed
    least: str = ""  # the first day that a date may be


@dataclass(frozen=True, slots=True)
class Dialog:
    """A form with its button. `seen` is the revision it was made from; `missing` disables the button and says why.

    `second`: another button of the same form; it sends `do` with its own value, the first one sends `does`.
    """

    title: str
    action: str
    submit: str
    explain: str = ""
    fields: tuple[Field, ...] = ()
    seen: int | None = None
    missing: tuple[str, ...] = ()
    is_grave: bool = False
    error: str = ""
    other_url: str = ""  # another thing that can be done with the same object
    other_words: str = ""
    also_url: str = ""  # one more thing, done in a dialog of its own
    also_words: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)
    does: str = ""
    second: str = ""
    second_does: str = ""
    number: str = ""  # a number to call, shown large
    may_dial: bool = False  # as a link for telephones
    signed: tuple[str, ...] = ()  # who signed when, and how many are still to
    table: object | None = None  # the lines of a ledger so far (record_form.Table)
    said: str = ""  # what the last press of a button did

    def answered(self, raw: Mapping[str, str], wrong: Invalid) -> "Dialog":
        """The same form as a person filled it in, with what is wrong beside each question."""
        fields = tuple(
            replace(one, value=_answer(one, raw), error=wrong.fields.get(one.name, "")) for one in self.fields
        )
        shown = {one.name for one in self.fields}
        rest = " ".join(sentence for name, sentence in wrong.fields.items() if name not in shown)
        return replace(self, fields=fields, error=rest)


def _answer(one: Field, raw: Mapping[str, str]) -> str:
    """What was typed; a box without its tick is not sent at all."""
    return raw.get(one.name, "" if one.kind == "check" else one.value)


def reason(label: str = "", value: str = "") -> Field:
    """The question for a reason, which must be answered."""
    return Field("reason", label or _("理由"), "long", value=value, is_required=True, is_focused=True)


def note(label: str = "") -> Field:
    return Field("note", label or _("说明"), "long", is_focused=True)


def moment(incident: Incident, raw: Mapping[str, str], name: str, what: str, now: datetime) -> datetime | None:
    """A time typed into a form, on the incident's clock; None where it was left empty. Raises Invalid."""
    text = raw.get(name, "").strip()
    if not text:
        return None
    try:
        return readings.moment(text, at=clock.at(incident, now), what=what)
    except ValueError as wrong:
        raise Invalid({name: str(wrong)}) from None


def row(raw: Mapping[str, str]) -> int | None:
    """The line of a ledger that is asked for; None for a new one."""
    text = raw.get("row", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def nothing_typed(form: law.Form) -> Invalid:
    """Said where a form came back without a word in it."""
    return Invalid({items.name(form.items[0]) if form.items else "form": _("还没有填写任何内容。")})


def seen(request: HttpRequest) -> int | None:
    """The revision of the incident that the form was made from; None where it says nothing usable."""
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
