"""What became of each version of a plan: who drafted, changed, submitted, sent back, published or discarded it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from playbooks.models import PlanVersion, Playbook


class PlanEvent(models.Model):
    """One step of a version on its way to law. Triggers refuse UPDATE and DELETE for every role."""

    class Kind(models.TextChoices):
        DRAFTED = "drafted", _("新起草案")
        SAVED = "saved", _("修改")
        SUBMITTED = "submitted", _("已提交审批")
        SENT_BACK = "sent_back", _("退回")
        PUBLISHED = "published", _("批准发布")
        DISCARDED = "discarded", _("已废弃")

    plan = models.ForeignKey("playbooks.Plan", models.PROTECT, related_name="events")
    version_row = models.BigIntegerField()  # id of the version: no key, for a discarded draft is gone
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()
    note = models.TextField(blank=True)  # what changed and why; the reason
    digest = models.CharField(max_length=64)
    text = models.TextField(blank=True)  # of a discarded draft: nothing typed is lost

    class Meta:
        verbose_name = "预案记录"
        verbose_name_plural = "预案记录"
        indexes: ClassVar = [models.Index(fields=["plan", "-id"], name="planevent_newest")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["drafted", "saved", "submitted", "sent_back", "published", "discarded"]),
                name="planevent_kind_known",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["submitted", "sent_back", "discarded"]) | ~Q(note=""),
                name="planevent_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class VersionRows(PlanVersion):
    """The versions as the admin shows them."""

    class Meta:
        proxy = True
        verbose_name = _("预案版本")
        verbose_name_plural = _("预案版本")


class PlaybookRows(Playbook):
    """The playbooks as the admin shows them."""

    class Meta:
        proxy = True
        verbose_name = _("处置方案")
        verbose_name_plural = _("处置方案")
