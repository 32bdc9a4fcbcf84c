"""What level was decided, by which rule and clause, on which facts."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class LevelDecision(models.Model):
    """One decision about the level.

    *proposed*: not in force, waits for a person. *provisional*: in force at once, awaiting confirmation.
    *confirmed*: in force. *rejected*: a person said no, with a reason. *passed*: overtaken by a later decision.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待决定"
        PROVISIONAL = "provisional", "已生效，待确认"
        CONFIRMED = "confirmed", "已确认"
        REJECTED = "rejected", "已否决"
        PASSED = "passed", "已被取代"

    incident = models.ForeignKey("incident.Incident", models.PROTECT, related_name="decisions")
    level = models.CharField(max_length=40)
    rank = models.SmallIntegerField()
    status = models.CharField(max_length=12, choices=Status.choices)
    rule = models.CharField(max_length=60, blank=True)  # key of the rule; empty when a person set the level
    clause_zh = models.CharField(max_length=200, blank=True)
    clause_en = models.CharField(max_length=200, blank=True)
    basis = models.JSONField(default=dict)  # the facts used, what is missing, the notes: frozen for the record
    at = models.DateTimeField()  # incident clock: when it was decided, or turned true
    recorded_at = models.DateTimeField()  # wall
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")  # null: system
    reason = models.CharField(max_length=300, blank=True)
    settled_at = models.DateTimeField(null=True)  # confirmed or rejected by a person, incident clock
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    settled_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = "级别决定"
        verbose_name_plural = "级别决定"
        indexes = [models.Index(fields=["incident", "id"], name="decision_by_incident")]
        constraints = [
            models.UniqueConstraint(
                fields=["incident"], condition=Q(status="proposed"), name="decision_one_proposal_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(made_by__isnull=True) | ~Q(reason=""), name="decision_by_a_person_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(status="rejected") | ~Q(settled_reason=""), name="decision_rejected_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level} ({self.status})"
