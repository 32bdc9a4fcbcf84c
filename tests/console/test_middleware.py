"""Headers on every answer, chunked bodies, and a database that goes away in mid-request."""

import json

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from psycopg import errors

from console import middleware

STRICT = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self' ws://testserver wss://testserver",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def lost(message: str = "server closed the connection unexpectedly", cause: psycopg.Error | None = None):
    error = OperationalError(message)
    error.__cause__ = cause or psycopg.OperationalError(message)
    return error


def broken(request):
    raise lost()


def refused(request):
    raise lost(cause=errors.DeadlockDetected("deadlock detected"))


def asks_who(request):
    return HttpResponse(str(request.user))


def handler500(request):
    return middleware.server_error(request)


urlpatterns = [path("broken/", broken), path("refused/", refused), path("who/", asks_who)]


def policy(response) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))


@pytest.fixture
def quiet():
    """A browser that shows the page of an error instead of raising it in the test."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("address", ["/login/", "/no/such/page/", "/desk/", "/administration/"])
def test_strict_policy_on_every_page(client, db, address):
    assert policy(client.get(address)) == STRICT


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/"])
def test_admin_gets_what_its_library_needs_and_no_more(client, db, address):
    eased = {"script-src": "'self' 'unsafe-eval'", "style-src": "'self' 'unsafe-inline'"}
    assert policy(client.get(address)) == STRICT | eased


def test_other_headers(client, db):
    response = client.get("/login/")
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]


def test_foreign_host_gets_into_no_header(client, db):
    response = client.get("/login/", headers={"Host": "evil.example.invalid"})
    assert response.status_code == 400
    assert "evil" not in response["Content-Security-Policy"]


@pytest.mark.parametrize("coding", ["chunked", "Chunked", "gzip, chunked", "identity"])
@pytest.mark.parametrize("method", ["post", "put", "get"])
def test_body_without_length_is_refused(client, method, coding):
    response = getattr(client, method)("/login/", headers={"Transfer-Encoding": coding})
    assert response.status_code == 411
    assert "Content-Length" in response.content.decode()
    assert policy(response) == STRICT


def test_refusal_speaks_the_readers_language(client):
    page = client.post("/login/", headers={"Transfer-Encoding": "chunked", "Accept-Language": "en"})
    assert b'<html lang="en"' in page.content


@pytest.mark.urls(__name__)
def test_lost_database_is_one_sentence_in_a_page(quiet, db):
    response = quiet.get("/broken/")
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response["Cache-Control"] == "no-store"
    assert "数据库暂时连接不上" in response.content.decode()
    assert policy(response) == STRICT


@pytest.mark.urls(__name__)
def test_lost_database_in_json_and_in_a_fragment(quiet, db):
    answer = quiet.get("/broken/", headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert "数据库" in json.loads(answer.content)["error"]
    fragment = quiet.post("/broken/", headers={"HX-Request": "true"})
    assert fragment["Content-Type"].startswith("text/plain")
    assert fragment.status_code == 503


@pytest.mark.urls(__name__)
def test_lost_database_before_any_view(quiet, omar, monkeypatch):
    """The session or the user can't be read: no view is reached, the answer is the same."""
    quiet.force_login(omar)

    def gone(*args, **kwargs):
        raise lost()

    monkeypatch.setattr("django.contrib.auth.middleware.auth.get_user", gone)
    assert quiet.get("/who/").status_code == 503


@pytest.mark.urls(__name__)
def test_refused_statements_stay_errors_of_ours(quiet, db):
    assert quiet.get("/refused/").status_code == 500


@pytest.mark.parametrize(
    ("error", "is_gone"),
    [
        (lost(), True),
        (lost(cause=errors.AdminShutdown("terminating connection")), True),
        (lost(cause=errors.CannotConnectNow("the database system is starting up")), True),
        (lost(cause=errors.TooManyConnections("too many clients already")), True),
        (lost(cause=errors.ConnectionFailure("connection failure")), True),
        (lost(cause=errors.DeadlockDetected("deadlock detected")), False),
        (lost(cause=errors.QueryCanceled("statement timeout")), False),
        (InterfaceError("connection already closed"), True),
        (ValueError("no"), False),
        (None, False),
    ],
)
def test_what_counts_as_lost(error, is_gone):
    assert middleware.is_database_gone(error) is is_gone


def test_a_real_connection_cut_by_the_server(transactional_db):
    """PostgreSQL ends the connection under our feet: recognised, and the next request works."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
    with pytest.raises(OperationalError) as caught, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert middleware.is_database_gone(caught.value)
    connection.close()
    assert Client().get("/login/").status_code == 200


def test_the_page_asks_neither_user_nor_database(django_assert_num_queries, db):
    request = RequestFactory().get("/desk/")
    with django_assert_num_queries(0):
        assert middleware.unavailable(request).status_code == 503
