"""The incident and its state machine: report -> respond -> close."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

if TYPE_CHECKING:
    from staffing.models import User


class State(models.TextChoices):
    """The road of an incident; the three words of the trade are report, respond, close."""

    REPORTED = "reported", _("报告")  # duties and clocks run; nobody has taken it yet
    RESPONDING = "responding", _("响应")
    RECOVERING = "recovering", _("恢复")  # service is back; the aftermath duties are open
    ENDED = "ended", _("结束")  # the end is declared; only the aftermath is still to be done
    CLOSED = "closed", _("关闭")  # never reopens: a new incident points at it
    CANCELLED = "cancelled", _("撤销")  # reported in error; everyone who was told has been told


OPEN_STATES = (State.REPORTED, State.RESPONDING, State.RECOVERING, State.ENDED)
RUNNING_STATES = (State.REPORTED, State.RESPONDING, State.RECOVERING)  # clocks count in these


class Mode(models.TextChoices):
    REAL = "real", _("真实")
    EXERCISE = "exercise", _("练习")
    DRILL = "drill", _("演练")


class IncidentSet(models.QuerySet["Incident"]):
    """The filters that screens and the sweep share."""

    def live(self) -> "IncidentSet":
        return self.filter(state__in=OPEN_STATES)

    def past(self) -> "IncidentSet":
        return self.filter(state__in=(State.CLOSED, State.CANCELLED))

    def heard_by(self, cleared: tuple[int, ...]) -> "IncidentSet":
        """Without the silent ones, but for those of the sites named: their hall staff sees them."""
        return self.filter(Q(playbook__silent=False) | Q(site_id__in=cleared))

    def at_sites(self, site_ids: list[int] | set[int]) -> "IncidentSet":
        return self.filter(site_id__in=site_ids)


class Incident(FSMModelMixin, models.Model):
    """One emergency running one playbook of one published plan version.

    Two clocks: `recorded_at`, `reassess_at`, `held_until` and a duty's `due_at` are on the wall clock of the database;
    all other times are on the incident's own clock, which is the wall clock shifted by `clock_shift` (zero for a real
    incident; an exercise that was moved on has a positive shift).
    """

    number = models.CharField(max_length=24, unique=True)
    client_key = models.UUIDField(unique=True)  # made by the form: a second submit finds the first
    site = models.ForeignKey("staffing.Site", models.PROTECT, related_name="incidents")
    playbook = models.ForeignKey("playbooks.Playbook", models.PROTECT, related_name="incidents")
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.REAL)
    state = FSMField(default=State.REPORTED, choices=State.choices, protected=True)
    title = models.CharField(max_length=120)
    place = models.CharField(max_length=120, blank=True)
    reporter = models.CharField(max_length=80)  # who told us, in words
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    lead = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")  # who took it

    clock_shift = models.DurationField(default=timedelta(0))
    occurred_at = models.DateTimeField()  # when it began, as known now
    reported_at = models.DateTimeField()
    recorded_at = models.DateTimeField()  # wall
    taken_at = models.DateTimeField(null=True)
    restored_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)  # closed or cancelled

    level = models.CharField(max_length=40, blank=True)  # key of the level in force; empty: none
    level_rank = models.SmallIntegerField(default=0)
    level_colour = models.CharField(max_length=10, default="none")
    reassess_at = models.DateTimeField(null=True)  # wall: when a rule turns true if nothing changes
    held_until = models.DateTimeField(null=True)  # wall: settling failed; the sweep leaves it alone until then

    revision = models.PositiveIntegerField(
        default=0
    )  # raised with state, level and beginning; a form names the one it saw
    entries_count = models.PositiveIntegerField(default=0)
    last_hash = models.CharField(max_length=64, blank=True)
    has_summons = models.BooleanField(default=False)  # somebody was asked to come: spares all others the question
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="twins")
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="followers")  # a closed one, again

    objects = IncidentSet.as_manager()

    class Meta:
        verbose_name = "事件"
        verbose_name_plural = "事件"
        indexes = [
            models.Index(fields=["reassess_at"], name="incident_reassess", condition=Q(reassess_at__isnull=False)),
            models.Index(
                fields=["site", "id"],
                name="incident_live",
                condition=Q(state__in=["reported", "responding", "recovering", "ended"]),
            ),
            models.Index(fields=["site", "-reported_at", "-id"], name="incident_history"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(mode="real", clock_shift=timedelta(0)) | ~Q(mode="real"),
                name="incident_real_clock_is_wall_clock",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["reported", "responding", "recovering", "ended", "closed", "cancelled"]),
                name="incident_state_known",
            ),
            models.CheckConstraint(condition=Q(mode__in=["real", "exercise", "drill"]), name="incident_mode_known"),
            models.CheckConstraint(
                condition=Q(state__in=["closed", "cancelled"], closed_at__isnull=False)
                | (~Q(state__in=["closed", "cancelled"]) & Q(closed_at__isnull=True)),
                name="incident_closed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @transition(field=state, source=State.REPORTED, target=State.RESPONDING)
    def take(self, *, lead: "User", at: datetime) -> None:
        self.lead, self.taken_at = lead, at

    @transition(field=state, source=State.RESPONDING, target=State.RECOVERING)
    def restore(self, *, at: datetime) -> None:
        self.restored_at = at

    @transition(field=state, source=State.RECOVERING, target=State.RESPONDING)
    def relapse(self) -> None:
        self.restored_at = None

    @transition(field=state, source=State.RECOVERING, target=State.ENDED)
    def declare_end(self, *, at: datetime) -> None:
        self.ended_at = at

    @transition(field=state, source=State.ENDED, target=State.CLOSED)
    def close(self, *, at: datetime) -> None:
        self.closed_at = at

    @transition(field=state, source=State.ENDED, target=State.RESPONDING)
    def reopen(self) -> None:
        self.restored_at = self.ended_at = None

    @transition(field=state, source=[State.REPORTED, State.RESPONDING], target=State.CANCELLED)
    def cancel(self, *, at: datetime) -> None:
        self.closed_at = at

    @property
    def is_real(self) -> bool:
        return self.mode == Mode.REAL

    @property
    def is_running(self) -> bool:
        """Facts and levels may change."""
        return self.state in RUNNING_STATES

    @property
    def is_open(self) -> bool:
        """Duties may be done: after the end, those of the aftermath, up to the close."""
        return self.state in OPEN_STATES
