"""The menu of the room: the rarer steps, each with what it does before it is pressed."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from incident import lifecycle
from incident.models import Incident
from incident.models.incident import State
from incident.screens.room_head import SIDE_STEPS, step_words
from playbooks import library


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the menu; `is_page` leaves the room."""

    key: str
    words: str
    hint: str
    url: str
    is_page: bool = False


def build(incident: Incident, verbs: Iterable[str]) -> list[Item]:
    """What this person may do. No query: steps with gates stand in the head."""
    held = frozenset(verbs)
    number = incident.number
    items = []
    if incident.is_running and "incident.decide" in held:
        items += [
            Item("level", _("升级或降级"), _("改变级别，须写理由"), reverse("room-level", args=[number])),
            Item(
                "occurred",
                _("更正发生时间"),
                _("时限重新计算；已超时的仍记为超时"),
                reverse("room-occurred", args=[number]),
            ),
        ]
    if incident.is_running and "incident.work" in held:
        items.append(
            Item("call-out", _("召集人员"), _("叫人来：按波次通知，够数即止"), reverse("room-call-out", args=[number]))
        )
        items.append(Item("facts", _("改情况"), _("改动即重判级别"), reverse("room-facts", args=[number])))
    law = library.playbook(incident.playbook_id)
    names = {step.name for step in lifecycle.available(incident, held, duties=(), law=law)}
    for name in SIDE_STEPS:
        if name in names or (name == "merge" and "cancel" in names):
            words, hint = step_words(name)
            items.append(Item(name, words, hint, reverse("room-step", args=[number, name])))
    if incident.state == State.CLOSED and "incident.report" in held:
        asked = {"follows": number, "site": incident.site_id, "playbook": incident.playbook_id}
        asked |= {} if incident.is_real else {"mode": incident.mode}
        again = f"{reverse('desk')}?{urlencode(asked)}#report"
        items.append(Item("follow", _("又发生了"), _("报告一起新事件，承接这一起"), again, True))
    items.append(
        Item("print", _("打印"), _("A4 全记录：情况、职责、时间线、通知"), reverse("room-print", args=[number]), True)
    )
    return items
