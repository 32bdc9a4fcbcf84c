"""The marks on the timer of full seats: after how many minutes which level, as the plan's own rules say it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery

from playbooks import library, models, rules

FED = "seats_full"
_BEGUN = datetime(2000, 1, 1, tzinfo=UTC)
_MOST = 8  # no plan has so many levels; a rule that flips for ever is cut off
_kept: dict[int, tuple[rules.Playbook, "Marks | None"]] = {}


@dataclass(frozen=True, slots=True)
class Mark:
    """After `after` of fullness, nothing else being known, the rules say `level`."""

    after: timedelta
    level: rules.Level


@dataclass(frozen=True, slots=True)
class Marks:
    """The playbook that the seats' fullness fills, the metric it fills, and the marks on the way up."""

    playbook: rules.Playbook
    metric: str
    marks: tuple[Mark, ...]


def fed_playbooks() -> ArraySubquery:
    """For queries of queues: the ids of the playbooks in force that full seats fill, in the order of their plans."""
    newest = models.PlanVersion.objects.published().newest_per_plan().values("pk")
    found = models.Playbook.objects.filter(version__in=newest, metrics__feed=FED)
    return ArraySubquery(found.order_by("version__plan__key", "position").values("pk"))


def of_site(playbook_ids: Iterable[int], plans: Iterable[str]) -> Marks | None:
    """The marks for a site that runs those plans; None where none of them counts the time of full seats."""
    run = set(plans)
    return next((of(book) for book in library.playbooks(playbook_ids) if book.plan_key in run), None)


def of(playbook: rules.Playbook) -> Marks | None:
    """The marks of one playbook, found by letting its timer run: each next change is one. Kept per process."""
    kept = _kept.get(playbook.id)
    if kept is None or kept[0] is not playbook:
        kept = _kept[playbook.id] = (playbook, _run(playbook))
    return kept[1]


def _run(playbook: rules.Playbook) -> Marks | None:
    spec = next((spec for spec in playbook.facts if spec.feed == FED), None)
    if spec is None:
        return None
    facts = {spec.metric: rules.Reading(spec.metric, since=_BEGUN)}
    marks: list[Mark] = []
    moment = _BEGUN
    while len(marks) < _MOST:
        verdict = rules.classify(playbook, facts, moment)
        if verdict.next_change_at is None or verdict.next_change_to is None or verdict.next_change_at <= moment:
            break
        moment = verdict.next_change_at
        marks.append(Mark(moment - _BEGUN, playbook.level(verdict.next_change_to)))
    return Marks(playbook, spec.metric, tuple(marks))
