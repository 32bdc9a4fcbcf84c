"""Notices in the admin: seen by whoever manages the site, changed by nobody."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from notices.admin import NoticeAdmin
from notices.models import Notice
from staffing.models import Membership, Site, User
from tests.notices.builders import NOW, by_email, notice

pytestmark = pytest.mark.django_db

Role = Membership.Role


@pytest.fixture
def pages() -> NoticeAdmin:
    return NoticeAdmin(Notice, admin.site)


@pytest.fixture
def here() -> Site:
    return Site.objects.create(key="here", zh="这里", en="Here", opened_at=NOW)


@pytest.fixture
def there() -> Site:
    return Site.objects.create(key="there", zh="那里", en="There", opened_at=NOW)


def asked_by(user: object):
    request = RequestFactory().get("/admin/notices/notice/")
    request.user = user
    return request


def member(name: str, site: Site, role: str) -> User:
    made = User.objects.create(username=name, is_staff=True)
    Membership.objects.create(user=made, site=site, role=role)
    return made


def test_an_admin_sees_the_own_site(pages: NoticeAdmin, here: Site, there: Site) -> None:
    ours = notice("ours", by_email("Dana"), site_id=here.pk)
    theirs = notice("theirs", by_email("Dana"), site_id=there.pk)
    request = asked_by(member("ada", here, Role.ADMIN))
    assert pages.has_module_permission(request)
    assert list(pages.get_queryset(request)) == [ours]
    assert pages.has_view_permission(request, ours)
    assert not pages.has_view_permission(request, theirs)


def test_a_superuser_sees_all(pages: NoticeAdmin, here: Site) -> None:
    notice("a", by_email("Dana"), site_id=here.pk)
    notice("b", by_email("Dana"), site_id=0)
    root = User.objects.create(username="root", is_superuser=True, is_staff=True)
    assert pages.get_queryset(asked_by(root)).count() == 2


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SHIFT_LEAD, Role.SUPERVISOR, Role.DRILL_DIRECTOR])
def test_others_see_nothing(pages: NoticeAdmin, here: Site, role: str) -> None:
    ours = notice("ours", by_email("Dana"), site_id=here.pk)
    request = asked_by(member("omar", here, role))
    assert not pages.has_module_permission(request)
    assert not pages.has_view_permission(request, ours)
    assert not pages.get_queryset(request).exists()
    assert not pages.has_module_permission(asked_by(AnonymousUser()))


def test_nobody_changes_anything(pages: NoticeAdmin, here: Site) -> None:
    root = asked_by(User.objects.create(username="root", is_superuser=True, is_staff=True))
    ours = notice("ours", by_email("Dana"), site_id=here.pk)
    for page in (pages, *pages.get_inline_instances(root, ours)):
        assert not page.has_add_permission(root, ours)
        assert not page.has_change_permission(root, ours)
        assert not page.has_delete_permission(root, ours)


def test_the_page_of_a_notice_opens_without_addresses(here: Site, client) -> None:
    ours = notice("ours", by_email("Dana"), site_id=here.pk)
    client.force_login(User.objects.create(username="root", is_superuser=True, is_staff=True))
    response = client.get(f"/admin/notices/notice/{ours.pk}/change/")
    assert response.status_code == 200
    assert "dana@example.org" not in response.content.decode()
