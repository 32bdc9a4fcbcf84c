"""The one door of incidents: who sees which, and who may do what with it."""

from typing import TYPE_CHECKING

from django.http import Http404
from django.utils.translation import gettext as _

from incident.models import Incident
from incident.refusals import Denied
from staffing import rights
from staffing.models import Site

if TYPE_CHECKING:
    from staffing.models import User

VERBS = (
    "incident.view", "incident.report", "incident.work", "incident.decide", "incident.exercise", "playbooks.restricted",
)  # fmt: skip


def incident_for(user: "User", number: str, verb: str = "incident.view") -> Incident:
    """The incident of that number. Outsiders and unknown numbers look alike (404); a member without `verb`: 403."""
    incident = Incident.objects.select_related("site", "lead", "merged_into", "follows").filter(number=number).first()
    if incident is None:
        raise Http404
    check(user, incident.site_id, verb)
    return incident


def check(user: "User", site_id: int, verb: str) -> None:
    """Raises Http404 for people who may not even look, Denied for members without the verb."""
    held = verbs(user, site_id)
    if "incident.view" not in held:
        raise Http404
    if verb not in held:
        raise Denied(denial(verb))


def denial(verb: str) -> str:
    """Which role is needed for a verb, as a sentence."""
    return {
        "incident.report": _("报告事件需要“值班班长”或“主管”角色，请联系本站管理员。"),
        "incident.work": _("此操作需要“值班班长”或“主管”角色，请联系值班班长。"),
        "incident.decide": _("此操作需要“主管”角色，请联系值班主管。"),
        "incident.exercise": _("演练与练习需要“值班班长”“主管”或“演练导演”角色。"),
    }.get(verb, _("您没有查看此内容的权限。"))


def verbs(user: "User", site_id: int) -> frozenset[str]:
    """The verbs that the user holds on a site and that an incident asks for."""
    return frozenset(verb for verb in VERBS if rights.is_allowed(user, verb, site_id))


def sites_for(user: "User", verb: str = "incident.view") -> list[Site]:
    """The sites on which the user holds the verb, oldest first."""
    return list(Site.objects.filter(id__in=rights.sites_with(user, verb)).order_by("id"))
