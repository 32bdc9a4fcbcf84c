"""A written plan, its versions, and the posts a version names."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from playbooks.models.fields import key_field, key_unique, keys_field, one_of, prose_field, words_field


class Plan(models.Model):
    """One written plan (KF, HJ ...), whatever its version."""

    key = models.CharField(max_length=20, unique=True)
    zh = words_field()
    en = words_field()

    class Meta:
        verbose_name = _("书面预案")
        verbose_name_plural = _("书面预案")

    def __str__(self) -> str:
        return f"{self.key} {self.zh}"


class PlanVersionQuerySet(models.QuerySet["PlanVersion"]):
    def published(self) -> "PlanVersionQuerySet":
        return self.filter(state=PlanVersion.State.PUBLISHED)

    def newest_per_plan(self) -> "PlanVersionQuerySet":
        """The highest version number of each plan in the set."""
        return self.order_by("plan_id", "-number").distinct("plan_id")


class PlanVersion(models.Model):
    """One text of a plan. Triggers refuse every change of a published one and of all its rows."""

    class State(models.TextChoices):
        DRAFT = "draft", "草案 / draft"
        PUBLISHED = "published", "已发布 / published"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    zh = words_field()
    en = words_field()
    source_text = models.TextField()
    digest = models.CharField(max_length=64)  # sha256 of source_text
    note = prose_field()
    created_at = models.DateTimeField()
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="drafted_plans"
    )  # null: shipped with the console
    submitted_at = models.DateTimeField(null=True, blank=True)  # when its drafter asked for approval
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="published_plans"
    )  # null: shipped with the console

    objects = PlanVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("预案版本")
        verbose_name_plural = _("预案版本")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "number"], name="planversion_number_once"),
            one_of("state", ["draft", "published"], "planversion_state_known"),
            models.CheckConstraint(condition=Q(number__gte=1), name="planversion_number_from_one"),
            models.CheckConstraint(
                condition=Q(state="draft", published_at__isnull=True)
                | Q(state="published", published_at__isnull=False),
                name="planversion_published_at_with_state",
            ),
            models.CheckConstraint(
                condition=Q(drafted_by__isnull=True) | Q(published_by__isnull=True) | ~Q(published_by=F("drafted_by")),
                name="planversion_published_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id}/{self.number}"


class PostName(models.Model):
    """A position as this version of the plan names it."""

    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="posts")
    position = models.PositiveSmallIntegerField()
    key = key_field()
    zh = words_field()
    en = words_field()
    aliases = keys_field()
    requirements = keys_field()

    class Meta:
        constraints: ClassVar = [key_unique("version", "postname_key_once")]

    def __str__(self) -> str:
        return self.key


class Party(models.Model):
    """Somebody outside the roster as this version of the plan names them."""

    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="parties")
    position = models.PositiveSmallIntegerField()
    key = key_field()
    zh = words_field()
    en = words_field()
    number = models.CharField(max_length=30, blank=True, default="")
    requirements = keys_field()

    class Meta:
        constraints: ClassVar = [key_unique("version", "party_key_once")]
        verbose_name_plural = "parties"

    def __str__(self) -> str:
        return self.key
