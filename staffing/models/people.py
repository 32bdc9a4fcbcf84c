"""The people who can be told, and how each is reached."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staffing.models.places import Department, Site
from staffing.models.users import User


class Person(models.Model):
    """Somebody who can be told; may have a login."""

    class Reserve(models.TextChoices):
        RESERVE = "reserve", _("候补人员")  # on leave or kept ready; the second wave of a call-out
        FUNCTIONAL = "functional", _("职能人员")  # offices and departments; the last wave

    site = models.ForeignKey(Site, models.CASCADE, related_name="people", verbose_name=_("站点"))
    name = models.CharField(_("姓名"), max_length=80)
    user = models.ForeignKey(
        User, models.SET_NULL, related_name="persons", null=True, blank=True, verbose_name=_("登录账号")
    )
    language = models.CharField(_("语言"), max_length=10, default="zh-hans", choices=settings.LANGUAGES)
    number = models.CharField(_("工号"), max_length=40, blank=True, help_text=_("导入时凭工号认人；没有工号的凭姓名"))
    department = models.ForeignKey(
        Department, models.SET_NULL, related_name="people", null=True, blank=True, verbose_name=_("部门")
    )
    reserve = models.CharField(_("可召集为"), max_length=10, choices=Reserve.choices, blank=True)
    is_active = models.BooleanField(_("在职"), default=True, help_text=_("离职的不再排班、不再通知，历史保留"))
    feed_serial = models.PositiveIntegerField(default=1, editable=False)  # raised to make old calendar links void

    class Meta:
        verbose_name = _("人员")
        verbose_name_plural = _("人员")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "number"],
                condition=~Q(number=""),
                name="person_number_once_per_site",
                violation_error_message=_("本站已有这个工号。"),
            ),
            models.CheckConstraint(condition=Q(reserve__in=["", "reserve", "functional"]), name="person_reserve_known"),
        ]

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
        PHONE = "phone", _("手机")
        OFFICE = "office", _("办公电话")

    person = models.ForeignKey(Person, models.CASCADE, related_name="contacts", verbose_name=_("人员"))
    channel = models.CharField(_("通道"), max_length=20, choices=Channel.choices)
    address = models.CharField(_("地址"), max_length=200, blank=True, help_text=_("邮箱或电话；站内通道留空"))
    order = models.PositiveSmallIntegerField(_("顺序"), default=1)
    from_time = models.TimeField(_("可用时段从"), null=True, blank=True, help_text=_("留空为全天；可以跨午夜"))
    to_time = models.TimeField(_("可用时段到"), null=True, blank=True)

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
            models.CheckConstraint(
                condition=Q(channel__in=["in_app", "email", "phone", "office"]), name="contact_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(from_time__isnull=True, to_time__isnull=True)
                | Q(from_time__isnull=False, to_time__isnull=False),
                name="contact_hours_both_or_none",
                violation_error_message=_("可用时段的起止要么都填，要么都不填。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_channel_display()}"

    def get_additional_data(self) -> dict[str, int]:
        """For the audit: the site whose administrators may read the entry."""
        return {"site_id": self.person.site_id}


class Disclosure(models.Model):
    """A telephone number was shown in full, or contacts left the console: who, what, when. Never changed."""

    class Kind(models.TextChoices):
        REVEAL = "reveal", _("查看号码")
        SHEET = "sheet", _("联系表")
        CARD = "card", _("名片")
        EXPORT = "export", _("导出")
        FEED = "feed", _("日历链接")

    site = models.ForeignKey(Site, models.CASCADE, related_name="disclosures", verbose_name=_("站点"))
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("用户"))
    user_name = models.CharField(_("用户名"), max_length=80)  # stays when the account is gone
    kind = models.CharField(_("类别"), max_length=10, choices=Kind.choices)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+", verbose_name=_("人员"))
    detail = models.CharField(_("说明"), max_length=200, blank=True)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("号码查看与导出")
        verbose_name_plural = _("号码查看与导出")
        indexes = [models.Index(fields=["site", "-at"], name="disclosure_of_site")]

    def __str__(self) -> str:
        return f"{self.user_name} · {self.get_kind_display()}"
