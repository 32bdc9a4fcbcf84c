"""`load_plans`: published once, drafted when the text is new, and nothing written when anything is wrong."""

import shutil
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from playbooks.models import PlanVersion, Playbook

SHIPPED = Path(__file__).resolve().parents[2] / "fixtures" / "plans"


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(SHIPPED, tmp_path / "plans")
    return tmp_path / "plans"


def load(folder, **options):
    out, err = StringIO(), StringIO()
    call_command("load_plans", dir=folder, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def versions():
    return sorted(PlanVersion.objects.values_list("plan__key", "number", "state"))


@pytest.mark.django_db
def test_the_first_load_publishes_and_the_second_changes_nothing(folder):
    load(folder)
    first = versions()
    assert ("HJ", 1, "published") in first
    out, _ = load(folder)
    assert versions() == first
    assert out.count("unchanged") == len(first)
    assert PlanVersion.objects.get(plan__key="HJ").published_by is None


@pytest.mark.django_db
def test_all_plans_are_read_checked_and_stored_within_five_seconds(folder):
    begun = time.process_time()
    load(folder)
    assert time.process_time() - begun < 5


@pytest.mark.django_db
def test_the_text_of_a_plan_is_kept_byte_for_byte(folder):
    load(folder)
    for path in folder.glob("*.yaml"):
        assert PlanVersion.objects.get(plan__key=path.stem).source_text.encode() == path.read_bytes()


@pytest.mark.django_db
def test_a_changed_file_becomes_a_draft_once(folder):
    load(folder)
    path = folder / "HJ.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# revised\n", encoding="utf-8")
    out, _ = load(folder)
    assert "HJ v2: " in out
    assert "new draft" in out
    load(folder)
    assert [version for version in versions() if version[0] == "HJ"] == [("HJ", 1, "published"), ("HJ", 2, "draft")]


@pytest.mark.django_db
def test_a_mistake_in_one_file_leaves_the_database_alone(folder):
    path = folder / "KF.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("colour: orange", "colour: pink"), encoding="utf-8")
    err = StringIO()
    with pytest.raises(CommandError) as stopped:
        call_command("load_plans", dir=folder, stderr=err)
    assert stopped.value.returncode == 2
    assert f"{path}:" in err.getvalue()
    assert "pink" in err.getvalue()
    assert not Playbook.objects.exists()


def test_two_files_may_not_define_the_same_playbook(folder):
    shutil.copy(folder / "HJ.yaml", folder / "HJ2.yaml")
    err = StringIO()
    with pytest.raises(CommandError):
        call_command("load_plans", dir=folder, check=True, stderr=err)
    assert "HJ-2 is already defined" in err.getvalue()


def test_checking_needs_no_database(folder):
    out, err = load(folder, check=True)
    assert "plans without a mistake" in out
    assert err == ""


def test_a_missing_folder_is_said(tmp_path):
    with pytest.raises(CommandError) as stopped:
        call_command("load_plans", dir=tmp_path / "nowhere")
    assert stopped.value.returncode == 2
