"""What was written into the plan's forms, and who signed it."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Record(models.Model):
    """One version of one line of a form; append-only. The newest version of a line is the one that counts.

    A form without rows has the single line 1. `data` holds the items by key: text, a number as text, a date or time
    in ISO form, true for a tick. Row triggers refuse UPDATE and DELETE for every role.
    """

    incident = models.ForeignKey("incident.Incident", models.PROTECT, related_name="records")
    form = models.CharField(max_length=60)  # key of the form in the incident's playbook
    row = models.PositiveIntegerField(default=1)
    version = models.PositiveIntegerField(default=1)
    data = models.JSONField(default=dict)
    happened_at = models.DateTimeField()  # event time, incident clock
    recorded_at = models.DateTimeField()  # wall
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=80)
    duty = models.ForeignKey("incident.Duty", models.PROTECT, null=True, related_name="records")  # opened from it
    key = models.UUIDField(null=True)  # made by the page: a second submit finds the first

    class Meta:
        verbose_name = "记录表"
        verbose_name_plural = "记录表"
        constraints = [
            models.UniqueConstraint(fields=["incident", "form", "row", "version"], name="record_version_once"),
            models.UniqueConstraint(
                fields=["incident", "key"], condition=Q(key__isnull=False), name="record_written_once"
            ),
            models.CheckConstraint(condition=Q(row__gte=1) & Q(version__gte=1), name="record_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.row}.{self.version}"


class Signature(models.Model):
    """One person signed one duty; append-only. `edition` is how often the duty's form had been written by then.

    A later edition leaves earlier signatures behind: they stay on record and count no more.
    """

    duty = models.ForeignKey("incident.Duty", models.PROTECT, related_name="signatures")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    edition = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()  # incident clock
    recorded_at = models.DateTimeField()  # wall

    class Meta:
        verbose_name = "签字"
        verbose_name_plural = "签字"
        constraints = [
            models.UniqueConstraint(fields=["duty", "user", "edition"], name="signature_once_each"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.duty_id}.{self.edition}"
