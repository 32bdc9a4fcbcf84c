"""One line of the append-only timeline."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Entry(models.Model):
    """Numbered without gaps within the incident; carries the hash of the one before.

    Row triggers refuse UPDATE and DELETE for every role. Its words come from the catalogue in the reader's language,
    out of `kind` and `data`.
    """

    incident = models.ForeignKey("incident.Incident", models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()  # event time, incident clock
    recorded_at = models.DateTimeField()  # entry time, wall
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")  # null: system
    actor_name = models.CharField(max_length=80, blank=True)
    data = models.JSONField(default=dict)
    clause = models.CharField(max_length=200, blank=True)
    corrects = models.PositiveIntegerField(null=True)  # number of the entry this one corrects
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = "时间线"
        verbose_name_plural = "时间线"
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="entry_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="entry_numbers_start_at_one"),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.kind}"
