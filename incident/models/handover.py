"""The handover of a shift: every open incident and duty is taken by name, or goes to the supervisor."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Handover(models.Model):
    """One change of shift of a post that hands over. All times are on the wall clock.

    `due_at` is armed while something is not taken: the sweep passes it on to the supervisor then.
    """

    site = models.ForeignKey("staffing.Site", models.PROTECT, related_name="handovers")
    post = models.CharField(max_length=40)
    shift_at = models.DateTimeField()  # the change of shift it belongs to
    from_name = models.CharField(max_length=80, blank=True)
    from_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    to_name = models.CharField(max_length=80, blank=True)
    to_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField()
    window_ends_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    signed_from_at = models.DateTimeField(null=True)
    signed_to_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True, max_length=2000)  # equipment, keys, instructions: what the outgoing lead says
    record = models.JSONField(default=dict)  # frozen when it opens: incidents, next deadlines, announcements in force

    class Meta:
        verbose_name = "交接班"
        verbose_name_plural = "交接班"
        indexes = [models.Index(fields=["due_at"], name="handover_due", condition=Q(due_at__isnull=False))]
        constraints = [models.UniqueConstraint(fields=["site", "post", "shift_at"], name="handover_once")]

    def __str__(self) -> str:
        return f"{self.site_id} {self.post} {self.shift_at}"


class HandoverItem(models.Model):
    """One incident or duty to be taken over: `taken` by the incoming lead, or `passed` to the supervisor."""

    class State(models.TextChoices):
        OPEN = "open", "待接"
        TAKEN = "taken", "已接"
        PASSED = "passed", "已转主管"
        GONE = "gone", "已完成"  # done, closed or cancelled meanwhile

    handover = models.ForeignKey(Handover, models.PROTECT, related_name="items")
    incident = models.ForeignKey("incident.Incident", models.PROTECT, related_name="+")
    duty = models.ForeignKey("incident.Duty", models.PROTECT, null=True, related_name="+")  # empty: the incident itself
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    at = models.DateTimeField(null=True)  # when it was taken or passed on
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = "交接事项"
        verbose_name_plural = "交接事项"
        constraints = [
            models.UniqueConstraint(
                fields=["handover", "incident", "duty"], name="handover_item_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(state="open", at__isnull=True) | (~Q(state="open") & Q(at__isnull=False)),
                name="handover_item_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handover_id} · {self.state}"
