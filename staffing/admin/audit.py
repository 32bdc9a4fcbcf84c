"""Who changed what, when, from which value to which: to look at, never to change."""

from collections.abc import Iterable
from datetime import UTC
from typing import Any

from auditlog.models import LogEntry
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, DateTimeField, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from staffing.admin.scope import is_superuser, managed_sites, visible
from staffing.models import User

ACTIONS = {
    LogEntry.Action.CREATE: _("已新建"),
    LogEntry.Action.UPDATE: _("已修改"),
    LogEntry.Action.DELETE: _("已删除"),
    LogEntry.Action.ACCESS: _("已调阅"),  # telephone numbers taken out on paper
}

NOTHING = (None, "", "None")
MOST_DIGITS = 9  # of a row's id in an address

admin.site.unregister(LogEntry)


class ByKind(admin.SimpleListFilter):
    title = _("对象")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        kinds = ContentType.objects.filter(pk__in=LogEntry.objects.values("content_type").distinct().order_by())
        return [(str(kind.pk), _name(kind)) for kind in kinds.order_by("pk")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[LogEntry]") -> "QuerySet[LogEntry]":
        value = self.value() or ""
        known = value.isdecimal() and len(value) <= MOST_DIGITS
        return queryset.filter(content_type_id=int(value)) if known else queryset


class ByAction(admin.SimpleListFilter):
    title = _("动作")
    parameter_name = "did"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [(str(action), words) for action, words in ACTIONS.items()]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[LogEntry]") -> "QuerySet[LogEntry]":
        value = self.value() or ""
        return queryset.filter(action=int(value)) if value in map(str, ACTIONS) else queryset


@admin.register(LogEntry)
class AuditAdmin(ModelAdmin):
    list_display = ("at", "who", "did", "kind", "which", "differences")
    list_display_links = None
    list_filter = (ByAction, ByKind, ("actor", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("actor", "content_type")
    search_fields = ("object_repr", "actor__username", "actor__name")
    date_hierarchy = "timestamp"
    ordering = ("-timestamp", "-pk")
    show_full_result_count = False
    list_per_page = 50
    fields = readonly_fields = ("at", "who", "did", "kind", "which", "differences")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[LogEntry]":
        """Keep what happened on managed sites, and to users who are members there."""
        entries: QuerySet[LogEntry] = super().get_queryset(request)
        if is_superuser(request):
            return entries
        users = visible(request, User.objects.all()).values("pk")
        seen = Q(content_type=ContentType.objects.get_for_model(User), object_id__in=users)
        for site_id in managed_sites(request):
            seen |= Q(additional_data__site_id=site_id)
        return entries.filter(seen)

    @admin.display(description=_("时间"), ordering="timestamp")
    def at(self, entry: LogEntry) -> str:
        return timezone.localtime(entry.timestamp).strftime("%Y-%m-%d %H:%M:%S")

    @admin.display(description=_("条目"), ordering="object_repr")
    def which(self, entry: LogEntry) -> str:
        return str(entry.object_repr)

    @admin.display(description=_("操作人"), ordering="actor__username")
    def who(self, entry: LogEntry) -> str:
        return str(entry.actor) if entry.actor else str(_("系统"))

    @admin.display(description=_("动作"), ordering="action")
    def did(self, entry: LogEntry) -> str:
        return str(ACTIONS.get(entry.action, entry.get_action_display()))

    @admin.display(description=_("对象"), ordering="content_type")
    def kind(self, entry: LogEntry) -> str:
        return _name(entry.content_type)

    @admin.display(description=_("改动：原值 → 新值"))
    def differences(self, entry: LogEntry) -> SafeString | str:
        if entry.action == LogEntry.Action.DELETE:
            return "—"
        model = entry.content_type.model_class()
        rows = [
            (_field_name(model, name), _value(model, name, values[0]), _value(model, name, values[1]))
            for name, values in (entry.changes_dict or {}).items()
            if name != "id" and isinstance(values, list | tuple) and len(values) == 2 and set(values) - set(NOTHING)
        ]
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}：{} → {}</li>", rows)) if rows else "—"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _name(kind: ContentType) -> str:
    model = kind.model_class()
    return str(model._meta.verbose_name) if model else kind.model


def _field(model: Any, name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except (AttributeError, FieldDoesNotExist):
        return None


def _field_name(model: Any, name: str) -> str:
    return str(getattr(_field(model, name), "verbose_name", name))


def _value(model: Any, name: str, value: Any) -> str:
    """Return a value as people read it: the words of a choice, local time, a dash for nothing."""
    if value in NOTHING:
        return "—"
    field, text = _field(model, name), str(value)
    if isinstance(field, DateTimeField):
        moment = parse_datetime(text)  # the library keeps UTC without saying so
        return timezone.localtime(moment.replace(tzinfo=UTC)).strftime("%Y-%m-%d %H:%M") if moment else text
    if isinstance(field, BooleanField):
        return str(_("是") if text == "True" else _("否"))
    return str(dict(getattr(field, "flatchoices", None) or ()).get(text, text))
