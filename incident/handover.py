"""Taking over at a change of shift: incident by incident and duty by duty; what nobody takes goes to the supervisor."""

import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from incident import access, acting, chain, clock, confirming, handover_people, settle, telling, writing
from incident.following import PROMISED
from incident.models import Duty, Handover, HandoverItem
from incident.refusals import AlreadyDone, Denied, Invalid, NotNow
from incident.story import DUTIES, HEAD, Story
from notices import outbox
from notices.models import Notice
from staffing import directory, rights

if TYPE_CHECKING:
    from staffing.models import User

log = logging.getLogger(__name__)

BLOCK = 50  # handovers a run of the sweep
MOST_NOTE = 2000
State = HandoverItem.State


def may_take(handover: Handover, actor: "User", now: datetime) -> bool:
    """Whoever comes, whoever has the post now, and supervisors; anybody who works here where nobody is named."""
    if not rights.is_allowed(actor, rights.WORK, handover.site_id):
        return False
    if actor.pk == handover.to_user_id or rights.is_allowed(actor, rights.DECIDE, handover.site_id):
        return True
    if actor.pk == handover.from_user_id:
        return False
    if handover.to_user_id is None:
        return True
    return any(held.user_id == actor.pk for held in handover_people.present(handover.site_id, handover.post, now))


def take(*, handover_id: int, actor: "User", now: datetime, items: Collection[int] | None = None) -> int:
    """Take over these items by name (None: all that are open); how many that were.

    Taking an incident makes the actor its lead, taking a duty its holder. A notice about these duties that the one who
    goes has not answered counts as confirmed by the actor once all that it names is theirs. Locks the incidents in
    order of id, then the items, then the handover. Raises Http404, Denied, AlreadyDone, NotNow.
    """
    handover = Handover.objects.get(pk=handover_id)
    access.check(actor, handover.site_id, rights.WORK)
    if not may_take(handover, actor, now):
        raise Denied(_("只有接班人、现在在岗的人或值班主管可以接手。"))
    wanted = handover.items.all() if items is None else handover.items.filter(pk__in=items)
    with transaction.atomic():
        stories = {key: _story(key, actor, now) for key in sorted(set(wanted.values_list("incident_id", flat=True)))}
        rows = list(wanted.select_for_update().order_by("id"))
        open_rows = [row for row in rows if row.state == State.OPEN]
        if not open_rows:
            raise _taken_before(rows)
        for key, story in stories.items():
            _take_over(story, [row for row in open_rows if row.incident_id == key], handover, actor)
        HandoverItem.objects.bulk_update(open_rows, ["state", "at", "by", "by_name"])
        _close_if_done(handover, actor)
        for story in stories.values():
            settle.settle(story)
        writing.save(*stories.values())
    return sum(row.state == State.TAKEN for row in open_rows)


def write_note(*, handover_id: int, actor: "User", now: datetime, text: str) -> Handover:
    """What the one who goes has to say: equipment, keys, instructions. Until they have signed.

    Raises Http404, Denied, Invalid, NotNow.
    """
    text = text.strip()
    with transaction.atomic():
        handover = _locked(handover_id, actor)
        if not _is_giver(handover, actor):
            raise Denied(_("交班说明由交班人或值班主管填写。"))
        if handover.signed_from_at is not None:
            raise NotNow(_("交班人已签字，说明不能再改。"))
        if len(text) > MOST_NOTE:
            raise Invalid({"note": _("说明最多 %d 字。") % MOST_NOTE})
        handover.note = text
        handover.save(update_fields=["note"])
        return handover


def sign(*, handover_id: int, actor: "User", now: datetime) -> Handover:
    """Sign the record: whoever goes at any time, whoever comes when nothing is left to take.

    Raises Http404, Denied, AlreadyDone, NotNow.
    """
    with transaction.atomic():
        handover = _locked(handover_id, actor)
        if actor.pk == handover.from_user_id:
            _sign_as(handover, "signed_from_at", now)
        elif actor.pk == handover.to_user_id:
            left = handover.items.filter(state=State.OPEN).count()
            if left:
                raise NotNow(_("还有 %d 项没有接手，接手后再签字。") % left)
            _sign_as(handover, "signed_to_at", now)
        else:
            raise Denied(_("交接班记录由交班人和接班人签字。"))
        return handover


def pass_due(*, now: datetime) -> list[str]:
    """Give the supervisor what nobody took in time; what failed, in words, and it is tried again.

    Every incident in a transaction of its own; those that somebody else holds at the moment wait for the next run.
    """
    failed = []
    due = Handover.objects.filter(due_at__lte=now).order_by("due_at", "id")[:BLOCK]
    for handover in list(due):
        waiting = set(handover.items.filter(state=State.OPEN).values_list("incident_id", flat=True))
        for incident_id in sorted(waiting):
            try:
                _pass_on(handover, incident_id, now=now)
            except Exception as reason:  # one broken incident must not keep the others waiting
                if isinstance(reason, OperationalError) and not connection.is_usable():
                    raise
                log.exception("passing on incident %s of handover %s failed", incident_id, handover.pk)
                failed.append(f"{type(reason).__name__}: {reason}")
        with transaction.atomic():
            _close_if_done(handover, None)
    return failed


def _story(incident_id: int, actor: "User", now: datetime) -> Story:
    story = Story(incident=acting.locked(incident_id), actor=actor, now=now)
    settle.settle(story)
    return story


def _taken_before(rows: Sequence[HandoverItem]) -> AlreadyDone | NotNow:
    taken = next((row for row in rows if row.state in (State.TAKEN, State.PASSED) and row.at), None)
    if taken is None or taken.at is None:
        return NotNow(_("没有等待接手的事项。"))
    when = f"{taken.at.astimezone(clock.ZONE):%H:%M:%S}"
    return AlreadyDone(_("%(who)s 已在 %(when)s 接手，没有重复记录。") % {"who": taken.by_name, "when": when})


def _take_over(story: Story, rows: Iterable[HandoverItem], handover: Handover, actor: "User") -> None:
    """Make the actor lead and holder in one incident, with one entry for all of it."""
    lead = story.incident.lead
    duties, is_lead = _change_hands(story, rows, state=State.TAKEN, name=str(actor), user_id=actor.pk)
    if not duties and not is_lead:
        return
    before = str(lead) if is_lead and lead is not None else handover.from_name
    chain.write(
        story,
        "taken_over",
        by=str(actor),
        before=before,
        post=handover.post,
        lead=is_lead,
        duties=[duty.rule for duty in duties],
    )
    _confirm(story, handover, actor)
    story.people |= {user for user in (handover.from_user_id, handover.to_user_id, actor.pk) if user}


def _change_hands(
    story: Story, rows: Iterable[HandoverItem], *, state: HandoverItem.State, name: str, user_id: int | None
) -> tuple[list[Duty], bool]:
    """Give these items of one incident to somebody; which duties that were, and whether the incident itself.

    An item whose duty is done or whose incident is over is gone. An empty name: nobody is there to be given it.
    """
    duties, is_lead = [], False
    for row in rows:
        duty = next((duty for duty in story.duties if duty.pk == row.duty_id), None)
        is_gone = not story.incident.is_open or (duty is not None and duty.state != Duty.State.OPEN)
        row.state, row.at = (State.GONE if is_gone else state), story.now
        if is_gone:
            continue
        row.by_id, row.by_name = user_id, name[:80]
        if duty is not None:
            duties.append(duty)
            _hold(story, duty, name, user_id)
            continue
        is_lead = True
        if name:
            story.incident.lead_id = user_id
            story.touch(HEAD)
    return duties, is_lead


def _hold(story: Story, duty: Duty, name: str, user_id: int | None) -> None:
    if not name:
        return
    if duty.holder_user_id:
        story.people.add(duty.holder_user_id)
    duty.holder, duty.holder_user_id = name[:80], user_id
    duty.follow_at = None  # what the one before confirmed is no promise of this one
    story.change_duty(duty)


def _confirm(story: Story, handover: Handover, actor: "User") -> None:
    """Whoever takes a duty over by name knows of it: what the one before left unanswered climbs no further."""
    names = {name for name in handover.from_name.split("、") if name}
    unanswered = Notice.objects.unanswered().filter(
        incident=story.incident, kind__in=PROMISED, wants_answer=True, person__in=names
    )
    mine = {duty.rule for duty in story.open_duties() if duty.holder_user_id == actor.pk}
    left = {duty.rule for duty in story.open_duties() if duty.holder in names}
    for notice in unanswered.order_by("id"):
        named = set(notice.data.get("rules") or ())
        if named & mine and not named & left:
            answer = outbox.acknowledge(notice.pk, by=str(actor), user_id=actor.pk, via="handover", now=story.now)
            if answer.result == outbox.Result.FIRST:
                telling.answered(story, answer, by=str(actor), via="handover")


def _close_if_done(handover: Handover, actor: "User | None") -> None:
    """Disarm the handover when nothing is left; whoever takes where nobody was named is the one who comes."""
    row = Handover.objects.select_for_update().get(pk=handover.pk)
    if actor is not None and row.to_user_id is None and not row.to_name:
        row.to_user, row.to_name = actor, str(actor)[:80]
    if not row.items.filter(state=State.OPEN).exists():
        row.due_at = None
    row.save(update_fields=["to_user", "to_name", "due_at"])


def _locked(handover_id: int, actor: "User") -> Handover:
    handover = Handover.objects.select_for_update().get(pk=handover_id)
    access.check(actor, handover.site_id, rights.WORK)
    return handover


def _is_giver(handover: Handover, actor: "User") -> bool:
    return actor.pk == handover.from_user_id or rights.is_allowed(actor, rights.DECIDE, handover.site_id)


def _sign_as(handover: Handover, column: str, now: datetime) -> None:
    before: datetime | None = getattr(handover, column)
    if before is not None:
        when = f"{before.astimezone(clock.ZONE):%H:%M:%S}"
        raise AlreadyDone(_("您已在 %s 签字。") % when)
    setattr(handover, column, now)
    handover.save(update_fields=[column])


def _pass_on(handover: Handover, incident_id: int, *, now: datetime) -> None:
    with transaction.atomic():
        incident = acting.free(incident_id)
        if incident is None:
            return
        story = Story(incident=incident, actor=None, now=now)
        settle.settle(story)
        waiting = handover.items.filter(incident_id=incident_id, state=State.OPEN)
        rows = list(waiting.select_for_update(skip_locked=True).order_by("id"))
        if rows:
            with story.as_system():
                _give_to_supervisor(story, rows, handover)
            HandoverItem.objects.bulk_update(rows, ["state", "at", "by", "by_name"])
        writing.save(story)


def _give_to_supervisor(story: Story, rows: Sequence[HandoverItem], handover: Handover) -> None:
    people = handover_people.supervisors(handover.site_id, story.now, but=[handover.from_user_id])
    name, user_id = (people[0].name, people[0].user_id) if people else ("", None)
    duties, is_lead = _change_hands(story, rows, state=State.PASSED, name=name, user_id=user_id)
    if not duties and not is_lead:
        return
    zh, en = directory.post_names(handover.site_id).get(handover.post, (handover.post, handover.post))
    chain.write(
        story, "handover_passed", person=name, before=handover.from_name, post=handover.post, post_zh=zh, post_en=en,
        lead=is_lead, duties=[duty.rule for duty in duties],
    )  # fmt: skip
    story.touch(DUTIES)
    if people:
        story.call(
            confirming.POST, "handover_passed", at=story.at, duties=tuple(duties), people=people, late_post_zh=zh,
            late_post_en=en, late_person=handover.from_name,
        )  # fmt: skip
    story.people |= {user for user in (handover.from_user_id, handover.to_user_id, user_id) if user}
