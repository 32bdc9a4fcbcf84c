"""Whole telephone numbers leave the console only with a line saying who took whose, and when."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from incident.refusals import Refusal
from staffing.models import Contact, Disclosure, Person, User

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 30  # reveals of one user within
WITHIN = timedelta(minutes=10)


class TooMany(Refusal):
    """One user looks at more numbers than anybody calls."""

    status = 429


def reveal(*, person: Person, actor: User, now: datetime) -> "Sequence[Contact]":
    """The ways of reaching one person in whole, written down in the same transaction.

    The caller has checked the right. The user's row is locked, so that two windows count together. Raises TooMany.
    """
    with transaction.atomic():
        User.objects.select_for_update().only("pk").get(pk=actor.pk)
        looked = Disclosure.objects.filter(user=actor, kind=Disclosure.Kind.REVEAL, at__gt=now - WITHIN).count()
        if looked >= MOST:
            raise TooMany(
                _("10 分钟内已查看 %(count)d 个人的号码，请稍后再看；需要全部号码时请用联系表。") % {"count": looked}
            )
        write_down(
            site_id=person.site_id, actor=actor, kind=Disclosure.Kind.REVEAL, now=now, person=person, detail=person.name
        )
        return list(person.contacts.order_by("order", "pk"))


def write_down(
    *, site_id: int, actor: User, kind: str, now: datetime, person: Person | None = None, detail: str = ""
) -> None:
    """One line that nobody changes; in the transaction that hands the numbers out."""
    Disclosure.objects.create(
        site_id=site_id, user=actor, user_name=str(actor)[:80], kind=kind, person=person, detail=detail[:200], at=now
    )
