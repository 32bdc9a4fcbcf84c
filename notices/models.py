"""The outbox: one Notice a recipient with the ladder it climbs, and each Attempt to deliver it."""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL

UNANSWERED = ("queued", "accepted", "exhausted")


class NoticeSet(models.QuerySet["Notice"]):
    """The filters that delivery, the inbox and the sweep share."""

    def due(self, now: datetime) -> "NoticeSet":
        return self.filter(due_at__lte=now)

    def unanswered(self) -> "NoticeSet":
        return self.filter(state__in=UNANSWERED)

    def withdrawable(self) -> "NoticeSet":
        """Still waiting for an answer, or not out of the house yet."""
        return self.unanswered().filter(Q(wants_answer=True) | Q(state="queued"))

    def in_inbox_of(self, user_id: int) -> "NoticeSet":
        """Unanswered, and an in-app rung of this user has been reached; the containment test uses `notice_inbox`."""
        stands = {"channel": "in_app", "user_id": user_id}
        return self.unanswered().filter(
            RawSQL(  # noqa: S611 - no text from outside: both parameters are bound
                "notices_notice.ladder @> %s::jsonb AND EXISTS (SELECT 1"
                " FROM jsonb_array_elements(notices_notice.ladder) WITH ORDINALITY AS r(v, n)"
                " WHERE r.n <= notices_notice.rung + 1 AND r.v @> %s::jsonb)",
                [json.dumps([stands]), json.dumps(stands)],
                output_field=models.BooleanField(),
            )
        )


class Notice(models.Model):
    """One message to one recipient.

    The ladder is frozen when the notice is written: a list of rungs
    `{"person": name, "person_id": int, "user_id": int | null, "channel": "in_app" | "email",
    "address": str, "wait_seconds": int, "language": "zh-hans" | "en"}`; delivery climbs it until somebody answers.
    `due_at` is the next moment at which delivery has something to do, on the wall clock; empty when nothing is left.
    A claim moves it to the end of the lease, so a sender that dies leaves a notice that is simply due again.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "待发"  # nothing has been accepted by any channel yet
        ACCEPTED = "accepted", "已送出"  # a channel took it; nobody has answered
        ACKNOWLEDGED = "acknowledged", "已确认"
        EXHAUSTED = "exhausted", "无人确认"  # the ladder has no further rung
        CANCELLED = "cancelled", "已撤回"

    class Mode(models.TextChoices):
        REAL = "real", "真实"
        EXERCISE = "exercise", "练习"
        DRILL = "drill", "演练"

    key = models.CharField(max_length=200, unique=True)  # idempotency: the same key is the same notice
    incident = models.ForeignKey("incident.Incident", models.PROTECT, null=True, related_name="notices")
    site_id = models.BigIntegerField()  # for health per site without a join; sites are never deleted under notices
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.REAL)
    kind = models.CharField(max_length=40)  # the catalogue entry that holds the words
    data = models.JSONField(default=dict)  # what the words need: ids, names, times, clause - both languages
    post = models.CharField(max_length=40, blank=True)  # the post that is told, by key
    person = models.CharField(max_length=80)  # who should answer first, as shown
    ladder = models.JSONField(default=list)
    rung = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=15, choices=State.choices, default=State.QUEUED)
    wants_answer = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # begun on the present rung, counted when claimed
    accepted_at = models.DateTimeField(null=True)  # the present rung took it; its wait for an answer counts from here
    lease = models.UUIDField(null=True)  # fences a sender that comes back from the dead
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=80, blank=True)  # name of the person, as shown
    acknowledged_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    acknowledged_via = models.CharField(max_length=20, blank=True)  # screen, link
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=200, blank=True)
    trouble_at = models.DateTimeField(null=True)  # delivery found something the incident must know; the sweep reads it
    missed = models.JSONField(default=list)  # who was passed over, in order; as `delivery` writes them down
    missed_said = models.PositiveSmallIntegerField(default=0)  # how many of them the incident has written down

    objects = NoticeSet.as_manager()

    class Meta:
        verbose_name = "通知"
        verbose_name_plural = "通知"
        indexes = [
            models.Index(fields=["due_at"], name="notice_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["trouble_at"], name="notice_trouble", condition=Q(trouble_at__isnull=False)),
            models.Index(fields=["incident", "id"], name="notice_by_incident"),
            GinIndex(
                fields=["ladder"],
                opclasses=["jsonb_path_ops"],
                name="notice_inbox",
                condition=Q(state__in=["queued", "accepted", "exhausted"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="acknowledged", acknowledged_at__isnull=False) | ~Q(state="acknowledged"),
                name="notice_acknowledged_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "accepted", "acknowledged", "exhausted", "cancelled"]),
                name="notice_state_known",
            ),
            models.CheckConstraint(
                condition=Q(due_at__isnull=True) | Q(state__in=["queued", "accepted"]), name="notice_due_is_running"
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | Q(withdrawn_at__isnull=False), name="notice_cancelled_has_time"
            ),
            models.CheckConstraint(condition=Q(mode__in=["real", "exercise", "drill"]), name="notice_mode_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.person}"

    def rung_at(self, index: int) -> dict[str, Any]:
        """A rung as it was frozen; empty when there is none."""
        rung = self.ladder[index] if 0 <= index < len(self.ladder) else {}
        return rung if isinstance(rung, dict) else {}


class Attempt(models.Model):
    """One try to deliver a notice through one channel."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "已送出"
        FAILED = "failed", "失败，将重试"
        REFUSED = "refused", "拒收"  # permanent: the next rung, at once
        HELD = "held", "演练未外发"  # a drill: goes on as if accepted, but nothing left the house

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="tries")
    rung = models.PositiveSmallIntegerField()
    person = models.CharField(max_length=80)
    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=200, blank=True)  # masked
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = "投递"
        verbose_name_plural = "投递"
        indexes = [
            models.Index(fields=["notice", "id"], name="attempt_by_notice"),
            models.Index(fields=["ended_at"], name="attempt_recent"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ended_at__gte=F("started_at")), name="attempt_ends_after_start"),
            models.CheckConstraint(
                condition=Q(outcome__in=["accepted", "failed", "refused", "held"]), name="attempt_outcome_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} · {self.outcome}"
