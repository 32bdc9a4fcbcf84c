"""Sites, departments, posts, people with their contacts, and who holds which post, in the admin."""

from typing import Any

from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminTextInputWidget

from staffing import masks
from staffing.admin.forms import ContactForm, HolderForm, PersonForm, PostForm, SiteForm
from staffing.admin.scope import SiteScoped, is_superuser, managed_sites
from staffing.models import Contact, Department, Disclosure, Holder, Person, Post, Site

LISTS_ON_ONE_LINE = {ArrayField: {"widget": UnfoldAdminTextInputWidget}}
BY_SITE = ("site", admin.RelatedOnlyFieldListFilter)


def holding_now() -> Q:
    now = timezone.now()
    return Q(starts_at__lte=now) & (Q(ends_at__isnull=True) | Q(ends_at__gt=now))


class OfOwnSite:
    """Preselects the site for whoever manages only one."""

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)  # type: ignore[misc]
        sites = managed_sites(request)
        return {"site": sites[0], **initial} if len(sites) == 1 else initial


@admin.register(Site)
class SiteAdmin(SiteScoped, ModelAdmin):
    form = SiteForm
    formfield_overrides = LISTS_ON_ONE_LINE
    list_display = ("key", "zh", "en", "plan_list", "opened_at")
    search_fields = ("key", "zh", "en")
    ordering = ("key",)
    fields = (
        "key", "zh", "en", "place_zh", "place_en", "plans", "opened_at", "duty_phone", "handover_minutes",
        "follow_minutes",
    )  # fmt: skip

    @admin.display(description=_("启用的预案"))
    def plan_list(self, site: Site) -> str:
        return " · ".join(site.plans) or "—"

    def get_readonly_fields(self, request: HttpRequest, obj: Site | None = None) -> tuple[str, ...]:
        """Return what the past hangs on: who opened the site decides its key and its first day."""
        return () if is_superuser(request) else ("key", "opened_at")


@admin.register(Department)
class DepartmentAdmin(OfOwnSite, SiteScoped, ModelAdmin):
    list_display = ("zh", "en", "key", "site", "scope_zh")
    list_filter = (BY_SITE,)
    list_select_related = ("site",)
    search_fields = ("key", "zh", "en", "scope_zh", "scope_en")
    ordering = ("site", "key")
    fields = ("site", "key", "zh", "en", "scope_zh", "scope_en")


class HolderInline(SiteScoped, TabularInline):
    model = Holder
    form = HolderForm
    fields = ("person", "rank", "starts_at", "ends_at")
    autocomplete_fields = ("person",)
    ordering = ("rank", "starts_at")
    extra = 0
    hide_title = True


@admin.register(Post)
class PostAdmin(OfOwnSite, SiteScoped, ModelAdmin):
    form = PostForm
    formfield_overrides = LISTS_ON_ONE_LINE
    list_display = ("zh", "en", "key", "site", "kind", "held_by", "next_post")
    list_filter = (BY_SITE, "kind", "hands_over")
    list_select_related = ("site",)
    search_fields = ("key", "zh", "en", "aliases")
    autocomplete_fields = ("department",)
    ordering = ("site", "key")
    fields = (
        "site", "kind", "department", "key", "zh", "en", "aliases", "stands_for", "next_post", "hands_over",
    )  # fmt: skip
    inlines = (HolderInline,)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Post]":
        now = Holder.objects.filter(holding_now()).select_related("person").order_by("rank", "starts_at", "pk")
        return super().get_queryset(request).prefetch_related(Prefetch("holders", queryset=now, to_attr="held_now"))

    @admin.display(description=_("现任"))
    def held_by(self, post: Any) -> str:
        if post.held_now:
            return "、".join(holder.person.name for holder in post.held_now)
        return " + ".join(post.stands_for) or str(_("空缺"))


class ContactInline(SiteScoped, TabularInline):
    model = Contact
    form = ContactForm
    fields = ("order", "channel", "address", "from_time", "to_time")
    ordering = ("order", "pk")
    extra = 0
    hide_title = True


@admin.register(Person)
class PersonAdmin(OfOwnSite, SiteScoped, ModelAdmin):
    form = PersonForm
    list_display = ("name", "number", "site", "department", "posts_now", "reached_by", "user", "is_active")
    list_filter = (BY_SITE, "is_active", "reserve", ("contacts__channel", admin.ChoicesFieldListFilter))
    list_select_related = ("site", "user", "department")
    search_fields = ("name", "number", "user__username", "contacts__address")
    autocomplete_fields = ("user", "department")
    ordering = ("site", "name")
    fields = ("site", "name", "number", "department", "user", "language", "reserve", "is_active")
    inlines = (ContactInline,)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Person]":
        held = Holder.objects.filter(holding_now()).select_related("post").order_by("rank", "pk")
        contacts = Contact.objects.order_by("order", "pk")
        people = super().get_queryset(request)
        return people.prefetch_related(
            Prefetch("held", queryset=held, to_attr="held_now"), Prefetch("contacts", queryset=contacts, to_attr="ways")
        )

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **more: Any) -> Any:
        """The form holds the numbers in whole: who opens it is written down, as wherever they are shown."""
        person = more.get("obj")
        if person is not None and person.contacts.exclude(address="").exists():
            Disclosure.objects.create(
                site_id=person.site_id,
                user_id=request.user.pk,
                user_name=str(request.user)[:80],
                kind=Disclosure.Kind.REVEAL,
                person=person,
                detail=gettext("%s（管理页面）") % person.name,
                at=timezone.now(),
            )
        return super().render_change_form(request, context, *args, **more)

    @admin.display(description=_("现任岗位"))
    def posts_now(self, person: Any) -> str:
        deputy = str(_("（代）"))
        return "、".join(row.post.zh + (deputy if row.rank else "") for row in person.held_now) or "—"

    @admin.display(description=_("联系方式"))
    def reached_by(self, person: Any) -> str:
        if not person.ways:
            return str(_("没有联系方式"))
        return " · ".join(f"{way.get_channel_display()} {masks.contact(way.address)}".strip() for way in person.ways)


class HoldingNow(admin.SimpleListFilter):
    title = _("时段")
    parameter_name = "now"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("现任")), ("past", _("已结束")), ("future", _("未开始"))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Holder]") -> "QuerySet[Holder]":
        now = timezone.now()
        if self.value() == "yes":
            return queryset.filter(holding_now())
        if self.value() == "past":
            return queryset.filter(ends_at__lte=now)
        return queryset.filter(starts_at__gt=now) if self.value() == "future" else queryset


@admin.register(Holder)
class HolderAdmin(SiteScoped, ModelAdmin):
    form = HolderForm
    list_display = ("post", "person", "rank", "starts_at", "ends_at")
    list_filter = (HoldingNow, ("post__site", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("post__site", "person")
    search_fields = ("person__name", "post__zh", "post__en", "post__key")
    autocomplete_fields = ("post", "person")
    ordering = ("post__site", "post__key", "rank", "starts_at")
    fields = ("post", "person", "rank", "starts_at", "ends_at")
