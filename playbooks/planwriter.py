"""Writes a plan as YAML in the order and shape that the reader expects, leaving out whatever has its default."""

from decimal import Decimal
from typing import Any

import yaml

from playbooks import law

Written = dict[str, Any]


def write(
    head: Written,
    posts: tuple[law.Post, ...],
    parties: tuple[law.Party, ...],
    playbooks: tuple[law.Playbook, ...],
) -> str:
    """Common parts are written out in every playbook that they were joined to."""
    head["plan"] = _kept(head["plan"])
    plan = head | {"posts": [_post(post) for post in posts]}
    plan |= _kept({"parties": [_party(party) for party in parties]})
    plan |= {"playbooks": [_playbook(one) for one in playbooks]}
    return yaml.dump(plan, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


class _Dumper(yaml.SafeDumper):
    """Plain decimals, and no anchors where two places hold the same value."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    if value == value.to_integral_value():
        return dumper.represent_scalar("tag:yaml.org,2002:int", str(int(value)))
    return dumper.represent_scalar("tag:yaml.org,2002:float", format(value.normalize(), "f"))


_Dumper.add_representer(Decimal, _decimal)


def _kept(entry: Written) -> Written:
    """Without absent and default values."""
    return {key: value for key, value in entry.items() if value not in (None, "", False, [], {})}


def _words(zh: str, en: str) -> Written:
    return {"zh": zh, "en": en} if zh or en else {}


def _post(post: law.Post) -> Written:
    return {"key": post.key, "zh": post.zh, "en": post.en} | _kept(
        {"aliases": list(post.aliases), "requirements": list(post.requirements)}
    )


def _party(party: law.Party) -> Written:
    return {"key": party.key, "zh": party.zh, "en": party.en} | _kept(
        {"number": party.number, "requirements": list(party.requirements)}
    )


def _playbook(playbook: law.Playbook) -> Written:
    return (
        {"key": playbook.key, "zh": playbook.zh, "en": playbook.en, "icon": playbook.icon}
        | _kept(
            {
                "summary": _words(playbook.summary_zh, playbook.summary_en),
                "keywords": list(playbook.keywords),
                "requirements": list(playbook.requirements),
                "life_safety": playbook.life_safety,
                "silent": playbook.silent,
                "statutory": playbook.statutory,
                "restricted": playbook.restricted,
                "facts": [_fact(spec) for spec in playbook.facts],
                "levels": [_level(level) for level in playbook.levels],
                "duties": [_duty(duty) for duty in playbook.duties],
                "forms": [_form(form) for form in playbook.forms],
                "notes": [_note(note) for note in playbook.notes],
            }
        )
        | _twin(playbook)
    )


def _twin(playbook: law.Playbook) -> Written:
    return {} if playbook.twin_minutes == 30 else {"twin_minutes": playbook.twin_minutes}


def _choice(choice: law.Choice) -> Written:
    return {"key": choice.key, "zh": choice.zh, "en": choice.en} | _kept({"requirements": list(choice.requirements)})


def _fact(spec: law.FactSpec) -> Written:
    entry = {"metric": spec.metric, "kind": spec.kind, "zh": spec.zh, "en": spec.en} | _kept(
        {
            "unit": spec.unit,
            "help": _words(spec.help_zh, spec.help_en),
            "asked": spec.asked,
            "required": spec.required,
            "from_report": spec.from_report,
            "feed": spec.feed,
            "choices": [_choice(choice) for choice in spec.choices],
            "requirements": list(spec.requirements),
        }
    )
    # Zero is a bound like any other.
    bounds = {"minimum": spec.minimum, "maximum": spec.maximum}
    return entry | {key: value for key, value in bounds.items() if value is not None}


def _level(level: law.Level) -> Written:
    return {
        "key": level.key,
        "rank": level.rank,
        "colour": level.colour,
        "starts": level.starts,
        "zh": level.zh,
        "en": level.en,
    } | _kept(
        {
            "note": _words(level.note_zh, level.note_en),
            "site_rule": level.site_rule,
            "spacing_minutes": level.spacing_minutes,
            "rules": [_rule(rule) for rule in level.rules],
        }
    )


def _rule(rule: law.Rule) -> Written:
    return {"key": rule.key, "zh": rule.zh, "en": rule.en, "clause": _words(rule.clause_zh, rule.clause_en)} | _kept(
        {
            "requirements": list(rule.requirements),
            "site_rule": rule.site_rule,
            "gap": _words(rule.gap_zh, rule.gap_en),
            "when": _group(rule.when),
        }
    )


def _group(group: law.Group) -> Written | str:
    if group == law.ALWAYS:
        return "always"
    return {group.mode: [_group(term) if isinstance(term, law.Group) else _condition(term) for term in group.terms]}


def _condition(condition: law.Condition) -> Written:
    value = list(condition.value) if isinstance(condition.value, tuple) else condition.value
    extra = {"hold_minutes": condition.hold_minutes or None, "counts_expected": condition.counts_expected}
    return {"fact": condition.metric, condition.op: value} | _kept(extra)


def _duty(duty: law.DutyRule) -> Written:
    return {"key": duty.key, "kind": duty.kind, "post": duty.post, "zh": duty.zh, "en": duty.en} | _kept(
        {
            "detail": _words(duty.detail_zh, duty.detail_en),
            "clause": _words(duty.clause_zh, duty.clause_en),
            "requirements": list(duty.requirements),
            "site_rule": duty.site_rule,
            "opens": _trigger(duty.opens),
            "minutes": duty.minutes,
            "target_minutes": duty.target_minutes,
            "every_minutes": duty.every_minutes,
            "anchor": "" if duty.anchor == "opened" else duty.anchor,
            "tell": list(duty.tell),
            "answers": "" if duty.answers == "all" else duty.answers,
            "on_late": [{effect.kind: effect.argument} for effect in duty.on_late],
            "lapses_on": duty.lapses_on,
            "replaces": list(duty.replaces),
            "life_safety": duty.life_safety,
            "gate": duty.gate,
            "choices": [_choice(choice) for choice in duty.choices],
            "fact": duty.fact,
            "phase": "" if duty.phase == "first" else duty.phase,
            "outside": list(duty.outside),
            "form": duty.form,
            "signers": None if duty.signers == 1 else duty.signers,
            "apart_from": list(duty.apart_from),
            "restricted": duty.restricted,
            "calls_out": _calls_out(duty.calls_out),
        }
    )


def _calls_out(asked: law.CallsOut | None) -> Written:
    if asked is None:
        return {}
    return {"post": asked.post, "quota": asked.quota or "all", "waves": list(asked.waves)}


def _trigger(trigger: law.Trigger) -> Written | str:
    when = None if trigger.when is None else _group(trigger.when)
    argument = {"level": trigger.argument} if trigger.event in ("level", "confirmed") else {"duty": trigger.argument}
    entry = {"event": trigger.event} | _kept(argument | {"only": trigger.only, "when": when})
    return trigger.event if len(entry) == 1 else entry


def _note(note: law.Note) -> Written:
    return {"key": note.key, "kind": note.kind, "zh": note.zh, "en": note.en} | _kept(
        {
            "clause": _words(note.clause_zh, note.clause_en),
            "requirements": list(note.requirements),
            "restricted": note.restricted,
        }
    )


def _form(form: law.Form) -> Written:
    return {"key": form.key, "zh": form.zh, "en": form.en} | _kept(
        {
            "rows": form.rows,
            "outcome": form.outcome,
            "requirements": list(form.requirements),
            "items": [_item(item) for item in form.items],
        }
    )


def _item(item: law.Item) -> Written:
    return {"key": item.key, "kind": item.kind, "zh": item.zh, "en": item.en} | _kept(
        {
            "required": item.required,
            "source": item.source,
            "fact": item.fact,
            "choices": [_choice(choice) for choice in item.choices],
            "minimum_days": item.minimum_days,
            "requirements": list(item.requirements),
        }
    )
