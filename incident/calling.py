"""Works out who is told: the holders of the posts a story calls, one merged message a person, each with its ladder."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from incident import chain, confirming, opening, veil
from incident.models import Duty, Summons
from incident.story import Call, Story
from notices.models import Notice
from notices.outbox import Draft
from playbooks import rules
from staffing import directory, roster

WAIT_SECONDS = 120  # on each rung before the next is tried
LIFE_SAFETY_WAIT_SECONDS = 60
# An answer to the notice is the proof; every other duty is done by a person who says so.
FULFILLED_BY_ANSWER = ("notification", "acknowledgement")
MOST_NAMED = 3  # duties named in one message; the rest are counted


@dataclass
class Recipient:
    """One notice about to be written: its draft, the duties it fulfils when answered, and whose screens show it."""

    draft: Draft
    fulfils: list[Duty]
    users: list[int]
    person_id: int = 0
    arrivals: list[Duty] = field(default_factory=list)  # who is told of these is to come, and to check in
    summons: list[Summons] = field(default_factory=list)


def resolve(story: Story) -> list[Recipient]:
    """Fill in the holders of new duties and make the drafts for every call. At most three queries."""
    site = story.incident.site_id
    posts = {duty.post for duty in story.new_duties} | {call.post for call in story.calls}
    held = dict(story.held) if posts else {}
    if confirming.POST in posts:
        held[confirming.POST] = deciders(site)
    for duty in story.new_duties:
        first = next(iter(held.get(duty.post, ())), None)
        if first is not None:
            duty.holder, duty.holder_user_id = first.name, first.user_id
    recipients, vacant = _recipients(story, held)
    with story.as_system():
        if recipients:
            people = [{"person": one.draft.person, "post": one.draft.post} for one in recipients]
            chain.write(story, "notified", people=people)
        if vacant:
            _say_vacant(story, vacant, held)
    return recipients


def _say_vacant(story: Story, vacant: set[str], held: dict[str, tuple[directory.Held, ...]]) -> None:
    """Who was asked instead; where there is nobody, that somebody must be telephoned."""
    passed = [
        {"post": post, "person": held[post][0].name, "next_post": held[post][0].up}
        for post in sorted(vacant)
        if held.get(post)
    ]
    nobody = sorted(post for post in vacant if not held.get(post))
    said: dict[str, Any] = {"posts": nobody} | ({"passed": passed} if passed else {})
    chain.write(story, "vacant", **said)


def deciders(site_id: int) -> tuple[directory.Held, ...]:
    """Whoever may decide at the site, reached on the screen and by the mail address of the account."""
    return tuple(
        directory.Held(
            person_id=0,
            name=str(user),
            user_id=user.pk,
            language=user.language,
            rank=place,
            contacts=(("in_app", ""), *((("email", user.email),) if user.email else ())),
            post=confirming.POST,
        )
        for place, user in enumerate(directory.members(site_id, "incident.decide"))
    )


def _recipients(story: Story, held: dict[str, tuple[directory.Held, ...]]) -> tuple[list[Recipient], set[str]]:
    names = _post_names(story)
    merged: dict[tuple[str, str, bool], tuple[list[directory.Held], list[Call]]] = {}
    known: dict[str, int] = {}  # whoever is asked to decide is an account first; elsewhere the same name is a person
    recipients: list[Recipient] = []
    vacant: set[str] = set()
    for call in story.calls:
        if call.post == rules.TOLD:
            recipients += _again(story, call, names)
            continue
        groups = _by_post(call.people or held.get(call.post, ()))
        if all(people[0].source == roster.NEXT for people in groups):
            vacant.add(call.post)
        for people in groups:
            people = _holder_first(people, call)
            if call.data.get("own") and story.actor is not None and people[0].user_id == story.actor.pk:
                continue  # who reports knows
            key = (call.kind, people[0].name, _urgent(call.duties))
            merged.setdefault(key, (people, []))[1].append(call)
            known[people[0].name] = people[0].person_id or known.get(people[0].name, 0)
    for (kind, _, urgent), (people, calls) in merged.items():
        one = _recipient(story, kind, people, calls, urgent=urgent, names=names)
        recipients.append(replace(one, person_id=known[people[0].name]))
    return recipients, vacant


def _holder_first(people: list[directory.Held], call: Call) -> list[directory.Held]:
    """Who is told again has the duty, be it by taking it over from whoever held the post before."""
    if call.kind != "nothing_followed":
        return people
    return sorted(people, key=lambda person: person.name != call.duties[0].holder)


def _by_post(held: Iterable[directory.Held]) -> list[list[directory.Held]]:
    """A composite post is several recipients, each with its own deputies and those to whom its calls are passed on."""
    groups: dict[str, list[directory.Held]] = {}
    for person in held:
        groups.setdefault(person.post, []).append(person)
    return list(groups.values())


def _recipient(
    story: Story,
    kind: str,
    people: Sequence[directory.Held],
    calls: Sequence[Call],
    *,
    urgent: bool,
    names: dict[str, tuple[str, str]],
) -> Recipient:
    duties = list({id(duty): duty for call in calls for duty in call.duties}.values())
    ladder = directory.ladder(people, wait_seconds=LIFE_SAFETY_WAIT_SECONDS if urgent else WAIT_SECONDS)
    up = {person.person_id: person.up for person in people if person.up}
    ladder = [rung | {"post": up[rung["person_id"]]} if rung["person_id"] in up else rung for rung in ladder]
    post = people[0].post
    data = _data(story, duties, post=names.get(post, ("", "")), names=names) | {
        "at": calls[0].at.isoformat(),
        **{name: value for name, value in calls[0].data.items() if isinstance(value, str)},
    }
    key = f"{story.incident.number}:{story.incident.entries_count}:{kind}:{post}:{people[0].person_id}:{int(urgent)}"
    draft = _draft(story, key=key, kind=kind, post=post, person=people[0].name, ladder=ladder, data=data)
    own = {id(duty) for call in calls if call.data.get("own") for duty in call.duties}
    fulfils = [duty for duty in duties if duty.kind in FULFILLED_BY_ANSWER and id(duty) not in own]
    if kind != "duty":
        return Recipient(draft=draft, fulfils=[], users=_users(ladder))
    arrivals = [duty for duty in duties if duty.kind == "arrival"]
    return Recipient(draft, fulfils, _users(ladder), people[0].person_id, arrivals)


def _again(story: Story, call: Call, names: dict[str, tuple[str, str]]) -> list[Recipient]:
    """Everybody told before, once each, by the ladder they were told by."""
    found: dict[str, Notice] = {}
    for notice in told_before(story):
        found.setdefault(notice.person, notice)
    recipients = []
    for notice in found.values():
        data = _data(story, [], post=names.get(notice.post, ("", "")), names=names) | {
            "at": call.at.isoformat(),
            **{name: value for name, value in call.data.items() if isinstance(value, str)},
        }
        key = f"{story.incident.number}:{story.incident.entries_count}:{call.kind}:{notice.pk}"
        draft = _draft(
            story, key=key, kind=call.kind, post=notice.post, person=notice.person, ladder=notice.ladder, data=data,
            wants_answer=bool(call.duties),
        )  # fmt: skip
        recipients.append(Recipient(draft=draft, fulfils=list(call.duties), users=_users(notice.ladder)))
    return recipients


def told_before(story: Story) -> list[Notice]:
    """The notices of this incident that somebody could have received."""
    if story.incident.pk is None:
        return []
    return list(Notice.objects.filter(incident=story.incident).exclude(ladder=[]).order_by("id"))


def _draft(
    story: Story, *, key: str, kind: str, post: str, person: str, ladder: Sequence[dict[str, Any]],
    data: dict[str, Any], wants_answer: bool = True,
) -> Draft:  # fmt: skip
    return Draft(
        key=key,
        incident_id=story.incident.pk,
        site_id=story.incident.site_id,
        mode=story.incident.mode,
        kind=kind,
        data=data,
        post=post,
        person=person,
        ladder=ladder,
        wants_answer=wants_answer,
    )


def _said(story: Story, duty: Duty) -> rules.DutyRule:
    """The rule of a duty as a message may say it: restricted words are read in the console."""
    if duty.rule.startswith(confirming.PREFIX):
        return opening.story_rule(story, duty.rule)
    return veil.shared(story.playbook).duty(duty.rule)


def _users(ladder: Sequence[dict[str, Any]]) -> list[int]:
    return list(dict.fromkeys(rung["user_id"] for rung in ladder if rung.get("user_id")))


def _urgent(duties: Iterable[Duty]) -> bool:
    return any(duty.life_safety for duty in duties)


def _post_names(story: Story) -> dict[str, tuple[str, str]]:
    return {post.key: (post.zh, post.en) for post in story.playbook.posts} | {
        confirming.POST: ("值班主管", "Supervisor on duty")
    }


def _data(
    story: Story, duties: Sequence[Duty], *, post: tuple[str, str], names: dict[str, tuple[str, str]]
) -> dict[str, Any]:
    """What the words of a notice are made of."""
    incident, playbook = story.incident, story.playbook
    data: dict[str, Any] = {
        "number": incident.number,
        "path": f"/incidents/{incident.number}/",
        "title_zh": incident.title,
        "title_en": playbook.en if incident.title == playbook.zh else incident.title,
        "site_zh": incident.site.zh,
        "site_en": incident.site.en,
        "place": incident.place,
        "post_zh": post[0],
        "post_en": post[1],
    }
    if incident.level:
        level = playbook.level(incident.level)
        data |= {"level_zh": level.zh, "level_en": level.en, "colour": level.colour}
    if not duties:
        return data
    ranked = sorted(duties, key=lambda duty: (duty.plan_due_at is None, duty.plan_due_at or duty.opened_at, duty.order))
    laws = [_said(story, duty) for duty in ranked]
    more = len(laws) - MOST_NAMED
    first, late = laws[0], names.get(ranked[0].post, ("", ""))
    data |= {
        "duty_zh": "；".join(dict.fromkeys(law.zh for law in laws[:MOST_NAMED]))
        + (f" 等 {len(laws)} 项" if more > 0 else ""),
        "duty_en": "; ".join(dict.fromkeys(law.en for law in laws[:MOST_NAMED]))
        + (f" and {more} more" if more > 0 else ""),
        "clause_zh": first.clause_zh,
        "clause_en": first.clause_en,
        "late_post_zh": late[0],
        "late_post_en": late[1],
        "late_person": ranked[0].holder,
        "rules": [law.key for law in laws],
    }
    if ranked[0].plan_due_at is not None:
        data["due"] = ranked[0].plan_due_at.isoformat()
    return data
