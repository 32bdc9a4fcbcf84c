"""The rows of the law in the admin: every version as it is stored, to look at and never to change."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from planroom.models import PlaybookRows, VersionRows
from playbooks.models import DutyRule, Level, Metric, Note, Playbook, PostName
from staffing import rights
from staffing.models import Site


def managed_plans(request: HttpRequest) -> set[str]:
    """Keys of the plans of the sites where this user manages plans."""
    sites = Site.objects.filter(pk__in=rights.sites_with(request.user, rights.PLANS))
    return {key for plans in sites.values_list("plans", flat=True) for key in plans}


class ReadOnly:
    """Shown to whoever manages the plan; changed in the plan room alone, by a draft and a second person."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(rights.sites_with(request.user, rights.PLANS))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class Rows(ReadOnly, TabularInline):
    """The rows under one row."""

    extra = 0
    max_num = 0
    hide_title = True


class PostRows(Rows):
    model = PostName
    verbose_name_plural = _("岗位")
    fields = ("key", "zh", "en", "aliases", "requirements")
    ordering = ("position",)


class PlaybookList(Rows):
    model = Playbook
    verbose_name_plural = _("处置方案")
    fields = ("key", "zh", "en", "life_safety", "silent", "restricted", "requirements")
    ordering = ("position",)


class MetricRows(Rows):
    model = Metric
    verbose_name_plural = _("情况")
    fields = ("metric", "kind", "unit", "zh", "en", "asked", "required", "minimum", "maximum", "requirements")
    ordering = ("position",)


class LevelRows(Rows):
    model = Level
    verbose_name_plural = _("等级")
    fields = ("key", "rank", "colour", "starts", "zh", "en", "site_rule")
    ordering = ("rank",)


class DutyRows(Rows):
    model = DutyRule
    verbose_name_plural = _("任务")
    fields = ("key", "kind", "post", "zh", "en", "opens_event", "minutes", "target_minutes", "gate", "requirements")
    ordering = ("position",)


class NoteRows(Rows):
    model = Note
    verbose_name_plural = _("提示")
    fields = ("key", "kind", "zh", "en", "requirements")
    ordering = ("position",)


@admin.register(VersionRows)
class VersionAdmin(ReadOnly, ModelAdmin):
    list_display = ("plan", "number", "state", "zh", "drafted_by", "published_by", "published_at", "short_digest")
    list_filter = ("state",)
    list_select_related = ("plan", "drafted_by", "published_by")
    ordering = ("plan__key", "-number")
    fields = ("plan", "number", "state", "zh", "en", "note", "created_at", "drafted_by", "submitted_at",
              "published_by", "published_at", "digest")  # fmt: skip
    inlines: ClassVar[Any] = (PostRows, PlaybookList)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[VersionRows]":
        return super().get_queryset(request).filter(plan__key__in=managed_plans(request))

    @admin.display(description=_("摘要值"))
    def short_digest(self, version: VersionRows) -> str:
        return version.digest[:12]


@admin.register(PlaybookRows)
class PlaybookAdmin(ReadOnly, ModelAdmin):
    list_display = ("key", "zh", "en", "version_number", "life_safety", "silent", "restricted")
    list_select_related = ("version__plan",)
    search_fields = ("key", "zh", "en")
    ordering = ("version__plan__key", "-version__number", "position")
    fields = ("version", "key", "zh", "en", "summary_zh", "summary_en", "icon", "life_safety", "silent", "restricted",
              "statutory", "twin_minutes", "requirements", "keywords")  # fmt: skip
    inlines: ClassVar[Any] = (MetricRows, LevelRows, DutyRows, NoteRows)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[PlaybookRows]":
        return super().get_queryset(request).filter(version__plan__key__in=managed_plans(request))

    @admin.display(description=_("版本"), ordering="version__number")
    def version_number(self, playbook: PlaybookRows) -> str:
        return f"{playbook.version.plan.key} v{playbook.version.number}"
