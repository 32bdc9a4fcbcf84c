"""The shelf gives back the very law that was stored, with a fixed number of queries, then none."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from playbooks import library, planfile, rules, storing
from playbooks.law import Post, Reading
from playbooks.models import Playbook
from tests.playbooks.plan_samples import WHOLE

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "plans"
NOW = datetime(2026, 3, 2, tzinfo=UTC)

pytestmark = pytest.mark.django_db

# Three levels of nesting, every operator and every kind of value.
TREES = """\
format: 1
plan: {key: TT, zh: 测试, en: Test}
posts: [{key: leader, zh: 组长, en: Leader}]
playbooks:
  - key: TT-1
    zh: 测试
    en: Test
    icon: server
    twin_minutes: 0
    facts:
      - {metric: run, kind: stopwatch, unit: h, zh: 时长, en: Length}
      - {metric: broken, kind: flag, zh: 故障, en: Broken}
      - {metric: people, kind: count, minimum: 0, maximum: 9, zh: 人数, en: People}
      - {metric: drop, kind: measure, unit: "%", zh: 下降, en: Drop}
      - {metric: expected_minutes, kind: measure, unit: min, zh: 预计, en: Expected}
      - metric: scope
        kind: choice
        zh: 范围
        en: Scope
        choices: [{key: one, zh: 一, en: One}, {key: all, zh: 全, en: All}]
    levels:
      - key: low
        rank: 1
        colour: blue
        starts: proposed
        zh: 低
        en: Low
        rules:
          - key: r
            zh: 则
            en: Rule
            clause: {zh: 一, en: One}
            site_rule: yes
            when:
              any:
                - {fact: broken, is_not: no}
                - all:
                    - {fact: drop, more_than: 12.5, hold_minutes: 7.5}
                    - any:
                        - {fact: run, at_least: 1.5, counts_expected: yes}
                        - {fact: scope, one_of: [one, all]}
                - {fact: scope, is: one}
                - {fact: people, at_most: 0}
                - {fact: people, less_than: 3}
    duties:
      - key: D
        kind: task
        post: leader
        zh: 做
        en: Do
        clause: {zh: 一, en: One}
        site_rule: yes
        opens: {event: facts, when: {all: [{fact: broken, is: yes}]}}
"""


def bare(playbook):
    """Without what only a stored playbook has."""
    return {
        name: getattr(playbook, name)
        for name in playbook.__slots__
        if name not in ("id", "version_number", "search_text")
    }


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_is_read_is_what_was_stored(path):
    document = planfile.read(path.read_bytes()).document
    library.publish(document, by=None, now=NOW)
    stored = library.current([document.key])
    assert [bare(playbook) for playbook in stored] == [bare(playbook) for playbook in document.playbooks]
    assert all(playbook.id and playbook.version_number == 1 for playbook in stored)


def test_every_element_comes_back_as_it_was():
    document = planfile.read(WHOLE).document
    written = planfile.write(document)
    assert planfile.read(written).document == document
    version = library.publish(document, by=None, now=NOW)
    assert [bare(one) for one in library.current(["TW"])] == [bare(one) for one in document.playbooks]
    assert version.source_text == WHOLE


def test_condition_trees_come_back_as_they_were():
    document = planfile.read(TREES).document
    assert planfile.read(planfile.write(document)).document == document
    library.publish(document, by=None, now=NOW)
    assert bare(library.find("TT", "TT-1")) == bare(document.playbook("TT-1"))


def test_a_playbook_is_read_once(django_assert_num_queries):
    library.publish(planfile.read((FOLDER / "HJ.yaml").read_bytes()).document, by=None, now=NOW)
    ids = list(Playbook.objects.values_list("id", flat=True))
    with django_assert_num_queries(13):
        first = library.playbooks(ids)
    with django_assert_num_queries(0):
        assert library.playbooks(ids) == first
        assert library.playbook(ids[0]) is first[0]


def test_a_draft_is_read_anew_and_is_not_current():
    document = planfile.read((FOLDER / "HJ.yaml").read_bytes()).document
    draft = storing.draft(document, now=NOW)
    row = draft.playbooks.get(key="HJ-2")
    assert library.playbook(row.pk).zh == "应用程序/网络故障"
    Playbook.objects.filter(pk=row.pk).update(zh="改名")
    assert library.playbook(row.pk).zh == "改名"
    assert library.current() == []


def test_current_is_the_newest_published_version_of_each_plan():
    document = planfile.read((FOLDER / "HJ.yaml").read_bytes()).document
    library.publish(document, by=None, now=NOW)
    second = library.publish(document, by=None, now=NOW)
    storing.draft(document, now=NOW)
    library.publish(planfile.read((FOLDER / "KF.yaml").read_bytes()).document, by=None, now=NOW)
    assert {playbook.version_number for playbook in library.current(["HJ"])} == {second.number}
    assert [playbook.key for playbook in library.current()][:2] == ["HJ-1", "HJ-2"]
    assert library.current([]) == []


def test_an_unknown_playbook_is_said():
    with pytest.raises(Playbook.DoesNotExist):
        library.playbook(0)
    with pytest.raises(Playbook.DoesNotExist):
        library.find("HJ", "HJ-77")


def test_posts_have_the_names_of_their_version(django_assert_num_queries):
    version = library.publish(planfile.read((FOLDER / "HJ.yaml").read_bytes()).document, by=None, now=NOW)
    assert library.post_name(version.pk, "team_leader").zh == "值班组长"
    with django_assert_num_queries(0):
        assert library.post_name(version.pk, "nobody") == Post("nobody", "nobody", "nobody")


def test_the_stored_law_decides_as_the_file_does():
    document = planfile.read((FOLDER / "KF.yaml").read_bytes()).document
    library.publish(document, by=None, now=NOW)
    facts = {"seats_full_minutes": Reading("seats_full_minutes", since=NOW)}
    stored = rules.classify(library.find("KF", "KF-4"), facts, NOW)
    assert stored == rules.classify(document.playbook("KF-4"), facts, NOW)
