"""How a call-out moves: asks the next people, gives up who does not answer or come, and stops when enough are there.

Runs inside a story, under the incident's lock: after an answer, after a change of the quota, and as time acts.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from incident import chain, clock, offers, opening
from incident.models import CallOut, Duty, Summons
from incident.story import Letter, Story
from notices.models import Notice
from notices.outbox import Draft
from staffing import callouts, pool
from staffing.callouts import Candidate, Offer, State, Wave

NEEDED_HOURS = timedelta(hours=3)  # for how long, where nobody said


def of(story: Story, call_out: CallOut) -> list[Summons]:
    """Everybody asked for this call-out, in the order in which they were; not who was told to come by a duty."""
    return [
        one
        for one in story.summons
        if (one.call_out is call_out if one._state.adding else one.call_out_id and one.call_out_id == call_out.pk)
    ]


def tally(story: Story, call_out: CallOut, *, without: Summons | None = None) -> callouts.Tally:
    """How the call-out stands; `without` one person."""
    return callouts.tally(call_out.quota, (one.state for one in of(story, call_out) if one is not without))


def open_ones(story: Story) -> list[CallOut]:
    return [call_out for call_out in story.call_outs if call_out.state != CallOut.State.CLOSED]


def next_due(story: Story, call_out: CallOut) -> datetime | None:
    """When somebody has to be given up next, on the incident's clock."""
    if call_out.state == CallOut.State.CLOSED:
        return None
    moments = (_due(call_out, one) for one in of(story, call_out))
    return min((moment for moment in moments if moment is not None), default=None)


def tick(story: Story, call_out: CallOut, *, at: datetime) -> None:
    """Give up everybody whose time had passed at `at`, and ask others in their place.

    The place is offered now and not at the past moment: nobody is given less time to answer because the console slept.
    """
    gone: dict[State, list[Summons]] = {}
    for one in of(story, call_out):
        due = _due(call_out, one)
        if due is not None and due <= at:
            gone.setdefault(callouts.given_up(_asked(one)), []).append(one)
    for state, people in gone.items():
        for one in people:
            end(story, one, state, at=at)
        kind = "summons_silent" if state == State.SILENT else "summons_no_show"
        chain.write(story, kind, at=at, people=[one.name for one in people], post=call_out.post)
    advance(story, call_out)


def advance(story: Story, call_out: CallOut) -> None:
    """Ask or stand down whoever the numbers call for, and say when the call-out is filled or dry."""
    if call_out.state == CallOut.State.CLOSED:
        return
    now = tally(story, call_out)
    _fill(story, call_out, now)
    found = candidates(story, call_out) if now.open and _may_ask(story) else ()
    step = callouts.step(now, len(found))
    _ask(story, call_out, found[: step.ask])
    _stand_down(story, call_out, step.stand_down)
    is_dry = step.is_dry and _may_ask(story)
    with story.as_system():
        if is_dry and not call_out.is_dry:
            chain.write(story, "call_out_dry", post=call_out.post, wanting=now.open - step.ask)
    call_out.is_dry = is_dry
    rearm(story, call_out)
    story.change_call_out(call_out)


def rearm(story: Story, call_out: CallOut) -> None:
    """Work out anew when the call-out must be looked at."""
    due = next_due(story, call_out)
    call_out.due_at = clock.wall(story.incident, due) if due else None
    story.change_call_out(call_out)


def stop(story: Story, call_out: CallOut, *, reason: str, also_coming: bool = False, tell: bool = True) -> None:
    """Ask nobody any more; who has not answered is not needed, and where `also_coming` nobody on the way either.

    `tell`: they get a message that says so.
    """
    if call_out.state == CallOut.State.CLOSED:
        return
    needless = [one for one in of(story, call_out) if one.state == State.TOLD]
    if also_coming:
        needless += [one for one in of(story, call_out) if one.state in callouts.PROMISED]
    call_out.state, call_out.closed_at, call_out.due_at = CallOut.State.CLOSED, story.at, None
    now = tally(story, call_out)
    chain.write(story, "call_out_closed", post=call_out.post, quota=call_out.quota, arrived=now.arrived, reason=reason)
    dismiss(story, call_out, needless, tell=tell)
    story.change_call_out(call_out)


def stop_all(story: Story, *, reason: str, also_coming: bool = False, tell: bool = True) -> None:
    """The incident no longer needs anybody."""
    with story.as_system():
        for call_out in open_ones(story):
            stop(story, call_out, reason=reason, also_coming=also_coming, tell=tell)


def dismiss(story: Story, call_out: CallOut, people: Iterable[Summons], *, tell: bool = True) -> None:
    """Tell people that they are not needed: 不用来了，谢谢."""
    people = list(people)
    if not people:
        return
    for one in people:
        end(story, one, State.STOOD_DOWN, at=story.at)
        if tell:
            story.send(_letter(story, call_out, one, kind="stood_down"))
    with story.as_system():
        chain.write(story, "stood_down", people=[one.name for one in people], post=call_out.post)


def end(story: Story, one: Summons, state: str, *, at: datetime, reason: str = "") -> None:
    """Nothing is expected of this person any more: their notice goes, and the hours they had promised."""
    promised = one.state in (*callouts.PROMISED, State.ARRIVED)
    one.state, one.ended_at, one.reason = state, at, reason[:200]
    story.change_summons(one)
    if one.notice_id:
        story.withdrawn.add(one.notice_id)
    if promised and story.incident.is_real and one.from_at and one.until_at:
        pool.take_back(
            person_id=one.person_id,
            from_at=one.from_at,
            until_at=one.until_at,
            note=story.incident.number,
            now=story.now,
        )


def acknowledged(story: Story, notice: Notice, *, by: str, via: str) -> None:
    """The notice that asked them was answered: they know. Whether they come is another answer."""
    for one in story.summons:
        if one.notice_id == notice.pk and one.state == State.TOLD:
            know(story, one, by=by, via=via)
            for call_out in story.call_outs:
                if call_out.pk == one.call_out_id and call_out.state != CallOut.State.CLOSED:
                    rearm(story, call_out)


def know(story: Story, one: Summons, *, by: str, via: str) -> None:
    """Somebody has read that they are asked to come."""
    one.state, one.acknowledged_at = State.ACKNOWLEDGED, story.at
    signed(one, by=by, via=via)
    story.change_summons(one)
    if one.offer != Offer.SITE:  # the notice of an arrival duty says it itself
        write(story, "summons_acknowledged", one)


def signed(one: Summons, *, by: str, via: str) -> None:
    """Who gave the answer, where that was not the person asked, and how."""
    one.via, one.by_name = via, by[:80] if by != one.name else ""


def write(story: Story, kind: str, one: Summons, *, at: datetime | None = None, **data: Any) -> None:
    """An entry about one person's answer."""
    chain.write(story, kind, at=at, person=one.name, by=one.by_name, via=one.via, **data)


def promised(story: Story, call_out: CallOut, one: Summons) -> None:
    """The promised hours go into the roster; an exercise leaves the roster alone."""
    if story.incident.is_real and one.from_at and one.until_at:
        pool.keep(
            site_id=story.incident.site_id,
            post=call_out.post,
            person_id=one.person_id,
            from_at=one.from_at,
            until_at=one.until_at,
            note=story.incident.number,
            now=story.now,
        )


def candidates(story: Story, call_out: CallOut) -> tuple[Candidate, ...]:
    """Who can still be asked for this call-out, in order. Five statements; four less where the people are known."""
    found = story.pools.get(call_out.post)
    if found is None:
        found = story.pools[call_out.post] = pool.gather(story.incident.site_id, call_out.post, now=story.now)
    asked = {one.person_id for one in of(story, call_out)} | needed_elsewhere(story.incident.site_id, call_out, story)
    want = callouts.Want(
        posts=found.posts,
        now=story.now,
        by_at=max(story.now, clock.wall(story.incident, call_out.by_at)),
        until_at=clock.wall(story.incident, call_out.until_at or call_out.by_at + NEEDED_HOURS),
        zone=clock.ZONE,
    )
    return callouts.candidates(found.people, want, [Wave(wave) for wave in call_out.waves], asked)


def needed_elsewhere(site_id: int, call_out: CallOut | None, story: Story) -> set[int]:
    """Persons who are asked, coming or there for another call-out. An exercise takes nobody from a real one."""
    rows = Summons.objects.filter(
        incident__site_id=site_id, state__in=[*callouts.WAITING, State.ARRIVED], call_out__closed_at__isnull=True,
        call_out__isnull=False,
    )  # fmt: skip
    if story.incident.is_real:
        rows = rows.filter(incident__mode=story.incident.mode)
    if call_out is not None and call_out.pk:
        rows = rows.exclude(call_out=call_out)
    return set(rows.values_list("person_id", flat=True))


def _may_ask(story: Story) -> bool:
    return story.incident.is_running and story.incident.restored_at is None


def _ask(story: Story, call_out: CallOut, people: Iterable[Candidate]) -> None:
    people = list(people)
    if not people:
        return
    incident = story.incident
    for candidate in people:
        one = Summons(
            incident=incident,
            call_out=call_out,
            duty=call_out.duty,
            person_id=candidate.person_id,
            name=candidate.name,
            wave=candidate.wave,
            offer=candidate.offer,
            told_at=story.at,
            from_at=clock.at(incident, candidate.from_at),
            until_at=clock.at(incident, candidate.until_at),
        )
        story.add_summons(one)
        story.send(_letter(story, call_out, one, kind="call_out", candidate=candidate))
    last = call_out.waves.index(people[-1].wave)
    call_out.wave = max(call_out.wave, last)
    waves = list(dict.fromkeys(str(candidate.wave) for candidate in people))
    with story.as_system():
        chain.write(story, "summoned", people=[one.name for one in people], waves=waves, post=call_out.post)


def _stand_down(story: Story, call_out: CallOut, count: int) -> None:
    """The last asked are the first who need not come."""
    waiting = [one for one in of(story, call_out) if one.state == State.TOLD]
    dismiss(story, call_out, waiting[len(waiting) - count :])


def _fill(story: Story, call_out: CallOut, now: callouts.Tally) -> None:
    """Say once that everybody wanted is there, and fulfil the duty that the call-out serves."""
    if now.is_filled == (call_out.state == CallOut.State.FILLED):
        return
    call_out.state = CallOut.State.FILLED if now.is_filled else CallOut.State.OPEN
    story.change_call_out(call_out)
    if not now.is_filled:
        return
    arrived = [one.arrived_at for one in of(story, call_out) if one.arrived_at]
    at = max(arrived, default=story.at)
    with story.as_system():
        chain.write(story, "call_out_filled", at=at, post=call_out.post, quota=call_out.quota)
        duty = next((duty for duty in story.duties if duty.pk == call_out.duty_id), None)
        if duty is not None and duty.state == Duty.State.OPEN:
            opening.finish(story, duty, by="", at=max(at, duty.opened_at))


def letter(
    story: Story, one: Summons, *, kind: str, post: str, due: datetime, by_at: datetime, ladder: list[dict[str, Any]],
    candidate: Candidate | None = None,
) -> Letter:  # fmt: skip
    """The notice that asks one person to come, or says that they need not; `kind`: call_out or stood_down."""
    incident = story.incident
    names = next(((known.zh, known.en) for known in story.playbook.posts if known.key == post), (post, post))
    zh, en = offers.words(one.offer, by_at, one.from_at, one.until_at)
    data = {
        "number": incident.number,
        "path": f"/incidents/{incident.number}/",
        "title_zh": incident.title,
        "title_en": story.playbook.en if incident.title == story.playbook.zh else incident.title,
        "site_zh": incident.site.zh,
        "site_en": incident.site.en,
        "place": incident.place,
        "post_zh": names[0],
        "post_en": names[1],
        "offer_zh": zh,
        "offer_en": en,
        "at": story.at.isoformat(),
        "due": due.isoformat(),
    }
    if candidate is not None:
        data["overtime_zh"], data["overtime_en"] = offers.overtime(candidate)
        if candidate.warnings:
            data |= {"limits_zh": offers.LIMITS_ZH, "limits_en": offers.LIMITS_EN}
    draft = Draft(
        key=f"{incident.number}:{incident.entries_count}:{kind}:{post}:{len(story.letters)}:{one.person_id}",
        incident_id=incident.pk,
        site_id=incident.site_id,
        mode=incident.mode,
        kind=kind,
        data=data,
        post=post,
        person=one.name,
        ladder=ladder,
        wants_answer=kind == "call_out",
    )
    return Letter(draft, one if kind == "call_out" else None)


def _letter(story: Story, call_out: CallOut, one: Summons, *, kind: str, candidate: Candidate | None = None) -> Letter:
    due = one.from_at if one.offer == Offer.EARLY and one.from_at else call_out.by_at
    return letter(
        story, one, kind=kind, post=call_out.post, due=due, by_at=call_out.by_at,
        ladder=_ladder(story, call_out, one), candidate=candidate,
    )  # fmt: skip


def _ladder(story: Story, call_out: CallOut, one: Summons) -> list[dict[str, Any]]:
    """The rungs of the person, read with the pool; who was asked long ago is told by the ladder of then."""
    found = story.pools.get(call_out.post)
    if found is not None and one.person_id in found.held:
        return found.ladder(one.person_id, call_out.wait_seconds)
    return list(one.notice.ladder) if one.notice is not None else []


def _asked(one: Summons) -> callouts.Asked:
    return callouts.Asked(one.state, one.told_at, one.coming_at)


def _due(call_out: CallOut, one: Summons) -> datetime | None:
    return callouts.due_at(_asked(one), wait=timedelta(seconds=call_out.wait_seconds), by_at=call_out.by_at)
