"""Giving roles: a membership, and the door of the admin that follows from it."""

from staffing.models import Membership, Site, User


def grant(user: User, site: Site, role: str) -> None:
    """Give the role once; a second time changes nothing."""
    Membership.objects.get_or_create(user=user, site=site, role=role)
    align_admin_door(user)


def align_admin_door(user: User) -> None:
    """Let into the admin exactly superusers and who is an administrator of some site."""
    is_staff = user.is_superuser or user.memberships.filter(role=Membership.Role.ADMIN).exists()
    if user.is_staff != is_staff:
        user.is_staff = is_staff
        user.save(update_fields=["is_staff"])
