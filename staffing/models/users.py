"""Logins and their rights: who may sign in, and with which role on which site."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staffing.models.places import Site


class User(AbstractUser):
    """One login. Rights come from memberships; `is_superuser` opens every site and the admin."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("跟随系统")
        LIGHT = "light", _("浅色")
        DARK = "dark", _("深色")

    name = models.CharField(_("姓名"), max_length=80, blank=True)
    language = models.CharField(_("语言"), max_length=10, default="zh-hans", choices=settings.LANGUAGES)
    theme = models.CharField(_("主题"), max_length=6, default=Theme.SYSTEM, choices=Theme.choices)
    single_keys = models.BooleanField(_("单键快捷键"), default=True)

    # Rights come from memberships alone: no second set of permissions beside them.
    groups = None  # type: ignore[assignment]
    user_permissions = None  # type: ignore[assignment]

    class Meta:
        verbose_name = _("用户")
        verbose_name_plural = _("用户")

    def __str__(self) -> str:
        return self.name or self.username


class Membership(models.Model):
    """A role of a user on a site."""

    class Role(models.TextChoices):
        VIEWER = "viewer", _("只读")
        SHIFT_LEAD = "shift_lead", _("值班班长")
        SUPERVISOR = "supervisor", _("主管")
        ADMIN = "admin", _("管理员")
        DRILL_DIRECTOR = "drill_director", _("演练导演")

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("用户"))
    site = models.ForeignKey(Site, models.CASCADE, related_name="memberships", verbose_name=_("站点"))
    role = models.CharField(_("角色"), max_length=20, choices=Role.choices)

    class Meta:
        verbose_name = _("成员")
        verbose_name_plural = _("成员")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "site", "role"],
                name="membership_once",
                violation_error_message=_("此用户在该站点已有这个角色。"),
            ),
            models.CheckConstraint(
                condition=Q(role__in=["viewer", "shift_lead", "supervisor", "admin", "drill_director"]),
                name="membership_role_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.site} · {self.get_role_display()}"

    def get_additional_data(self) -> dict[str, int]:
        """For the audit: the site whose administrators may read the entry."""
        return {"site_id": self.site_id}


class LoginAttempt(models.Model):
    """Failed logins of one name from one address, counted until one succeeds; a wait that grows hangs on it."""

    username = models.CharField(max_length=150)
    address = models.CharField(max_length=64)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["username", "address"], name="login_attempt_once")]

    def __str__(self) -> str:
        return f"{self.username} @ {self.address}: {self.failures}"
