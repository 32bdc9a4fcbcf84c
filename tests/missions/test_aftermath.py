"""After the end is declared the aftermath goes on, with its clocks, until the incident is closed."""

from datetime import timedelta

import pytest

from incident import lifecycle, sweep, work
from incident.models import Duty
from incident.refusals import NotNow


@pytest.fixture
def ended(report, ruth, hana, now):
    """A robbery alarm that is over: everything before the end is done or waived."""
    incident = report("FW-4.6", site="hall", by=hana)
    give = {"incident_id": incident.pk, "now": now}
    lifecycle.take(actor=hana, **give)
    _waive(incident, ruth, now, gates=("restore",))
    lifecycle.restore(actor=hana, **give)
    _waive(incident, ruth, now, gates=("restore", "end"))
    return lifecycle.declare_end(actor=ruth, **give)


def _waive(incident, actor, now, gates):
    for duty in Duty.objects.filter(incident=incident, state="open", gate__in=gates):
        work.waive(duty_id=duty.pk, actor=actor, now=now, reason="与本次无关")


def open_rules(incident) -> set[str]:
    return set(Duty.objects.filter(incident=incident, state="open").values_list("rule", flat=True))


def test_what_stands_before_the_close_is_still_there(ended):
    assert {"FW-4.6-05", "FW-3-11"} <= open_rules(ended)
    assert set(Duty.objects.filter(incident=ended, state="open").values_list("gate", flat=True)) == {"close"}


def test_it_keeps_the_close_shut_and_can_be_done(ended, ruth, now):
    with pytest.raises(NotNow, match="还差"):
        lifecycle.close(incident_id=ended.pk, actor=ruth, now=now)
    _waive(ended, ruth, now, gates=("close",))
    lifecycle.close(incident_id=ended.pk, actor=ruth, now=now + timedelta(seconds=1))
    assert open_rules(ended) == set()


def test_its_clocks_run_on(ended, now):
    in_a_week = now + timedelta(days=7)
    left = Duty.objects.filter(incident=ended, rule="FW-3-11")
    left.update(plan_due_at=in_a_week, due_at=in_a_week, due_kind="plan")
    sweep.sweep(now=in_a_week + timedelta(seconds=1))
    assert left.get().late_at == in_a_week


def test_a_reopened_incident_starts_it_anew(ended, ruth, now):
    lifecycle.reopen(incident_id=ended.pk, actor=ruth, now=now, reason="又来了")
    assert "FW-3-11" not in open_rules(ended)


def test_once_closed_nothing_is_done_any_more(ended, ruth, now):
    duty = Duty.objects.filter(incident=ended, state="open").first()
    _waive(ended, ruth, now, gates=("close",))
    lifecycle.close(incident_id=ended.pk, actor=ruth, now=now)
    with pytest.raises(NotNow):
        work.complete(duty_id=duty.pk, actor=ruth, now=now)
