"""Who may do what where: the table of roles and verbs, and the backend that answers `user.has_perm(verb, obj)`."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from staffing.models import Membership, Site, User

Role = Membership.Role
AnyUser = AbstractBaseUser | AnonymousUser

VIEW = "incident.view"
REPORT = "incident.report"
WORK = "incident.work"  # log, tick duties, facts, take, restore
DECIDE = "incident.decide"  # levels, waive, end, close, reopen, cancel, merge, correct a time
EXERCISE = "incident.exercise"  # report an exercise, move its clock on
STAFF = "staffing.manage"
ROSTER = "staffing.roster"  # shifts, leave, swaps, publishing
CONTACTS = "staffing.contacts"  # whole telephone numbers, tests of contacts, the contact sheet
PLANS = "playbooks.manage"
RESTRICTED = "playbooks.restricted"  # read what a plan keeps from walls and exports
DIRECT = "drills.direct"

VERBS = frozenset({VIEW, REPORT, WORK, DECIDE, EXERCISE, STAFF, ROSTER, CONTACTS, PLANS, RESTRICTED, DIRECT})

ROLE_VERBS: Mapping[str, frozenset[str]] = {
    Role.VIEWER: frozenset({VIEW}),
    Role.SHIFT_LEAD: frozenset({VIEW, REPORT, WORK, EXERCISE, CONTACTS, RESTRICTED}),
    Role.SUPERVISOR: frozenset({VIEW, REPORT, WORK, EXERCISE, DECIDE, ROSTER, CONTACTS, RESTRICTED}),
    Role.ADMIN: frozenset({VIEW, STAFF, ROSTER, CONTACTS, PLANS, RESTRICTED}),
    Role.DRILL_DIRECTOR: frozenset({VIEW, REPORT, EXERCISE, DIRECT}),
}

STAFF_MODELS = (
    "membership", "department", "post", "person", "contact", "holder", "shiftkind", "need", "absence", "queue", "day",
)  # fmt: skip

# Django's own model permissions, which open the pages of the admin; which rows are seen there is the admin's business.
VERB_MODEL_PERMISSIONS: Mapping[str, frozenset[str]] = {
    STAFF: frozenset(
        [f"staffing.{act}_{model}" for act in ("view", "change") for model in ("user", "site")]
        + ["staffing.add_user", "auditlog.view_logentry", "staffing.view_disclosure"]
        + [f"staffing.{act}_{model}" for act in ("view", "add", "change", "delete") for model in STAFF_MODELS]
    ),
    PLANS: frozenset(
        f"playbooks.{act}_{model}" for act in ("view", "add", "change", "delete") for model in ("plan", "planversion")
    ),
}

NOTHING: frozenset[str] = frozenset()


def sites(user: AnyUser) -> list[int]:
    """Return the ids of the sites whose incidents the user may see, in order of id."""
    return sites_with(user, VIEW)


def sites_with(user: AnyUser, verb: str) -> list[int]:
    """Return the ids of the sites on which the user may do `verb`, in order of id; unknown verbs raise KeyError."""
    if verb not in VERBS:
        raise KeyError(verb)
    return sorted(site_id for site_id, allowed in _granted(user).items() if verb in allowed)


def is_allowed(user: AnyUser, verb: str, site_id: int) -> bool:
    """Tell whether the user may do `verb` on the site."""
    return verb in verbs_of(roles_of(user).get(site_id, ()))


def roles_of(user: AnyUser) -> dict[int, frozenset[str]]:
    """Return the roles of one user per site, read once per user object; a superuser has every role everywhere."""
    if not user.is_active or user.pk is None:
        return {}
    kept: dict[int, frozenset[str]] | None = user.__dict__.get("_roles_by_site")
    if kept is None:
        kept = _gathered({user.pk: bool(getattr(user, "is_superuser", False))})[user.pk]
        user.__dict__["_roles_by_site"] = kept
    return kept


def forget(user: AnyUser) -> None:
    """Read the roles of this user object anew next time; for objects that outlive a request."""
    user.__dict__.pop("_roles_by_site", None)


def roles(user_ids: Iterable[int]) -> dict[int, dict[int, frozenset[str]]]:
    """Return user id -> site id -> roles as they are now, in two queries (three when a superuser is among them).

    Inactive and unknown users are left out; an active user without any role is there with an empty dict.
    """
    return _gathered(dict(User.objects.filter(pk__in=list(user_ids), is_active=True).values_list("pk", "is_superuser")))


def _gathered(found: Mapping[int, bool]) -> dict[int, dict[int, frozenset[str]]]:
    """The roles of active users; `found` says of each whether it is a superuser."""
    gathered: dict[int, dict[int, set[str]]] = {user_id: {} for user_id in found}
    rows = Membership.objects.filter(user_id__in=found).values_list("user_id", "site_id", "role")
    for user_id, site_id, role in rows:
        gathered[user_id].setdefault(site_id, set()).add(role)
    if any(found.values()):
        everywhere = {site_id: set(Role.values) for site_id in Site.objects.values_list("pk", flat=True)}
        gathered |= {user_id: everywhere for user_id, is_superuser in found.items() if is_superuser}
    return {
        user_id: {site_id: frozenset(held) for site_id, held in by_site.items()}
        for user_id, by_site in gathered.items()
    }


def verbs_of(held: Iterable[str]) -> frozenset[str]:
    """Return everything that the roles held on one site allow there."""
    return NOTHING.union(*(ROLE_VERBS[role] for role in held))


def _granted(user: AnyUser) -> dict[int, frozenset[str]]:
    return {site_id: verbs_of(held) for site_id, held in roles_of(user).items()}


def _site_id(obj: object) -> int | None:
    return obj.pk if isinstance(obj, Site) else getattr(obj, "site_id", None)


class MembershipBackend(ModelBackend):
    """Passwords as Django keeps them; rights from memberships.

    A verb needs the object (a site, or anything with `site_id`): without one the answer is no, so a forgotten object
    never opens a site - ask `sites_with`. Django's model permissions are asked without an object and open the admin
    to whoever manages some site. Superusers are answered by Django before this backend is asked.
    """

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if not user_obj.is_active:
            return False
        if perm in VERBS:
            site_id = _site_id(obj)
            return site_id is not None and is_allowed(user_obj, perm, site_id)
        return perm in self.get_all_permissions(user_obj)

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return Django's model permissions of the user (no object), or the verbs allowed on the object's site."""
        granted = _granted(user_obj)
        if obj is not None:
            return set(granted.get(_site_id(obj) or 0, NOTHING))
        anywhere = NOTHING.union(*granted.values())
        return {perm for verb in anywhere for perm in VERB_MODEL_PERMISSIONS.get(verb, ())}

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return self.get_all_permissions(user_obj, obj)

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        prefix = f"{app_label}."
        return any(perm.startswith(prefix) for perm in self.get_all_permissions(user_obj))

    def with_perm(self, *args: Any, **kwargs: Any) -> "QuerySet[User]":
        raise NotImplementedError("rights hang on sites: ask staffing.directory.members(site_id, verb)")
