"""What only the duty room keeps: tests of contacts, and files that wait to be imported."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ContactCheck(models.Model):
    """Somebody was asked to confirm one way of reaching them, before `due_at`.

    A machine channel is confirmed by answering the notice; a telephone by whoever dialled it. All on the wall clock.
    """

    class Result(models.TextChoices):
        ANSWERED = "answered", "应答"
        MISSED = "missed", "无应答"

    contact = models.ForeignKey("staffing.Contact", models.CASCADE, related_name="checks")
    notice = models.OneToOneField("notices.Notice", models.PROTECT, null=True, related_name="contact_check")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    result = models.CharField(max_length=8, choices=Result.choices, blank=True)  # by hand, for a telephone
    result_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = "联系测试"
        verbose_name_plural = "联系测试"
        indexes = [models.Index(fields=["contact", "-asked_at"], name="check_of_contact")]
        constraints = [
            models.CheckConstraint(
                condition=Q(result="", result_at__isnull=True) | (~Q(result="") & Q(result_at__isnull=False)),
                name="contact_check_result_has_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.asked_at}"


class Upload(models.Model):
    """A file between its preview and its import; kept for an hour, taken away as soon as it is used."""

    class Kind(models.TextChoices):
        PEOPLE = "people", _("人员")
        CONTACTS = "contacts", _("联系方式")
        SHIFTS = "shifts", _("班次表")

    site = models.ForeignKey("staffing.Site", models.CASCADE, related_name="uploads")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="uploads")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=120)
    source = models.BinaryField()
    at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = "待导入的文件"
        verbose_name_plural = "待导入的文件"
        constraints = [models.UniqueConstraint(fields=["site", "owner", "kind"], name="upload_once")]

    def __str__(self) -> str:
        return self.name
