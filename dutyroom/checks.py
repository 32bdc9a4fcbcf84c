"""Tests of contacts: people are asked to answer within a window, telephones are dialled and the result written down."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext as _

from dutyroom.models import ContactCheck
from incident.live import topics
from incident.refusals import AlreadyDone, NotNow
from notices import outbox
from notices.models import Notice
from staffing.models import Contact, Site

if TYPE_CHECKING:
    from staffing.models import User

WINDOWS: Final = (5, 10, 30, 60)  # minutes
USUAL_WINDOW: Final = 10
BY_HAND: Final = (Contact.Channel.PHONE, Contact.Channel.OFFICE)
KIND: Final = "contact_test"
# A window is over at its end; the notice itself waits a little longer, so that it never gives up before the window.
GRACE: Final = timedelta(seconds=30)


def start(
    *, site: Site, contacts: Collection[int], minutes: int, actor: "User", now: datetime
) -> Sequence[ContactCheck]:
    """Ask over each of these contacts at once; those of a test that still runs are left out.

    Locks the contacts, so that two people who press together ask once. Raises NotNow where nothing is left to test.
    """
    with transaction.atomic():
        found = list(
            Contact.objects.select_for_update(of=("self",))
            .filter(pk__in=contacts, person__site=site, person__is_active=True)
            .select_related("person__user")
            .order_by("pk")
        )
        asked = {check.contact_id for check in running(site.pk, now)}
        able = [contact for contact in found if can_be_tested(contact)]
        fresh = [contact for contact in able if contact.pk not in asked]
        if not fresh:
            raise NotNow(_("这些联系方式正在测试中。") if able else _("没有可以测试的联系方式。"))
        due_at = now + timedelta(minutes=minutes)
        checks = _write(site, fresh, actor, now, due_at)
        users = {contact.person.user_id for contact in fresh if contact.channel == Contact.Channel.IN_APP}
        topics.touch({topics.user(user_id): () for user_id in users if user_id is not None})
    return checks


def can_be_tested(contact: Contact) -> bool:
    """A screen needs a login that is switched on."""
    if contact.channel != Contact.Channel.IN_APP:
        return True
    return contact.person.user is not None and contact.person.user.is_active


def record(*, check: ContactCheck, result: str, actor: "User", now: datetime) -> ContactCheck:
    """Write down how a call ended. Raises AlreadyDone where somebody did."""
    with transaction.atomic():
        kept = ContactCheck.objects.select_for_update(of=("self",)).select_related("contact").get(pk=check.pk)
        if kept.notice_id is not None or kept.contact.channel not in BY_HAND:
            raise NotNow(_("这一项由本人确认，不能代为登记。"))
        if kept.result:
            raise AlreadyDone(_("结果已登记，没有重复记录。"))
        kept.result, kept.result_at, kept.note = result, now, str(actor)[:120]
        kept.save(update_fields=["result", "result_at", "note"])
    return kept


def running(site_id: int, now: datetime) -> list[ContactCheck]:
    """The tests of a site that still wait for somebody. One query."""
    waiting = ContactCheck.objects.filter(contact__person__site=site_id, due_at__gt=now, result="")
    return list(waiting.exclude(notice__state=Notice.State.ACKNOWLEDGED))


def _write(
    site: Site, contacts: Sequence[Contact], actor: "User", now: datetime, due_at: datetime
) -> list[ContactCheck]:
    by_machine = [contact for contact in contacts if contact.channel not in BY_HAND]
    drafts = [_draft(site, contact, now, due_at) for contact in by_machine]
    notices = dict(zip([contact.pk for contact in by_machine], outbox.enqueue_many(drafts, now=now), strict=True))
    return ContactCheck.objects.bulk_create(
        ContactCheck(contact=contact, notice=notices.get(contact.pk), asked_by=actor, asked_at=now, due_at=due_at)
        for contact in contacts
    )


def _draft(site: Site, contact: Contact, now: datetime, due_at: datetime) -> outbox.Draft:
    person = contact.person
    login = person.user if person.user is not None and person.user.is_active else None
    return outbox.Draft(
        key=f"contact-test:{contact.pk}:{now.isoformat()}",
        incident_id=None,
        site_id=site.pk,
        mode="real",
        kind=KIND,
        data={"site_zh": site.zh, "site_en": site.en, "due": due_at.isoformat()},
        person=person.name,
        ladder=[
            {
                "person": person.name,
                "person_id": person.pk,
                "user_id": login.pk if login else None,
                "channel": contact.channel,
                "address": contact.address,
                "wait_seconds": int((due_at - now + GRACE).total_seconds()),
                "language": login.language if login else person.language,
            }
        ],
    )
