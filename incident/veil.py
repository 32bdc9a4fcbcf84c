"""What a plan keeps for hall staff: the same playbook, with its restricted words left out.

Everything that says a plan's words takes them from a playbook, so giving it a veiled one is enough. The names of a
restricted playbook and of its levels stay; clauses stay too: they say where the plan says it, not what.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, Final, TypeVar

from django.utils.translation import gettext as _

from playbooks import law, library

VERB: Final = "playbooks.restricted"

DUTY: Final = law.Words("受限职责，请在控制台查看", "Restricted duty: open the console to read it")
OTHER: Final = law.Words("受限内容", "Restricted")

FREE: Final = ("note", "reason", "text")  # of an entry's data: what a person wrote
CODED: Final = ("word", "lapsed", "replaced", "merged")  # reasons that the console says itself

_Named = TypeVar("_Named", law.DutyRule, law.Rule, law.Form, law.Item, law.FactSpec, law.Choice)


@dataclass(frozen=True, slots=True)
class Veiled(law.Playbook):
    """A playbook without its restricted words. `is_muted`: people's own words about them are left out too."""

    is_muted: bool = False


_kept: dict[tuple[int, bool], tuple[law.Playbook, law.Playbook]] = {}


def for_viewer(playbook_id: int, *, cleared: bool) -> law.Playbook:
    """The playbook as this viewer may read it; `cleared`: hall staff of the incident's site. No query once read."""
    found = library.playbook(playbook_id)
    return found if cleared else _veiled(found, muted=True)


def for_export(playbook_id: int, *, cleared: bool) -> law.Playbook:
    """The playbook for paper and files: restricted words leave the house for nobody."""
    return _veiled(library.playbook(playbook_id), muted=not cleared)


def shared(playbook: law.Playbook) -> law.Playbook:
    """The playbook as messages and files may say it."""
    return playbook if isinstance(playbook, Veiled) else _veiled(playbook, muted=False)


def is_hidden(playbook: law.Playbook, rule: law.DutyRule | None = None) -> bool:
    """Whether what people wrote is left out here: of a whole restricted playbook, or of one restricted duty."""
    if not isinstance(playbook, Veiled) or not playbook.is_muted:
        return False
    return playbook.restricted or (rule is not None and rule.restricted)


def hushed(playbook: law.Playbook, data: dict[str, Any]) -> dict[str, Any]:
    """The data of an entry without people's own words, where those are left out; words of the console stay."""
    rule = next((rule for rule in playbook.duties if rule.key == data.get("duty")), None)
    if not is_hidden(playbook, rule):
        return data
    hidden = _("受限内容")
    return {
        name: hidden if name in FREE and text and str(text).partition(":")[0] not in CODED else text
        for name, text in data.items()
    }


def is_kept_back(playbook: law.Playbook, form: law.Form) -> bool:
    """Whether a form is for hall staff only: of a restricted playbook, or written by restricted duties alone."""
    writers = [duty for duty in playbook.duties if duty.form == form.key]
    return playbook.restricted or (bool(writers) and all(duty.restricted for duty in writers))


def _veiled(playbook: law.Playbook, *, muted: bool) -> law.Playbook:
    kept = _kept.get((playbook.id, muted))
    if kept is None or kept[0] is not playbook:
        kept = (playbook, _made(playbook, muted=muted))
        _kept[playbook.id, muted] = kept
    return kept[1]


def _made(playbook: law.Playbook, *, muted: bool) -> law.Playbook:
    whole = playbook.restricted
    parts = [duty.restricted for duty in playbook.duties] + [note.restricted for note in playbook.notes]
    if not whole and not any(parts):
        return playbook
    told = {spec.name: getattr(playbook, spec.name) for spec in fields(law.Playbook)}
    told |= {
        "duties": tuple(_duty(duty) if whole or duty.restricted else duty for duty in playbook.duties),
        "notes": tuple(note for note in playbook.notes if not (whole or note.restricted)),
        "forms": tuple(_form(form) if is_kept_back(playbook, form) else form for form in playbook.forms),
    }
    if whole:
        told |= {
            "facts": tuple(_fact(spec) for spec in playbook.facts),
            "levels": tuple(_level(level) for level in playbook.levels),
            "summary_zh": "",
            "summary_en": "",
        }
    return Veiled(**told, is_muted=muted)


def _duty(duty: law.DutyRule) -> law.DutyRule:
    said = _said(duty, DUTY)
    return replace(said, detail_zh="", detail_en="", choices=_choices(duty.choices), restricted=True)


def _form(form: law.Form) -> law.Form:
    items = tuple(replace(_said(item, OTHER), choices=_choices(item.choices)) for item in form.items)
    return replace(_said(form, OTHER), items=items)


def _fact(spec: law.FactSpec) -> law.FactSpec:
    return replace(_said(spec, OTHER), help_zh="", help_en="", choices=_choices(spec.choices))


def _level(level: law.Level) -> law.Level:
    rules = tuple(replace(_said(rule, OTHER), gap_zh="", gap_en="") for rule in level.rules)
    return replace(level, rules=rules, note_zh="", note_en="")


def _choices(choices: tuple[law.Choice, ...]) -> tuple[law.Choice, ...]:
    return tuple(_said(choice, OTHER) for choice in choices)


def _said(thing: _Named, words: law.Words) -> _Named:
    return replace(thing, zh=words.zh, en=words.en)
