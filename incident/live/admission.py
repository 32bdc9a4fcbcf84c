"""Who may hold which page open, asked of the database: at the door, and again when rights change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.http import Http404
from django.utils import translation

from incident import pages
from incident.live import topics
from incident.refusals import Refusal
from staffing import rights
from staffing.models import User

OUTSIDER, REFUSED, TOO_MUCH = 4404, 4403, 4429


class NotAdmitted(Exception):
    """The page is not for this user; `code` is the one the socket closes with."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Admission:
    """A page opened: its audience, what moves it, how far it has come, and the rights it was opened with."""

    audience: pages.Audience
    heads: dict[str, int]  # of the page's topics and of the user's own
    now: datetime
    rights: object


@dataclass(frozen=True, slots=True)
class Standing:
    """How users and their sessions stand now; whoever is missing has no right to anything."""

    passwords: dict[int, str]
    rights: dict[int, object]
    sessions: frozenset[str]


def admit(user_id: int, page: str, number: str) -> Admission:
    """Open a page for a user as the database knows them now. Raises NotAdmitted."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NotAdmitted(REFUSED)
    try:
        with translation.override(user.language):
            audience = pages.audience_for(user, page, number or None)
    except Http404:
        raise NotAdmitted(OUTSIDER) from None
    except Refusal:
        raise NotAdmitted(REFUSED) from None
    now, heads = topics.heads_at([*pages.topics(audience), topics.user(user_id)])
    return Admission(audience, heads, now, _compared(user.language, rights.roles_of(user)))


def standing(user_ids: Iterable[int], session_keys: Iterable[str], now: datetime) -> Standing:
    """Look at all of them together: four queries, however many they are."""
    rows = User.objects.filter(pk__in=list(user_ids), is_active=True).values_list("pk", "password", "language")
    found = {user_id: (password, language) for user_id, password, language in rows}
    roles = rights.roles(found)
    sessions = Session.objects.filter(session_key__in=list(session_keys), expire_date__gt=now)
    return Standing(
        passwords={user_id: password for user_id, (password, _) in found.items()},
        rights={user_id: _compared(language, roles.get(user_id, {})) for user_id, (_, language) in found.items()},
        sessions=frozenset(sessions.values_list("session_key", flat=True)),
    )


def _compared(language: str, roles: dict[int, frozenset[str]]) -> Any:
    return language, roles
