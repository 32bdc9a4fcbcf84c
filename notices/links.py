"""Signed links by which a person answers a notice without a login."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core import signing

from notices.models import Notice

LIFETIME = timedelta(days=7)


class LinkError(Exception):
    """The link can't be used. `reason` is "expired" or "forged"; the words for people are in the template."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def path(notice: Notice, rung: int) -> str:
    """The same link for the same notice and rung, however often it is sent; no statement."""
    expires = int((notice.created_at + LIFETIME).timestamp())
    return f"/a/{_signer().sign(f'{notice.pk}-{rung}-{expires}')}/"


def read(token: str, *, now: datetime) -> tuple[int, int]:
    """Notice id and rung of a token. Raises LinkError."""
    try:
        notice_id, rung, expires = (int(part) for part in _signer().unsign(token).split("-"))
    except (signing.BadSignature, ValueError) as error:
        raise LinkError("forged") from error
    if now > datetime.fromtimestamp(expires, UTC):
        raise LinkError("expired")
    return notice_id, rung


def _signer() -> signing.Signer:
    return signing.Signer(key=settings.LINK_KEY, sep=".", salt="notices.acknowledge")
