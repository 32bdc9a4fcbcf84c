"""How well each channel delivers: counts of the last hour, the median, and the last success."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Max, Q

from notices.models import Attempt

WINDOW = timedelta(hours=1)
MEMORY = timedelta(days=1)  # an older success is no news


class Median(Aggregate):
    """The middle value; of an even number, halfway between the two in the middle."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One channel. Counts and median are of the last hour; None where nothing was delivered."""

    channel: str
    accepted: int
    failed: int
    refused: int
    median: timedelta | None
    last_success_at: datetime | None

    @property
    def is_failing(self) -> bool:
        """More tries of the last hour failed than were accepted; refusals are the address's fault."""
        return self.failed > self.accepted


def channels(*, now: datetime, site_ids: Collection[int] | None = None) -> list[Channel]:
    """Every channel used within a day, by name; one query. `site_ids` None: all sites."""
    tries = Attempt.objects.filter(ended_at__gt=now - MEMORY, ended_at__lte=now)
    if site_ids is not None:
        tries = tries.filter(notice__site_id__in=site_ids)
    lately = Q(ended_at__gt=now - WINDOW)
    took = ExpressionWrapper(F("ended_at") - F("started_at"), output_field=DurationField())
    rows = (
        tries.values("channel")
        .annotate(
            accepted=Count("pk", filter=lately & Q(outcome="accepted")),
            failed=Count("pk", filter=lately & Q(outcome="failed")),
            refused=Count("pk", filter=lately & Q(outcome="refused")),
            median=Median(took, filter=lately & Q(outcome="accepted"), output_field=DurationField()),
            last_success_at=Max("ended_at", filter=Q(outcome="accepted")),
        )
        .order_by("channel")
    )
    return [Channel(**row) for row in rows]
