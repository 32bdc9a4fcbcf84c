"""Duties that two different people must do: who may not finish one, and who may."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from incident import access, chain
from incident.models import Duty, Signature
from incident.readings import label
from incident.refusals import Invalid, NotNow
from incident.story import Story
from playbooks import rules
from staffing import directory

if TYPE_CHECKING:
    from collections.abc import Iterable

    from staffing.models import User

MOST_NAMED = 4


def check(story: Story, duty: Duty, rule: rules.DutyRule, *, actor: "User", deputed: str) -> None:
    """Refuse whoever finished a duty that this one must stay apart from, and everybody while that one is open.

    Whoever decides at the site may do it all the same, with a written reason that the timeline keeps.
    Raises NotNow, Invalid.
    """
    first = next((one for one in story.open_duties() if one.rule in rule.apart_from), None)
    if first is not None:
        raise NotNow(_("请先完成“%s”。") % label(story.playbook.duty(first.rule)))
    before = finished_before(story.duties, story.signatures, rule, actor)
    if before is None:
        return
    sentence = why_not(story, before, rule)
    if "incident.decide" not in access.verbs(actor, story.incident.site_id):
        raise NotNow(sentence)
    if not deputed.strip():
        raise Invalid({"deputed": _("由同一人完成，须写明受权代行的理由。"), "form": sentence})
    chain.write(story, "deputed", duty=duty.rule, before=before.rule, post=duty.post, reason=deputed.strip()[:300])


def finished_before(
    duties: "Iterable[Duty]", signatures: "Iterable[Signature]", rule: rules.DutyRule, actor: "User"
) -> Duty | None:
    """The duty that keeps the actor from this one: done or signed by the same person. None where there is none."""
    if not rule.apart_from:
        return None
    signed = {one.duty_id for one in signatures if one.user_id == actor.pk}
    for duty in duties:
        is_apart = duty.rule in rule.apart_from and duty.state == Duty.State.DONE
        if is_apart and (duty.done_by_id == actor.pk or duty.pk in signed):
            return duty
    return None


def why_not(story: Story, before: Duty, rule: rules.DutyRule) -> str:
    """Why somebody may not do it, and who may."""
    law = next((other for other in story.playbook.duties if other.key == before.rule), None)
    text = _("“%s”是您完成的，这一项须由另一人完成。") % (label(law) if law else before.rule)
    names = [
        str(user)
        for user in directory.members(story.incident.site_id, "incident.work")
        if finished_before(story.duties, story.signatures, rule, user) is None
    ]
    if names:
        text += _("可以由 %s 完成。") % _("、").join(names[:MOST_NAMED])
    return text + _("主管也可写明理由，受权代行。")
