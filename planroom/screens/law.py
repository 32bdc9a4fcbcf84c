"""The versions of a plan: a list of them, one of them with what it changes, and what became of each."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import Http404
from django.utils.translation import gettext as _

from incident.screens import room_words as say
from planroom import differences, drafts, linter
from planroom.door import Reader
from planroom.findings import Finding
from planroom.models import PlanEvent
from planroom.screens import law_people, law_words
from playbooks import models, planfile
from staffing import rights
from staffing.models import Site

if TYPE_CHECKING:
    from staffing.models import User

MOST_EVENTS = 60
MOST_CHANGES = 300
MOST_LINES = 1500
State = models.PlanVersion.State


@dataclass(frozen=True)
class Room:
    """One plan as its visitor sees it."""

    plan: models.Plan
    sites: tuple[Site, ...]
    may_manage: bool
    is_trusted: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One version in the list."""

    number: int
    state: str
    state_word: str
    drafted_by: str
    published_by: str
    at: datetime
    digest: str
    note: str
    is_in_force: bool
    is_draft: bool
    may_download: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One step in the record."""

    word: str
    number: int
    who: str
    at: datetime
    note: str
    digest: str


@dataclass(frozen=True)
class Versions:
    """The list, newest first."""

    rows: tuple[Row, ...]
    events: tuple[Event, ...]
    in_force: models.PlanVersion | None


@dataclass(frozen=True)
class Version:
    """One version beside the one it is compared with; `against` None: there is none."""

    row: Row
    version: models.PlanVersion
    against: models.PlanVersion | None
    choices: tuple[int, ...]
    lines: tuple[law_words.Line, ...]
    left_out: int
    text: tuple[differences.TextLine, ...]
    text_left_out: int
    findings: tuple[Finding, ...]
    unreadable: bool
    events: tuple[Event, ...]
    is_author: bool
    overtaken_by: int | None

    @property
    def is_submitted(self) -> bool:
        return self.version.submitted_at is not None


def room(user: "User", key: str) -> Room:
    """The plan behind its door. Raises Http404 for outsiders and unknown plans."""
    reader = Reader(user)
    sites = tuple(reader.sites_with(key))
    plan = models.Plan.objects.filter(key=key).first()
    if plan is None:
        raise Http404
    return Room(plan, sites, reader.may(rights.PLANS, key), reader.is_trusted(key))


def versions(room: Room) -> Versions:
    """Four queries."""
    found = list(
        room.plan.versions.select_related("drafted_by", "published_by").defer("source_text").order_by("-number")
    )
    newest = next((one for one in found if one.state == State.PUBLISHED), None)
    events = list(PlanEvent.objects.filter(plan=room.plan).defer("text").order_by("-id")[:MOST_EVENTS])
    notes = _notes([one.pk for one in found])
    restricted = set() if room.is_trusted or room.may_manage else _restricted(room.plan)
    rows = tuple(_row(one, newest, room, notes.get(one.pk, ""), restricted) for one in found)
    return Versions(rows, tuple(_event(event) for event in events), newest)


def _notes(version_ids: list[int]) -> dict[int, str]:
    """What was said at the last submission of each version."""
    said = PlanEvent.objects.filter(version_row__in=version_ids, kind=PlanEvent.Kind.SUBMITTED).order_by("id")
    return dict(said.values_list("version_row", "note"))


def _restricted(plan: models.Plan) -> set[int]:
    """Ids of versions with words that are for hall staff only."""
    found: set[int] = set()
    for model, path in ((models.Playbook, ""), (models.DutyRule, "playbook__"), (models.Note, "playbook__")):
        rows = model.objects.filter(restricted=True, **{f"{path}version__plan": plan})
        found |= set(rows.values_list(f"{path}version_id", flat=True))
    return found


def may_download(room: Room, version: models.PlanVersion) -> bool:
    """A draft is for who manages the plan; restricted words are for hall staff."""
    if room.may_manage:
        return True
    return version.state == State.PUBLISHED and (room.is_trusted or version.pk not in _restricted(room.plan))


def _row(
    version: models.PlanVersion, newest: models.PlanVersion | None, room: Room, note: str, restricted: set[int]
) -> Row:
    is_draft = version.state == State.DRAFT
    return Row(
        number=version.number,
        state="submitted" if is_draft and version.submitted_at else version.state,
        state_word=state_word(version, newest),
        drafted_by=str(version.drafted_by) if version.drafted_by else _("随系统提供"),
        published_by="" if is_draft else str(version.published_by) if version.published_by else _("随系统提供"),
        at=version.published_at or version.submitted_at or version.created_at,
        digest=version.digest,
        note=note,
        is_in_force=newest is not None and version.pk == newest.pk,
        is_draft=is_draft,
        may_download=room.may_manage or (not is_draft and version.pk not in restricted),
    )


def state_word(version: models.PlanVersion, newest: models.PlanVersion | None) -> str:
    """Where a version stands."""
    if version.state == State.DRAFT:
        return _("待审批") if version.submitted_at else _("草案")
    return _("现行") if newest is not None and version.pk == newest.pk else _("已被取代")


def _event(event: PlanEvent) -> Event:
    return Event(event.get_kind_display(), event.number, event.by_name, event.at, event.note, event.digest)


def version(room: Room, found: models.PlanVersion, user: "User", against: str, now: datetime) -> Version:
    """One version with its differences and findings."""
    others = room.plan.versions.filter(state=State.PUBLISHED).exclude(pk=found.pk).order_by("-number")
    numbers = tuple(others.values_list("number", flat=True))
    newest = drafts.in_force(room.plan)
    other = _against(others, found, against)
    old = planfile.read(other.source_text).document if other else None
    new = planfile.read(found.source_text, file=f"{room.plan.key}.yaml")
    changes = differences.compare(old, new.document) if old and new.document else ()
    text = differences.lines(other.source_text, found.source_text) if other else ()
    findings = linter.of_mistakes(new.mistakes)
    if new.document is not None and found.state == State.DRAFT:
        findings = linter.lint(new.document, sites=law_people.staffed(new.document, room.sites, now))
    events = PlanEvent.objects.filter(version_row=found.pk).defer("text").order_by("-id")[:MOST_EVENTS]
    notes = _notes([found.pk])
    return Version(
        row=_row(found, newest, room, notes.get(found.pk, ""), set()),
        version=found,
        against=other,
        choices=numbers,
        lines=tuple(law_words.line(change) for change in changes[:MOST_CHANGES]),
        left_out=max(len(changes) - MOST_CHANGES, 0),
        text=text[:MOST_LINES],
        text_left_out=max(len(text) - MOST_LINES, 0),
        findings=findings,
        unreadable=new.document is None,
        events=tuple(_event(event) for event in events),
        is_author=user.pk in drafts.authors(found),
        overtaken_by=newest.number if newest and newest.number > found.number else None,
    )


def _against(
    others: "models.plan.PlanVersionQuerySet", found: models.PlanVersion, asked: str
) -> models.PlanVersion | None:
    """The version asked for; else the law in force for a draft, and the one before for what was published."""
    if asked.isascii() and asked.isdigit() and len(asked) < 9:
        chosen = others.filter(number=int(asked)).first()
        if chosen is not None:
            return chosen
    if found.state == State.PUBLISHED:
        return others.filter(number__lt=found.number).first()
    return others.first()


def title(plan: models.Plan) -> str:
    """The plan's key and name."""
    return f"{plan.key} {say.pick(plan)}"
