"""Users and their roles in the admin: an administrator gives roles on own sites and gains nothing by it."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserCreationForm

from staffing import granting
from staffing.admin.scope import SiteScoped, is_superuser, managed_sites
from staffing.models import Membership, Site, User

FACTS = ("username", "name", "language", "is_active")


class NewUserForm(UserCreationForm):
    usable_password = None

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "name", "language")


def is_own(request: HttpRequest, user: User) -> bool:
    """Tell whether the account is wholly the administrator's to run: no superuser, and a member of own sites only."""
    if is_superuser(request):
        return True
    return not user.is_superuser and not user.memberships.exclude(site__in=managed_sites(request)).exists()


class RoleHere(admin.SimpleListFilter):
    """By role on managed sites; roles elsewhere are none of the administrator's business."""

    title = _("角色")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Membership.Role.choices)

    def queryset(self, request: HttpRequest, queryset: "QuerySet[User]") -> "QuerySet[User]":
        if self.value() is None:
            return queryset
        here = Membership.objects.filter(role=self.value(), site__in=managed_sites(request))
        return queryset.filter(pk__in=here.values("user"))


class SiteHere(admin.SimpleListFilter):
    """By managed site; where else somebody belongs is not told."""

    title = _("站点")
    parameter_name = "site"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(site.key, str(site)) for site in Site.objects.filter(pk__in=managed_sites(request)).order_by("key")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[User]") -> "QuerySet[User]":
        if self.value() is None:
            return queryset
        here = Membership.objects.filter(site__key=self.value(), site__in=managed_sites(request))
        return queryset.filter(pk__in=here.values("user"))


class MembershipInline(SiteScoped, TabularInline):
    model = Membership
    fields = ("site", "role")
    ordering = ("site", "role")
    extra = 0
    hide_title = True

    def get_formset(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> Any:
        """A new user without a role would be seen by nobody but superusers."""
        if obj is None and not is_superuser(request):
            kwargs |= {"min_num": 1, "validate_min": True}
        return super().get_formset(request, obj, **kwargs)

    def has_add_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_add_permission(request, obj) and self._may_touch(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._may_touch(request, obj)

    def _may_touch(self, request: HttpRequest, user: User | None) -> bool:
        return user is None or not user.is_superuser or is_superuser(request)


@admin.register(User)
class UserAdmin(SiteScoped, BaseUserAdmin, ModelAdmin):
    add_form = NewUserForm
    form = ModelForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "name", "role_list", "is_active", "last_login")
    list_filter = ("is_active", RoleHere, SiteHere)
    search_fields = ("username", "name")
    ordering = ("username",)
    filter_horizontal = ()
    inlines = (MembershipInline,)
    add_fieldsets = ((None, {"fields": ("username", "name", "language", "password1", "password2")}),)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[User]":
        mine = Membership.objects.select_related("site").order_by("site", "role")
        if not is_superuser(request):
            mine = mine.filter(site__in=managed_sites(request))
        users: QuerySet[User] = super().get_queryset(request)
        return users.prefetch_related(Prefetch("memberships", queryset=mine, to_attr="shown_roles"))

    @admin.display(description=_("角色"))
    def role_list(self, user: Any) -> str:
        if user.is_superuser:
            return str(_("超级用户"))
        return "；".join(f"{row.site.zh} {row.get_role_display()}" for row in user.shown_roles) or "—"

    @admin.display(description=_("密码"))
    def password_link(self, user: User) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:auth_user_password_change", args=[user.pk]), _("重设密码")
        )

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        fields = [*FACTS]
        if self._may_reset(request, obj):
            fields.append("password_link")
        if is_superuser(request):
            fields.append("is_superuser")
        return ((None, {"fields": fields}), (_("记录"), {"fields": ("last_login", "date_joined")}))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        shown = ("last_login", "date_joined", "password_link")
        return shown if obj is None or is_own(request, obj) else (*FACTS, *shown)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A superuser's account is for superusers to change."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or not obj.is_superuser or is_superuser(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever leaves is switched off; what they did keeps their name."""
        return is_superuser(request)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        user = self.get_object(request, id)
        if user is not None and not self._may_reset(request, user):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def save_related(self, request: HttpRequest, form: Any, formsets: list[BaseModelFormSet], change: bool) -> None:
        super().save_related(request, form, formsets, change)
        granting.align_admin_door(form.instance)

    def _may_reset(self, request: HttpRequest, user: User) -> bool:
        return self.has_change_permission(request, user) and is_own(request, user)


@admin.register(Membership)
class MembershipAdmin(SiteScoped, ModelAdmin):
    """Roles across users; given and taken on the page of the user."""

    list_display = ("user", "site", "role")
    list_filter = ("role", ("site", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "site")
    search_fields = ("user__username", "user__name")
    ordering = ("site", "role", "user")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
