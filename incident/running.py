"""The guards shared by actions: facts and levels until the end, duties until the close."""

from django.utils.translation import gettext as _

from incident.refusals import NotNow
from incident.story import Story


def need(story: Story) -> None:
    """Levels and facts change only until the end is declared. Raises NotNow."""
    if not story.incident.is_running:
        raise NotNow(_("事件已结束或撤销，不能再改。需要时请重新打开，或报告新事件。"))


def need_open(story: Story) -> None:
    """Duties are done only until the incident is closed. Raises NotNow."""
    if not story.incident.is_open:
        raise NotNow(_("事件已关闭或撤销，不能再改。需要时请报告新事件并注明。"))
