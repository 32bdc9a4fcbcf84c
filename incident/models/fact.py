"""A typed observation on an incident; the newest per metric is current."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Fact(models.Model):
    """Append-only. `value` empty and no `since` means: asked, and not known."""

    incident = models.ForeignKey("incident.Incident", models.PROTECT, related_name="facts")
    metric = models.CharField(max_length=60)
    value = models.JSONField(null=True)  # bool, number, text; decimals travel as text
    since = models.DateTimeField(null=True)  # a stopwatch runs from here; another value has held from here
    expected = models.BooleanField(default=False)  # a forecast, not an observation
    source = models.CharField(max_length=40, default="person")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()  # observed, incident clock
    heard_at = models.DateTimeField(null=True)  # the source has gone silent; it was last heard then, incident clock
    recorded_at = models.DateTimeField()  # wall
    reason = models.CharField(max_length=200, blank=True)  # why it was corrected

    class Meta:
        verbose_name = "情况"
        verbose_name_plural = "情况"
        indexes = [models.Index(fields=["incident", "metric", "-id"], name="fact_newest")]
        constraints = [models.CheckConstraint(condition=~Q(metric=""), name="fact_has_metric")]

    def __str__(self) -> str:
        return f"{self.metric}={self.value}"
