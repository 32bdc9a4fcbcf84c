"""Whose rows an administrator sees and changes: those of the sites managed, in lists, forms and choices alike."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest

from staffing import rights
from staffing.models import (
    Absence,
    Contact,
    Department,
    Disclosure,
    Holder,
    Membership,
    Need,
    Person,
    Post,
    Queue,
    Shift,
    ShiftKind,
    Site,
    User,
)

# From a row to the id of its site; a user stands on several sites.
PATHS: dict[type[Model], str] = {
    Site: "pk",
    Membership: "site",
    Department: "site",
    Post: "site",
    Person: "site",
    Contact: "person__site",
    Holder: "post__site",
    ShiftKind: "site",
    Need: "post__site",
    Shift: "post__site",
    Absence: "person__site",
    Queue: "site",
    Disclosure: "site",
    User: "memberships__site",
}


def managed_sites(request: HttpRequest) -> list[int]:
    """Return the ids of the sites whose staff the user manages."""
    return rights.sites_with(request.user, rights.STAFF)


def is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and getattr(request.user, "is_superuser", False))


def visible(request: HttpRequest, rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Keep the rows of managed sites; a superuser sees all."""
    if is_superuser(request):
        return rows
    path = PATHS[rows.model]
    kept = rows.model._default_manager.filter(**{f"{path}__in": managed_sites(request)})
    return rows.filter(pk__in=kept.values("pk"))  # a subquery: joins to many would double rows


def is_visible(request: HttpRequest, obj: Model) -> bool:
    return visible(request, type(obj)._default_manager.filter(pk=obj.pk)).exists()


class SiteScoped:
    """For admins and inlines of staffing: only rows of managed sites, and only such rows to choose from."""

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        return visible(request, super().get_queryset(request))  # type: ignore[misc]

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        related = db_field.related_model
        if related not in PATHS:
            raise FieldDoesNotExist(f"no scope for {related}")
        kwargs["queryset"] = visible(request, related._default_manager.all())
        field: ModelChoiceField | None = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        return field

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may("view", request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may("change", request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may("delete", request, obj)

    def _may(self, act: str, request: HttpRequest, obj: Any) -> bool:
        may = bool(getattr(super(), f"has_{act}_permission")(request, obj))
        if not may or obj is None or not isinstance(obj, self.model) or is_superuser(request):  # type: ignore[attr-defined]
            return may
        return is_visible(request, obj)
