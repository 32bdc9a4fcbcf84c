"""The door of the duty room: which site a page is about, and who may do what there."""

from typing import TYPE_CHECKING

from django.http import Http404
from django.utils.translation import gettext as _

from incident.refusals import Denied
from staffing import rights
from staffing.models import Site

if TYPE_CHECKING:
    from staffing.models import User


def sites(user: "User") -> list[Site]:
    """The sites whose people the user may see, oldest first; read once per user object."""
    kept: list[Site] | None = user.__dict__.get("_duty_sites")
    if kept is None:
        kept = user.__dict__["_duty_sites"] = list(Site.objects.filter(pk__in=rights.sites(user)).order_by("pk"))
    return kept


def site(user: "User", key: str, verb: str = rights.VIEW) -> Site:
    """The site of that key, or the user's first one where none is named.

    Raises Http404 for outsiders and unknown keys, Denied for members without the verb.
    """
    mine = sites(user)
    found = next((one for one in mine if one.key == key), None) if key else next(iter(mine), None)
    if found is None:
        raise Http404
    need(user, found.pk, verb)
    return found


def need(user: "User", site_id: int, verb: str) -> None:
    """Raises Http404 for outsiders, Denied for members without the verb."""
    if not rights.is_allowed(user, rights.VIEW, site_id):
        raise Http404
    if not rights.is_allowed(user, verb, site_id):
        raise Denied(denial(verb))


def denial(verb: str) -> str:
    """Which role is needed for a verb, as a sentence."""
    return {
        rights.ROSTER: _("排班需要“主管”或“管理员”角色，请联系值班主管。"),
        rights.CONTACTS: _("查看完整号码和做联系测试需要“值班班长”“主管”或“管理员”角色。"),
        rights.STAFF: _("人员与导入需要“管理员”角色，请联系本站管理员。"),
        rights.WORK: _("此操作需要“值班班长”或“主管”角色，请联系值班班长。"),
        rights.DECIDE: _("此操作需要“主管”角色，请联系值班主管。"),
    }.get(verb, _("您没有查看此内容的权限。"))
