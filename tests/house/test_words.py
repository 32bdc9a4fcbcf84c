"""Every word in both languages, every kind in its catalogue, and nobody real in what is shipped."""

import ast
import json
import re
from pathlib import Path

import pytest

from console import words
from incident import catalogue
from notices.catalogue import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = [ROOT / "fixtures" / "demo.yaml", *sorted((ROOT / "fixtures" / "plans").glob("*.yaml"))]


def calls(room, name):
    """Every call of a function of that name in a room, with its arguments."""
    for path in sorted((ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == name:
                yield node


def texts(node):
    """The words that an argument may be, both of a choice of two."""
    if isinstance(node, ast.IfExp):
        return texts(node.body) | texts(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def test_english_is_complete_and_nothing_is_translated_in_vain():
    missing, idle = words.gaps()
    assert missing == {}
    assert idle == set()


def test_no_word_hides_in_an_f_string():
    """Extraction does not look into f-strings: such a word would stay Chinese on every English page."""
    hidden = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in words.CODE
        for path in sorted((ROOT / room).rglob("*.py"))
        for held in ast.walk(ast.parse(path.read_text()))
        if isinstance(held, ast.JoinedStr)
        for node in ast.walk(held)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in words.KEYWORDS
    }
    assert hidden == set()


def test_no_placeholder_is_lost_in_translation():
    pattern = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")
    wrong = {
        text: said
        for text, said in words.known().items()
        if sorted(pattern.findall(text)) != sorted(pattern.findall(said))
    }
    assert wrong == {}


def test_english_holds_no_chinese():
    assert [said for said in words.known().values() if re.search("[一-鿿]", said) and said not in ("中文",)] == []


def test_every_kind_of_entry_has_its_words():
    written = {text for call in calls("incident", "write") for text in texts(call.args[1] if call.args[1:] else None)}
    moved = {text for call in calls("incident", "_moved") for text in texts(call.args[1])}
    assert len(written | moved) > 15
    assert written | moved <= set(catalogue.KINDS)
    assert "level_proposed" in catalogue.KINDS and "level_set" in catalogue.KINDS


def test_every_kind_of_notice_has_its_words():
    called = {text for call in calls("incident", "call") for text in texts(call.args[1] if call.args[1:] else None)}
    again = {text for call in calls("incident", "_tell_again") for text in texts(call.args[1])}
    assert len(called | again) >= 4
    assert called | again <= set(CATALOGUE)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_nobody_real_is_in_what_is_shipped(path):
    said = path.read_text()
    no_phone = re.compile(r"\d{4}-\d\d-\d\d(T[\d:+]+)?|m(in|ax)imum: \d+")
    runs = re.findall(r"\d[\d -]{5,}\d", no_phone.sub("", said))
    assert [number for number in runs if not number.startswith("000-")] == []
    addresses = re.findall(r"[\w.+-]+@[\w.-]+", said)
    assert [address for address in addresses if not address.endswith("example.invalid")] == []
    names = re.findall(r"\bname: *([^,}\n]+)", said)
    assert [name for name in names if not name.strip("\"' ").startswith(("示例", "Sample"))] == []


def test_an_entry_of_every_kind_reads_in_both_languages(report, now, minutes, law):
    """What a real road writes is said in words, never by its key."""
    incident = report("HJ-2", facts={"scope": "all_applications"})
    for entry in incident.entries.order_by("number"):
        said = catalogue.words(entry, law("HJ-2"))
        assert said
        assert entry.kind not in said
        assert json.dumps(entry.data) not in said
