"""What every page of the plan room stands in: the top bar of the console, which follows its reader everywhere."""

from datetime import datetime
from typing import Any

from incident import pages
from incident.views.answers import Request
from planroom.door import Reader

SECTION = "playbooks"


def context(request: Request, reader: Reader, now: datetime) -> dict[str, Any]:
    """The live top bar (that of the list of incidents), for whoever has a site; three queries when it is painted."""
    plain = {"section": SECTION, "reader": reader, "now": now}
    if not reader.sites:
        return plain
    return {**pages.first_paint(pages.audience_for(request.user, "list"), now), **plain}
