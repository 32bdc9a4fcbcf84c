"""The page that a link opens: its states in both languages, and nothing personal on it."""

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from notices import compose, links, outbox
from notices.models import Notice
from tests.notices.builders import DATA, NOW, by_email


def page(state: str, *, language: str = "zh-hans", mode: str = "real", answer: outbox.Answer | None = None) -> str:
    ladder = [by_email("Dana", language=language) | {"phone": "13800000000"}]
    notice = Notice(pk=1, created_at=NOW, kind="duty", data=DATA, mode=mode, ladder=ladder)
    has_words = state not in ("expired", "forged")
    context = {
        "notice": notice if has_words else None,
        "words": compose.words_for(notice, 0) if has_words else None,
        "state": state,
        "answer": answer,
        "token": links.path(notice, 0),
    }
    return render_to_string("notices/acknowledge.html", context, request=RequestFactory().get("/a/x/"))


def answer(result: outbox.Result, by: str = "Omar") -> outbox.Answer:
    return outbox.Answer(notice=Notice(pk=1), result=result, by=by, at=NOW, via="link")


def test_a_button_and_what_it_is_about() -> None:
    html = page("confirm")
    assert 'method="post"' in html
    assert "csrfmiddlewaretoken" in html
    for said in ("INC-261123-01", "核心系统故障", "报告中心经理", "11月23日 18:05"):
        assert said in html
    assert "13800000000" not in html
    assert "dana@example.org" not in html


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("first", "已确认，谢谢。"),
        ("again", "您已经确认过了。"),
        ("before", "Omar 已先确认。"),
        ("withdrawn", "此通知已撤回，无需确认。"),
    ],
)
def test_what_became_of_it(state: str, said: str) -> None:
    html = page(state, answer=answer(outbox.Result(state)))
    assert said in html
    assert "2026-11-23 18:00" in html
    assert "<form" not in html


@pytest.mark.parametrize(("state", "said"), [("expired", "链接已过期。"), ("forged", "链接无效。")])
def test_a_link_that_is_no_good(state: str, said: str) -> None:
    html = page(state)
    assert said in html
    assert "<form" not in html
    assert "INC-" not in html


@pytest.mark.parametrize(("mode", "mark"), [("exercise", "【练习】"), ("drill", "【演练】")])
def test_an_exercise_says_so_in_title_and_text(mode: str, mark: str) -> None:
    html = page("confirm", mode=mode)
    assert f"<title>{mark}" in html
    assert html.count(mark) >= 2


def test_a_name_is_never_markup() -> None:
    assert "<b>x" not in page("before", answer=answer(outbox.Result.BEFORE, by="<b>x"))


def test_the_language_is_that_of_the_person() -> None:
    html = page("confirm", language="en")
    assert '<main class="page answer" id="main" lang="en">' in html
    assert "Report to the centre manager" in html
