"""What every page of the duty room stands in: the live top bar, the site it is about, and the row of its sections."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from dutyroom import door
from incident import pages
from incident.views.answers import Request
from staffing.models import Site

SECTION = "roster"


def context(request: Request, site: Site, tab: str, now: datetime) -> dict[str, Any]:
    """The live top bar (that of the list of incidents), the site and its neighbours, and the sections."""
    return {
        **pages.first_paint(pages.audience_for(request.user, "list"), now),
        "section": SECTION,
        "site": site,
        "sites": door.sites(request.user),
        "tab": tab,
        "tabs": [
            ("roster", _("值班表")),
            ("contacts", _("通讯录")),
            ("seats", _("座席")),
            ("call-outs", _("召集")),
            ("handover", _("交接班")),
        ],
        "now": now,
    }
