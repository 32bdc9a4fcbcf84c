"""A published version stays as it is: the database refuses, whoever asks and however; drafts stay open."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction

from playbooks import planfile, storing
from playbooks.models import (
    Condition,
    DutyRule,
    Effect,
    Form,
    Level,
    Metric,
    Note,
    Party,
    PlanVersion,
    Playbook,
    PostName,
    Rule,
)
from tests.playbooks.plan_samples import WHOLE

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PARTS = [PostName, Party, Playbook, Metric, Note, Form, Level, Rule, Condition, DutyRule, Effect]

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return storing.draft(planfile.read(WHOLE).document, now=NOW)


@pytest.fixture
def published(draft):
    return storing.publish(draft, by=None, now=NOW)


def run(statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("model", [*PARTS, PlanVersion], ids=lambda model: model.__name__)
def test_rows_of_a_published_version_refuse_update_and_delete(published, model):
    table, column = model._meta.db_table, "note" if model is PlanVersion else "id"
    with pytest.raises(IntegrityError, match="is published"):
        run(f"UPDATE {table} SET {column} = {column}")
    with pytest.raises(IntegrityError, match="is published"):
        run(f"DELETE FROM {table}")
    row = model.objects.first()
    with pytest.raises(IntegrityError, match="is published"), transaction.atomic():
        row.save()
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", PARTS, ids=lambda model: model.__name__)
def test_nothing_is_added_to_a_published_version(published, model):
    row = model.objects.order_by("-id").first()
    row.pk, row._state.adding = None, True
    with pytest.raises(IntegrityError, match="is published"), transaction.atomic():
        row.save()


def test_a_row_can_not_be_moved_out_of_a_published_version(published):
    other = storing.draft(planfile.read(WHOLE).document, now=NOW)
    with pytest.raises(IntegrityError, match="is published"), transaction.atomic():
        Playbook.objects.filter(version=published).update(version=other)
    with pytest.raises(IntegrityError, match="is published"), transaction.atomic():
        Playbook.objects.filter(version=other).update(version=published)


def test_replication_role_is_no_way_around(published):
    with pytest.raises(IntegrityError, match="is published"):
        run("SET LOCAL session_replication_role = replica; UPDATE playbooks_level SET zh = 'x'")


def test_a_published_version_is_not_unpublished(published):
    with pytest.raises(IntegrityError, match="is published"), transaction.atomic():
        PlanVersion.objects.filter(pk=published.pk).update(state="draft", published_at=None)


def test_a_draft_stays_open_until_it_is_published(draft):
    Level.objects.filter(playbook__version=draft).update(note_zh="改")
    Effect.objects.filter(duty__playbook__version=draft).delete()
    draft.delete()
    assert not Playbook.objects.exists()


def test_publishing_twice_is_refused(published):
    with pytest.raises(storing.NotADraft):
        storing.publish(published, by=None, now=NOW)


def test_emptying_the_tables_passes(published):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE playbooks_plan, playbooks_planversion CASCADE")
    assert not PlanVersion.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE playbooks_level SET colour = 'pink'",
        "UPDATE playbooks_level SET rank = 0",
        "UPDATE playbooks_metric SET kind = 'colour'",
        "UPDATE playbooks_dutyrule SET kind = 'wish'",
        "UPDATE playbooks_dutyrule SET minutes = 5, target_minutes = 5",
        "UPDATE playbooks_dutyrule SET minutes = 0, target_minutes = NULL",
        "UPDATE playbooks_dutyrule SET key = 'same'",
        "UPDATE playbooks_dutyrule SET signers = 0",
        "UPDATE playbooks_dutyrule SET signers = 6",
        "UPDATE playbooks_dutyrule SET outside = '{}' WHERE kind = 'call'",
        "UPDATE playbooks_level SET spacing_minutes = 0",
        "UPDATE playbooks_level SET spacing_minutes = 5, starts = 'confirmed'",
        "UPDATE playbooks_metric SET from_report = true",
        "UPDATE playbooks_note SET kind = 'hint'",
        "UPDATE playbooks_form SET outcome = 'what' WHERE NOT rows",
        "UPDATE playbooks_form SET key = 'same'",
        "UPDATE playbooks_party SET key = 'same'",
        "UPDATE playbooks_dutyrule SET gate = 'never'",
        "UPDATE playbooks_effect SET kind = 'shout'",
        "UPDATE playbooks_condition SET op = 'like' WHERE mode = ''",
        "UPDATE playbooks_condition SET mode = 'no' WHERE mode <> ''",
        "UPDATE playbooks_condition SET flag = NULL, number = NULL, keys = '{}' WHERE mode = ''",
        "UPDATE playbooks_condition SET rule_id = NULL, duty_id = NULL",
        "UPDATE playbooks_planversion SET state = 'published'",
        "UPDATE playbooks_planversion SET number = 0",
    ],
)
def test_the_tables_hold_their_own_words(draft, change):
    with pytest.raises(IntegrityError):
        run(change)


def test_whoever_drafted_it_does_not_publish_it():
    drafter, other = (get_user_model().objects.create(username=name) for name in ("ada", "dana"))
    draft = storing.draft(planfile.read(WHOLE).document, now=NOW, by=drafter)
    second = storing.draft(planfile.read(WHOLE).document, now=NOW, by=drafter)
    with pytest.raises(storing.OwnDraft):
        storing.publish(draft, by=drafter, now=NOW)
    with pytest.raises(IntegrityError, match="published_by_another"), transaction.atomic():
        PlanVersion.objects.filter(pk=draft.pk).update(state="published", published_at=NOW, published_by=drafter)
    assert storing.publish(draft, by=other, now=NOW).published_by == other
    assert (second.state, second.number) == ("draft", 2)
