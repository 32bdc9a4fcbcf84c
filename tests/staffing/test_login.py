"""Login: the right password, the wrong one, guessing, and where one lands afterwards."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from staffing import attempts
from staffing.models import LoginAttempt

NOON = datetime(2026, 12, 15, 12, 0, tzinfo=UTC)


def sign_in(client, username="omar", password="omar-demo", **extra):
    return client.post("/login/", {"username": username, "password": password, **extra})


@pytest.fixture
def waited(monkeypatch):
    """Let the given number of seconds pass for the login page."""
    real = timezone.now
    passed = {"seconds": 0}
    monkeypatch.setattr("staffing.views.timezone.now", lambda: real() + timedelta(seconds=passed["seconds"]))

    def wait(seconds: int) -> None:
        passed["seconds"] += seconds

    return wait


def test_page_speaks_the_language_of_the_browser(client, db):
    assert b'lang="zh-CN"' in client.get("/login/").content
    assert b'lang="en"' in client.get("/login/", headers={"Accept-Language": "en-GB"}).content


def test_right_password_leads_to_the_desk(client, omar):
    response = sign_in(client)
    assert (response.status_code, response["Location"]) == (302, "/desk/")
    assert client.session["_auth_user_id"] == str(omar.pk)
    assert response.cookies["django_language"].value == "zh-hans"


def test_wrong_password_and_unknown_name_look_alike(client, omar):
    wrong, unknown = sign_in(client, password="no"), sign_in(client, username="nobody", password="no")
    for response in (wrong, unknown):
        assert response.status_code == 401
        assert "用户名或密码不对。" in response.content.decode()
        assert "_auth_user_id" not in client.session


def test_inactive_account_is_refused_like_a_wrong_password(client, omar):
    omar.is_active = False
    omar.save(update_fields=["is_active"])
    assert sign_in(client).status_code == 401


def test_empty_fields_are_named(client, db):
    response = sign_in(client, username="", password="")
    assert response.status_code == 422
    assert "请填写用户名。" in response.content.decode()
    assert not LoginAttempt.objects.exists()


def test_password_is_never_written_back(client, omar):
    assert b"s3cret-typo" not in sign_in(client, password="s3cret-typo").content


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods(client, db, method):
    assert getattr(client, method)("/login/").status_code == 405


@pytest.mark.parametrize(
    ("wanted", "landed"),
    [
        ("/dashboard/?site=1", "/dashboard/?site=1"),
        ("https://evil.example.invalid/", "/desk/"),
        ("//evil.example.invalid/", "/desk/"),
        ("/\\evil.example.invalid/", "/desk/"),
        ("javascript:alert(1)", "/desk/"),
        ("http://testserver/me/", "http://testserver/me/"),
        ("", "/desk/"),
    ],
)
def test_next_stays_in_the_house(client, omar, wanted, landed):
    assert sign_in(client, next=wanted)["Location"] == landed


def test_signed_in_visitors_pass_through(client, omar):
    client.force_login(omar)
    assert client.get("/login/?next=/me/")["Location"] == "/me/"
    assert client.get("/login/?next=//evil.example.invalid")["Location"] == "/desk/"


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 5), (6, 10), (7, 20), (10, 160), (11, 300), (1000, 300)]
)
def test_wait_grows_and_ends_growing(failures, seconds):
    assert attempts.wait_seconds(failures) == seconds


def test_guessing_is_slowed_down_and_never_locked_out(client, omar, waited):
    for _ in range(5):
        response = sign_in(client, password="no")
        assert response.status_code == 401
    assert "请在 5 秒后再试。" in response.content.decode()
    refused = sign_in(client)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) == 5
    assert "失败次数过多。" in refused.content.decode()
    waited(5)
    assert sign_in(client).status_code == 302
    assert not LoginAttempt.objects.exists()


def test_waiting_tries_do_not_lengthen_the_wait(client, omar, waited):
    for _ in range(5):
        sign_in(client, password="no")
    for _ in range(20):
        assert sign_in(client, password="no").status_code == 429
    waited(5)
    assert sign_in(client, password="no").status_code == 401
    assert sign_in(client, password="no")["Retry-After"] == "10"


def test_others_are_not_slowed_down(client, omar, dana):
    for _ in range(6):
        sign_in(client, password="no")
    assert sign_in(client, username="dana", password="dana-demo").status_code == 302
    client.logout()
    elsewhere = client.post("/login/", {"username": "omar", "password": "omar-demo"}, REMOTE_ADDR="10.0.0.9")
    assert elsewhere.status_code == 302


@pytest.mark.parametrize("disguise", ["OMAR", " omar ", "ｏｍａｒ"])
def test_a_disguised_name_is_the_same_name(db, disguise):
    for _ in range(5):
        attempts.take_turn("omar", "10.0.0.1", NOON)
    assert attempts.take_turn(disguise, "10.0.0.1", NOON).wait_seconds == 5


def test_failures_are_forgotten_after_an_hour(db):
    for _ in range(8):
        attempts.take_turn("omar", "10.0.0.1", NOON - timedelta(hours=2))
    assert attempts.take_turn("omar", "10.0.0.1", NOON).wait_seconds == 0


def test_old_counts_are_swept_away(db):
    attempts.take_turn("long ago", "10.0.0.1", NOON - timedelta(days=3))
    attempts.take_turn("now", "10.0.0.1", NOON)
    assert list(LoginAttempt.objects.values_list("username", flat=True)) == ["now"]


def test_logout_wants_post(client, omar):
    client.force_login(omar)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert "_auth_user_id" not in client.session
    assert client.post("/logout/").status_code == 302
