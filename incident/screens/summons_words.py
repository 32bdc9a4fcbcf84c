"""Somebody who was asked to come, in words: where they stand, what was offered, what they may answer."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from incident import callout_words, offers
from incident.models import CallOut, Duty, Summons
from incident.screens import room_words as say
from staffing import callouts
from staffing.callouts import Offer, State

# The dot of `reach` is quiet, but hollow where an answer, or the person, is still awaited.
MARKS = {
    State.TOLD: "late",
    State.NO_SHOW: "late",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one person stands. Times are on the incident's clock; `mark` is that of `reach`."""

    state: str
    words: str
    mark: str


def standing(one: Summons) -> Standing:
    """The state of a summons in words."""
    words = {
        State.TOLD: _("已通知，待答复"),
        State.ACKNOWLEDGED: _("收到"),
        State.ON_THE_WAY: _("在途"),
        State.ARRIVED: _("已到位"),
        State.REFUSED: _("不能来"),
        State.NO_SHOW: _("未到"),
        State.SILENT: _("无应答"),
        State.STOOD_DOWN: _("不用来了"),
    }[State(one.state)]
    if one.state == State.ARRIVED and one.offer == Offer.EXTEND:
        words = _("同意延长")
    return Standing(one.state, words, MARKS.get(State(one.state), ""))


def offer(one: Summons, by_at: datetime) -> str:
    """What was offered, in the reader's language."""
    zh, en = offers.words(one.offer, by_at, one.from_at, one.until_at)
    return en if say.is_english() else zh


def wave(one: Summons) -> str:
    return callout_words.waves([one.wave])


def reasons() -> tuple[str, ...]:
    """Why somebody cannot come, to be picked; the words are kept as they were picked."""
    return (_("身体不适"), _("不在本地"), _("已有其他安排"), _("无法到达"))


def may_answer(one: Summons, call_out: CallOut | None, duty: Duty | None, *, is_open: bool) -> bool:
    """Whether an answer can still change anything, as far as this row shows; the action has the last word."""
    if not is_open or one.state in (State.ARRIVED, State.STOOD_DOWN):
        return False
    if one.state in callouts.PROMISED:
        return True
    if one.offer == Offer.SITE:
        return duty is not None and duty.state == Duty.State.OPEN
    return call_out is not None and call_out.closed_at is None
