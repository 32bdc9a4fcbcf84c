"""Decree 493, article 3: the number itself counts as reached, any one dimension is enough, unknown stays unknown."""

from decimal import Decimal

import pytest

from playbooks import statutory
from playbooks.law import Reading
from tests.rules.law_samples import T0

KNOWN = {"deaths": 0, "seriously_injured": 0, "loss_yuan": Decimal(0)}


def classed(**values):
    return statutory.classify({metric: Reading(metric, value) for metric, value in values.items()}, T0)


@pytest.mark.parametrize(
    ("metric", "value", "key"),
    [
        ("deaths", 0, None),
        ("deaths", 1, "general"),
        ("deaths", 2, "general"),
        ("deaths", 3, "larger"),
        ("deaths", 9, "larger"),
        ("deaths", 10, "major"),
        ("deaths", 29, "major"),
        ("deaths", 30, "special_major"),
        ("seriously_injured", 1, "general"),
        ("seriously_injured", 9, "general"),
        ("seriously_injured", 10, "larger"),
        ("seriously_injured", 49, "larger"),
        ("seriously_injured", 50, "major"),
        ("seriously_injured", 99, "major"),
        ("seriously_injured", 100, "special_major"),
        ("loss_yuan", Decimal("0.01"), "general"),
        ("loss_yuan", Decimal("9999999.99"), "general"),
        ("loss_yuan", Decimal(10_000_000), "larger"),
        ("loss_yuan", Decimal("49999999.99"), "larger"),
        ("loss_yuan", Decimal(50_000_000), "major"),
        ("loss_yuan", Decimal("99999999.99"), "major"),
        ("loss_yuan", Decimal(100_000_000), "special_major"),
    ],
)
def test_every_number_of_the_decree(metric, value, key):
    found = classed(**KNOWN | {metric: value})
    assert (found.key, found.at_most, found.missing) == (key, key, ())


def test_the_worst_dimension_decides():
    assert classed(deaths=1, seriously_injured=50, loss_yuan=Decimal(20_000_000)).key == "major"


def test_what_is_not_known_is_not_nothing():
    found = classed()
    assert (found.key, found.at_most) == (None, "special_major")
    assert found.missing == ("deaths", "seriously_injured", "loss_yuan")
    assert "尚不能确定" in found.sentence.zh
    assert "not determined" in found.sentence.en


def test_a_known_death_is_a_class_that_the_unknown_may_still_raise():
    found = classed(deaths=1)
    assert (found.key, found.zh, found.at_most) == ("general", "一般事故", "special_major")
    assert found.missing == ("seriously_injured", "loss_yuan")
    assert [clause.zh for clause in found.clauses] == ["死亡 1 人以上"]
    assert "尚缺重伤人数、直接经济损失" in found.sentence.zh
    assert "still missing: seriously injured, direct loss" in found.sentence.en


def test_nobody_hurt_and_no_loss_is_no_accident():
    found = classed(**KNOWN)
    assert (found.key, found.missing, found.clauses) == (None, (), ())
    assert "不构成" in found.sentence.zh


def test_the_sentence_names_class_reason_and_law():
    said = classed(deaths=3, seriously_injured=0, loss_yuan=Decimal(10_000_000)).sentence
    assert said.zh == (
        "法定事故等级：较大事故（死亡 3 人以上；直接经济损失 1000 万元以上）。"
        "依据《生产安全事故报告和调查处理条例》（国务院令第493号）第三条。"
    )
    assert said.en == (
        "Statutory accident class: Larger accident (3 or more deaths; direct loss of 10,000,000 yuan or more). "
        "State Council decree 493, article 3."
    )


def test_what_is_only_expected_does_not_count():
    reading = Reading("deaths", 5, expected=True)
    assert statutory.classify({"deaths": reading}, T0).key is None
