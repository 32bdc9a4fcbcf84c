"""A browser's part of a request: one kept connection, a session, and the time an answer took."""

import http.client
import time
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from staffing.models import User

TOKEN = "t" * 32


class Browser:
    """Logged in as one user; every request says how many milliseconds its answer took."""

    def __init__(self, port: int, username: str) -> None:
        user = User.objects.get(username=username)
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        self.headers = {"Cookie": f"sessionid={session.session_key}; csrftoken={TOKEN}"}
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def get(self, path: str, *, status: int = 200) -> float:
        return self._ask("GET", path, None, self.headers, status)

    def post(self, path: str, fields: dict[str, object], *, status: int = 303) -> float:
        body = urlencode(fields | {"csrfmiddlewaretoken": TOKEN})
        headers = self.headers | {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, body, headers, status)

    def rest(self) -> None:
        """Close the connection; the next request opens another."""
        self.link.close()

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str], status: int) -> float:
        begun = time.perf_counter()
        self.link.request(method, path, body, headers)
        answer = self.link.getresponse()
        said = answer.read()
        took = (time.perf_counter() - begun) * 1000
        if answer.status != status:
            raise RuntimeError(f"{method} {path}: {answer.status} instead of {status}\n{said[:500]!r}")
        return took
