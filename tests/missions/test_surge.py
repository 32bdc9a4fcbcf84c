"""HJ-8: tier 1 with the report, tier 2 proposed at thirty minutes, tier 3 thirty minutes after tier 2 was ordered."""

from incident import levels, sweep
from incident.models import Duty, Incident, LevelDecision


def proposed(incident: Incident) -> list[str]:
    rows = LevelDecision.objects.filter(incident=incident, status=LevelDecision.Status.PROPOSED)
    return list(rows.values_list("level", flat=True))


def test_each_further_tier_is_asked_for_and_ordered_by_a_person(report, dana, now, minutes):
    incident = report("HJ-8")
    assert Incident.objects.get(pk=incident.pk).level == "tier1"
    first = Duty.objects.get(incident=incident, rule="HJ-8-03")
    assert first.plan_due_at == now + minutes(30)

    sweep.sweep(now=now + minutes(29.9))
    assert proposed(incident) == []
    sweep.sweep(now=now + minutes(30))
    assert proposed(incident) == ["tier2"]
    assert not Duty.objects.filter(incident=incident, rule="HJ-8-03-call").exists()

    decision = LevelDecision.objects.get(incident=incident, level="tier2")
    levels.confirm(decision_id=decision.pk, actor=dana, now=now + minutes(40))
    assert Duty.objects.get(incident=incident, rule="HJ-8-03-call").state == "open"
    assert Duty.objects.get(incident=incident, rule="HJ-8-04").plan_due_at == now + minutes(70)

    sweep.sweep(now=now + minutes(69.9))
    assert proposed(incident) == []  # sixty minutes are over, thirty since the order of tier 2 are not
    sweep.sweep(now=now + minutes(70))
    assert proposed(incident) == ["tier3"]
    assert not Duty.objects.filter(incident=incident, rule="HJ-8-04-call").exists()


def test_what_is_under_control_asks_for_no_further_tier(report, now, minutes):
    incident = report("HJ-8", facts={"controlled": "yes"})
    sweep.sweep(now=now + minutes(61))
    assert proposed(incident) == []
    assert Incident.objects.get(pk=incident.pk).level == "tier1"
