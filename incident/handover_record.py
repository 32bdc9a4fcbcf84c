"""What a handover record holds, frozen when it opens: keys, numbers and moments; the words are the reader's."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from incident import clock, confirming
from incident.models import CallOut, Duty, Incident, Summons
from incident.models.incident import Mode
from playbooks import library
from staffing.models import Queue, Site

MOST_DONE = 60  # lines of what was done in the shift; the incidents' own timelines hold everything
COMING = (Summons.State.ACKNOWLEDGED, Summons.State.ON_THE_WAY, Summons.State.ARRIVED)
CALLED_ON = ("standby", "off_shift", "reserve", "functional")  # the waves that reach people who are not there
SEATS = ("staffed", "busy", "paused", "waiting", "longest_wait")

Row = dict[str, Any]


def freeze(site: Site, *, since: datetime, now: datetime) -> Row:
    """Incidents with level and next deadline, what is undone, what was done since, announcements, call-outs, seats.

    All moments are on the wall clock. Six queries.
    """
    incidents = list(Incident.objects.live().filter(site=site, mode=Mode.REAL).select_related("lead").order_by("id"))
    duties: dict[int, list[Duty]] = {incident.pk: [] for incident in incidents}
    rows = Duty.objects.filter(incident__in=incidents).exclude(kind="prohibition").exclude(state=Duty.State.WAIVED)
    for duty in rows.order_by("id"):
        duties[duty.incident_id].append(duty)
    done = [
        _done(incident, duty)
        for incident in incidents
        for duty in duties[incident.pk]
        if duty.state == Duty.State.DONE and duty.done_at and clock.wall(incident, duty.done_at) >= since
    ]
    summons = list(Summons.objects.filter(incident__in=incidents).order_by("id"))
    numbers = {incident.pk: incident.number for incident in incidents}
    return {
        "since": since.isoformat(),
        "incidents": [_incident(incident, duties[incident.pk]) for incident in incidents],
        "undone": [_undone(incident, duty) for incident in incidents for duty in _open(duties[incident.pk])],
        "done": sorted(done, key=lambda row: str(row["at"]), reverse=True)[:MOST_DONE],
        "announcements": [row for incident in incidents for row in _announcements(incident, duties[incident.pk])],
        "call_outs": _call_outs(incidents, summons),
        "reserve": [_reserve(one, numbers) for one in summons if one.wave in CALLED_ON and one.state in COMING],
        "seats": [_seats(queue) for queue in Queue.objects.filter(site=site).order_by("pk")],
    }


def _open(duties: list[Duty]) -> list[Duty]:
    return [duty for duty in duties if duty.state == Duty.State.OPEN]


def _incident(incident: Incident, duties: list[Duty]) -> Row:
    waiting = _open(duties)
    timed = [duty for duty in waiting if duty.plan_due_at is not None and duty.late_at is None]
    first = min(timed, key=lambda duty: (duty.plan_due_at, duty.pk), default=None)
    return {
        "number": incident.number,
        "playbook": incident.playbook_id,
        "title": incident.title,
        "place": incident.place,
        "level": incident.level,
        "colour": incident.level_colour,
        "state": str(incident.state),
        "lead": str(incident.lead) if incident.lead else "",
        "reported_at": incident.reported_at.isoformat(),
        "next": {"rule": first.rule, "due_at": _due(incident, first)} if first else None,
        "open": len(waiting),
        "late": sum(duty.late_at is not None for duty in waiting),
        "done": len(duties) - len(waiting),
    }


def _undone(incident: Incident, duty: Duty) -> Row:
    return {
        "number": incident.number,
        "playbook": incident.playbook_id,
        "rule": duty.rule,
        "post": "" if duty.post == confirming.POST else duty.post,
        "holder": duty.holder,
        "due_at": _due(incident, duty),
        "late": duty.late_at is not None,
    }


def _done(incident: Incident, duty: Duty) -> Row:
    at = clock.wall(incident, duty.done_at).isoformat() if duty.done_at else ""
    return {
        "number": incident.number, "playbook": incident.playbook_id, "rule": duty.rule, "by": duty.done_name, "at": at,
    }  # fmt: skip


def _due(incident: Incident, duty: Duty) -> str:
    return clock.wall(incident, duty.plan_due_at).isoformat() if duty.plan_due_at else ""


def _announcements(incident: Incident, duties: list[Duty]) -> list[Row]:
    """What the plan has people outside told: still to be said, or said and standing until the incident is over."""
    law = {rule.key: rule for rule in library.playbook(incident.playbook_id).duties}
    return [
        {
            "number": incident.number,
            "playbook": incident.playbook_id,
            "rule": duty.rule,
            "parties": list(law[duty.rule].outside),
            "said": duty.state == Duty.State.DONE,
        }
        for duty in duties
        if duty.kind == "notification" and duty.rule in law and law[duty.rule].outside
    ]


def _call_outs(incidents: list[Incident], summons: list[Summons]) -> list[Row]:
    numbers = {incident.pk: incident for incident in incidents}
    counted: defaultdict[int | None, Counter[str]] = defaultdict(Counter)
    for each in summons:
        counted[each.call_out_id][str(each.state)] += 1
    running = CallOut.objects.filter(incident__in=incidents).exclude(state=CallOut.State.CLOSED).order_by("id")
    rows = []
    for one in running:
        states = counted[one.pk]
        incident = numbers[one.incident_id]
        rows.append(
            {
                "number": incident.number,
                "playbook": incident.playbook_id,
                "post": one.post,
                "quota": one.quota,
                "by_at": clock.wall(incident, one.by_at).isoformat(),
                "promised": states["acknowledged"] + states["on_the_way"] + states["arrived"],
                "coming": states["acknowledged"] + states["on_the_way"],
                "arrived": states["arrived"],
            }
        )
    return rows


def _reserve(one: Summons, numbers: Mapping[int, str]) -> Row:
    return {"number": numbers[one.incident_id], "name": one.name, "state": str(one.state)}


def _seats(queue: Queue) -> Row:
    """The newest reading; null is not zero."""
    said = {name: queue.newest.get(name) for name in SEATS}
    heard = queue.heard_at.isoformat() if queue.heard_at else ""
    return {"zh": queue.zh, "en": queue.en, "seats": queue.seats, "at": heard, "stale": queue.is_stale, **said}
