"""The picker finds a playbook however a hurried person types it, best first, and says what to mark."""

from dataclasses import replace
from pathlib import Path

import pytest

from playbooks import search, shipped


@pytest.fixture(scope="module")
def shelf():
    documents, _ = shipped.read_folder(Path(__file__).resolve().parents[2] / "fixtures" / "plans")
    # A shelf that stays as it is, whatever plans are added.
    kept = ("HJ-2", "HJ-5.1", "KF-4")
    return [playbook for document in documents for playbook in document.playbooks if playbook.key in kept]


@pytest.mark.parametrize(
    ("query", "key", "field", "marked"),
    [
        ("HJ-2", "HJ-2", "key", "HJ-2"),
        ("hj2", "HJ-2", "key", "HJ-2"),
        ("hj51", "HJ-5.1", "key", "HJ-5.1"),
        ("ＨＪ２", "HJ-2", "key", "HJ-2"),
        ("火灾", "HJ-5.1", "zh", "火灾"),
        ("网络", "HJ-2", "zh", "网络"),
        ("huozai", "HJ-5.1", "zh", "火灾"),
        ("hz", "HJ-5.1", "zh", "火灾"),
        ("yyxt", "HJ-2", "keyword", "应用系统"),
        ("yingyxt", "HJ-2", "keyword", "应用系统"),
        ("wangluo", "HJ-2", "zh", "网络"),
        ("wlgz", "HJ-2", "zh", "网络故障"),
        ("fwq", "KF-4", "zh", "服务器"),
        ("fire", "HJ-5.1", "en", "Fire"),
        ("netw", "HJ-2", "en", "netw"),
        ("外挂", "KF-4", "keyword", "外挂"),
        ("waigua", "KF-4", "keyword", "外挂"),
        ("zhaohuo", "HJ-5.1", "keyword", "着火"),
    ],
)
def test_one_query_one_playbook_first(shelf, query, key, field, marked):
    best = search.find(shelf, query)[0]
    assert best.playbook.key == key
    text = best.keyword if field == "keyword" else getattr(best.playbook, field)
    assert [text[start:end] for start, end in best.spans[field]] == [marked]


def test_an_empty_query_keeps_the_shelf_as_it_is(shelf):
    assert [match.playbook for match in search.find(shelf, "  ")] == shelf


@pytest.mark.parametrize("query", ["zzzz", "火灾 zzzz", "🔥", "%", "((", "x" * 5000])
def test_what_nothing_answers_finds_nothing(shelf, query):
    assert search.find(shelf, query) == []


def test_every_word_must_answer(shelf):
    assert [match.playbook.key for match in search.find(shelf, "hj fault")] == ["HJ-2"]


def test_an_exact_key_beats_everything(shelf):
    assert search.find(shelf, "kf4")[0].playbook.key == "KF-4"
    assert [match.playbook.key for match in search.find(shelf, "hj")] == ["HJ-2", "HJ-5.1"]


def test_pinyin_steps_over_punctuation(shelf):
    fault = replace(shelf[0], zh="应用程序/网络故障", search_text="")
    assert search.find([fault], "yycxwl")[0].spans == {"zh": ((0, 7),)}
