"""The guard shared by actions that need an incident whose clocks run."""

from django.utils.translation import gettext as _

from incident.refusals import NotNow
from incident.story import Story


def need(story: Story) -> None:
    """Levels, facts and duties change only while the clocks run. Raises NotNow."""
    if not story.incident.is_running:
        raise NotNow(_("事件已结束或撤销，不能再改。需要时请重新打开，或报告新事件。"))
