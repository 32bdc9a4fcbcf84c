"""Every kind of mistake in a plan file is told with its line and its reason, in both languages."""

import pytest

from playbooks import planfile

SOUND = """\
format: 1
plan: {key: TT, zh: 测试预案, en: Test plan}
posts:
  - {key: leader, zh: 组长, en: Leader}
  - {key: manager, zh: 经理, en: Manager}
playbooks:
  - key: TT-1
    zh: 测试
    en: Test
    icon: server
    facts:
      - {metric: full_minutes, kind: stopwatch, unit: min, zh: 占满, en: Full}
      - {metric: broken, kind: flag, zh: 故障, en: Broken}
      - metric: scope
        kind: choice
        zh: 范围
        en: Scope
        choices:
          - {key: one, zh: 一个, en: One}
          - {key: all, zh: 全部, en: All}
      - {metric: people, kind: count, zh: 人数, en: People}
    levels:
      - key: low
        rank: 1
        colour: blue
        starts: confirmed
        zh: 低
        en: Low
        rules:
          - key: low-1
            zh: 占满
            en: Full
            clause: {zh: 一, en: One}
            requirements: [TT-1-01]
            when:
              all:
                - {fact: full_minutes, at_least: 15}
    duties:
      - key: D1
        kind: task
        post: leader
        zh: 做
        en: Do
        clause: {zh: 一, en: One}
        requirements: [TT-1-02]
        opens: report
        minutes: 5
        on_late:
          - tell: manager
      - key: D2
        kind: notification
        post: leader
        zh: 告诉
        en: Tell
        clause: {zh: 一, en: One}
        requirements: [TT-1-03]
        opens: {event: level, level: low}
        tell: [manager]
"""


def mistakes(text):
    return planfile.read(text, file="t.yaml").mistakes


def line_of(text, fragment):
    return next(number for number, line in enumerate(text.splitlines(), start=1) if fragment in line)


def test_the_sound_file_has_no_mistake():
    assert mistakes(SOUND) == ()


@pytest.mark.parametrize(
    ("before", "after", "at", "path", "reason"),
    [
        (
            "    icon: server\n",
            "    icon: server\n    colour: red\n",
            "colour: red",
            "playbooks[TT-1].colour",
            "unknown key",
        ),
        ("    icon: server", "    icon: rocket", "icon: rocket", "playbooks[TT-1].icon", "rocket is none of"),
        ("    icon: server", "    icno: server", "icno", "playbooks[TT-1].icno", "did you mean icon"),
        ("format: 1", "format: 2", "format: 2", "format", "format: 1 is required"),
        ("    en: Test\n", "", "key: TT-1", "playbooks[TT-1]", "missing translation: en"),
        ("    zh: 测试\n", "    zh: ''\n", "zh: ''", "playbooks[TT-1].zh", "missing translation: zh"),
        (
            "post: leader\n        zh: 做",
            "post: leeder\n        zh: 做",
            "leeder",
            "duties[D1].post",
            "did you mean leader",
        ),
        ("- tell: manager", "- tell: boss", "tell: boss", "duties[D1].on_late[boss]", "unknown post boss"),
        ("- tell: manager", "- open: D9", "open: D9", "duties[D1].on_late[D9]", "unknown duty D9"),
        ("- tell: manager", "- raise: top", "raise: top", "duties[D1].on_late[top]", "unknown level top"),
        ("- tell: manager", "- shout: manager", "shout", "on_late[0]", "must be one of tell, open, raise"),
        ("tell: [manager]", "tell: [nobody]", "tell: [nobody]", "duties[D2].tell[nobody]", "unknown post nobody"),
        ("level: low}", "level: high}", "level: high", "duties[D2].opens.level", "unknown level high"),
        (
            "{event: level, level: low}",
            "{event: late, duty: D7}",
            "duty: D7",
            "duties[D2].opens.duty",
            "unknown duty D7",
        ),
        ("opens: report", "opens: reports", "opens: reports", "duties[D1].opens", "did you mean report"),
        ("minutes: 5\n", "minutes: 0\n", "minutes: 0", "duties[D1].minutes", "must be more than 0"),
        ("minutes: 5\n", "minutes: -3\n", "minutes: -3", "duties[D1].minutes", "must be more than 0"),
        ("minutes: 5\n", "minutes: soon\n", "minutes: soon", "duties[D1].minutes", "soon is not a number"),
        ("minutes: 5\n", "minutes: 1:30\n", "1:30", "duties[D1].minutes", "is not a number"),
        ("minutes: 5\n", "minutes: 99999999\n", "99999999", "duties[D1].minutes", "longer than a year"),
        ("minutes: 5\n", "minutes: 5\n        target_minutes: 5\n", "target_", "duties[D1].target_minutes", "not both"),
        ("        minutes: 5\n", "", "on_late", "duties[D1].on_late", "never goes late"),
        ("kind: task", "kind: wish", "kind: wish", "duties[D1].kind", "wish is none of"),
        ("kind: task", "kind: decision", "key: D1", "duties[D1]", "two or more choices"),
        (
            "key: D2\n        kind: notification",
            "key: D2\n        kind: task",
            "tell: [",
            "D2].tell",
            "only notifications",
        ),
        ("key: D2", "key: D1", 50, "duties[D1]", "D1 is defined twice"),
        ("metric: people", "metric: broken", "kind: count", "facts[broken]", "broken is defined twice"),
        ("metric: people", "metric: elapsed_minutes", "elapsed_", "facts[elapsed_minutes].metric", "is built in"),
        ("kind: count", "kind: number", "kind: number", "facts[people].kind", "number is none of"),
        ("unit: min", "unit: day", "unit: day", "facts[full_minutes].unit", "day is none of"),
        ("          - {key: all, zh: 全部, en: All}\n", "", "choices:", "facts[scope].choices", "two or more choices"),
        ("{key: all, zh: 全部", "{key: one, zh: 全部", "en: All", "choices[one]", "one is defined twice"),
        ("colour: blue", "colour: green", "colour: green", "levels[low].colour", "green is none of"),
        ("starts: confirmed", "starts: maybe", "starts: maybe", "levels[low].starts", "maybe is none of"),
        ("rank: 1", "rank: 0", "rank: 0", "levels[low].rank", "its own rank"),
        ("requirements: [TT-1-01]", "requirements: [TT1]", "TT1", "requirements[TT1]", "not a requirement id"),
        ("        requirements: [TT-1-02]\n", "", "key: D1", "duties[D1]", "needs requirements"),
        ("fact: full_minutes", "fact: full_minute", "full_minute,", "fact", "did you mean full_minutes"),
        ("at_least: 15", "is: 15", "is: 15", "is", "is does not fit a fact of kind stopwatch"),
        ("at_least: 15", "at_least: x", "at_least: x", "at_least", "x is not a number"),
        ("at_least: 15", "at_least: '15'", "at_least: '15'", "at_least", "is not a number"),
        ("at_least: 15", "at_least: 15, at_most: 20", "at_most", "[full_minutes]", "exactly one of"),
        ("at_least: 15", "at_least: 15, hold_minutes: 5", "hold_", "hold_minutes", "a stopwatch takes no hold time"),
        ("at_least: 15", "at_least: 15, counts_expected: yes", "counts", "counts_expected", "needs the fact expected"),
        ("{fact: full_minutes, at_least: 15}", "{fact: broken, is: 1}", "is: 1", "is", "must be yes or no"),
        ("{fact: full_minutes, at_least: 15}", "{fact: scope, is: al}", "is: al", "is", "did you mean all"),
        (
            "{fact: full_minutes, at_least: 15}",
            "{fact: scope, one_of: [one, two]}",
            "two",
            "one_of[two]",
            "no choice two",
        ),
        ("{fact: full_minutes, at_least: 15}", "{fact: people, one_of: [one]}", "one_of", "one_of", "does not fit"),
        ("              all:\n", "              most:\n", "when:", "rules[low-1].when", "either all or any"),
        ("opens: report", "opens: {event: facts}", "{event: facts}", "duties[D1].opens", "when is missing"),
        ("opens: report", "opens: {event: done, duty: D1}", "duty: D1", "duties[D1].opens", "opens itself in a circle"),
        ("opens: report", "opens: report\n        gate: later", "later", "duties[D1].gate", "later is none of"),
        ("opens: report", "opens: report\n        fact: broken", "fact: broken", "duties[D1].fact", "must all belong"),
        ("opens: report", "opens: end\n        gate: end", "gate: end", "duties[D1].gate", "it opens at the end"),
        (
            "opens: report",
            "opens: {event: confirmed, level: low}\n        life_safety: yes",
            "confirmed, level",
            "duties[D1].opens",
            "opens at the report",
        ),
        ("zh: 组长", "zh: [组长]", "[组长]", "posts[leader].zh", "must be a single value"),
        ("posts:\n", "posts:\n  - leader\n", "- leader", "posts[0]", "must be a mapping"),
        ("tell: [manager]", "tell: manager", 58, "duties[D2].tell", "must be a list"),
        ("tell: [manager]", "tell: [manager, manager]", "manager, m", "duties[D2].tell", "listed twice"),
        ("unit: min,", "unit: min, feed: seats,", "seats", "facts[full_minutes].feed", "seats is none of"),
        (
            "unit: min,",
            "unit: min, feed: waiting,",
            "waiting",
            "facts[full_minutes].feed",
            "fills a fact of kind count",
        ),
        ("kind: count,", "kind: count, unit: min, feed: waiting,", "waiting", "facts[people].feed", "in - or calls"),
        (
            "unit: min,",
            "unit: min, from_report: yes, feed: seats_full,",
            "seats_full",
            "facts[full_minutes].feed",
            "isn't filled by queues",
        ),
        (
            "minutes: 5\n",
            "minutes: 5\n        calls_out: {post: leder, quota: 1, waves: [reserve]}\n",
            "leder",
            "duties[D1].calls_out.post",
            "did you mean leader",
        ),
        (
            "minutes: 5\n",
            "minutes: 5\n        calls_out: {post: leader, quota: 0, waves: [reserve]}\n",
            "quota: 0",
            "duties[D1].calls_out.quota",
            "between 1 and 2000 people, or all",
        ),
        (
            "minutes: 5\n",
            "minutes: 5\n        calls_out: {post: leader, waves: [reserve]}\n",
            "calls_out",
            "duties[D1].calls_out",
            "quota is missing",
        ),
        (
            "minutes: 5\n",
            "minutes: 5\n        calls_out: {post: leader, quota: all}\n",
            "calls_out",
            "duties[D1].calls_out",
            "who is asked in what order",
        ),
        (
            "minutes: 5\n",
            "minutes: 5\n        calls_out: {post: leader, quota: all, waves: [standbye]}\n",
            "standbye",
            "duties[D1].calls_out.waves[standbye]",
            "did you mean standby",
        ),
        (
            "opens: report",
            "opens: report\n        form: log\n        calls_out: {post: leader, quota: all, waves: [early], by: 5}",
            "by: 5",
            "duties[D1].calls_out.by",
            "unknown key",
        ),
        (
            "kind: task",
            "kind: prohibition\n        calls_out: {post: leader, quota: all, waves: [early]}",
            "calls_out",
            "duties[D1].calls_out",
            "call people in",
        ),
    ],
)
def test_a_mistake_names_line_path_and_reason(before, after, at, path, reason):
    assert before in SOUND
    broken = SOUND.replace(before, after, 1)
    line = at if isinstance(at, int) else line_of(broken, at)
    fitting = [mistake for mistake in mistakes(broken) if mistake.line == line]
    assert any(path in mistake.path and reason in mistake.reason_en for mistake in fitting), mistakes(broken)
    assert all(mistake.reason_zh and mistake.file == "t.yaml" for mistake in fitting)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "empty or not a mapping"),
        ("- a\n- b\n", 1, "empty or not a mapping"),
        ("format: 1\nplan: {key: A\nposts: []\n", 3, "YAML syntax"),
        ("format: 1\nplan:\n\tkey: A\n", 3, "a tab is used to indent"),
        ("format: 1\nplan: &a {key: A}\nposts: *a\n", 2, "anchors and aliases"),
        ("format: 1\nplan: !!python/object:os.system {}\n", 2, "tags such as"),
        ("format: 1\n---\nformat: 1\n", 2, "one document only"),
        ("format: 1\n? {a: b}\n: c\n", 2, "a key must be a single word"),
        ("a: " + "[" * 40 + "]" * 40, 1, "nested too deeply"),
        (b"format: 1\nplan: \xff\xfe\n", 2, "not UTF-8"),
        ("# " + "x" * 1_000_001, 1, "file too large"),
        ("format: 1\nplan: {key: A, key: B, zh: x, en: x}\n", 2, "key key is written twice"),
    ],
)
def test_text_that_is_no_plan_file_at_all(text, line, reason):
    found = mistakes(text)
    assert any(mistake.line == line and reason in mistake.reason_en for mistake in found), found


def test_a_control_character_is_a_mistake_not_a_crash():
    assert mistakes("format: 1\nplan: {key: A\x07}\n")


def test_all_mistakes_come_at_once_and_in_order():
    broken = (
        SOUND.replace("colour: blue", "colour: green")
        .replace("minutes: 5\n", "minutes: 0\n")
        .replace("        en: Tell\n", "")
    )
    found = mistakes(broken)
    assert len(found) >= 3
    assert [mistake.line for mistake in found] == sorted(mistake.line for mistake in found)


def test_a_circle_of_lateness_is_found_however_long():
    circle = SOUND.replace("- tell: manager", "- open: D2").replace(
        "{event: level, level: low}", "{event: late, duty: D1}"
    )
    assert mistakes(circle) == ()
    closed = circle + "        minutes: 3\n        on_late:\n          - open: D1\n"
    assert {mistake.path for mistake in mistakes(closed)} == {
        "playbooks[TT-1].duties[D1].opens",
        "playbooks[TT-1].duties[D2].opens",
    }


def test_a_byte_order_mark_is_no_mistake():
    assert mistakes(b"\xef\xbb\xbf" + SOUND.encode()) == ()


def test_a_mistake_prints_as_file_line_path_reason():
    printed = str(mistakes(SOUND.replace("colour: blue", "colour: green"))[0])
    assert printed.startswith("t.yaml:25: playbooks[TT-1].levels[low].colour: ")
