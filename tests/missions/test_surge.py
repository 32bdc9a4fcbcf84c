"""HJ-8: reporting is the order of tier 1; each further tier is proposed 30 minutes after the one below was ordered."""

import pytest

from incident import facts, levels, readings, sweep
from incident.models import Incident, LevelDecision


@pytest.fixture
def surge(report):
    return report("HJ-8")


def proposal(incident):
    return LevelDecision.objects.filter(incident=incident, status="proposed").first()


def asked(incident):
    return list(LevelDecision.objects.filter(incident=incident).order_by("id").values_list("level", flat=True))


def say(incident, omar, controlled, at):
    given = {"controlled": readings.Given("yes" if controlled else "no")}
    facts.record(incident_id=incident.pk, actor=omar, now=at, given=given)


def test_thirty_and_thirty_minutes_from_order_to_order(surge, dana, now, minutes):
    assert Incident.objects.get(pk=surge.pk).level == "tier1"
    sweep.sweep(now=now + minutes(29.9))
    assert proposal(surge) is None
    sweep.sweep(now=now + minutes(30.1))
    assert (proposal(surge).level, proposal(surge).at) == ("tier2", now + minutes(30))
    assert Incident.objects.get(pk=surge.pk).level == "tier1"  # nobody is called in before a person agrees
    levels.confirm(decision_id=proposal(surge).pk, actor=dana, now=now + minutes(40))
    sweep.sweep(now=now + minutes(69.9))
    assert proposal(surge) is None
    sweep.sweep(now=now + minutes(70.1))
    assert (proposal(surge).level, proposal(surge).at) == ("tier3", now + minutes(70))


def test_a_short_dip_resets_nothing(surge, omar, now, minutes):
    say(surge, omar, True, now + minutes(20))
    say(surge, omar, False, now + minutes(22))
    sweep.sweep(now=now + minutes(30.1))
    assert proposal(surge).at == now + minutes(30)


def test_under_control_asks_for_nothing_more(surge, omar, now, minutes):
    say(surge, omar, True, now + minutes(20))
    sweep.sweep(now=now + minutes(120))
    assert asked(surge) == ["tier1"]


def test_a_rejected_tier_is_not_asked_for_again(surge, dana, now, minutes):
    sweep.sweep(now=now + minutes(31))
    levels.reject(decision_id=proposal(surge).pk, actor=dana, now=now + minutes(33), reason="人手已够")
    sweep.sweep(now=now + minutes(180))
    assert asked(surge) == ["tier1", "tier2"]
