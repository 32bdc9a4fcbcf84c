"""Moving an exercise on: its clock is shifted, and time acts as it would have."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from incident import acting, chain, clock, settle, summoning, writing
from incident.models import Incident
from incident.models.incident import Mode
from incident.refusals import Invalid, NotNow
from incident.story import DUTIES, HEAD, LEVEL, Story

MOST_MINUTES = 7 * 24 * 60


def fast_forward(*, incident_id: int, minutes: float, now: datetime) -> Incident:
    """Move an exercise on by plan minutes; all that falls due on the way is applied in order.

    A real incident's clock is never touched. Raises NotNow, Invalid.
    """
    with transaction.atomic():
        story = Story(incident=acting.locked(incident_id), actor=None, now=now)
        incident = story.incident
        if incident.mode == Mode.REAL:
            raise NotNow(_("%s 是真实事件，不能快进。") % incident.number)
        if not incident.is_open:
            raise NotNow(_("%s 已经结束，不能快进。") % incident.number)
        if not 0 < minutes <= MOST_MINUTES:
            raise Invalid({"minutes": _("快进的分钟数应大于 0，且不超过 %d。") % MOST_MINUTES})
        settle.settle(story)
        span = timedelta(minutes=minutes)
        with story.as_system():
            chain.write(story, "fast_forward", minutes=f"{minutes:g}")
        incident.clock_shift += span
        for duty in story.open_duties():
            if duty.due_at is not None and duty.plan_due_at is not None:
                duty.due_at = clock.wall(incident, duty.plan_due_at)
                story.change_duty(duty)
            if duty.follow_at is not None:
                duty.follow_at -= span
                story.change_duty(duty)
        for call_out in summoning.open_ones(story):
            summoning.rearm(story, call_out)
        if incident.reassess_at is not None:
            incident.reassess_at -= span
        story.touch(HEAD, DUTIES, LEVEL)
        settle.settle(story)
        writing.save(story)
        return incident
