"""Past incidents of a plan as the record holds them, ready to be run once more; a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from incident.models import Duty, Fact, Incident, LevelDecision
from incident.models.incident import State
from planroom import replay
from planroom.replay import History, Outcome
from playbooks import law, models
from playbooks.planfile import PlanDocument

NEWEST: Final = 500
PAGE: Final = 100
OVER: Final = (State.ENDED, State.CLOSED, State.CANCELLED)


@dataclass(frozen=True)
class Replayed:
    """What a draft would have made of a number of incidents. `same_law`: their playbook says the same in both."""

    outcomes: tuple[Outcome, ...]
    same_law: int
    total: int

    @property
    def different(self) -> tuple[Outcome, ...]:
        return tuple(one for one in self.outcomes if one.differs)

    @property
    def unchanged(self) -> int:
        return self.total - len(self.different)


def over(plan: models.Plan, site_ids: Iterable[int] | None) -> "list[int]":
    """Ids of the newest past incidents of the plan, of whatever mode and version; None is every site."""
    rows = Incident.objects.filter(playbook__version__plan=plan, state__in=OVER)
    if site_ids is not None:
        rows = rows.filter(site_id__in=list(site_ids))
    return list(rows.order_by("-id").values_list("id", flat=True)[:NEWEST])


def replayed(incident_ids: list[int], old: PlanDocument | None, new: PlanDocument) -> Replayed:
    """Those incidents by the law in force and by the draft, newest first."""
    before, after = (_books(one) for one in (old, new))
    same = {key for key, book in before.items() if key in after and replay.is_same(book, after[key])}
    rows = Incident.objects.filter(pk__in=incident_ids).exclude(playbook__key__in=same)
    incidents = list(rows.select_related("site", "playbook").order_by("-id"))
    outcomes = tuple(
        replay.run(history, before.get(history.playbook), after.get(history.playbook))
        for history in histories(incidents)
    )
    return Replayed(outcomes, len(incident_ids) - len(incidents), len(incident_ids))


def _books(document: PlanDocument | None) -> dict[str, law.Playbook]:
    return {book.key: book for book in document.playbooks} if document else {}


def histories(incidents: list[Incident]) -> list[History]:
    """Three queries for all of them."""
    ids = [incident.pk for incident in incidents]
    facts: dict[int, list[Fact]] = {}
    for fact in Fact.objects.filter(incident__in=ids).order_by("id"):
        facts.setdefault(fact.incident_id, []).append(fact)
    done: dict[int, dict[str, datetime]] = {}
    never: dict[int, set[str]] = {}
    duties = Duty.objects.filter(incident__in=ids).order_by("id")
    for number, rule, state, done_at, late_at in duties.values_list("incident", "rule", "state", "done_at", "late_at"):
        if state == Duty.State.DONE and done_at is not None:
            done.setdefault(number, {}).setdefault(rule, done_at)
        elif late_at is not None:
            never.setdefault(number, set()).add(rule)
    confirmed: dict[int, list[tuple[datetime, str]]] = {}
    decisions = LevelDecision.objects.filter(incident__in=ids, status=LevelDecision.Status.CONFIRMED).order_by("id")
    for decision in decisions:
        confirmed.setdefault(decision.incident_id, []).append((decision.settled_at or decision.at, decision.level))
    return [
        _history(
            incident,
            facts.get(incident.pk, []),
            done.get(incident.pk, {}),
            never.get(incident.pk, set()),
            confirmed.get(incident.pk, []),
        )
        for incident in incidents
    ]


def _history(
    incident: Incident,
    facts: list[Fact],
    done: dict[str, datetime],
    never: set[str],
    confirmed: list[tuple[datetime, str]],
) -> History:
    return History(
        number=incident.number,
        playbook=incident.playbook.key,
        mode=incident.mode,
        title=incident.title,
        site=incident.site.key,
        reported_at=incident.reported_at,
        occurred_at=incident.occurred_at,
        over_at=incident.closed_at or incident.ended_at or incident.reported_at,
        taken_at=incident.taken_at,
        restored_at=incident.restored_at,
        ended_at=incident.ended_at,
        facts=tuple(facts),
        done=done,
        never_done=frozenset(never),
        confirmed=tuple(confirmed),
    )
