"""Action cards of a playbook: what each post does in which phase, and what nobody may do."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from incident.screens import room_words as say
from planroom.screens import saying
from playbooks import law

PHASES = ("first", "during", "after")


@dataclass(frozen=True, slots=True)
class Step:
    """One duty as a line of a card. `is_hidden`: restricted, and the reader is not among those it is for."""

    key: str
    place: int  # its number on the card of its post
    words: str
    detail: str
    kind: str
    opens: str  # empty for what opens with the report
    due: str
    is_target: bool
    tells: tuple[str, ...]
    late: tuple[str, ...]
    choices: tuple[str, ...]
    form: str
    form_words: str
    signers: int
    apart: tuple[str, ...]
    gate: str
    clause: str
    ids: tuple[str, ...]
    is_site_rule: bool
    is_urgent: bool
    is_restricted: bool
    is_hidden: bool

    @property
    def note(self) -> str:
        """The small line below it on paper: when, by when and whom."""
        told = _("告知 %s") % _("、").join(self.tells) if self.tells else ""
        return " · ".join(part for part in (self.opens, self.due, told) if part)


@dataclass(frozen=True, slots=True)
class Part:
    """The steps of one phase on a card."""

    phase: str
    words: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One post: its name in the plan, who holds it at the site (none: vacant; None: not asked), and its steps."""

    post: str
    words: str
    aliases: tuple[str, ...]
    holders: tuple[str, ...] | None
    parts: tuple[Part, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for part in self.parts for step in part.steps)


def cards(book: law.Playbook, *, trusted: bool, held: Mapping[str, tuple[str, ...]] | None) -> tuple[Card, ...]:
    """A card for each post with a duty, in the order of the plan's duties; prohibitions are no steps."""
    by_post: dict[str, list[law.DutyRule]] = {}
    for duty in book.duties:
        if duty.kind != "prohibition":
            by_post.setdefault(duty.post, []).append(duty)
    return tuple(_card(book, post, duties, trusted=trusted, held=held) for post, duties in by_post.items())


def prohibitions(book: law.Playbook, *, trusted: bool) -> tuple[Step, ...]:
    """What must not be done, whoever it is told to."""
    return tuple(
        step(book, duty, place, trusted=trusted)
        for place, duty in enumerate((duty for duty in book.duties if duty.kind == "prohibition"), 1)
    )


def _card(
    book: law.Playbook,
    post: str,
    duties: list[law.DutyRule],
    *,
    trusted: bool,
    held: Mapping[str, tuple[str, ...]] | None,
) -> Card:
    named = next((one for one in book.posts if one.key == post), None)
    ordered = sorted(duties, key=lambda duty: (PHASES.index(duty.phase), not duty.life_safety, duty.order))
    steps = [(duty.phase, step(book, duty, place, trusted=trusted)) for place, duty in enumerate(ordered, 1)]
    parts = [
        Part(phase, saying.phase(phase), tuple(step for where, step in steps if where == phase))
        for phase in PHASES
        if any(where == phase for where, _step in steps)
    ]
    return Card(
        post=post,
        words=saying.post(book, post),
        aliases=named.aliases if named and not say.is_english() else (),
        holders=None if held is None else held.get(post, ()),
        parts=tuple(parts),
    )


def step(book: law.Playbook, duty: law.DutyRule, place: int, *, trusted: bool) -> Step:
    """One duty in words; all of them left out where they are not for the reader."""
    if duty.restricted and not trusted:
        return _hidden(duty, place)
    by_key = {other.key: other for other in book.duties}
    form = next((form for form in book.forms if form.key == duty.form), None)
    return Step(
        key=duty.key,
        place=place,
        words=say.pick(duty),
        detail=say.pick(duty, "detail"),
        kind=saying.kind(duty),
        opens="" if duty.opens == law.Trigger("report") else saying.opens(duty, book),
        due=saying.due(duty),
        is_target=duty.minutes is None,
        tells=saying.tells(duty, book),
        late=tuple(_late(effect, book, by_key) for effect in duty.on_late),
        choices=tuple(say.pick(choice) for choice in duty.choices),
        form=duty.form,
        form_words=say.pick(form) if form else "",
        signers=duty.signers,
        apart=tuple(_words_of(by_key, key) for key in duty.apart_from),
        gate=saying.gate(duty),
        clause=saying.clause(duty),
        ids=duty.requirements,
        is_site_rule=say.is_site_rule(duty) and bool(duty.clause_zh),
        is_urgent=duty.life_safety,
        is_restricted=duty.restricted,
        is_hidden=False,
    )


def _hidden(duty: law.DutyRule, place: int) -> Step:
    return Step(
        key=duty.key, place=place, words="", detail="", kind="", opens="", due="", is_target=False, tells=(), late=(),
        choices=(), form="", form_words="", signers=1, apart=(), gate="", clause="", ids=duty.requirements,
        is_site_rule=False, is_urgent=duty.life_safety, is_restricted=True, is_hidden=True,
    )  # fmt: skip


def _late(effect: law.Effect, book: law.Playbook, by_key: Mapping[str, law.DutyRule]) -> str:
    """What lateness does, as half a sentence."""
    if effect.kind == "tell":
        return _("通知%s") % saying.post(book, effect.argument)
    if effect.kind == "raise":
        return _("升为“%s”") % say.pick(book.level(effect.argument))
    return _("启动“%s”") % _words_of(by_key, effect.argument)


def _words_of(by_key: Mapping[str, law.DutyRule], key: str) -> str:
    duty = by_key.get(key)
    return key if duty is None else saying.brief(duty)
