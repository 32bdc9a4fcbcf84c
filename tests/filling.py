"""Fulfils a duty as a person would who fills in whatever its form must have."""

from datetime import datetime, timedelta

from incident import records, work
from incident.models import Duty
from playbooks import law, rules
from staffing.models import User


def fulfil(
    duty: Duty, playbook: rules.Playbook, *, actor: User, now: datetime, note: str = "已办", **more: str
) -> None:
    """Complete a duty; its form, if it has one and is no ledger, gets something in every item that is required."""
    form = playbook.form(playbook.duty(duty.rule).form) if playbook.duty(duty.rule).form else None
    draft = None
    if form is not None and not form.rows:
        data = {item.key: _sample(item, now) for item in form.items if item.required}
        base = records.current(duty.incident.records.all(), form.key)
        draft = records.Draft(form=form.key, data=data, base=base[1].version if 1 in base else 0)
    work.complete(duty_id=duty.pk, actor=actor, now=now, note=note, draft=draft, **more)


def _sample(item: law.Item, now: datetime) -> object:
    if item.kind == "choice":
        return item.choices[0].key
    day = (now + timedelta(days=item.minimum_days or 0)).date()
    samples = {
        "number": "1",
        "check": True,
        "time": now.isoformat(),
        "date": day.isoformat(),
        "phone": "000-0000-0001",
    }
    return samples.get(item.kind, "示例")
