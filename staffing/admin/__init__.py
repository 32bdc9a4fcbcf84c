"""The admin of staffing: who may do what, who holds which post, how people are reached, and who changed it."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from staffing import views
from staffing.admin import audit, disclosures, places, rosters, seats, users

__all__ = ["audit", "disclosures", "places", "rosters", "seats", "users"]

admin.site.unregister(Group)  # rights come from memberships alone

admin.site.index_title = _("管理")

# One door for everybody: the admin has no login, logout or password page of its own.
admin.site.login = views.admin_login  # type: ignore[method-assign]
admin.site.logout = views.logout  # type: ignore[assignment]
admin.site.password_change = views.me_password  # type: ignore[assignment]
