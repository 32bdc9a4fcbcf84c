"""What the audit records: every change of who may do what, of posts, and of how people are reached."""

from auditlog.registry import auditlog
from django.db.models import Model

from staffing.models import (
    Absence,
    Contact,
    Day,
    Department,
    Edition,
    FeedToken,
    Holder,
    Membership,
    Need,
    Person,
    Post,
    Queue,
    Rotation,
    Shift,
    ShiftKind,
    Site,
    Swap,
    User,
)  # fmt: skip

USER_FIELDS = ("username", "password", "name", "language", "is_active", "is_staff", "is_superuser", "email")
AUDITED: tuple[type[Model], ...] = (
    Site, Membership, Department, Post, Person, Holder, ShiftKind, Need, Shift, Absence, Swap, Rotation, Edition, Day,
)  # fmt: skip


def register() -> None:
    """Have every change of these models recorded with old and new value; secrets and addresses are masked."""
    auditlog.register(
        User, include_fields=list(USER_FIELDS), mask_fields=["password"], mask_callable="staffing.masks.secret"
    )
    auditlog.register(
        Contact, include_fields=_own(Contact), mask_fields=["address"], mask_callable="staffing.masks.contact"
    )
    auditlog.register(FeedToken, include_fields=["id", "site", "name", "made_at", "revoked_at"])  # never its digest
    auditlog.register(Queue, include_fields=_edited(Queue))  # what the readings say of it changes every second
    for model in AUDITED:
        auditlog.register(model, include_fields=_own(model))


def _own(model: type[Model]) -> list[str]:
    """Return the fields of the row itself: the library would read every list that points at it as well."""
    return [field.name for field in model._meta.concrete_fields]


def _edited(model: type[Model]) -> list[str]:
    """Return those of them that people fill in."""
    return [field.name for field in model._meta.concrete_fields if field.editable or field.primary_key]
