"""The readings of seats that prove why an incident began and rose; copied, so that they stay with it."""

from django.db import models


class Sample(models.Model):
    """One reading of a queue as it was when it counted. Never changed."""

    incident = models.ForeignKey("incident.Incident", models.PROTECT, related_name="samples")
    queue = models.ForeignKey("staffing.Queue", models.SET_NULL, null=True, related_name="+")
    queue_name = models.CharField(max_length=80)
    at = models.DateTimeField()
    source = models.CharField(max_length=40)
    staffed = models.PositiveIntegerField(null=True)
    busy = models.PositiveIntegerField(null=True)
    paused = models.PositiveIntegerField(null=True)
    waiting = models.PositiveIntegerField(null=True)
    longest_wait = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "queue", "at"], name="sample_once")]

    def __str__(self) -> str:
        return f"{self.queue_name} {self.at}"
