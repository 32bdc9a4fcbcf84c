"""The report form: what can be reported where, the facts a playbook asks for, and what was typed so far."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from incident import access, lifecycle, readings, veil
from incident.models.incident import Mode
from incident.refusals import Invalid
from incident.screens import outcomes, strips
from incident.screens import room_words as say
from playbooks import library, rules, search
from staffing.models import Site

if TYPE_CHECKING:
    from staffing.models import User

SHOWN = 8  # options at a time; more letters narrow the list
EXERCISE = "exercise"
MOST_DIGITS = 18  # of a row's id

_published: set[int] = set()  # playbooks of published versions, which stay so; one of an older version goes on


@dataclass(frozen=True, slots=True)
class Option:
    """One playbook of the picker."""

    id: int
    words: tuple[tuple[str, bool], ...]  # pieces of the name; True: what matched
    keyword: str  # the keyword that matched, where the name says nothing of it
    icon: str
    plan: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """The picker's list: `more` were left out, `asked` is what was typed."""

    options: tuple[Option, ...]
    more: int
    asked: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One choice of a fact."""

    value: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One fact as the form asks for it."""

    name: str
    words: str
    help: str
    kind: str
    unit: str
    value: str
    since: str
    answers: tuple[Answer, ...]
    is_required: bool
    error: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A playbook of another site that fits what was typed."""

    site: str
    words: str
    url: str


@dataclass
class Report:
    """The form as filled in; `errors` maps a field to one sentence."""

    sites: list[Site]
    site: Site
    raw: Mapping[str, str]
    default_reporter: str
    may_exercise: bool
    law: rules.Playbook | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def client_key(self) -> str:
        return str(key(self.raw) or uuid.uuid4())

    @property
    def place(self) -> str:
        return self.raw.get("place") or say.pick(self.site, "place")

    @property
    def reporter(self) -> str:
        return self.raw.get("reporter") or self.default_reporter

    @property
    def title(self) -> str:
        return self.raw.get("title", "")

    @property
    def occurred_at(self) -> str:
        return self.raw.get("occurred_at", "")

    @property
    def follows(self) -> str:
        return self.raw.get("follows", "")

    @property
    def is_exercise(self) -> bool:
        return self.raw.get("mode") == EXERCISE

    @property
    def code(self) -> str:
        return strips.plan(self.law) if self.law else ""

    @property
    def place_changed(self) -> bool:
        return self.raw.get("place", "") not in ("", say.pick(self.site, "place"))

    @property
    def reporter_changed(self) -> bool:
        return self.raw.get("reporter", "") not in ("", self.default_reporter)

    @cached_property
    def picker(self) -> Picture:
        """The options for what was typed; the chosen one stays chosen as long as it is listed."""
        return picker(self.site, self.raw.get("q", ""), chosen=self.law.id if self.law else 0)

    @cached_property
    def elsewhere(self) -> tuple[Elsewhere, ...]:
        """Where nothing here matches: what does at the other sites where this person may report."""
        query = self.raw.get("q", "")
        if self.picker.options or not query.strip():
            return ()
        others = [(site, search.find(library.current(site.plans), query)) for site in self.sites if site != self.site]
        return tuple(_elsewhere(site, found[0].playbook, query) for site, found in others if found)

    @property
    def facts(self) -> tuple[Asked, ...]:
        return asked(self.law, self.raw, self.errors) if self.law else ()


def form(user: "User", raw: Mapping[str, str]) -> Report | None:
    """The form for this user; None for people who may report nowhere. An unknown site falls back to the first."""
    sites = access.sites_for(user, "incident.report")
    if not sites:
        return None
    site = next((site for site in sites if str(site.pk) == raw.get("site")), sites[0])
    report = Report(
        sites=sites,
        site=site,
        raw=raw,
        default_reporter=str(user),
        may_exercise="incident.exercise" in access.verbs(user, site.pk),
    )
    report.law = _law(site, raw.get("playbook", ""))
    return report


def check_choices(report: Report) -> dict[str, str]:
    """What a person chose and the form did not offer: nothing is reported somewhere else, or as something else."""
    wrong = {}
    chosen, mode = report.raw.get("site", ""), report.raw.get("mode", "")
    if chosen and chosen != str(report.site.pk):
        wrong["site"] = _("您不能在这个站点报告事件，请从列出的站点中选择。")
    if mode not in ("", Mode.REAL, EXERCISE):
        wrong["mode"] = _("请选择真实事件或练习。")
    return wrong


def key(raw: Mapping[str, str]) -> uuid.UUID | None:
    """The key made by the form; None where it is missing or broken."""
    try:
        return uuid.UUID(raw.get("client_key", ""))
    except ValueError:
        return None


def picker(site: Site, query: str, *, chosen: int) -> Picture:
    """Playbooks of the site's plans that match, best first. Typing anything chooses the best match."""
    found = search.find(library.current(site.plans), query)
    shown = found[:SHOWN]
    if query.strip() and shown and chosen not in [match.playbook.id for match in shown]:
        chosen = shown[0].playbook.id
    options = tuple(_option(match, chosen) for match in shown)
    return Picture(options, more=len(found) - len(shown), asked=query.strip())


def _elsewhere(site: Site, law: rules.Playbook, query: str) -> Elsewhere:
    chosen = QueryDict(mutable=True)
    chosen.update({"site": str(site.pk), "q": query, "playbook": str(law.id)})
    return Elsewhere(say.pick(site), say.pick(law), f"{reverse('desk')}?{chosen.urlencode()}")


def _option(match: search.Match, chosen: int) -> Option:
    law, language = match.playbook, "en" if say.is_english() else "zh"
    name, spans = say.pick(law), match.spans.get("en" if language == "en" else "zh", ())
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in spans:
        if start >= at and end <= len(name):
            pieces += [(name[at:start], False), (name[start:end], True)]
            at = end
    pieces.append((name[at:], False))
    return Option(
        id=law.id,
        words=tuple(piece for piece in pieces if piece[0]),
        keyword="" if spans else match.keyword,
        icon=law.icon,
        plan=strips.plan(law),
        chosen=law.id == chosen,
    )


def asked(law: rules.Playbook, raw: Mapping[str, str], errors: Mapping[str, str]) -> tuple[Asked, ...]:
    """The facts asked for at the report, with what was typed."""
    return tuple(_asked(spec, raw, errors) for spec in law.facts if spec.asked)


def given(report: Report, now: datetime) -> dict[str, readings.Given]:
    """The facts as typed. Raises Invalid with one sentence a field."""
    if report.law is None:
        raise Invalid({"playbook": _("请先选择发生了什么。")})
    facts = {name: value for name, value in report.raw.items() if name.startswith("fact-")}
    return readings.parse(report.law, facts, at=now, asked_only=True)


def occurred_at(report: Report, now: datetime) -> datetime | None:
    """The time as typed; None for now. Raises Invalid."""
    text = report.occurred_at.strip()
    if not text:
        return None
    try:
        return readings.moment(text, at=now, what=_("时间"))
    except ValueError as sentence:
        raise Invalid({"occurred_at": str(sentence)}) from None


def outcome(user: "User", report: Report | None, now: datetime) -> outcomes.Outcome | None:
    """What would happen on reporting now; None while no playbook is chosen. What is typed wrongly is left out."""
    if report is None or report.law is None:
        return None
    facts, wrong = _typed(report, now)
    began: datetime | None = None
    try:
        began = occurred_at(report, now)
    except Invalid as refusal:
        wrong |= refusal.fields
    try:
        preview = lifecycle.preview(
            actor=user, site_id=report.site.pk, playbook_id=report.law.id, facts=facts, occurred_at=began, now=now
        )
    except Invalid as refusal:
        return outcomes.nothing(tuple((wrong | refusal.fields).values()))
    cleared = veil.VERB in access.verbs(user, report.site.pk)
    law = veil.for_viewer(report.law.id, cleared=cleared)
    return outcomes.build(law, preview, wrong=tuple(wrong.values()))


def _typed(report: Report, now: datetime) -> tuple[dict[str, readings.Given], dict[str, str]]:
    """The facts that can be read, and a sentence for each that can't; nothing is demanded.

    Whoever has just chosen another playbook still sends the facts of the one before: they say nothing.
    """
    law = report.law
    if law is None:
        return {}, {}
    names = {f"fact-{metric}{end}" for metric in law.specs for end in ("", "-since", "-expected")}
    raw = {name: value for name, value in report.raw.items() if name in names}
    try:
        return readings.parse(law, raw, at=now), {}
    except Invalid as refusal:
        wrong = refusal.fields
    rest = {
        name: value for name, value in raw.items() if name.removesuffix("-since") not in wrong and name not in wrong
    }
    return readings.parse(law, rest, at=now), wrong


def _law(site: Site, text: str) -> rules.Playbook | None:
    """The chosen playbook if the site runs its plan; no query once this process has seen it published."""
    if not text.isdecimal() or len(text) > MOST_DIGITS:
        return None
    playbook_id = int(text)
    if playbook_id not in _published:
        _published.update(law.id for law in library.current(site.plans))
    if playbook_id not in _published:
        return None
    law = library.playbook(playbook_id)
    return law if law.plan_key in site.plans else None


def _asked(spec: rules.FactSpec, raw: Mapping[str, str], errors: Mapping[str, str]) -> Asked:
    name = f"fact-{spec.metric}"
    value = raw.get(name, "")
    answers: list[tuple[str, str]] = []
    if spec.kind == "flag":
        answers = [("yes", _("是")), ("no", _("否"))]
    elif spec.kind == "choice":
        answers = [(choice.key, say.pick(choice)) for choice in spec.choices]
    if answers and not spec.required:
        answers.append(("", _("不清楚")))
    return Asked(
        name=name,
        words=say.pick(spec),
        help=say.pick(spec, "help"),
        kind=spec.kind,
        unit="" if spec.kind in ("flag", "choice", "text", "time") else readings.unit(spec),
        value=value,
        since=raw.get(f"{name}-since", ""),
        answers=tuple(Answer(answer, words, answer == value) for answer, words in answers),
        is_required=spec.required,
        error=errors.get(name, ""),
    )
