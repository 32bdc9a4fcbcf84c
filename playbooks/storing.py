"""Writes a plan document into the tables: a draft version with all its rows, and its publication."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max

from playbooks import law, models, search
from playbooks.planfile import PlanDocument

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class NotADraft(Exception):
    """Only a draft can be published."""


class OwnDraft(Exception):
    """Whoever drafted a version may not publish it: that takes a second person."""


class Outcome(Enum):
    """What became of a shipped plan file."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    DRAFTED = "drafted"


@transaction.atomic
def ship(document: PlanDocument, *, now: datetime) -> tuple[Outcome, models.PlanVersion]:
    """Take in a shipped plan: published where the plan has no version, a draft where its text is new."""
    plan = _locked_plan(document)
    same = plan.versions.filter(digest=document.digest).order_by("-number").first()
    if same is not None:
        return Outcome.UNCHANGED, same
    first = not plan.versions.exists()
    version = draft(document, now=now)
    if not first:
        return Outcome.DRAFTED, version
    return Outcome.PUBLISHED, publish(version, by=None, now=now)


def _locked_plan(document: PlanDocument) -> models.Plan:
    """The plan's row, held until commit: two loaders at once must not take the same number."""
    plan, _ = models.Plan.objects.get_or_create(key=document.key, defaults={"zh": document.zh, "en": document.en})
    return models.Plan.objects.select_for_update().get(pk=plan.pk)


@transaction.atomic
def draft(
    document: PlanDocument, *, now: datetime, note: str = "", by: "AbstractBaseUser | None" = None
) -> models.PlanVersion:
    """Store the document as the next draft version of its plan; `by` is its drafter, who can't publish it."""
    plan = _locked_plan(document)
    last = plan.versions.aggregate(last=Max("number"))["last"] or 0
    version = models.PlanVersion.objects.create(
        plan=plan,
        number=last + 1,
        zh=document.zh,
        en=document.en,
        source_text=document.text,
        digest=document.digest,
        note=note or document.note,
        created_at=now,
        drafted_by_id=None if by is None else by.pk,
    )
    _posts(version, document.posts)
    _parties(version, document.parties)
    _playbooks(version, document.playbooks)
    return version


@transaction.atomic
def rewrite(version: models.PlanVersion, document: PlanDocument) -> None:
    """Put another text and its rows in the place of a draft's; the number stays. Raises NotADraft."""
    locked = models.PlanVersion.objects.select_for_update().get(pk=version.pk)
    if locked.state != models.PlanVersion.State.DRAFT:
        raise NotADraft(str(locked))
    for children in (locked.playbooks, locked.parties, locked.posts):
        children.all().delete()
    version.zh, version.en, version.note = document.zh, document.en, document.note
    version.source_text, version.digest = document.text, document.digest
    version.save(update_fields=["zh", "en", "note", "source_text", "digest"])
    _posts(version, document.posts)
    _parties(version, document.parties)
    _playbooks(version, document.playbooks)


@transaction.atomic
def publish(version: models.PlanVersion, *, by: "AbstractBaseUser | None", now: datetime) -> models.PlanVersion:
    """Publish a draft; from then on the tables refuse every change of it. Raises NotADraft, OwnDraft."""
    locked = models.PlanVersion.objects.select_for_update().get(pk=version.pk)
    if locked.state != models.PlanVersion.State.DRAFT:
        raise NotADraft(str(locked))
    if by is not None and locked.drafted_by_id == by.pk:
        raise OwnDraft(str(locked))
    locked.state = models.PlanVersion.State.PUBLISHED
    locked.published_at, locked.published_by_id = now, None if by is None else by.pk
    locked.save(update_fields=["state", "published_at", "published_by"])
    return locked


def _posts(version: models.PlanVersion, posts: Iterable[law.Post]) -> None:
    models.PostName.objects.bulk_create(
        models.PostName(
            version=version,
            position=position,
            key=post.key,
            zh=post.zh,
            en=post.en,
            aliases=list(post.aliases),
            requirements=list(post.requirements),
        )
        for position, post in enumerate(posts)
    )


def _parties(version: models.PlanVersion, parties: Iterable[law.Party]) -> None:
    models.Party.objects.bulk_create(
        models.Party(
            version=version,
            position=position,
            key=party.key,
            zh=party.zh,
            en=party.en,
            number=party.number,
            requirements=list(party.requirements),
        )
        for position, party in enumerate(parties)
    )


def _playbooks(version: models.PlanVersion, playbooks: tuple[law.Playbook, ...]) -> None:
    rows = models.Playbook.objects.bulk_create(
        models.Playbook(
            version=version,
            position=position,
            key=one.key,
            zh=one.zh,
            en=one.en,
            summary_zh=one.summary_zh,
            summary_en=one.summary_en,
            icon=one.icon,
            life_safety=one.life_safety,
            silent=one.silent,
            twin_minutes=one.twin_minutes,
            statutory=one.statutory,
            restricted=one.restricted,
            requirements=list(one.requirements),
            keywords=list(one.keywords),
            search_text=search.index_text(one),
        )
        for position, one in enumerate(playbooks)
    )
    pairs = list(zip(rows, playbooks, strict=True))
    models.Metric.objects.bulk_create(row for parent, one in pairs for row in _metrics(parent, one.facts))
    models.Note.objects.bulk_create(row for parent, one in pairs for row in _notes(parent, one.notes))
    models.Form.objects.bulk_create(row for parent, one in pairs for row in _forms(parent, one.forms))
    trees: list[tuple[dict[str, Any], law.Group]] = []
    for parent, one in pairs:
        trees.extend(_levels(parent, one.levels))
        trees.extend(_duties(parent, one.duties))
    _conditions(trees)


def _metrics(parent: models.Playbook, facts: tuple[law.FactSpec, ...]) -> Iterator[models.Metric]:
    for position, spec in enumerate(facts):
        yield models.Metric(
            playbook=parent,
            position=position,
            metric=spec.metric,
            kind=spec.kind,
            unit=spec.unit,
            choices=_choices(spec.choices),
            asked=spec.asked,
            required=spec.required,
            zh=spec.zh,
            en=spec.en,
            help_zh=spec.help_zh,
            help_en=spec.help_en,
            minimum=spec.minimum,
            maximum=spec.maximum,
            requirements=list(spec.requirements),
            from_report=spec.from_report,
            feed=spec.feed,
        )


def _choices(choices: tuple[law.Choice, ...]) -> list[dict[str, Any]]:
    return [
        {"key": choice.key, "zh": choice.zh, "en": choice.en, "requirements": list(choice.requirements)}
        for choice in choices
    ]


def _notes(parent: models.Playbook, notes: tuple[law.Note, ...]) -> Iterator[models.Note]:
    for position, note in enumerate(notes):
        yield models.Note(
            playbook=parent,
            position=position,
            key=note.key,
            kind=note.kind,
            zh=note.zh,
            en=note.en,
            clause_zh=note.clause_zh,
            clause_en=note.clause_en,
            requirements=list(note.requirements),
            restricted=note.restricted,
        )


def _forms(parent: models.Playbook, forms: tuple[law.Form, ...]) -> Iterator[models.Form]:
    for position, form in enumerate(forms):
        yield models.Form(
            playbook=parent,
            position=position,
            key=form.key,
            zh=form.zh,
            en=form.en,
            rows=form.rows,
            outcome=form.outcome,
            items=[asdict(item) for item in form.items],
            requirements=list(form.requirements),
        )


def _levels(parent: models.Playbook, levels: tuple[law.Level, ...]) -> Iterator[tuple[dict[str, Any], law.Group]]:
    rows = models.Level.objects.bulk_create(
        models.Level(
            playbook=parent,
            key=level.key,
            rank=level.rank,
            colour=level.colour,
            starts=level.starts,
            zh=level.zh,
            en=level.en,
            note_zh=level.note_zh,
            note_en=level.note_en,
            site_rule=level.site_rule,
            spacing_minutes=level.spacing_minutes,
        )
        for level in levels
    )
    for row, level in zip(rows, levels, strict=True):
        rules = models.Rule.objects.bulk_create(
            models.Rule(
                level=row,
                position=position,
                key=rule.key,
                zh=rule.zh,
                en=rule.en,
                clause_zh=rule.clause_zh,
                clause_en=rule.clause_en,
                requirements=list(rule.requirements),
                site_rule=rule.site_rule,
                gap_zh=rule.gap_zh,
                gap_en=rule.gap_en,
            )
            for position, rule in enumerate(level.rules)
        )
        yield from (({"rule": stored}, rule.when) for stored, rule in zip(rules, level.rules, strict=True))


def _duties(parent: models.Playbook, duties: tuple[law.DutyRule, ...]) -> Iterator[tuple[dict[str, Any], law.Group]]:
    rows = models.DutyRule.objects.bulk_create(_duty(parent, duty) for duty in duties)
    models.Effect.objects.bulk_create(
        models.Effect(duty=row, position=position, kind=effect.kind, argument=effect.argument)
        for row, duty in zip(rows, duties, strict=True)
        for position, effect in enumerate(duty.on_late)
    )
    for row, duty in zip(rows, duties, strict=True):
        if duty.opens.when is not None:
            yield {"duty": row}, duty.opens.when


def _duty(parent: models.Playbook, duty: law.DutyRule) -> models.DutyRule:
    return models.DutyRule(
        playbook=parent,
        position=duty.order,
        key=duty.key,
        kind=duty.kind,
        post=duty.post,
        zh=duty.zh,
        en=duty.en,
        detail_zh=duty.detail_zh,
        detail_en=duty.detail_en,
        clause_zh=duty.clause_zh,
        clause_en=duty.clause_en,
        requirements=list(duty.requirements),
        opens_event=duty.opens.event,
        opens_argument=duty.opens.argument,
        opens_only=duty.opens.only,
        minutes=duty.minutes,
        target_minutes=duty.target_minutes,
        every_minutes=duty.every_minutes,
        anchor=duty.anchor,
        tell=list(duty.tell),
        answers=duty.answers,
        lapses_on=duty.lapses_on or "",
        replaces=list(duty.replaces),
        life_safety=duty.life_safety,
        site_rule=duty.site_rule,
        gate=duty.gate or "",
        choices=_choices(duty.choices),
        fact=duty.fact or "",
        phase=duty.phase,
        outside=list(duty.outside),
        form=duty.form,
        signers=duty.signers,
        apart_from=list(duty.apart_from),
        restricted=duty.restricted,
        calls_out={} if duty.calls_out is None else asdict(duty.calls_out),
    )


def _conditions(trees: list[tuple[dict[str, Any], law.Group]]) -> None:
    """Each storey of all trees in one statement: a term needs its group's id."""
    storey = [_node(owner, None, 0, group) for owner, group in trees]
    terms: list[law.Condition | law.Group] = [group for _, group in trees]
    while storey:
        models.Condition.objects.bulk_create(storey)
        below = [
            (parent, position, term)
            for parent, node in zip(storey, terms, strict=True)
            if isinstance(node, law.Group)
            for position, term in enumerate(node.terms)
        ]
        terms = [term for _, _, term in below]
        storey = [
            _node({"rule_id": parent.rule_id, "duty_id": parent.duty_id}, parent, position, term)
            for parent, position, term in below
        ]


def _node(
    owner: dict[str, Any], parent: models.Condition | None, position: int, term: law.Condition | law.Group
) -> models.Condition:
    if isinstance(term, law.Group):
        return models.Condition(parent=parent, position=position, mode=term.mode, **owner)
    value = term.value
    return models.Condition(
        parent=parent,
        position=position,
        metric=term.metric,
        op=term.op,
        flag=value if isinstance(value, bool) else None,
        number=None if isinstance(value, bool | str | tuple) else value,
        keys=[value] if isinstance(value, str) else list(value) if isinstance(value, tuple) else [],
        hold_minutes=term.hold_minutes,
        counts_expected=term.counts_expected,
        **owner,
    )
