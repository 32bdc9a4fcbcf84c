"""Who saw whose telephone numbers and took contacts out of the console: to look at, never to change."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from staffing.admin.places import BY_SITE
from staffing.admin.scope import SiteScoped
from staffing.models import Disclosure


@admin.register(Disclosure)
class DisclosureAdmin(SiteScoped, ModelAdmin):
    list_display = ("when", "user_name", "kind", "whom", "detail", "site")
    list_display_links = None
    list_filter = ("kind", BY_SITE)
    list_select_related = ("site", "person")
    search_fields = ("user_name", "person__name", "detail")
    date_hierarchy = "at"
    ordering = ("-at", "-pk")
    show_full_result_count = False
    list_per_page = 50
    fields = readonly_fields = ("when", "user_name", "kind", "whom", "detail", "site")

    @admin.display(description=_("时间"), ordering="at")
    def when(self, line: Disclosure) -> str:
        return timezone.localtime(line.at).strftime("%Y-%m-%d %H:%M:%S")

    @admin.display(description=_("人员"), ordering="person")
    def whom(self, line: Disclosure) -> str:
        return line.person.name if line.person else "—"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
