"""Plans in the admin: every row of drafts and of published versions is shown, and nobody changes any."""

from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import RequestFactory
from django.urls import reverse

from playbooks import models, planfile, storing
from tests.playbooks.plan_samples import WHOLE

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PAGES = [model for model in admin.site._registry if model._meta.app_label == "playbooks"]

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["draft", "published"])
def version(request):
    drafted = storing.draft(planfile.read(WHOLE).document, now=NOW)
    return storing.publish(drafted, by=None, now=NOW) if request.param == "published" else drafted


@pytest.fixture
def root(client):
    client.force_login(get_user_model().objects.create(username="root", is_superuser=True, is_staff=True))
    return client


def page(row):
    return reverse(f"admin:playbooks_{row._meta.model_name}_change", args=[row.pk])


def test_every_table_with_a_page_shows_its_rows(root, version):
    for model in PAGES:
        assert root.get(reverse(f"admin:playbooks_{model._meta.model_name}_changelist")).status_code == 200
        assert root.get(page(model.objects.order_by("pk").last())).status_code == 200
    shown = root.get(page(version)).content.decode()
    assert "消防救援 119" in shown
    assert page(version.playbooks.get(key="TW-1")) in shown
    assert "移交表" in root.get(page(version.playbooks.get(key="TW-1"))).content.decode()


def test_nothing_is_changed_added_or_deleted(root, version):
    for model in PAGES:
        row = model.objects.order_by("pk").last()
        name = model._meta.model_name
        assert root.post(page(row), {"zh": "改"}).status_code == 403
        assert root.post(reverse(f"admin:playbooks_{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
        assert root.get(reverse(f"admin:playbooks_{name}_add")).status_code == 403
        assert model.objects.filter(pk=row.pk).exists()
    assert not models.Playbook.objects.filter(zh="改").exists()


def test_inlines_refuse_as_well(version):
    request = RequestFactory().get("/admin/")
    request.user = get_user_model()(username="root", is_superuser=True, is_staff=True, is_active=True)
    for model in PAGES:
        shown = admin.site._registry[model]
        for part in shown.get_inline_instances(request):
            assert part.has_view_permission(request)
            assert not part.has_change_permission(request)
            assert not part.has_add_permission(request)
            assert not part.has_delete_permission(request)


def test_who_manages_no_plans_sees_none(client, version):
    client.force_login(get_user_model().objects.create(username="omar", is_staff=True))
    for model in PAGES:
        assert client.get(page(model.objects.first())).status_code == 403
