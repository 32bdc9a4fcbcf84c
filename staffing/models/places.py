"""The places: sites with their departments and posts."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Site(models.Model):
    """A place with its own people and plans: a call centre, a service hall, a heating company."""

    key = models.SlugField(_("代号"), max_length=40, unique=True)
    zh = models.CharField(_("名称"), max_length=80)
    en = models.CharField(_("英文名称"), max_length=80)
    place_zh = models.CharField(_("默认地点"), max_length=120, blank=True)
    place_en = models.CharField(_("默认地点（英文）"), max_length=120, blank=True)
    plans = ArrayField(models.CharField(max_length=10), verbose_name=_("启用的预案"), default=list, blank=True)
    opened_at = models.DateTimeField(_("启用时间"), help_text=_("事件不能早于站点启用"))
    duty_phone = models.CharField(_("24 小时值班电话"), max_length=40, blank=True)
    handover_minutes = models.PositiveSmallIntegerField(
        _("交接班时限（分钟）"),
        default=15,
        validators=[MinValueValidator(1), MaxValueValidator(240)],
        help_text=_("接班人未在时限内逐项接手的，转给值班主管"),
    )
    follow_minutes = models.PositiveSmallIntegerField(
        _("确认后多久无动作再提醒（分钟）"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(240)],
        help_text=_("有人确认了通知，但职责一直没有动静；留空不提醒"),
    )

    feed_serial = models.PositiveIntegerField(default=1, editable=False)  # raised to make old calendar links void

    class Meta:
        verbose_name = _("站点")
        verbose_name_plural = _("站点")

    def __str__(self) -> str:
        return self.zh

    def get_additional_data(self) -> dict[str, int]:
        """For the audit: the site whose administrators may read the entry."""
        return {"site_id": self.pk}


class Department(models.Model):
    """A department of a site, with what it answers for in an emergency."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="departments", verbose_name=_("站点"))
    key = models.SlugField(_("代号"), max_length=40)
    zh = models.CharField(_("名称"), max_length=80)
    en = models.CharField(_("英文名称"), max_length=80)
    scope_zh = models.CharField(_("职责范围"), max_length=300, blank=True)
    scope_en = models.CharField(_("职责范围（英文）"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("部门")
        verbose_name_plural = _("部门")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "key"],
                name="department_key_once_per_site",
                violation_error_message=_("本站已有这个代号的部门。"),
            )
        ]

    def __str__(self) -> str:
        return self.zh

    def get_additional_data(self) -> dict[str, int]:
        """For the audit: the site whose administrators may read the entry."""
        return {"site_id": self.site_id}


class Post(models.Model):
    """A position of a plan at a site; plans name it by key, the site may call it by another name."""

    class Kind(models.TextChoices):
        POST = "post", _("岗位")
        GROUP = "group", _("专业组、领导小组")

    site = models.ForeignKey(Site, models.CASCADE, related_name="posts", verbose_name=_("站点"))
    kind = models.CharField(_("类别"), max_length=5, choices=Kind.choices, default=Kind.POST)
    department = models.ForeignKey(
        Department, models.SET_NULL, related_name="posts", null=True, blank=True, verbose_name=_("部门")
    )
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
    next_post = models.CharField(
        _("无人应答时上转"),
        max_length=40,
        blank=True,
        help_text=_("本人和代理都没有应答，或岗位空缺时，转给这个岗位；填岗位代号"),
    )
    hands_over = models.BooleanField(_("须交接班"), default=False, help_text=_("换班时须逐项接手未完成的职责和事件"))

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
