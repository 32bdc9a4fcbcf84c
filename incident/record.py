"""The whole record of an incident as plain data, for the shell and for machines."""

from datetime import datetime
from typing import Any

from django.utils import translation

from incident import catalogue, chain, clock, grounds, items, opening, records, veil
from incident.models import Duty, Entry, Incident, LevelDecision, Record
from incident.story import Story
from notices import outbox


def record(incident: Incident, *, now: datetime) -> dict[str, Any]:
    """Number, state, level, decisions, duties, records, entries and notices; times are on the incident's clock, with
    offset. Restricted words of the plan and whole phone numbers leave the house for nobody.
    """
    story = Story(incident=incident, actor=None, now=now)
    law = story.playbook = veil.for_export(incident.playbook_id, cleared=True)
    entries = list(Entry.objects.filter(incident=incident).order_by("number"))
    return {
        "number": incident.number,
        "mode": incident.mode,
        "state": incident.state,
        "site": incident.site.key,
        "playbook": law.key,
        "plan": law.plan_key,
        "plan_version": law.version_number,
        "title": incident.title,
        "level": incident.level or None,
        "level_colour": incident.level_colour,
        "occurred": _time(incident.occurred_at),
        "reported": _time(incident.reported_at),
        "taken": _time(incident.taken_at),
        "restored": _time(incident.restored_at),
        "ended": _time(incident.ended_at),
        "closed": _time(incident.closed_at),
        "now": _time(clock.at(incident, now)),
        "facts": {
            fact.metric: {
                "value": fact.value,
                "since": _time(fact.since),
                "at": _time(fact.at),
                "expected": fact.expected,
                "silent_since": _time(fact.heard_at),
            }
            for fact in story.facts
        },
        "decisions": [_decision(story, decision) for decision in story.decisions],
        "duties": [_duty(story, duty) for duty in story.duties],
        "records": [_record(story, record) for record in story.records],
        "entries": [_entry(entry, story) for entry in entries],
        "chain": "broken" if chain.broken_at(incident) else "whole",
        "notices": [
            {
                "id": notice.pk,
                "kind": notice.kind,
                "post": notice.post,
                "person": notice.person,
                "state": notice.state,
                "created": _time(notice.created_at),
                "acknowledged": _time(notice.acknowledged_at),
                "by": notice.acknowledged_by or None,
                "via": notice.acknowledged_via or None,
                "attempts": [
                    {"channel": attempt.channel, "outcome": attempt.outcome, "at": _time(attempt.started_at)}
                    for attempt in notice.tries.all()
                ],
            }
            for notice in outbox.for_incident(incident.pk)
        ],
    }


def _decision(story: Story, decision: LevelDecision) -> dict[str, Any]:
    return {
        "level": decision.level,
        "status": decision.status,
        "by": "person" if decision.made_by_id else "system",
        "rule": decision.rule or None,
        "clause": decision.clause_zh or None,
        "requirements": [
            requirement for clause in decision.basis.get("clauses", []) for requirement in clause["requirements"]
        ],
        "at": _time(decision.at),
        "reason": decision.reason or decision.settled_reason or None,
        "settled": _time(decision.settled_at),
        "basis": decision.basis,
        "why": _why(story, decision),
    }


def _why(story: Story, decision: LevelDecision) -> dict[str, list[str]]:
    """On what it was decided, in the sentences that the room and the timeline show."""
    told = {}
    for language, name in (("zh-hans", "zh"), ("en", "en")):
        with translation.override(language):
            told[name] = list(grounds.say(story.playbook, decision.basis))
    return told


def _duty(story: Story, duty: Duty) -> dict[str, Any]:
    rule = opening.story_rule(story, duty.rule)
    return {
        "key": duty.rule,
        "requirements": list(rule.requirements),
        "kind": duty.kind,
        "post": duty.post,
        "holder": duty.holder or None,
        "zh": rule.zh,
        "en": rule.en,
        "clause": rule.clause_zh or None,
        "state": duty.state,
        "opened": _time(duty.opened_at),
        "due": _time(duty.plan_due_at),
        "due_kind": duty.due_kind,
        "done": _time(duty.done_at) if duty.state == Duty.State.DONE else None,
        "waived": _time(duty.done_at) if duty.state == Duty.State.WAIVED else None,
        "late": _time(duty.late_at),
        "past_when_recorded": duty.past_when_recorded,
        "by": duty.done_name or None,
        "note": catalogue.reason(duty.note, story.playbook) or None,
        "choice": duty.choice or None,
        "gate": duty.gate or None,
        "life_safety": duty.life_safety,
    }


def _record(story: Story, record: Record) -> dict[str, Any]:
    form = next((form for form in story.playbook.forms if form.key == record.form), None)
    hidden = form is None or veil.is_kept_back(story.playbook, form)
    newest = records.current(story.records, record.form)[record.row]
    return {
        "form": record.form,
        "zh": form.zh if form else None,
        "en": form.en if form else None,
        "row": record.row,
        "version": record.version,
        "current": newest is record,
        "happened": _time(record.happened_at),
        "recorded": _time(record.recorded_at),
        "by": record.by_name,
        "data": None if form is None or hidden else items.shared(form, record.data),
        "restricted": hidden,
        "sha256": items.digest(record.data),
    }


def _entry(entry: Entry, story: Story) -> dict[str, Any]:
    return {
        "number": entry.number,
        "kind": entry.kind,
        "at": _time(entry.at),
        "recorded": _time(entry.recorded_at),
        "actor": entry.actor_name or None,
        "words": catalogue.words(entry, story.playbook),
        "why": catalogue.why(entry, story.playbook) or None,
        "data": entry.data,
        "clause": entry.clause or None,
        "corrects": entry.corrects,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(clock.ZONE).isoformat() if moment else None
