"""Rows of the law's tables back to frozen values."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from playbooks import law, models


def load(ids: list[int]) -> dict[int, law.Playbook]:
    """The playbooks of those rows, by row id; twelve queries whatever their number, none for no ids."""
    if not ids:
        return {}
    rows = list(models.Playbook.objects.filter(pk__in=ids).select_related("version__plan"))
    versions = {row.version_id for row in rows}
    posts, parties = read_posts(versions), _read_parties(versions)
    metrics = _grouped(models.Metric.objects.filter(playbook__in=ids).order_by("position"), "playbook_id")
    notes = _grouped(models.Note.objects.filter(playbook__in=ids).order_by("position"), "playbook_id")
    forms = _grouped(models.Form.objects.filter(playbook__in=ids).order_by("position"), "playbook_id")
    levels = _read_levels(ids)
    duties = _read_duties(ids)
    return {
        row.pk: replace(
            _playbook(row),
            facts=tuple(_fact(metric) for metric in metrics[row.pk]),
            levels=tuple(levels[row.pk]),
            duties=tuple(duties[row.pk]),
            posts=tuple(posts[row.version_id]),
            notes=tuple(_note(note) for note in notes[row.pk]),
            parties=tuple(parties[row.version_id]),
            forms=tuple(_form(form) for form in forms[row.pk]),
        )
        for row in rows
    }


def _grouped(rows: Iterable[Any], parent: str) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, parent)].append(row)
    return found


def _playbook(row: models.Playbook) -> law.Playbook:
    """What stands in the row itself, without its parts."""
    return law.Playbook(
        id=row.pk,
        key=row.key,
        plan_key=row.version.plan.key,
        version_number=row.version.number,
        zh=row.zh,
        en=row.en,
        icon=row.icon,
        facts=(),
        levels=(),
        duties=(),
        requirements=tuple(row.requirements),
        keywords=tuple(row.keywords),
        summary_zh=row.summary_zh,
        summary_en=row.summary_en,
        life_safety=row.life_safety,
        silent=row.silent,
        twin_minutes=row.twin_minutes,
        statutory=row.statutory,
        restricted=row.restricted,
        search_text=row.search_text,
    )


def read_posts(version_ids: Iterable[int]) -> defaultdict[int, list[law.Post]]:
    """The posts of those versions, by version id; one query."""
    found: defaultdict[int, list[law.Post]] = defaultdict(list)
    for row in models.PostName.objects.filter(version__in=list(version_ids)).order_by("position"):
        post = law.Post(row.key, row.zh, row.en, tuple(row.aliases), tuple(row.requirements))
        found[row.version_id].append(post)
    return found


def _read_parties(version_ids: Iterable[int]) -> defaultdict[int, list[law.Party]]:
    found: defaultdict[int, list[law.Party]] = defaultdict(list)
    for row in models.Party.objects.filter(version__in=list(version_ids)).order_by("position"):
        found[row.version_id].append(law.Party(row.key, row.zh, row.en, row.number, tuple(row.requirements)))
    return found


def _fact(row: models.Metric) -> law.FactSpec:
    return law.FactSpec(
        metric=row.metric,
        kind=cast(law.FactKind, row.kind),
        unit=row.unit,
        choices=_choices(row.choices),
        asked=row.asked,
        required=row.required,
        zh=row.zh,
        en=row.en,
        help_zh=row.help_zh,
        help_en=row.help_en,
        minimum=_plain(row.minimum),
        maximum=_plain(row.maximum),
        requirements=tuple(row.requirements),
        from_report=row.from_report,
        feed=cast(law.Feed, row.feed),
    )


def _plain(number: Decimal | None) -> Decimal | None:
    """Without the zeros that the column adds: 15.000000 is 15."""
    if number is None:
        return None
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def _choices(rows: list[dict[str, Any]]) -> tuple[law.Choice, ...]:
    return tuple(law.Choice(row["key"], row["zh"], row["en"], tuple(row["requirements"])) for row in rows)


def _note(row: models.Note) -> law.Note:
    return law.Note(
        row.key,
        cast(law.NoteKind, row.kind),
        row.zh,
        row.en,
        tuple(row.requirements),
        row.clause_zh,
        row.clause_en,
        row.restricted,
    )


def _form(row: models.Form) -> law.Form:
    return law.Form(
        key=row.key,
        zh=row.zh,
        en=row.en,
        items=tuple(_item(item) for item in row.items),
        rows=row.rows,
        outcome=row.outcome,
        requirements=tuple(row.requirements),
    )


def _item(row: dict[str, Any]) -> law.Item:
    return law.Item(**row | {"choices": _choices(row["choices"]), "requirements": tuple(row["requirements"])})


def _read_levels(ids: list[int]) -> defaultdict[int, list[law.Level]]:
    rules = models.Rule.objects.filter(level__playbook__in=ids).order_by("position")
    trees = _Trees(models.Condition.objects.filter(rule__level__playbook__in=ids), "rule_id")
    by_level = _grouped(rules, "level_id")
    found: defaultdict[int, list[law.Level]] = defaultdict(list)
    for row in models.Level.objects.filter(playbook__in=ids).order_by("rank"):
        level = law.Level(
            key=row.key,
            rank=row.rank,
            colour=cast(law.Colour, row.colour),
            starts=cast(law.Starts, row.starts),
            zh=row.zh,
            en=row.en,
            rules=tuple(_rule(rule, trees.of(rule.pk) or law.ALWAYS) for rule in by_level[row.pk]),
            note_zh=row.note_zh,
            note_en=row.note_en,
            site_rule=row.site_rule,
            spacing_minutes=_plain(row.spacing_minutes),
        )
        found[row.playbook_id].append(level)
    return found


def _rule(row: models.Rule, when: law.Group) -> law.Rule:
    return law.Rule(
        key=row.key,
        clause_zh=row.clause_zh,
        clause_en=row.clause_en,
        requirements=tuple(row.requirements),
        when=when,
        zh=row.zh,
        en=row.en,
        site_rule=row.site_rule,
        gap_zh=row.gap_zh,
        gap_en=row.gap_en,
    )


class _Trees:
    """Condition rows put back together, by the rule or duty they hang on."""

    def __init__(self, rows: Iterable[models.Condition], owner: str) -> None:
        self.roots: dict[int, models.Condition] = {}
        self.terms: defaultdict[int, list[models.Condition]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: row.position):
            if row.parent_id is None:
                self.roots[getattr(row, owner)] = row
            else:
                self.terms[row.parent_id].append(row)

    def of(self, owner_id: int) -> law.Group | None:
        root = self.roots.get(owner_id)
        return None if root is None else self.group(root)

    def group(self, row: models.Condition) -> law.Group:
        terms = (self.group(term) if term.mode else _condition(term) for term in self.terms[row.pk])
        return law.Group(cast(law.Mode, row.mode), tuple(terms))


def _condition(row: models.Condition) -> law.Condition:
    value: law.Value | tuple[str, ...] = row.flag
    if row.number is not None:
        value = _plain(row.number)
    elif row.keys:
        value = tuple(row.keys) if row.op == "one_of" else row.keys[0]
    hold = _plain(row.hold_minutes) or Decimal(0)
    return law.Condition(row.metric, cast(law.Op, row.op), value, hold, row.counts_expected)


def _read_duties(ids: list[int]) -> defaultdict[int, list[law.DutyRule]]:
    effects = _grouped(models.Effect.objects.filter(duty__playbook__in=ids).order_by("position"), "duty_id")
    trees = _Trees(models.Condition.objects.filter(duty__playbook__in=ids), "duty_id")
    found: defaultdict[int, list[law.DutyRule]] = defaultdict(list)
    for row in models.DutyRule.objects.filter(playbook__in=ids).order_by("position"):
        found[row.playbook_id].append(_duty(row, effects[row.pk], trees.of(row.pk)))
    return found


def _duty(row: models.DutyRule, effects: list[models.Effect], when: law.Group | None) -> law.DutyRule:
    return law.DutyRule(
        key=row.key,
        requirements=tuple(row.requirements),
        kind=cast(law.DutyKind, row.kind),
        post=row.post,
        zh=row.zh,
        en=row.en,
        opens=law.Trigger(cast(law.Event, row.opens_event), row.opens_argument, when, row.opens_only),
        detail_zh=row.detail_zh,
        detail_en=row.detail_en,
        clause_zh=row.clause_zh,
        clause_en=row.clause_en,
        minutes=_plain(row.minutes),
        target_minutes=_plain(row.target_minutes),
        every_minutes=_plain(row.every_minutes),
        anchor=cast(law.Anchor, row.anchor),
        tell=tuple(row.tell),
        answers=cast(law.Answers, row.answers),
        on_late=tuple(law.Effect(cast(law.EffectKind, effect.kind), effect.argument) for effect in effects),
        lapses_on=cast(law.Event, row.lapses_on) if row.lapses_on else None,
        replaces=tuple(row.replaces),
        life_safety=row.life_safety,
        site_rule=row.site_rule,
        gate=cast(law.Gate, row.gate) if row.gate else None,
        choices=_choices(row.choices),
        fact=row.fact or None,
        phase=cast(law.Phase, row.phase),
        order=row.position,
        outside=tuple(row.outside),
        form=row.form,
        signers=row.signers,
        apart_from=tuple(row.apart_from),
        restricted=row.restricted,
        calls_out=_calls_out(row.calls_out),
    )


def _calls_out(stored: dict[str, Any]) -> law.CallsOut | None:
    return law.CallsOut(**stored | {"waves": tuple(stored["waves"])}) if stored else None
