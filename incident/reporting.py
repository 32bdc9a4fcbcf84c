"""Reporting an incident: the plan starts here. A preview runs the same story and does not save it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from incident import access, chain, deciding, numbering, observing, opening, settle, writing
from incident.models import Incident
from incident.models.incident import Mode, State
from incident.readings import Given
from incident.refusals import Denied, Invalid
from incident.story import HEAD, Story
from playbooks import library, rules
from staffing import directory
from staffing.models import Site

if TYPE_CHECKING:
    from staffing.models import User


@dataclass(frozen=True)
class Clock:
    """A deadline that would start, in plan minutes from its anchor."""

    minutes: float
    rule: rules.DutyRule
    is_target: bool


@dataclass(frozen=True)
class Told:
    """A post that would be told, and who holds it (empty: vacant)."""

    zh: str
    en: str
    person: str


@dataclass(frozen=True)
class Preview:
    """What would happen on reporting now. `provisional`: in force at once, awaiting confirmation."""

    level: rules.Level | None
    status: str
    verdict: rules.Verdict
    tell: list[Told]
    clocks: list[Clock]
    tasks: int
    twin: Incident | None


def report(
    *,
    actor: "User",
    now: datetime,
    client_key: uuid.UUID,
    site_id: int,
    playbook_id: int,
    mode: str = Mode.REAL,
    title: str = "",
    place: str = "",
    reporter: str = "",
    occurred_at: datetime | None = None,
    facts: Mapping[str, Given] | None = None,
    follows: str = "",
    site: Site | None = None,
) -> Incident:
    """Start the plan: level, duties and clocks, and the people it calls. The same `client_key` returns the first one.

    Duties whose time has passed already open late and say so. `site`: who has read it already gives it along.
    Raises Http404, Denied, Invalid.
    """
    first = _sent_before(actor, client_key)
    if first is not None:
        return first
    access.check(actor, site_id, "incident.report")
    if mode == Mode.EXERCISE and "incident.exercise" not in access.verbs(actor, site_id):
        raise Denied(access.denial("incident.exercise"))
    if site is None or site.pk != site_id:
        site = Site.objects.get(pk=site_id)
    law = playbook_at(site, playbook_id)
    wrong = _wrong(site=site, law=law, mode=mode, occurred_at=occurred_at, now=now, given=facts or {}, title=title)
    if wrong:
        raise Invalid(wrong)
    story = _begin(site=site, law=law, actor=actor, now=now, mode=mode, occurred_at=occurred_at, client_key=client_key)
    incident = story.incident
    incident.title = title.strip()[:120] or law.zh
    incident.place = place.strip()[:120] or site.place_zh
    incident.reporter = reporter.strip()[:80] or str(actor)
    incident.follows = _followed(follows, site_id)
    try:
        with transaction.atomic():
            incident.pk, incident.number = numbering.following(mode, now)
            _run(story, facts or {})
            writing.save(story)
    except IntegrityError:
        # The same form came twice at the same moment; the other one was first.
        first = _sent_before(actor, client_key)
        if first is None:
            raise
        return first
    return incident


def start(
    *, site: Site, law: rules.Playbook, now: datetime, at: datetime, client_key: uuid.UUID, title: str, reporter: str,
    facts: Mapping[str, Given], source: str, heard_at: datetime | None = None,
) -> Story:  # fmt: skip
    """What was measured starts the plan and nobody pressed a button: everything counts from `at`, its exact moment.

    Needs a transaction, and the lock of what was measured. The story is not saved yet: the caller adds its proof.
    """
    story = _begin(site=site, law=law, actor=None, now=now, mode=Mode.REAL, occurred_at=at, client_key=client_key)
    incident = story.incident
    incident.reported_at = at
    incident.title, incident.place, incident.reporter = title[:120], site.place_zh, reporter[:80]
    incident.pk, incident.number = numbering.following(Mode.REAL, now)
    _run(story, facts, source=source, heard_at=heard_at)
    return story


def _sent_before(actor: "User", client_key: uuid.UUID) -> Incident | None:
    """The incident that this form has started already. Raises Http404 where it is none of the actor's business."""
    known = Incident.objects.filter(client_key=client_key).values_list("pk", flat=True).first()
    if known is None:
        return None
    first = Incident.objects.get(pk=known)
    access.check(actor, first.site_id, "incident.view")
    return first


def preview(
    *,
    actor: "User",
    site_id: int,
    playbook_id: int,
    facts: Mapping[str, Given],
    occurred_at: datetime | None,
    now: datetime,
) -> Preview:
    """What `report` would do, told by running it and not saving. Raises Http404, Denied, Invalid."""
    access.check(actor, site_id, "incident.report")
    site = Site.objects.get(pk=site_id)
    law = playbook_at(site, playbook_id)
    story = _begin(
        site=site, law=law, actor=actor, now=now, mode=Mode.REAL, occurred_at=occurred_at, client_key=uuid.uuid4()
    )
    story.incident.number = story.incident.title = "-"
    _run(story, facts)
    posts = [call.post for call in story.calls if not call.data.get("own")]
    own = [call.post for call in story.calls if call.data.get("own")]
    ordered = [post for post in dict.fromkeys([*posts, *own]) if not post.startswith("@")]
    held = directory.holders(site_id, ordered, now)
    names = {post.key: post for post in law.posts}
    decision = story.decisions[-1] if story.decisions else None
    return Preview(
        level=law.level(story.incident.level) if story.incident.level else None,
        status=decision.status if decision else "",
        verdict=rules.classify(law, story.readings(), story.at),
        tell=[
            Told(names[post].zh, names[post].en, held[post][0].name if held.get(post) else "")
            for post in ordered
            if post in names
        ],
        clocks=_clocks(story),
        tasks=len([duty for duty in story.duties if duty.kind != "prohibition"]),
        twin=twin(site_id=site_id, law=law, now=now),
    )


def twin(*, site_id: int, law: rules.Playbook, now: datetime) -> Incident | None:
    """A running real incident of the same kind at the site that began within the playbook's twin time."""
    return (
        Incident.objects.filter(
            site_id=site_id,
            playbook__key=law.key,
            mode=Mode.REAL,
            state__in=(State.REPORTED, State.RESPONDING, State.RECOVERING),
            reported_at__gt=now - timedelta(minutes=law.twin_minutes),
        )
        .order_by("-id")
        .first()
    )


def playbook_at(site: Site, playbook_id: int) -> rules.Playbook:
    """The playbook, if the site runs its plan. Raises Invalid."""
    unknown = Invalid({"playbook": _("没有这个预案，请从列表中重新选择。")})
    try:
        law = library.playbook(playbook_id)
    except ObjectDoesNotExist:
        raise unknown from None
    if not library.is_published(playbook_id):
        raise unknown
    if law.plan_key not in site.plans:
        raise Invalid({"playbook": _("“%(site)s”没有启用这个预案，请换一个站点或预案。") % {"site": site.zh}})
    return law


def _begin(
    *, site: Site, law: rules.Playbook, actor: "User | None", now: datetime, mode: str, occurred_at: datetime | None,
    client_key: uuid.UUID,
) -> Story:  # fmt: skip
    incident = Incident(
        client_key=client_key,
        site=site,
        playbook_id=law.id,
        mode=mode,
        occurred_at=occurred_at or now,
        reported_at=now,
        recorded_at=now,
        reported_by=actor,
    )
    story = Story(incident=incident, actor=actor, now=now)
    story.duties, story.decisions, story.facts = [], [], []  # nothing to gather for a new one
    return story


def _run(story: Story, given: Mapping[str, Given], *, source: str = "", heard_at: datetime | None = None) -> None:
    """The report's effects: its entry, its facts, the duties it opens, the level, and what is due already."""
    incident = story.incident
    story.touch(HEAD)
    chain.write(
        story,
        "reported",
        at=incident.occurred_at,
        playbook=story.playbook.key,
        plan_version=story.playbook.version_number,
        title=incident.title,
        reporter=incident.reporter,
        place=incident.place,
        reported_at=incident.reported_at.isoformat(),
        late_record=incident.occurred_at < incident.reported_at,
    )
    observing.write(
        story,
        {metric: value for metric, value in given.items() if value != Given()},
        at=incident.reported_at,
        source=source,
        heard_at=heard_at,
    )
    observing.from_report(story)
    opening.emit(story, "report", at=incident.reported_at)
    deciding.assess(story, at=incident.reported_at)
    settle.settle(story)


def _clocks(story: Story) -> list[Clock]:
    clocks = []
    for duty in story.duties:
        rule = opening.story_rule(story, duty.rule)
        amount = rule.minutes if rule.minutes is not None else rule.target_minutes
        if amount is not None:
            clocks.append(Clock(float(amount), rule, rule.minutes is None))
    return sorted(clocks, key=lambda found: (found.is_target, found.minutes))


def _wrong(
    *, site: Site, law: rules.Playbook, mode: str, occurred_at: datetime | None, now: datetime,
    given: Mapping[str, Given], title: str,
) -> dict[str, str]:  # fmt: skip
    wrong = {}
    if mode not in (Mode.REAL, Mode.EXERCISE):
        wrong["mode"] = _("请选择真实事件或练习。")
    if occurred_at is not None and occurred_at > now:
        wrong["occurred_at"] = _("时间在将来，请填已经发生的时间。")
    if occurred_at is not None and occurred_at < site.opened_at:
        wrong["occurred_at"] = _("时间早于站点启用，请核对日期。")
    if len(title) > 120:
        wrong["title"] = _("标题最多 120 字。")
    for metric in set(given) - set(law.specs):
        wrong[f"fact-{metric}"] = _("这个预案没有“%s”这项情况。") % metric
    return wrong


def _followed(number: str, site_id: int) -> Incident | None:
    if not number:
        return None
    found = Incident.objects.filter(number=number, site_id=site_id).first()
    if found is None:
        raise Invalid({"follows": _("本站没有编号为 %s 的事件。") % number})
    return found
