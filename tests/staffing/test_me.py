"""One's own settings, password, theme and language."""

import pytest

from staffing.models import User

SETTINGS = {"name": "示例班长A", "language": "zh-hans", "theme": "system", "single_keys": "on"}


@pytest.fixture
def mine(as_user, omar):
    return as_user(omar)


@pytest.mark.parametrize("path", ["/me/", "/me/password/"])
def test_strangers_are_sent_to_the_login(client, db, path):
    assert client.get(path)["Location"] == f"/login/?next={path}"


def test_page_shows_own_sites_and_roles(mine):
    page = mine.get("/me/").content.decode()
    assert "示例呼叫中心" in page
    assert "值班班长" in page
    assert "示例城北呼叫中心" not in page


def test_somebody_without_roles_is_told_so(as_user, db):
    page = as_user(User.objects.create_user("new")).get("/me/").content.decode()
    assert "您还没有任何站点的角色" in page


def test_settings_are_kept(mine, omar):
    changed = {"name": "新名字", "language": "en", "theme": "dark"}
    response = mine.post("/me/", changed)
    assert (response.status_code, response["Location"]) == (302, "/me/")
    assert response.cookies["django_language"].value == "en"
    omar.refresh_from_db()
    assert (omar.name, omar.language, omar.theme, omar.single_keys) == ("新名字", "en", "dark", False)
    assert b'<html lang="en"' in mine.get("/me/").content


@pytest.mark.parametrize("wrong", [{"language": "fr"}, {"theme": "pink"}, {"name": "x" * 81}])
def test_wrong_settings_change_nothing(mine, omar, wrong):
    assert mine.post("/me/", SETTINGS | wrong).status_code == 422
    omar.refresh_from_db()
    assert (omar.name, omar.language, omar.theme) == ("示例班长A", "zh-hans", "system")


def test_nobody_promotes_himself(mine, omar):
    mine.post("/me/", SETTINGS | {"is_superuser": "on", "is_staff": "on", "username": "root"})
    omar.refresh_from_db()
    assert (omar.is_superuser, omar.is_staff, omar.username) == (False, False, "omar")


def test_password_changes_and_other_sessions_end(mine, as_user, omar):
    elsewhere = as_user(omar)
    new = "harbour-lantern-42"
    form = {"old_password": "omar-demo", "new_password1": new, "new_password2": new}
    assert mine.post("/me/password/", form)["Location"] == "/me/"
    assert User.objects.get(pk=omar.pk).check_password(new)
    assert mine.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302


@pytest.mark.parametrize(
    "form",
    [
        {"old_password": "wrong", "new_password1": "harbour-lantern-42", "new_password2": "harbour-lantern-42"},
        {"old_password": "omar-demo", "new_password1": "harbour-lantern-42", "new_password2": "other"},
        {"old_password": "omar-demo", "new_password1": "12345678", "new_password2": "12345678"},
        {},
    ],
)
def test_password_stays_when_the_form_is_wrong(mine, omar, form):
    assert mine.post("/me/password/", form).status_code == 422
    assert User.objects.get(pk=omar.pk).check_password("omar-demo")


@pytest.mark.parametrize("theme", ["light", "dark", "system"])
def test_theme_is_kept(mine, omar, theme):
    assert mine.post("/me/theme/", {"theme": theme}).status_code == 204
    omar.refresh_from_db()
    assert omar.theme == theme


def test_theme_refuses_what_is_none(mine, client):
    assert mine.post("/me/theme/", {"theme": "pink"}).status_code == 422
    assert mine.get("/me/theme/").status_code == 405
    assert client.post("/me/theme/", {"theme": "dark"}).status_code == 302


def test_language_before_login_is_a_cookie(client, db):
    response = client.post("/language/", {"language": "en", "next": "/login/?next=/me/"})
    assert (response.status_code, response["Location"]) == (302, "/login/?next=/me/")
    assert b'<html lang="en"' in client.get("/login/").content


def test_language_after_login_is_the_users(mine, omar):
    assert mine.post("/language/", {"language": "en", "next": "//evil.example.invalid"})["Location"] == "/"
    omar.refresh_from_db()
    assert omar.language == "en"


def test_language_of_the_user_beats_cookie_and_browser(mine):
    mine.cookies["django_language"] = "en"
    page = mine.get("/me/", headers={"Accept-Language": "en"})
    assert b'lang="zh-CN"' in page.content
    assert page["Content-Language"] == "zh-hans"


@pytest.mark.parametrize("language", ["", "fr", "zh"])
def test_unknown_language(client, db, language):
    assert client.post("/language/", {"language": language}).status_code == 422
    assert client.get("/language/").status_code == 405
