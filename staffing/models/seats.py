"""The seats: queues, what was measured of them, and how long they have been full."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staffing.models.places import Site


class Queue(models.Model):
    """A queue with its seats. The columns after `connect_target` are what the newest readings say of it.

    The timer of fullness runs from `full_since`: it has been moved on by every stretch without data, so that
    `heard_at - full_since` is the time for which the seats are known to have been full.
    """

    class Source(models.TextChoices):
        HAND = "hand", _("手工填报")
        PUSH = "push", _("接口推送")
        AMI = "ami", _("Asterisk AMI")

    class Starts(models.TextChoices):
        AUTO = "auto", _("自动启动预案")
        PROPOSE = "propose", _("提出建议，由人启动")
        OFF = "off", _("只显示，不启动")

    class Formula(models.TextChoices):
        ALL = "all", _("全部请求")  # every request counts, also those who hung up at once
        SHORT_OUT = "short_out", _("不计短时放弃")  # those who hung up within the service-level time are left out

    site = models.ForeignKey(Site, models.CASCADE, related_name="queues", verbose_name=_("站点"))
    key = models.SlugField(_("代号"), max_length=40)
    zh = models.CharField(_("名称"), max_length=80)
    en = models.CharField(_("英文名称"), max_length=80)
    seats = models.PositiveSmallIntegerField(_("座席总数"), default=0, help_text=_("装好的座席；0 为不清楚"))
    source = models.CharField(_("数据来源"), max_length=4, choices=Source.choices, default=Source.HAND)
    outside_name = models.CharField(_("话务系统中的队列名"), max_length=80, blank=True)
    starts = models.CharField(_("占满达到预案门槛时"), max_length=7, choices=Starts.choices, default=Starts.AUTO)
    dip_seconds = models.PositiveSmallIntegerField(
        _("容忍短暂空闲（秒）"), default=60, validators=[MaxValueValidator(600)]
    )
    stale_seconds = models.PositiveSmallIntegerField(
        _("多久无数据算中断（秒）"), default=30, validators=[MinValueValidator(5), MaxValueValidator(3600)]
    )
    answer_seconds = models.PositiveSmallIntegerField(_("服务水平的秒数"), default=20)
    answer_target = models.PositiveSmallIntegerField(
        _("服务水平目标（%）"), default=80, validators=[MaxValueValidator(100)]
    )
    connect_target = models.PositiveSmallIntegerField(
        _("接通率目标（%）"), default=85, validators=[MaxValueValidator(100)]
    )
    formula = models.CharField(_("计算口径"), max_length=10, choices=Formula.choices, default=Formula.ALL)

    heard_at = models.DateTimeField(null=True, editable=False)  # the newest reading
    full_since = models.DateTimeField(null=True, editable=False)  # empty: a seat is free
    dip_since = models.DateTimeField(null=True, editable=False)  # a seat has been free since, within the tolerance
    is_stale = models.BooleanField(default=False, editable=False)
    newest = models.JSONField(default=dict, editable=False)  # the newest reading's numbers; null is not zero
    due_at = models.DateTimeField(null=True, editable=False)  # when to look again if nothing is heard
    course = models.JSONField(default=dict, editable=False)  # what the readings alone say; see staffing.intake
    suggests = models.JSONField(default=dict, editable=False)  # a plan to be started by hand; see incident.saturation

    class Meta:
        verbose_name = _("队列")
        verbose_name_plural = _("队列")
        indexes = [models.Index(fields=["due_at"], name="queue_due", condition=Q(due_at__isnull=False))]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "key"],
                name="queue_key_once_per_site",
                violation_error_message=_("本站已有这个代号的队列。"),
            )
        ]

    def __str__(self) -> str:
        return self.zh

    def get_additional_data(self) -> dict[str, int]:
        """For the audit: the site whose administrators may read the entry."""
        return {"site_id": self.site_id}


class Reading(models.Model):
    """What was measured of a queue at one moment; None: not known. The counts of calls are those of the day so far."""

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="readings")
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    source = models.CharField(max_length=40)
    staffed = models.PositiveIntegerField(null=True)  # logged in and not paused
    busy = models.PositiveIntegerField(null=True)  # of those: talking, ringing or holding
    paused = models.PositiveIntegerField(null=True)
    wrapping = models.PositiveIntegerField(null=True)  # after-call work
    waiting = models.PositiveIntegerField(null=True)
    longest_wait = models.PositiveIntegerField(null=True)  # seconds
    offered = models.PositiveIntegerField(null=True)
    answered = models.PositiveIntegerField(null=True)
    answered_in_time = models.PositiveIntegerField(null=True)
    abandoned = models.PositiveIntegerField(null=True)
    abandoned_soon = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["queue", "at"], name="reading_once")]

    def __str__(self) -> str:
        return f"{self.queue_id} {self.at}"


class FeedToken(models.Model):
    """A machine that may push readings of one site; only the digest of its token is kept."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="feed_tokens", verbose_name=_("站点"))
    name = models.CharField(_("名称"), max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("推送令牌")
        verbose_name_plural = _("推送令牌")

    def __str__(self) -> str:
        return self.name

    def get_additional_data(self) -> dict[str, int]:
        """For the audit: the site whose administrators may read the entry."""
        return {"site_id": self.site_id}
