"""What only the duty room keeps: tests of contacts."""

from django.conf import settings
from django.db import models
from django.db.models import Q


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
