"""What people do about queues: enter what they see, set them up, and let machines push."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from dutyroom.seat_forms import QueueForm
from incident import saturation
from incident.live import topics
from incident.refusals import Invalid
from staffing import tokens
from staffing.models import FeedToken, Queue, Site

if TYPE_CHECKING:
    from staffing.models import User

SOURCE: Final = "hand"


def enter(queue: Queue, row: Mapping[str, Any], *, now: datetime) -> None:
    """A reading by hand, through the same way in as a machine's. Raises Invalid, with nothing recorded."""
    taken = saturation.receive(queue.site_id, [dict(row)], now=now, source=SOURCE)
    if taken.refused:
        raise Invalid({field or "staffed": sentence for _index, field, sentence in taken.refused})


def configure(form: QueueForm, site: Site, *, now: datetime) -> Queue:
    """Save a valid form of a new or known queue; its seats are looked at anew, for other limits say other things."""
    queue: Queue = form.instance
    with transaction.atomic():
        if queue.pk is None:
            _add(queue, site)
        else:
            queue.save(update_fields=list(form.fields))  # a reading may have come in meanwhile
        topics.touch({topics.site(site.pk): saturation.REGIONS})
    saturation.look(queue.pk, now=now)
    return queue


def _add(queue: Queue, site: Site) -> None:
    queue.site = site
    try:
        with transaction.atomic():
            queue.save(force_insert=True)
    except IntegrityError:  # somebody else has just made it
        raise Invalid({"key": _("本站已有这个代号的队列。")}) from None


def make_token(site: Site, name: str, *, actor: "User", now: datetime) -> tuple[FeedToken, str]:
    """A token for a machine and its secret, to be shown this once. Raises Invalid."""
    if not name.strip():
        raise Invalid({"name": _("请写明是哪套系统。")})
    return tokens.make(site, name, actor, now)


def revoke_token(token: FeedToken, *, now: datetime) -> None:
    """The machine is refused from now on; revoking twice changes nothing."""
    tokens.revoke(token, now)
