"""What is written beside the code stays true to it: migrations, the state diagram, the names in README."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command

from incident.management.commands.state_diagram import diagram

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.django_db
def test_models_and_migrations_agree(capsys):
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_the_picture_of_the_road_is_the_machine_itself():
    assert diagram() in (ROOT / "docs" / "algorithm-settle.md").read_text()


def links() -> list[tuple[str, str]]:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [(str(page.relative_to(ROOT)), target) for page in pages for target in _targets(page)]


def _targets(page: Path) -> list[str]:
    return [target for target in re.findall(r"\]\(([^)#]+)", page.read_text()) if "://" not in target]


@pytest.mark.parametrize(("page", "target"), links())
def test_links_lead_somewhere(page, target):
    assert (ROOT / page).parent.joinpath(target).exists()


def test_files_named_in_how_tos_exist():
    named = re.compile(r"`((?:console|playbooks|staffing|notices|incident|fixtures|tests|docs|bench)/[\w./-]+\.\w+)`")
    missing = [
        (page.name, path)
        for page in (ROOT / "docs").glob("*.md")
        for path in named.findall(page.read_text())
        if not (ROOT / path).exists() and "NAME" not in path and "PLAN" not in path and "KEY" not in path
    ]
    assert missing == []
