"""Why a level, in words: clause, version, facts, what is unknown, what settles it, how far the next level is."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from incident import facts, grounds, readings
from incident.models import Entry, Fact
from playbooks import rules
from playbooks.law import Condition, FactSpec, Group, Reading
from tests.laws import bent


def said(playbook, now, **given):
    told = {metric: Reading(metric, value=Decimal(value), since=now) for metric, value in given.items()}
    return grounds.say(playbook, grounds.freeze(playbook, rules.classify(playbook, told, now)))


def test_it_names_clause_version_facts_and_the_distance(law, now):
    heat = law("RL-4")
    told = "。".join(said(heat, now, load_drop_pct="55", affected_minutes="67", expected_minutes="67"))
    assert f"预案第 {heat.version_number} 版" in told
    assert "67 分钟" in told
    assert "距“Ⅰ级（公司级）”" in told or "距“" in told
    assert "还须超过 53 分钟" in told


def test_it_says_which_fact_would_settle_it(law, now):
    told = "。".join(said(law("RL-4"), now, load_drop_pct="55", affected_minutes="67"))
    assert "即可确定" in told
    assert "尚不知道" in told
    with translation.override("en"):
        told = " ".join(said(law("RL-4"), now, load_drop_pct="55", affected_minutes="67"))
    assert "would settle it" in told


def test_it_says_when_the_level_changes_by_itself(law, now):
    surge = law("KF-4")
    facts_now = {"seats_full_minutes": Reading("seats_full_minutes", since=now - timedelta(minutes=20))}
    frozen = grounds.freeze(surge, rules.classify(surge, facts_now, now))
    told = "。".join(grounds.say(surge, frozen))
    assert "如无变化" in told


@pytest.mark.parametrize("frozen", [{}, {"used": [{"metric": "gone", "value": "1"}]}, {"change_at": None, "short": []}])
def test_older_data_is_said_as_far_as_it_goes(law, frozen):
    assert isinstance(grounds.say(law("HJ-2"), frozen), tuple)


def test_a_hole_in_the_plan_is_shown_as_one(law, now):
    found = law("KF-4")
    first = found.levels[0]
    holed = tuple(
        rules.Rule(
            one.key,
            one.clause_zh,
            one.clause_en,
            one.requirements,
            rules.ALWAYS,
            one.zh,
            one.en,
            False,
            "空档甲",
            "gap a",
        )
        for one in first.rules[:1]
    )
    with bent(found, levels=(rules.Level(**{**_fields(first), "rules": holed}),)) as changed:
        assert "空档甲" in "。".join(said(changed, now))


def _fields(level):
    return {name: getattr(level, name) for name in level.__dataclass_fields__}


PCT = FactSpec("load_pct", "measure", unit="%", zh="负荷下降", en="Load drop")


@pytest.fixture
def forecast(law):
    found = law("HJ-2")
    when = Group("all", (Condition("load_pct", "at_least", Decimal(20), counts_expected=True),))
    level = rules.Level("low", 1, "blue", "confirmed", "低", "Low", (
        rules.Rule("r", "条", "clause", (), when, "规则", "rule"),
    ))  # fmt: skip
    with bent(found, levels=(level,), facts=(*found.facts, PCT)) as changed:
        yield changed


def test_what_is_expected_is_asked_for_where_the_clause_counts_it(forecast, report, client, omar):
    incident = report(facts={"scope": "all_applications"})
    client.force_login(omar)
    path = f"/incidents/{incident.number}/facts/"
    html = client.get(path, {"fact": "load_pct"}).content.decode()
    assert 'name="fact-load_pct-expected"' in html
    sent = {
        "fact-load_pct": "30",
        "was-fact-load_pct": "",
        "fact-load_pct-expected": "yes",
        "was-fact-load_pct-expected": "",
    }
    assert client.post(path, sent).status_code == 303
    newest = Fact.objects.get(incident=incident, metric="load_pct")
    assert (newest.value, newest.expected) == ("30", True)
    assert "预计负荷下降" in client.get(f"/incidents/{incident.number}/").content.decode()
    came = {
        "fact-load_pct": "30",
        "was-fact-load_pct": "30",
        "fact-load_pct-expected": "",
        "was-fact-load_pct-expected": "yes",
    }
    assert client.post(path, came).status_code == 303
    assert not Fact.objects.filter(incident=incident, metric="load_pct").order_by("id").last().expected


def test_the_statutory_class_stands_apart_from_the_level(law, report, client, omar):
    found = law("HJ-2")
    counts = tuple(FactSpec(name, "count", zh=name, en=name) for name in ("deaths", "seriously_injured"))
    loss = FactSpec("loss_yuan", "measure", unit="yuan", zh="损失", en="loss")
    with bent(found, statutory=True, facts=(*found.facts, *counts, loss)):
        incident = report(facts={"scope": "all_applications"})
        client.force_login(omar)
        for path in (f"/incidents/{incident.number}/", f"/incidents/{incident.number}/print/"):
            assert "法定事故等级：尚不能确定" in client.get(path).content.decode()
        given = {
            "deaths": readings.Given(1),
            "seriously_injured": readings.Given(0),
            "loss_yuan": readings.Given(Decimal(0)),
        }
        facts.record(incident_id=incident.pk, actor=omar, now=incident.recorded_at, given=given)
        for path in (f"/incidents/{incident.number}/", f"/incidents/{incident.number}/print/"):
            assert "法定事故等级：一般事故" in client.get(path).content.decode()


def test_the_entry_holds_no_words_of_its_own_but_data(report):
    incident = report("KF-4", facts={"routine_maintenance": False})
    for entry in Entry.objects.filter(incident=incident, kind__startswith="level_"):
        assert {"used", "missing", "clauses", "plan_version"} <= set(entry.data["grounds"])
