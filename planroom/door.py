"""The door of the plan room: whose sites run which plan, and who may read its restricted words."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.http import Http404
from django.utils.translation import gettext_lazy as _

from incident import access
from playbooks import law, library, models
from staffing import rights
from staffing.models import Site

if TYPE_CHECKING:
    from staffing.models import User

RESTRICTED_SENTENCE = _("此内容仅限大厅值班人员：请向值班班长、主管或管理员询问。")


@dataclass
class Reader:
    """One user with the sites he sees; asks the database once for them, and for nothing else."""

    user: "User"

    @cached_property
    def sites(self) -> list[Site]:
        """The sites whose incidents the user may see, oldest first."""
        return access.sites_for(self.user)

    @cached_property
    def plans(self) -> tuple[str, ...]:
        """The keys of the plans that these sites run, each once."""
        return tuple(sorted({key for site in self.sites for key in site.plans}))

    def sites_with(self, plan_key: str) -> list[Site]:
        """The user's sites that run the plan. Raises Http404 where there is none: outsiders learn nothing."""
        found = [site for site in self.sites if plan_key in site.plans]
        if not found:
            raise Http404
        return found

    def site(self, plan_key: str, asked: str) -> Site:
        """The site asked for by its key; the first that runs the plan for any other word."""
        found = self.sites_with(plan_key)
        return next((site for site in found if site.key == asked), found[0])

    @cached_property
    def books(self) -> list[law.Playbook]:
        """The playbooks in force of all these plans."""
        return library.current(self.plans)

    @cached_property
    def versions(self) -> dict[str, models.PlanVersion]:
        """Plan key -> its version in force, with the plan's row."""
        found = models.PlanVersion.objects.published().newest_per_plan().filter(plan__key__in=self.plans)
        return {version.plan.key: version for version in found.select_related("plan", "published_by")}

    def laws(self, plan_key: str) -> list[law.Playbook]:
        """The playbooks of one of the plans. Raises Http404 as `sites_with` does."""
        self.sites_with(plan_key)
        return [book for book in self.books if book.plan_key == plan_key]

    def law(self, plan_key: str, key: str) -> law.Playbook:
        """One playbook in force. Raises Http404."""
        for found in self.laws(plan_key):
            if found.key == key:
                return found
        raise Http404

    def is_trusted(self, plan_key: str) -> bool:
        """Whether restricted words of the plan are for this user: he works at a site that runs it."""
        return self.may(rights.RESTRICTED, plan_key)

    def may(self, verb: str, plan_key: str) -> bool:
        """Whether the user holds the verb at a site that runs the plan."""
        return any(rights.is_allowed(self.user, verb, site.pk) for site in self.sites_with(plan_key))

    def report_site(self, plan_key: str, preferred: Site) -> Site | None:
        """Where the user could report an incident of the plan: the preferred site if he may there."""
        found = [site for site in self.sites_with(plan_key) if rights.is_allowed(self.user, rights.REPORT, site.pk)]
        return next((site for site in found if site == preferred), found[0] if found else None)
