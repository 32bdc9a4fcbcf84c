"""Tokens of machines that push readings: shown once when made, kept as a digest, found by it, and revoked."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Q

from staffing.models import FeedToken, Site

if TYPE_CHECKING:
    from staffing.models import User

PREFIX: Final = "seats_"
NOTED_EVERY: Final = timedelta(minutes=1)  # a busy feed is not written down with every batch
LONGEST: Final = 200


def make(site: Site, name: str, user: "User | None", now: datetime) -> tuple[FeedToken, str]:
    """A new token of the site and its secret, which nobody can read again."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = FeedToken.objects.create(
        site=site, name=name.strip()[:80] or site.key, digest=digest(secret), made_by=user, made_at=now
    )
    return token, secret


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find(secret: str) -> FeedToken | None:
    """The token of that secret, unless it was revoked or never made. One query, by the digest alone."""
    if not secret.startswith(PREFIX) or len(secret) > LONGEST:
        return None
    asked = digest(secret)
    token = FeedToken.objects.filter(digest=asked, revoked_at=None).select_related("site").first()
    return token if token is not None and hmac.compare_digest(token.digest, asked) else None


def used(token: FeedToken, now: datetime) -> None:
    """Note that a machine used it, once a minute at most."""
    if token.used_at is not None and now - token.used_at < NOTED_EVERY:
        return
    stale = Q(used_at=None) | Q(used_at__lte=now - NOTED_EVERY)
    FeedToken.objects.filter(stale, pk=token.pk).update(used_at=now)


def revoke(token: FeedToken, now: datetime) -> None:
    """From now on it opens nothing; who revoked it is in the audit."""
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
