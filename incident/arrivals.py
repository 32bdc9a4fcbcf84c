"""Arrival duties: who is told of one is asked to check in on the spot, and the duty is done by being there."""

from typing import TYPE_CHECKING

from incident import chain, opening, summoning
from incident.models import Duty, Summons
from incident.story import Story
from staffing import directory
from staffing.callouts import Offer, State

if TYPE_CHECKING:
    from incident.calling import Recipient

WAIT_SECONDS = 60  # on each rung of whoever is asked in the place of somebody who cannot come


def summon(story: Story, recipients: list["Recipient"]) -> None:
    """Ask everybody who is told of an arrival duty to check in; also who reports, holds the post and is not told."""
    new = [duty for duty in story.new_duties if duty.kind == "arrival" and duty.state == Duty.State.OPEN]
    for duty in new:
        known: set[int] = set()
        for recipient in recipients:
            if recipient.person_id and any(arrival is duty for arrival in recipient.arrivals):
                one = _summons(story, duty, person_id=recipient.person_id, name=recipient.draft.person)
                recipient.summons.append(one)
                known.add(recipient.person_id)
        here = next(iter(story.held.get(duty.post, ())), None)
        if here and story.actor and here.user_id == story.actor.pk and here.person_id not in known:
            _summons(story, duty, person_id=here.person_id, name=here.name)


def asked(story: Story, duty: Duty) -> list[Summons]:
    """Who was asked to come for this arrival duty."""
    return [one for one in story.summons if one.offer == Offer.SITE and one.duty_id == duty.pk]


def of(story: Story, one: Summons) -> Duty | None:
    """The arrival duty of a summons; None for a call-out."""
    if one.offer != Offer.SITE:
        return None
    return next((duty for duty in story.duties if duty.pk == one.duty_id), None)


def arrived(story: Story, one: Summons, duty: Duty, *, by: str) -> None:
    """The duty is done with the first who is there, or with the last of all who were told, as its rule says.

    Whoever cannot come is not waited for: somebody else was asked in their place.
    """
    if duty.state != Duty.State.OPEN or one.arrived_at is None:
        return
    rule = opening.story_rule(story, duty.rule)
    others = [other for other in asked(story, duty) if other.state not in (State.STOOD_DOWN, State.REFUSED)]
    if rule.answers == "any" or all(other.state == State.ARRIVED for other in others):
        last = max(other.arrived_at for other in others if other.arrived_at)
        opening.finish(story, duty, by=by, at=one.arrived_at if rule.answers == "any" else last)


def ask_next(story: Story, duty: Duty) -> None:
    """Somebody cannot come: the next who answers for the post is asked in their place; where nobody is left, said."""
    if duty.state != Duty.State.OPEN:
        return
    known = {one.person_id for one in asked(story, duty)}
    held = story.held.get(duty.post, ())
    following = next((person for person in held if person.person_id not in known), None)
    if following is None:
        with story.as_system():
            chain.write(story, "call_out_dry", post=duty.post, wanting=1, duty=duty.rule)
        return
    one = _summons(story, duty, person_id=following.person_id, name=following.name)
    ladder = directory.ladder([following], wait_seconds=WAIT_SECONDS)
    due = duty.plan_due_at or story.at
    story.send(summoning.letter(story, one, kind="call_out", post=duty.post, due=due, by_at=due, ladder=ladder))
    with story.as_system():
        chain.write(story, "summoned", people=[one.name], waves=[], post=duty.post)


def _summons(story: Story, duty: Duty, *, person_id: int, name: str) -> Summons:
    one = Summons(
        incident=story.incident,
        duty=duty,
        person_id=person_id,
        name=name,
        offer=Offer.SITE,
        told_at=max(story.at, duty.opened_at),
    )
    story.add_summons(one)
    return one
