"""Plans in the admin: every version with all its rows, to look at; drafts are edited as files in the plan room."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from playbooks import models

VIEW = "playbooks.view_planversion"  # the model permission that whoever manages the plans of some site has


class LookOnly:
    """Seen by whoever manages plans; added, changed or deleted by nobody, drafts no more than published versions."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(VIEW)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(VIEW)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Part(LookOnly, ModelAdmin):
    """A page that is reached from the page above it, so the index does not list it."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False


def rows(model: type[Model], *fields: str, opens: bool = False, order: str = "position") -> type[TabularInline]:
    """The rows of one table under their parent; `opens` links each to a page of its own."""
    body = {"model": model, "fields": fields, "readonly_fields": fields, "extra": 0, "ordering": (order,)}
    return type(f"{model.__name__}Rows", (LookOnly, TabularInline), body | {"show_change_link": opens})


@admin.register(models.Plan)
class PlanAdmin(LookOnly, ModelAdmin):
    list_display = ("key", "zh", "en")
    ordering = ("key",)
    inlines = (
        rows(
            models.PlanVersion, "number", "state", "published_at", "published_by", "note", opens=True, order="-number"
        ),
    )


@admin.register(models.PlanVersion)
class PlanVersionAdmin(LookOnly, ModelAdmin):
    list_display = ("plan", "number", "state", "drafted_by", "submitted_at", "published_at", "published_by")
    list_filter = ("state", "plan")
    list_select_related = ("plan", "drafted_by", "published_by")
    ordering = ("plan__key", "-number")
    exclude = ("source_text",)  # exported as a file from the plan room
    inlines = (
        rows(models.Playbook, "key", "zh", "en", "statutory", "restricted", "silent", opens=True),
        rows(models.PostName, "key", "zh", "en", "aliases", "requirements"),
        rows(models.Party, "key", "zh", "en", "number", "requirements"),
    )


@admin.register(models.Playbook)
class PlaybookAdmin(Part):
    list_display = ("key", "zh", "version")
    list_select_related = ("version",)
    ordering = ("version", "position")
    exclude = ("search_text",)
    inlines = (
        rows(models.Metric, "metric", "kind", "unit", "zh", "en", "asked", "required", "from_report", opens=True),
        rows(models.Level, "rank", "key", "colour", "starts", "zh", "en", opens=True, order="rank"),
        rows(models.DutyRule, "key", "kind", "post", "zh", "en", "minutes", "requirements", opens=True),
        rows(models.Form, "key", "zh", "en", "rows", "outcome", opens=True),
        rows(models.Note, "key", "kind", "zh", "en", "restricted"),
    )


@admin.register(models.Level)
class LevelAdmin(Part):
    list_display = ("playbook", "rank", "key", "zh")
    list_select_related = ("playbook",)
    ordering = ("playbook", "rank")
    inlines = (rows(models.Rule, "key", "zh", "en", "clause_zh", "requirements", "site_rule", "gap_zh", opens=True),)


@admin.register(models.Rule)
class RuleAdmin(Part):
    list_display = ("level", "key", "zh")
    list_select_related = ("level",)
    ordering = ("level", "position")
    inlines = (
        rows(models.Condition, "parent", "mode", "metric", "op", "flag", "number", "keys", "hold_minutes", order="pk"),
    )


@admin.register(models.DutyRule)
class DutyRuleAdmin(Part):
    list_display = ("playbook", "key", "kind", "post", "zh")
    list_select_related = ("playbook",)
    ordering = ("playbook", "position")
    inlines = (
        rows(models.Effect, "kind", "argument"),
        rows(models.Condition, "parent", "mode", "metric", "op", "flag", "number", "keys", "hold_minutes", order="pk"),
    )


@admin.register(models.Metric)
class MetricAdmin(Part):
    list_display = ("playbook", "metric", "kind", "zh")
    list_select_related = ("playbook",)
    ordering = ("playbook", "position")


@admin.register(models.Form)
class FormAdmin(Part):
    list_display = ("playbook", "key", "zh", "rows")
    list_select_related = ("playbook",)
    ordering = ("playbook", "position")
