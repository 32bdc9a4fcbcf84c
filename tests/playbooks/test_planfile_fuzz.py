"""However a plan file is damaged, reading it gives mistakes, never an exception."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from playbooks import planfile
from tests.playbooks.plan_samples import WHOLE

SHIPPED = (Path(__file__).resolve().parents[2] / "fixtures" / "plans" / "HJ.yaml").read_text(encoding="utf-8")
SOURCES = [SHIPPED.splitlines()[:140], WHOLE.splitlines()]
JUNK = st.sampled_from(
    ["", "x", "- ", "[]", "{}", ": ", "null", "~", "[[a]]", "{a: b}", "yes", "-1", "'", "\t", "*a", "&a b"]
)


@st.composite
def damaged(draw):
    lines = list(draw(st.sampled_from(SOURCES)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(lines) - 1))
        junk = draw(JUNK)
        action = draw(st.sampled_from(["drop", "double", "value", "indent", "insert"]))
        line = lines[place]
        if action == "drop":
            lines[place] = ""
        elif action == "double":
            lines.insert(place, line)
        elif action == "value" and ":" in line:
            lines[place] = line[: line.rindex(":") + 1] + " " + junk
        elif action == "indent":
            lines[place] = "  " + line
        else:
            lines.insert(place, " " * (len(line) - len(line.lstrip())) + junk)
    return "\n".join(lines)


@settings(max_examples=250, deadline=None)
@given(damaged())
def test_a_damaged_file_never_raises(text):
    found = planfile.read(text)
    assert (found.document is None) == bool(found.mistakes)
    assert all(mistake.line >= 1 and mistake.reason_zh and mistake.reason_en for mistake in found.mistakes)
    if found.document is not None:
        assert planfile.read(planfile.write(found.document)).document == found.document


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=200), st.binary(max_size=200)))
def test_any_text_or_bytes_never_raise(source):
    assert planfile.read(source).mistakes
