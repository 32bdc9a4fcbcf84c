"""How many of those told must confirm: everybody, one of them, or a number."""

import pytest

from incident import opening
from playbooks import planfile
from tests.laws import duty
from tests.playbooks.plan_samples import WHOLE

TELL = "        on_late: [{tell: manager}]\n"


def text(answers: str) -> str:
    assert TELL in WHOLE
    return WHOLE.replace(TELL, f"{TELL}        tell: [leader, manager]\n        answers: {answers}\n", 1)


@pytest.mark.parametrize("answers", ["all", "any", "2", "5"])
def test_it_is_read_and_written(answers):
    found = planfile.read(text(answers))
    assert found.mistakes == ()
    told = next(one for one in found.document.playbook("TW-1").duties if one.key == "D-tell")
    assert told.answers == answers
    assert planfile.read(planfile.write(found.document)).document == found.document


@pytest.mark.parametrize("answers", ["0", "1", "6", "two", "[2]", "-1"])
def test_what_it_cannot_be(answers):
    (mistake, *_more) = planfile.read(text(answers)).mistakes
    assert "answers" in mistake.path
    assert mistake.reason_zh


@pytest.mark.parametrize(
    ("answers", "told", "needed"),
    [("all", 3, 3), ("any", 3, 1), ("2", 3, 2), ("2", 1, 1), ("5", 3, 3), ("all", 1, 1), ("any", 0, 0)],
)
def test_never_more_than_were_told(answers, told, needed):
    assert opening.answers_needed(duty("x", answers=answers), told) == needed
