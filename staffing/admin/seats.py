"""Queues in the admin: where their readings come from, when they start a plan, what they aim at."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from staffing.admin.places import BY_SITE, OfOwnSite
from staffing.admin.scope import SiteScoped
from staffing.models import Queue


class QueueForm(forms.ModelForm):
    class Meta:
        model = Queue
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("source") == Queue.Source.AMI and not (cleaned.get("outside_name") or "").strip():
            self.add_error("outside_name", _("从 Asterisk 取数时，须填它里面的队列名。"))
        if cleaned.get("answer_seconds") == 0:
            self.add_error("answer_seconds", _("服务水平的秒数至少为 1。"))
        return cleaned


@admin.register(Queue)
class QueueAdmin(OfOwnSite, SiteScoped, ModelAdmin):
    form = QueueForm
    list_display = ("zh", "key", "site", "source", "starts", "seats", "heard_at", "is_stale")
    list_filter = (BY_SITE, "source", "starts")
    list_select_related = ("site",)
    search_fields = ("key", "zh", "en", "outside_name")
    ordering = ("site", "key")
    readonly_fields = ("heard_at", "full_since")
    fieldsets = (
        (None, {"fields": ("site", "key", "zh", "en", "seats")}),
        (gettext_lazy("数据"), {"fields": ("source", "outside_name", "stale_seconds", "heard_at", "full_since")}),
        (gettext_lazy("占满与预案"), {"fields": ("starts", "dip_seconds")}),
        (
            gettext_lazy("服务水平与接通率"),
            {"fields": ("answer_seconds", "answer_target", "connect_target", "formula")},
        ),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Queue | None = None) -> bool:
        """What was measured of a queue stays: one that is no longer used is set to 只显示，不启动."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.heard_at is None)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Many at once would not be asked one by one whether they were ever heard of."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}
