"""The words: every kind in both languages, with everything known and with nothing known."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notices import words
from notices.catalogue import CATALOGUE
from tests.notices.builders import DATA

KINDS = [*CATALOGUE, "a kind from the future"]
LANGUAGES = ["zh-hans", "en"]


def has_chinese(text: str) -> bool:
    return any("一" <= char <= "鿿" for char in text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_full_data(kind: str, language: str) -> None:
    data = DATA | {"place": "3F", "reason": "x"}
    said = words.render(kind=kind, data=data, language=language, mode="real")
    everything = "\n".join([said.subject, said.what, said.ask, *said.lines])
    assert "{" not in everything
    assert "None" not in everything
    assert said.number == "INC-261123-01"
    assert has_chinese(everything) == (language == "zh-hans")
    assert any("INC-261123-01" in line for line in said.lines)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_no_data(kind: str, language: str) -> None:
    said = words.render(kind=kind, data={}, language=language, mode="real")
    assert said.subject
    assert said.what
    assert said.ask
    assert "{" not in said.subject + said.what + "".join(said.lines)


def test_a_duty_in_chinese() -> None:
    said = words.render(kind="duty", data=DATA, language="zh-hans", mode="real")
    assert said.subject == "INC-261123-01 报告中心经理（11月23日 18:05 前）"
    assert said.lines == (
        "事项：报告中心经理",
        "岗位：值班班长",
        "时限：11月23日 18:05 前",
        "当前级别：二级",
        "事件：INC-261123-01 核心系统故障",
        "单位：客服中心",
        "地点：三楼机房",
        "依据：HJ 第二章",
    )


def test_a_late_duty_in_english() -> None:
    said = words.render(kind="told_late", data=DATA, language="en", mode="real")
    assert said.subject == "INC-261123-01 overdue: Report to the centre manager"
    assert "Was due: 23 Nov 18:05 Beijing time" in said.lines
    assert "Held by: Omar" in said.lines


@pytest.mark.parametrize(
    ("mode", "language", "start"),
    [
        ("exercise", "zh-hans", "【练习】"),
        ("exercise", "en", "[EXERCISE]"),
        ("drill", "zh-hans", "【演练】"),
        ("drill", "en", "[DRILL]"),
        ("a mode from the future", "en", "[DRILL]"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_the_mark_comes_first_always(kind: str, mode: str, language: str, start: str) -> None:
    for data in (DATA, {}):
        said = words.render(kind=kind, data=data, language=language, mode=mode)
        assert said.subject.startswith(start)
        assert said.prefix == start
        if mode in ("exercise", "drill"):
            assert said.lines[0].startswith(start)


def test_the_other_language_is_better_than_nothing() -> None:
    said = words.render(kind="duty", data={"number": "N", "duty_zh": "报告"}, language="en", mode="real")
    assert said.subject == "N 报告"


def test_times_are_shown_as_in_shanghai_whatever_their_offset() -> None:
    for due in ("2026-12-31T17:00:00Z", "2027-01-01T01:00:00+08:00", "2026-12-31T12:00:00-05:00"):
        assert words.render(kind="duty", data={"due": due}, language="zh-hans", mode="real").due == "1月1日 01:00"


@pytest.mark.parametrize("due", ["soon", None, 5, {}, "2026-13-40T99:00"])
def test_what_is_no_time_is_left_out(due: object) -> None:
    assert words.render(kind="duty", data={"due": due}, language="en", mode="real").due == ""


def test_line_breaks_and_direction_marks_never_reach_a_subject() -> None:
    data = {"number": "N", "duty_zh": "a\r\nBcc: eve@example.org\u202e\u2028b\x00"}
    assert words.render(kind="duty", data=data, language="zh-hans", mode="real").subject == "N a Bcc: eve@example.org b"


def test_a_long_title_is_cut() -> None:
    said = words.render(kind="duty", data={"number": "N", "duty_zh": "长" * 5000}, language="zh-hans", mode="exercise")
    assert len(said.subject) <= words.SUBJECT_LIMIT + len("【练习】")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(KINDS) | st.text(),
    st.dictionaries(st.sampled_from(sorted(DATA)) | st.text(), anything),
    st.text() | st.sampled_from(LANGUAGES),
    st.text(),
)
def test_nothing_makes_it_fail(kind: str, data: dict[str, object], language: str, mode: str) -> None:
    said = words.render(kind=kind, data=data, language=language, mode=mode)
    assert said.subject
    assert "\n" not in said.subject + "".join(said.lines)
