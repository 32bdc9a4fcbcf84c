"""Notices in the admin: to look at with every try, never to change."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from notices.models import Attempt, Notice

MANAGE = "staffing.manage"
MANAGES_A_SITE = "staffing.view_post"  # the model permission that whoever manages some site has


class LookOnly:
    """No adding, changing or deleting by anybody."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AttemptInline(LookOnly, TabularInline):
    model = Attempt
    fields = readonly_fields = ("rung", "person", "channel", "address", "started_at", "ended_at", "outcome", "detail")
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # the notice above was allowed already

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attempt]:
        tries: QuerySet[Attempt] = super().get_queryset(request)
        return tries.order_by("pk")


@admin.register(Notice)
class NoticeAdmin(LookOnly, ModelAdmin):
    """Ladders are left out: they hold addresses; the tries show them masked."""

    list_display = ("created_at", "kind", "person", "mode", "state", "due_at", "acknowledged_by", "acknowledged_at")
    list_filter = ("state", "mode", "kind")
    show_full_result_count = False
    ordering = ("-pk",)
    inlines = (AttemptInline,)
    fields = readonly_fields = (
        "key",
        "mode",
        "kind",
        "data",
        "post",
        "person",
        "state",
        "wants_answer",
        "created_at",
        "due_at",
        "rung",
        "attempts",
        "acknowledged_at",
        "acknowledged_by",
        "acknowledged_via",
        "withdrawn_at",
        "withdrawn_reason",
        "trouble_at",
    )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MANAGES_A_SITE)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(MANAGES_A_SITE) if obj is None else request.user.has_perm(MANAGE, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        """Only the sites that the user manages."""
        notices: QuerySet[Notice] = super().get_queryset(request)
        if getattr(request.user, "is_superuser", False):
            return notices
        sites = Notice.objects.values_list("site_id", flat=True).distinct()
        return notices.filter(
            site_id__in=[site for site in sites if request.user.has_perm(MANAGE, Notice(site_id=site))]
        )
