"""A plan written out and read again is the same plan."""

import shutil
from pathlib import Path

import pytest

from playbooks import planfile, standing

PLANS = sorted((Path(__file__).resolve().parents[2] / "fixtures" / "plans").glob("*.yaml"))


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_a_shipped_plan_survives_writing(path):
    first = planfile.read(path.read_bytes(), file=path.name)
    assert first.mistakes == ()
    written = planfile.write(first.document)
    again = planfile.read(written)
    assert again.mistakes == ()
    assert again.document == first.document
    assert planfile.write(again.document) == written
    assert (written.count("&"), written.count("!!")) == (first.document.text.count("&"), 0)


def test_the_digest_is_that_of_the_text():
    document = planfile.read(PLANS[0].read_text(encoding="utf-8")).document
    changed = planfile.read(document.text + "\n# a remark\n").document
    assert document == changed
    assert document.digest != changed.digest


def test_the_example_of_the_how_to_is_a_sound_plan():
    page = (PLANS[0].parents[2] / "docs" / "howto-add-a-plan.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    found = planfile.read(example)
    assert found.mistakes == ()
    assert planfile.read(planfile.write(found.document)).document == found.document


def test_the_standing_example_of_the_how_to_is_sound(tmp_path):
    page = (PLANS[0].parents[2] / "docs" / "howto-add-a-plan.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n")[2].split("```")[0]
    (tmp_path / "standing").mkdir()
    (tmp_path / "standing" / "XX.yaml").write_text(example, encoding="utf-8")
    shutil.copy(PLANS[0].parents[1] / "features.yaml", tmp_path / "features.yaml")
    assert standing.read(tmp_path).mistakes == ()
