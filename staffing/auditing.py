"""What the audit records: every change of who may do what, of posts, and of how people are reached."""

from auditlog.registry import auditlog
from django.db.models import Model

from staffing.models import (
    Absence,
    Contact,
    Edition,
    Holder,
    Membership,
    Person,
    Post,
    Rotation,
    Shift,
    Site,
    Swap,
    User,
)  # fmt: skip

USER_FIELDS = ("username", "password", "name", "language", "is_active", "is_staff", "is_superuser", "email")


def register() -> None:
    """Have every change of these models recorded with old and new value; secrets and addresses are masked."""
    auditlog.register(
        User, include_fields=list(USER_FIELDS), mask_fields=["password"], mask_callable="staffing.masks.secret"
    )
    auditlog.register(
        Contact, include_fields=_own(Contact), mask_fields=["address"], mask_callable="staffing.masks.contact"
    )
    for model in (Site, Membership, Post, Person, Holder, Shift, Absence, Swap, Rotation, Edition):
        auditlog.register(model, include_fields=_own(model))


def _own(model: type[Model]) -> list[str]:
    """Return the fields of the row itself: the library would read every list that points at it as well."""
    return [field.name for field in model._meta.concrete_fields]
