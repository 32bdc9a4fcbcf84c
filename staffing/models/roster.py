"""Who holds a post when: standing appointments, shifts, leave, swaps, and what each post needs."""

import uuid

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from staffing.models.people import Person
from staffing.models.places import Post, Site

SPAN = Func(
    F("starts_at"), F("ends_at"), RangeBoundary(), function="TSTZRANGE", output_field=DateTimeRangeField()
)  # half open: the start belongs to it, the end does not


class Holder(models.Model):
    """Who holds a post from `starts_at` until before `ends_at` (open-ended when empty); rank 0 first, then deputies."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="holders", verbose_name=_("岗位"))
    person = models.ForeignKey(Person, models.CASCADE, related_name="held", verbose_name=_("人员"))
    rank = models.PositiveSmallIntegerField(_("次序"), default=0, help_text=_("0 为本人，1 起为代理"))
    starts_at = models.DateTimeField(_("开始时间"), default=timezone.now)
    ends_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="holder_ends_after_start"
            ),
            ExclusionConstraint(
                name="holder_not_twice_at_once",
                violation_error_message=_("此人在这段时间已担任该岗位。"),
                expressions=[
                    ("post", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    (SPAN, RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post} ← {self.person}"

    def get_additional_data(self) -> dict[str, int]:
        """For the audit: the site whose administrators may read the entry."""
        return {"site_id": self.post.site_id}


class ShiftKind(models.Model):
    """A shift of the day at a site: 白 08-16. One that ends at or before its start ends on the next day."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="shift_kinds", verbose_name=_("站点"))
    key = models.SlugField(_("代号"), max_length=20)
    zh = models.CharField(_("名称"), max_length=20)
    en = models.CharField(_("英文名称"), max_length=20)
    starts = models.TimeField(_("开始"))
    ends = models.TimeField(_("结束"))
    order = models.PositiveSmallIntegerField(_("顺序"), default=1)
    standby = models.BooleanField(_("备班"), default=False, help_text=_("不到岗，保持可达；召集时先找备班人员"))

    class Meta:
        verbose_name = _("班次")
        verbose_name_plural = _("班次")
        ordering = ["order", "starts", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "key"],
                name="shift_kind_once_per_site",
                violation_error_message=_("本站已有这个代号的班次。"),
            )
        ]

    def __str__(self) -> str:
        return self.zh

    def get_additional_data(self) -> dict[str, int]:
        """For the audit: the site whose administrators may read the entry."""
        return {"site_id": self.site_id}


class Need(models.Model):
    """How many people a post needs on one kind of shift; where fewer are planned the roster shows a gap."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="needs", verbose_name=_("岗位"))
    kind = models.ForeignKey(ShiftKind, models.CASCADE, related_name="needs", verbose_name=_("班次"))
    count = models.PositiveSmallIntegerField(_("人数"), default=1)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("星期"),
        default=list,
        blank=True,
        help_text=_("1 为周一，7 为周日；留空为每天"),
    )
    workdays_only = models.BooleanField(_("仅工作日"), default=False, help_text=_("按国家节假日与调休"))

    class Meta:
        verbose_name = _("用人需求")
        verbose_name_plural = _("用人需求")
        constraints = [models.UniqueConstraint(fields=["post", "kind"], name="need_once")]

    def __str__(self) -> str:
        return f"{self.post} · {self.kind} × {self.count}"

    def get_additional_data(self) -> dict[str, int]:
        """For the audit: the site whose administrators may read the entry."""
        return {"site_id": self.post.site_id}


class Shift(models.Model):
    """A person on a post from `starts_at` until before `ends_at`. One taken away stays, with `removed_at`.

    An override goes before every shift; standby means reachable, not present, and holds no post.
    """

    class Source(models.TextChoices):
        HAND = "hand", _("手工")
        ROTATION = "rotation", _("轮班")
        SWAP = "swap", _("换班")
        IMPORT = "import", _("导入")
        CALL_OUT = "call_out", _("召集")

    post = models.ForeignKey(Post, models.CASCADE, related_name="shifts", verbose_name=_("岗位"))
    person = models.ForeignKey(Person, models.CASCADE, related_name="shifts", verbose_name=_("人员"))
    kind = models.ForeignKey(
        ShiftKind, models.SET_NULL, related_name="shifts", null=True, blank=True, verbose_name=_("班次")
    )
    starts_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间"))
    is_override = models.BooleanField(_("临时顶替"), default=False)
    standby = models.BooleanField(_("备班"), default=False)
    source = models.CharField(_("来源"), max_length=10, choices=Source.choices, default=Source.HAND)
    note = models.CharField(_("说明"), max_length=120, blank=True)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # of the calendar event
    sequence = models.PositiveIntegerField(default=0, editable=False)  # raised with every change, for calendars
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("排班")
        verbose_name_plural = _("排班")
        indexes = [
            GistIndex(SPAN, name="shift_span", condition=Q(removed_at__isnull=True)),
            models.Index(fields=["post", "starts_at"], name="shift_of_post", condition=Q(removed_at__isnull=True)),
            models.Index(fields=["person", "starts_at"], name="shift_of_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="shift_ends_after_start",
                violation_error_message=_("结束时间须晚于开始时间。"),
            ),
            ExclusionConstraint(
                name="shift_not_twice_at_once",
                violation_error_message=_("此人在这段时间已排在该岗位。"),
                expressions=[
                    ("post", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    (SPAN, RangeOperators.OVERLAPS),
                ],
                condition=Q(removed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post} ← {self.person}"

    def get_additional_data(self) -> dict[str, int]:
        """For the audit: the site whose administrators may read the entry."""
        return {"site_id": self.post.site_id}


class Absence(models.Model):
    """A person is away: leave, sickness, training. Holds no post meanwhile, by shift or by appointment."""

    class Reason(models.TextChoices):
        LEAVE = "leave", _("请假")
        SICK = "sick", _("病假")
        TRAINING = "training", _("培训")
        OTHER = "other", _("其他")

    person = models.ForeignKey(Person, models.CASCADE, related_name="absences", verbose_name=_("人员"))
    starts_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间"))
    reason = models.CharField(_("原因"), max_length=10, choices=Reason.choices, default=Reason.LEAVE)
    note = models.CharField(_("说明"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("离岗")
        verbose_name_plural = _("离岗")
        indexes = [models.Index(fields=["person", "ends_at"], name="absence_of_person")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="absence_ends_after_start",
                violation_error_message=_("结束时间须晚于开始时间。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_reason_display()}"

    def get_additional_data(self) -> dict[str, int]:
        """For the audit: the site whose administrators may read the entry."""
        return {"site_id": self.person.site_id}


class Rotation(models.Model):
    """A rota that repeats: on day N person i works `pattern[(N + i) % len(pattern)]`, counted from `starts_on`."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="rotations", verbose_name=_("岗位"))
    people = ArrayField(models.BigIntegerField(), verbose_name=_("人员"))  # ids, in their order
    pattern = ArrayField(models.CharField(max_length=20, blank=True), verbose_name=_("班次顺序"))  # keys; "" is off
    starts_on = models.DateField(_("从"))
    until = models.DateField(_("到"))  # the last day
    workdays_only = models.BooleanField(_("仅工作日"), default=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("轮班")
        verbose_name_plural = _("轮班")

    def __str__(self) -> str:
        return f"{self.post} · {self.starts_on}"

    def get_additional_data(self) -> dict[str, int]:
        """For the audit: the site whose administrators may read the entry."""
        return {"site_id": self.post.site_id}


class Swap(models.Model):
    """Somebody asks that another person take a shift, perhaps for one of theirs; a supervisor or admin decides."""

    class State(models.TextChoices):
        ASKED = "asked", _("待批")
        APPROVED = "approved", _("已批准")
        REFUSED = "refused", _("未批准")
        WITHDRAWN = "withdrawn", _("已撤回")

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="swaps", verbose_name=_("班次"))
    to_person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name=_("由谁顶班"))
    back_shift = models.ForeignKey(
        Shift, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("换回的班次")
    )
    reason = models.CharField(_("理由"), max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("换班申请")
        verbose_name_plural = _("换班申请")
        constraints = [
            models.UniqueConstraint(fields=["shift"], condition=Q(state="asked"), name="swap_asked_once"),
        ]

    def __str__(self) -> str:
        return f"{self.shift} → {self.to_person}"

    def get_additional_data(self) -> dict[str, int]:
        """For the audit: the site whose administrators may read the entry."""
        return {"site_id": self.shift.post.site_id}


class Edition(models.Model):
    """A week of a site's roster was published: from here on a change is told to whom it concerns."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="editions", verbose_name=_("站点"))
    week = models.DateField(_("周一"))
    number = models.PositiveSmallIntegerField(_("版次"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=80)
    at = models.DateTimeField()
    gaps = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True)  # why it was published with gaps

    class Meta:
        verbose_name = _("排班发布")
        verbose_name_plural = _("排班发布")
        constraints = [models.UniqueConstraint(fields=["site", "week", "number"], name="edition_once")]

    def __str__(self) -> str:
        return f"{self.site} {self.week} #{self.number}"


class Day(models.Model):
    """A day on which the calendar of public holidays is silent or wrong: what it is here."""

    class Kind(models.TextChoices):
        WORKDAY = "workday", _("工作日")
        HOLIDAY = "holiday", _("休息日")

    date = models.DateField(_("日期"), unique=True)
    kind = models.CharField(_("类别"), max_length=8, choices=Kind.choices)
    zh = models.CharField(_("名称"), max_length=40, blank=True)
    en = models.CharField(_("英文名称"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("节假日与调休")
        verbose_name_plural = _("节假日与调休")
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {self.get_kind_display()}"
