"""People asked to come: call-outs with their waves, and the summons of each person."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class CallOut(models.Model):
    """So many more people by a certain time, asked in waves until enough have promised.

    `by_at`, `opened_at` and `closed_at` are on the incident's clock; `due_at` is on the wall clock: the next moment
    at which somebody has not answered, or has not come, and the call-out must be looked at.
    """

    class State(models.TextChoices):
        OPEN = "open", "召集中"
        FILLED = "filled", "已到齐"
        CLOSED = "closed", "已停止"

    incident = models.ForeignKey("incident.Incident", models.PROTECT, related_name="call_outs")
    duty = models.ForeignKey("incident.Duty", models.PROTECT, null=True, related_name="call_outs")  # it serves this one
    post = models.CharField(max_length=40)  # key of the post to be filled
    quota = models.PositiveSmallIntegerField()
    by_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)  # for how long they are needed; an extended shift ends then
    waves = models.JSONField(default=list)  # keys of staffing.callouts.Wave, in their order
    wave = models.PositiveSmallIntegerField(default=0)  # index of the wave being asked
    wait_seconds = models.PositiveIntegerField(default=180)  # for an answer, before the next person is asked
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    is_dry = models.BooleanField(default=False)  # nobody is left to ask, and too few have promised
    client_key = models.UUIDField(unique=True, null=True)  # made by the form: a second submit finds the first

    class Meta:
        verbose_name = "召集"
        verbose_name_plural = "召集"
        indexes = [models.Index(fields=["due_at"], name="callout_due", condition=Q(due_at__isnull=False))]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["open", "filled", "closed"]), name="callout_state_known"),
            models.CheckConstraint(condition=Q(quota__gt=0), name="callout_wants_somebody"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | ~Q(state="closed"),
                name="callout_closed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post} × {self.quota}"


class Summons(models.Model):
    """One person asked to come, for a call-out or for an arrival duty. Times are on the incident's clock."""

    class Offer(models.TextChoices):
        COME = "come", "到岗"
        EXTEND = "extend", "延长本班"
        EARLY = "early", "提前上班"
        SITE = "site", "到现场"

    class State(models.TextChoices):
        TOLD = "told", "已通知"
        ACKNOWLEDGED = "acknowledged", "已确认"
        ON_THE_WAY = "on_the_way", "在途"
        ARRIVED = "arrived", "已到"
        REFUSED = "refused", "不能来"
        NO_SHOW = "no_show", "未到"
        SILENT = "silent", "无应答"
        STOOD_DOWN = "stood_down", "不用来了"

    incident = models.ForeignKey("incident.Incident", models.PROTECT, related_name="summons")
    call_out = models.ForeignKey(CallOut, models.PROTECT, null=True, related_name="summons")
    duty = models.ForeignKey("incident.Duty", models.PROTECT, null=True, related_name="summons")
    notice = models.ForeignKey("notices.Notice", models.PROTECT, null=True, related_name="summons")
    person = models.ForeignKey("staffing.Person", models.PROTECT, related_name="summons")
    name = models.CharField(max_length=80)  # as shown
    wave = models.CharField(max_length=20, blank=True)
    offer = models.CharField(max_length=10, choices=Offer.choices, default=Offer.COME)
    state = models.CharField(max_length=15, choices=State.choices, default=State.TOLD)
    told_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    set_out_at = models.DateTimeField(null=True)  # when they said that they are coming
    coming_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # refused, silent, no-show or stood down
    from_at = models.DateTimeField(null=True)  # what is offered: the extra hours, as the roster will show them
    until_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    via = models.CharField(max_length=10, blank=True)  # screen, link, or by: somebody wrote it down for the person
    by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = "召集通知"
        verbose_name_plural = "召集通知"
        indexes = [models.Index(fields=["incident", "id"], name="summons_by_incident")]
        constraints = [
            models.UniqueConstraint(
                fields=["call_out", "person"], condition=Q(call_out__isnull=False), name="summons_once_per_callout"
            ),
            models.UniqueConstraint(
                fields=["duty", "person"],
                condition=Q(call_out__isnull=True, duty__isnull=False),
                name="summons_once_per_duty",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "told",
                        "acknowledged",
                        "on_the_way",
                        "arrived",
                        "refused",
                        "no_show",
                        "silent",
                        "stood_down",
                    ]
                ),
                name="summons_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="arrived") | Q(arrived_at__isnull=False), name="summons_arrived_has_time"
            ),
            models.CheckConstraint(
                condition=Q(arrived_at__isnull=True) | Q(arrived_at__gte=F("told_at")),
                name="summons_arrives_after_told",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.state}"
