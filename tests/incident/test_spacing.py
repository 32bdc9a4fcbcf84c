"""Tiers at a distance: each is proposed so long after the one below was ordered, one at a time."""

import json
from decimal import Decimal

import pytest
from django.core.management import call_command

from incident import facts, grounds, levels, readings, sweep
from incident.models import Entry, Incident, LevelDecision
from playbooks.law import Condition, FactSpec, Group, Level, Rule
from tests.laws import bent

RUNS = FactSpec("uncontrolled_minutes", "stopwatch", unit="min", from_report=True, zh="未受控", en="Uncontrolled")
DONE = FactSpec("controlled", "flag", zh="已受控", en="Under control")


def tier(rank, minutes, starts):
    """One level of support: from so many minutes on, unless it is under control."""
    runs = Condition("uncontrolled_minutes", "at_least", Decimal(minutes))
    when = Group("all", (runs, Condition("controlled", "is_not", True)))
    rule = Rule(f"r{rank}", f"条款{rank}", f"clause {rank}", (), when, f"规则{rank}", f"rule {rank}")
    return Level(
        f"tier{rank}", rank, "yellow", starts, f"{rank}级支持", f"tier {rank}", (rule,),
        spacing_minutes=Decimal(30) if rank > 1 else None,
    )  # fmt: skip


@pytest.fixture
def playbook(law):
    ladder = (tier(1, 0, "confirmed"), tier(2, 30, "proposed"), tier(3, 60, "proposed"))
    with bent(law("HJ-2"), levels=ladder, facts=(RUNS, DONE), duties=()) as changed:
        yield changed


def decided(incident):
    return [
        (decision.level, decision.status, decision.at)
        for decision in LevelDecision.objects.filter(incident=incident).order_by("id")
    ]


def pending(incident):
    return LevelDecision.objects.get(incident=incident, status="proposed")


def armed(incident):
    return Incident.objects.get(pk=incident.pk).reassess_at


def test_the_report_orders_tier_one_and_starts_its_watch(playbook, report, now, minutes):
    incident = report()
    assert decided(incident) == [("tier1", "confirmed", now)]
    started = incident.facts.get()
    assert (started.metric, started.since, started.by, started.source) == ("uncontrolled_minutes", now, None, "system")
    assert armed(incident) == now + minutes(30)


def test_each_tier_waits_thirty_minutes_from_the_order_of_the_one_below(playbook, report, dana, now, minutes):
    incident = report()
    sweep.sweep(now=now + minutes(29.9))
    assert len(decided(incident)) == 1
    sweep.sweep(now=now + minutes(31))
    assert decided(incident)[1:] == [("tier2", "proposed", now + minutes(30))]
    levels.confirm(decision_id=pending(incident).pk, actor=dana, now=now + minutes(40))
    assert armed(incident) == now + minutes(70)
    sweep.sweep(now=now + minutes(69.9))
    assert not LevelDecision.objects.filter(incident=incident, level="tier3").exists()
    assert armed(incident) == now + minutes(70)
    sweep.sweep(now=now + minutes(71))
    assert decided(incident)[-1] == ("tier3", "proposed", now + minutes(70))


def test_an_order_still_pending_keeps_the_next_tier_waiting(playbook, report, dana, now, minutes):
    incident = report()
    sweep.sweep(now=now + minutes(65))
    assert [level for level, _, _ in decided(incident)] == ["tier1", "tier2"]
    levels.confirm(decision_id=pending(incident).pk, actor=dana, now=now + minutes(66))
    sweep.sweep(now=now + minutes(95.9))
    assert not LevelDecision.objects.filter(incident=incident, level="tier3").exists()
    sweep.sweep(now=now + minutes(96.1))
    assert pending(incident).at == now + minutes(96)


def test_a_tier_that_was_rejected_is_not_asked_for_again(playbook, report, dana, now, minutes):
    incident = report()
    sweep.sweep(now=now + minutes(31))
    levels.reject(decision_id=pending(incident).pk, actor=dana, now=now + minutes(35), reason="够用")
    sweep.sweep(now=now + minutes(200))
    assert [(level, status) for level, status, _ in decided(incident)] == [
        ("tier1", "confirmed"),
        ("tier2", "rejected"),
    ]


def test_a_person_who_orders_a_tier_starts_the_next_distance(playbook, report, dana, now, minutes):
    incident = report()
    levels.set_level(incident_id=incident.pk, actor=dana, now=now + minutes(10), level="tier2", reason="话务激增")
    sweep.sweep(now=now + minutes(59.9))
    assert not LevelDecision.objects.filter(incident=incident, level="tier3").exists()
    sweep.sweep(now=now + minutes(60.1))
    assert pending(incident).level == "tier3"


def test_under_control_nothing_more_is_asked_and_a_short_dip_resets_nothing(playbook, report, omar, now, minutes):
    incident = report()

    def say(value, at):
        facts.record(
            incident_id=incident.pk, actor=omar, now=now + minutes(at), given={"controlled": readings.Given(value)}
        )

    say(True, 20)
    sweep.sweep(now=now + minutes(40))
    assert len(decided(incident)) == 1
    say(False, 41)  # it was not: the order of tier one was forty minutes ago
    assert pending(incident).level == "tier2"


def test_a_source_gone_silent_freezes_the_watch(playbook, report, omar, now, minutes):
    incident = report()
    sweep.sweep(now=now + minutes(10))
    facts.fall_silent(
        incident_id=incident.pk,
        metric="uncontrolled_minutes",
        heard_at=now + minutes(9),
        source="pbx",
        now=now + minutes(12),
    )
    sweep.sweep(now=now + minutes(100))
    assert len(decided(incident)) == 1
    assert armed(incident) is None
    words = Entry.objects.filter(incident=incident, kind="facts").order_by("number").last()
    assert words.data["facts"][0]["heard_at"]
    facts.record(
        incident_id=incident.pk, actor=omar, now=now + minutes(101),
        given={"uncontrolled_minutes": readings.Given(since=now + minutes(60))},
    )  # fmt: skip
    assert pending(incident).level == "tier2"


def test_room_log_paper_and_record_say_the_same_words(playbook, report, client, omar, now, minutes, capsys):

    incident = report(at=now - minutes(31))
    sweep.sweep(now=now)
    proposal = pending(incident)
    said = grounds.say(playbook, proposal.basis)
    assert any("条款2" in sentence and "版" in sentence for sentence in said)
    client.force_login(omar)
    room = client.get(f"/incidents/{incident.number}/").content.decode()
    printed = client.get(f"/incidents/{incident.number}/print/").content.decode()
    call_command("incident", incident.number, "--json")
    told = json.loads(capsys.readouterr().out)
    entry = next(one for one in told["entries"] if one["kind"] == "level_proposed")
    assert entry["why"] == "。".join(said)
    assert told["decisions"][-1]["why"]["zh"] == list(said)
    for sentence in said:
        assert sentence in room.replace("&quot;", '"')
        assert sentence in printed


def test_the_room_says_when_the_next_tier_comes(playbook, report, client, omar, now, minutes):
    incident = report(at=now - minutes(5))
    client.force_login(omar)
    room = client.get(f"/incidents/{incident.number}/").content.decode()
    assert "升为“2级支持”" in room
