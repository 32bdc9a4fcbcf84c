"""Every row of the written plans has a home of its own kind, and the page says so."""

from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from playbooks import shipped, standing, traceability
from playbooks.management.commands import traceability as command
from playbooks.traceability import Element, Row

ROOT = Path(__file__).resolve().parents[2]
ROWS = traceability.rows(yaml.safe_load((ROOT / "fixtures" / "requirements.yaml").read_text("utf-8"))["rows"])


@pytest.fixture(scope="module")
def homes():
    documents, mistakes = shipped.read_folder(ROOT / "fixtures" / "plans")
    shelf = standing.shipped()
    assert (mistakes, shelf.mistakes) == ([], ())
    return traceability.homes(documents, shelf)


def test_all_394_rows_are_listed_once():
    assert len(ROWS) == len({row.id for row in ROWS}) == 394
    assert {row.id.partition("-")[0] for row in ROWS} == {"KF", "HJ", "RL", "AQ", "FW", "GR"}
    assert {row.id for row in ROWS if row.kind == "DDL"} == {row.id for row in ROWS if row.minutes}


@pytest.mark.parametrize("plan", ["KF", "HJ", "RL", "AQ", "FW", "GR"])
def test_every_row_has_a_home_of_its_kind(homes, plan):
    homeless = {
        row.id: [element.place for element in homes.get(row.id, [])]
        for row in ROWS
        if row.id.startswith(f"{plan}-")
        and not any(traceability.fits(row, element) for element in homes.get(row.id, []))
    }
    assert homeless == {}


def test_no_element_names_a_row_that_is_not_there(homes):
    assert set(homes) <= {row.id for row in ROWS}


def test_the_page_is_what_the_files_give():
    text, homeless = command.built()
    assert (ROOT / "docs" / "traceability.md").read_text("utf-8") == text
    assert homeless == []


def test_the_tests_and_screens_it_names_are_there(homes):
    named = {element.test or traceability.SHOWN[element.shape][1] for found in homes.values() for element in found}
    missing = [name for name in named if name.startswith("tests/") and not (ROOT / name).exists()]
    assert missing == []


@pytest.mark.parametrize(
    ("row", "element", "fits"),
    [
        (Row("X-1", "DDL", Decimal(5)), Element("duty", "", minutes=Decimal(5)), True),
        (Row("X-1", "DDL", Decimal(5)), Element("duty", "", minutes=Decimal(6)), False),
        (Row("X-1", "DDL", Decimal(5)), Element("duty", ""), False),
        (Row("X-1", "TRG"), Element("rule", ""), True),
        (Row("X-1", "TRG"), Element("duty", "", kind="task"), False),
        (Row("X-1", "NTF"), Element("duty", "", kind="call"), True),
        (Row("X-1", "NTF"), Element("duty", "", kind="task"), False),
        (Row("X-1", "PRH"), Element("duty", "", kind="prohibition"), True),
        (Row("X-1", "PRH"), Element("note", ""), False),
        (Row("X-1", "END"), Element("duty", "", kind="decision", gate=True), True),
        (Row("X-1", "END"), Element("duty", "", kind="decision"), False),
        (Row("X-1", "RPT"), Element("item", ""), True),
        (Row("X-1", "RPT"), Element("note", ""), False),
        (Row("X-1", "PRE"), Element("standing", ""), True),
        (Row("X-1", "PRE"), Element("duty", "", kind="task"), False),
        (Row("AQ-1", "REC"), Element("standing", ""), True),
        (Row("AQ-1", "REC"), Element("duty", "", kind="record"), False),
    ],
)
def test_kind_is_held_against_element(row, element, fits):
    assert traceability.fits(row, element) is fits
