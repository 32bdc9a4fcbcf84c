"""Paper for the hour without power or network: one A4 page for each post, and the blank of every form."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from incident.screens import room_words as say
from planroom.screens import cards, fitting, saying
from planroom.screens import playbook as reading_view
from playbooks import law
from staffing import directory, masks
from staffing.models import Contact, Site

LEDGER_ROWS = 12
LOG_ROWS = 24  # as many as there is room for are printed
MOST_CLOCK = 8
MOST_PHONES = 16


@dataclass(frozen=True, slots=True)
class Phone:
    """Who is called; `number` is masked where the reader may not have it, empty where none is known."""

    post: str
    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Card:
    """One A4 page. `density` 1 is roomy, 4 as tight as can still be read."""

    title: str
    post: str
    book: law.Playbook
    site: Site
    is_internal: bool
    clock: tuple[reading_view.ClockStep, ...]
    sections: tuple[fitting.Section, ...]
    prohibitions: tuple[cards.Step, ...]
    safety: tuple[str, ...]
    phones: tuple[Phone, ...]
    numbers: tuple[Phone, ...]  # public ones, of parties outside
    is_masked: bool
    density: int
    has_notes: bool
    left_out: int  # steps that one page has no room for

    @property
    def log_rows(self) -> range:
        return range(LOG_ROWS)


@dataclass(frozen=True, slots=True)
class Blank:
    """A form to be filled in by hand."""

    title: str
    book: law.Playbook
    site: Site
    form: law.Form
    items: tuple[law.Item, ...]
    is_internal: bool

    @property
    def rows(self) -> range:
        return range(LEDGER_ROWS)


def card(book: law.Playbook, site: Site, post: str, *, now: datetime, trusted: bool, full: bool) -> Card | None:
    """The card of a post, or of the whole playbook for an empty one; None where the post has nothing to do there.

    Three queries. `full`: telephone numbers as they are.
    """
    duties = [duty for duty in book.duties if (trusted or not duty.restricted) and post in ("", duty.post)]
    if not duties:
        return None
    acting = [duty for duty in duties if duty.kind != "prohibition"]
    all_cards = cards.cards(book, trusted=trusted, held=None)
    chosen = [one for one in all_cards if post in ("", one.post)]
    sections = list(_by_post(chosen) if not post else _by_phase(chosen))
    clock = _clock(book, acting)
    phones = tuple(_phones(book, site, duties, post, now=now, full=full))
    forbidden = tuple(step for step in cards.prohibitions(book, trusted=trusted))
    safety = tuple(say.pick(note) for note in book.notes if note.kind == "safety" and (trusted or not note.restricted))
    numbers = tuple(Phone(saying.party_name(party), "", party.number) for party in _public(book))
    plan = fitting.fit(
        sections,
        frozenset(duty.key for duty in acting if duty.phase == "after"),
        columns=2 if post else 4,
        clock=clock,
        lists=[*safety, *(step.words for step in forbidden)],
        phones=len(phones) + bool(numbers),
    )
    return Card(
        title=say.pick(book),
        post=saying.post(book, post) if post else "",
        book=book,
        site=site,
        is_internal=book.restricted or any(duty.restricted for duty in duties),
        clock=clock,
        sections=plan.sections,
        prohibitions=forbidden,
        safety=safety,
        phones=phones,
        numbers=numbers,
        is_masked=not full and any(phone.number for phone in phones),
        density=plan.density,
        has_notes=plan.has_notes,
        left_out=plan.left_out,
    )


def _by_post(chosen: Iterable[cards.Card]) -> Iterator[fitting.Section]:
    for one in chosen:
        steps = tuple(step for step in one.steps if not step.is_hidden)
        if steps:
            yield fitting.Section(one.words, steps)


def _by_phase(chosen: Iterable[cards.Card]) -> Iterator[fitting.Section]:
    for one in chosen:
        for part in one.parts:
            steps = tuple(step for step in part.steps if not step.is_hidden)
            if steps:
                yield fitting.Section(part.words, steps)


def _clock(book: law.Playbook, acting: list[law.DutyRule]) -> tuple[reading_view.ClockStep, ...]:
    """The moments that fit on the card: where there are too many, the site's own targets go first."""
    steps = list(reading_view.clock(book, acting))
    while len(steps) > MOST_CLOCK and any(step.is_target for step in steps):
        last = max(place for place, step in enumerate(steps) if step.is_target)
        del steps[last]
    return tuple(steps[:MOST_CLOCK])


def _public(book: law.Playbook) -> Iterator[law.Party]:
    return (party for party in reading_view.parties(book) if party.number)


def _phones(
    book: law.Playbook, site: Site, duties: list[law.DutyRule], post: str, *, now: datetime, full: bool
) -> Iterator[Phone]:
    """Everybody the card sends somebody to: those told, those told when it is late, and on the card of all the rest."""
    told = [duty.post if key == law.HOLDER else key for duty in duties for key in duty.tell if key != law.TOLD]
    late = [effect.argument for duty in duties for effect in duty.on_late if effect.kind == "tell"]
    wanted = list(dict.fromkeys([*told, *late, *([] if post else [duty.post for duty in duties])]))
    wanted = [key for key in wanted if key != post][:MOST_PHONES]
    held = directory.holders(site.pk, wanted, now)
    for key in wanted:
        people = held.get(key, ())
        if not people:
            yield Phone(saying.post(book, key), "", "")
        for person in people[:1]:
            yield Phone(saying.post(book, key), person.name, _number(person, full=full))


def _number(person: directory.Held, *, full: bool) -> str:
    found = next((address for channel, address in person.contacts if channel == Contact.Channel.PHONE), "")
    return found if full else masks.contact(found)


def blank(book: law.Playbook, site: Site, key: str, *, trusted: bool) -> Blank | None:
    """The blank of a form; None where the reader has no such form. No query."""
    found = next((form for form in reading_view.forms(book, trusted=trusted) if form.key == key), None)
    if found is None:
        return None
    return Blank(say.pick(found), book, site, found, found.items, book.restricted)
