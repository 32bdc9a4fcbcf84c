"""Something a post must do, with its clock."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Duty(models.Model):
    """A duty opened by a rule of the plan.

    `plan_due_at` is on the incident's own clock, `due_at` the same moment on the wall clock (what the sweep looks at;
    empty once the duty is late, done or waived). Both are empty for a stopwatch. `late_at` is set once and never
    cleared: it says the deadline passed with the duty open.
    """

    class State(models.TextChoices):
        OPEN = "open", "未完成"
        DONE = "done", "已完成"
        WAIVED = "waived", "不再需要"

    class DueKind(models.TextChoices):
        PLAN = "plan", "预案时限"
        TARGET = "target", "内部目标"
        NONE = "none", "无时限"

    incident = models.ForeignKey("incident.Incident", models.PROTECT, related_name="duties")
    rule = models.CharField(max_length=60)  # key of the duty rule in the incident's playbook
    kind = models.CharField(max_length=20)
    post = models.CharField(max_length=40)
    holder = models.CharField(max_length=80, blank=True)  # who held the post when it opened, as shown
    holder_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    order = models.PositiveSmallIntegerField(default=0)
    gate = models.CharField(max_length=10, blank=True)
    life_safety = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    anchor_at = models.DateTimeField()  # the moment its minutes count from
    due_kind = models.CharField(max_length=6, choices=DueKind.choices, default=DueKind.NONE)
    plan_due_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    late_at = models.DateTimeField(null=True)
    follow_at = models.DateTimeField(null=True)  # wall: somebody confirmed, and by then something should have followed
    past_when_recorded = models.BooleanField(default=False)
    done_at = models.DateTimeField(null=True)  # incident clock; also when waived
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    done_name = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=500, blank=True)  # what was done, or why it was waived
    choice = models.CharField(max_length=40, blank=True)  # the outcome of a decision
    told = models.ManyToManyField("notices.Notice", related_name="+")  # the notices this duty sent

    class Meta:
        verbose_name = "职责"
        verbose_name_plural = "职责"
        indexes = [
            models.Index(fields=["due_at"], name="duty_armed", condition=Q(due_at__isnull=False)),
            models.Index(fields=["follow_at"], name="duty_follow", condition=Q(follow_at__isnull=False)),
            models.Index(fields=["incident", "order", "id"], name="duty_by_incident"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "rule"], condition=Q(state="open"), name="duty_open_once_per_rule"
            ),
            models.CheckConstraint(
                condition=Q(state="open", done_at__isnull=True) | (~Q(state="open") & Q(done_at__isnull=False)),
                name="duty_closed_has_time",
            ),
            models.CheckConstraint(condition=~Q(state="waived") | ~Q(note=""), name="duty_waived_has_reason"),
            models.CheckConstraint(condition=Q(due_at__isnull=True) | Q(state="open"), name="duty_armed_is_open"),
            models.CheckConstraint(condition=Q(follow_at__isnull=True) | Q(state="open"), name="duty_followed_is_open"),
            models.CheckConstraint(
                condition=Q(due_kind="none", plan_due_at__isnull=True)
                | (~Q(due_kind="none") & Q(plan_due_at__isnull=False)),
                name="duty_due_has_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} ({self.state})"
