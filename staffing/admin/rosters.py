"""What a roster stands on, in the admin: kinds of shift, what posts need, leave, and days that differ."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from staffing.admin.places import BY_SITE, OfOwnSite
from staffing.admin.scope import SiteScoped, is_superuser, managed_sites
from staffing.models import Absence, Day, Need, ShiftKind, Site


class NeedForm(forms.ModelForm):
    class Meta:
        model = Need
        fields = "__all__"

    def clean_count(self) -> int:
        count: int = self.cleaned_data["count"]
        if count < 1:
            raise ValidationError(_("至少需要 1 人；不需要人时删去这一行。"))
        return count

    def clean_weekdays(self) -> list[int]:
        days = self.cleaned_data["weekdays"] or []
        if any(not 1 <= day <= 7 for day in days):
            raise ValidationError(_("星期填 1 到 7，1 为周一；留空为每天。"))
        return sorted(set(days))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        post, kind = cleaned.get("post"), cleaned.get("kind")
        if post and kind and post.site_id != kind.site_id:
            self.add_error("kind", _("班次与岗位不在同一站点。"))
        return cleaned


class AbsenceForm(forms.ModelForm):
    class Meta:
        model = Absence
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        person, starts_at, ends_at = (cleaned.get(name) for name in ("person", "starts_at", "ends_at"))
        if not starts_at or not ends_at:
            return cleaned
        if ends_at <= starts_at:
            self.add_error("ends_at", _("结束必须晚于开始。"))
        elif person:
            others = Absence.objects.filter(person=person, starts_at__lt=ends_at, ends_at__gt=starts_at)
            other = others.exclude(pk=self.instance.pk).first()
            if other is not None:
                since = timezone.localtime(other.starts_at)
                self.add_error(
                    "starts_at", _("此人自 %(at)s 起已登记离岗，请改那一条。") % {"at": f"{since:%Y-%m-%d %H:%M}"}
                )
        return cleaned


@admin.register(ShiftKind)
class ShiftKindAdmin(OfOwnSite, SiteScoped, ModelAdmin):
    list_display = ("zh", "en", "key", "site", "starts", "ends", "standby", "order")
    list_filter = (BY_SITE, "standby")
    list_select_related = ("site",)
    search_fields = ("key", "zh", "en")
    ordering = ("site", "order", "starts")
    fields = ("site", "key", "zh", "en", "starts", "ends", "order", "standby")


@admin.register(Need)
class NeedAdmin(SiteScoped, ModelAdmin):
    form = NeedForm
    formfield_overrides = {ArrayField: {"widget": UnfoldAdminTextInputWidget}}
    list_display = ("post", "kind", "count", "days", "workdays_only")
    list_filter = (("post__site", admin.RelatedOnlyFieldListFilter), "workdays_only")
    list_select_related = ("post__site", "kind")
    search_fields = ("post__zh", "post__en", "post__key", "kind__zh", "kind__key")
    autocomplete_fields = ("post", "kind")
    ordering = ("post__site", "post__key", "kind__order")
    fields = ("post", "kind", "count", "weekdays", "workdays_only")

    @admin.display(description=gettext_lazy("星期"))
    def days(self, need: Need) -> str:
        return "、".join("一二三四五六日"[day - 1] for day in need.weekdays if 1 <= day <= 7) or _("每天")


@admin.register(Absence)
class AbsenceAdmin(SiteScoped, ModelAdmin):
    form = AbsenceForm
    list_display = ("person", "reason", "starts_at", "ends_at", "note")
    list_filter = ("reason", ("person__site", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("person",)
    search_fields = ("person__name", "note")
    autocomplete_fields = ("person",)
    date_hierarchy = "starts_at"
    ordering = ("-starts_at",)
    fields = ("person", "reason", "starts_at", "ends_at", "note")


@admin.register(Day)
class DayAdmin(ModelAdmin):
    """The same for every site: to be looked at by each administrator, changed by who manages all of them."""

    list_display = ("date", "kind", "zh", "en")
    list_filter = ("kind",)
    search_fields = ("zh", "en")
    date_hierarchy = "date"
    ordering = ("-date",)
    fields = ("date", "kind", "zh", "en")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and manages_all(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and manages_all(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and manages_all(request)


def manages_all(request: HttpRequest) -> bool:
    """Tell whether there is no site that somebody else administers alone."""
    return is_superuser(request) or not Site.objects.exclude(pk__in=managed_sites(request)).exists()
