"""Checks on times that people give."""

from datetime import datetime

from django.utils.translation import gettext as _

from incident.refusals import Invalid
from incident.story import Story


def check(story: Story, moment: datetime | None, *, field: str, not_before: datetime | None = None) -> None:
    """Refuse a time in the future, before the site existed or before `not_before`; None passes. Raises Invalid."""
    if moment is None:
        return
    if moment > story.at:
        raise Invalid({field: _("时间在将来，请填已经发生的时间。")})
    if moment < story.incident.site.opened_at:
        raise Invalid({field: _("时间早于站点启用，请核对日期。")})
    if not_before is not None and moment < not_before:
        raise Invalid({field: _("时间早于事件发生，请核对。")})
