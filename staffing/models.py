"""Who is there: users and their rights, sites, posts, people, their contacts, and who holds a post when."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


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


class Site(models.Model):
    """A place with its own people and plans: a call centre, a service hall, a heating company."""

    key = models.SlugField(_("代号"), max_length=40, unique=True)
    zh = models.CharField(_("名称"), max_length=80)
    en = models.CharField(_("英文名称"), max_length=80)
    place_zh = models.CharField(_("默认地点"), max_length=120, blank=True)
    place_en = models.CharField(_("默认地点（英文）"), max_length=120, blank=True)
    plans = ArrayField(models.CharField(max_length=10), verbose_name=_("启用的预案"), default=list, blank=True)
    opened_at = models.DateTimeField(_("启用时间"), help_text=_("事件不能早于站点启用"))

    class Meta:
        verbose_name = _("站点")
        verbose_name_plural = _("站点")

    def __str__(self) -> str:
        return self.zh

    def get_additional_data(self) -> dict[str, int]:
        """For the audit: the site whose administrators may read the entry."""
        return {"site_id": self.pk}


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


class Post(models.Model):
    """A position of a plan at a site; plans name it by key, the site may call it by another name."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="posts", verbose_name=_("站点"))
    key = models.SlugField(_("代号"), max_length=40)
    zh = models.CharField(_("名称"), max_length=80)
    en = models.CharField(_("英文名称"), max_length=80)
    aliases = ArrayField(models.CharField(max_length=80), verbose_name=_("别名"), default=list, blank=True)
    stands_for = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("由下列岗位担任"),
        default=list,
        blank=True,
        help_text=_("合称岗位，如中心领导 = 中心经理 + 中心主管；填岗位代号"),
    )

    class Meta:
        verbose_name = _("岗位")
        verbose_name_plural = _("岗位")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "key"],
                name="post_key_once_per_site",
                violation_error_message=_("本站已有这个代号的岗位。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.zh}（{self.site}）"

    def get_additional_data(self) -> dict[str, int]:
        """For the audit: the site whose administrators may read the entry."""
        return {"site_id": self.site_id}


class Person(models.Model):
    """Somebody who can be told; may have a login."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="people", verbose_name=_("站点"))
    name = models.CharField(_("姓名"), max_length=80)
    user = models.ForeignKey(
        User, models.SET_NULL, related_name="persons", null=True, blank=True, verbose_name=_("登录账号")
    )
    language = models.CharField(_("语言"), max_length=10, default="zh-hans", choices=settings.LANGUAGES)

    class Meta:
        verbose_name = _("人员")
        verbose_name_plural = _("人员")

    def __str__(self) -> str:
        return self.name

    def get_additional_data(self) -> dict[str, int]:
        """For the audit: the site whose administrators may read the entry."""
        return {"site_id": self.site_id}


class Contact(models.Model):
    """One way to reach a person; tried in `order`."""

    class Channel(models.TextChoices):
        IN_APP = "in_app", _("站内")
        EMAIL = "email", _("邮件")
        PHONE = "phone", _("电话")

    person = models.ForeignKey(Person, models.CASCADE, related_name="contacts", verbose_name=_("人员"))
    channel = models.CharField(_("通道"), max_length=20, choices=Channel.choices)
    address = models.CharField(_("地址"), max_length=200, blank=True, help_text=_("邮箱或电话；站内通道留空"))
    order = models.PositiveSmallIntegerField(_("顺序"), default=1)

    class Meta:
        verbose_name = _("联系方式")
        verbose_name_plural = _("联系方式")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "channel", "address"],
                name="contact_once",
                violation_error_message=_("同一联系方式只填一次。"),
            ),
            models.CheckConstraint(
                condition=Q(channel="in_app") | ~Q(address=""),
                name="contact_has_address",
                violation_error_message=_("请填写地址。"),
            ),
            models.CheckConstraint(condition=Q(channel__in=["in_app", "email", "phone"]), name="contact_channel_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_channel_display()}"

    def get_additional_data(self) -> dict[str, int]:
        """For the audit: the site whose administrators may read the entry."""
        return {"site_id": self.person.site_id}


class Holder(models.Model):
    """Who holds a post from `starts_at` until before `ends_at` (open-ended when empty); rank 0 first, then deputies."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="holders", verbose_name=_("岗位"))
    person = models.ForeignKey(Person, models.CASCADE, related_name="held", verbose_name=_("人员"))
    rank = models.PositiveSmallIntegerField(_("次序"), default=0, help_text=_("0 为本人，1 起为代理"))
    starts_at = models.DateTimeField(_("开始时间"), default=timezone.now)
    ends_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="holder_ends_after_start"
            ),
            ExclusionConstraint(
                name="holder_not_twice_at_once",
                violation_error_message=_("此人在这段时间已担任该岗位。"),
                expressions=[
                    ("post", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_at"),
                            F("ends_at"),
                            RangeBoundary(),
                            function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post} ← {self.person}"

    def get_additional_data(self) -> dict[str, int]:
        """For the audit: the site whose administrators may read the entry."""
        return {"site_id": self.post.site_id}


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
