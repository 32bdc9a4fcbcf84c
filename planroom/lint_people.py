"""Posts that nobody holds and people whom no message reaches, at the sites that use a plan."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from planroom.findings import Finding
from playbooks import law
from playbooks.planfile import PlanDocument

MOST_NAMES: Final = 5


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody who holds a post. `by_machine`: some message can reach them; `tested`: one did before."""

    person_id: int
    name: str
    by_machine: bool
    by_phone: bool
    tested: bool


@dataclass(frozen=True, slots=True)
class Staffed:
    """Who answers for each post at one site."""

    zh: str
    en: str
    holders: Mapping[str, tuple[Reached, ...]]


def posts_of(document: PlanDocument) -> dict[str, list[law.DutyRule]]:
    """Every post that duties name, or tell, with those duties."""
    found: dict[str, list[law.DutyRule]] = {}
    for playbook in document.playbooks:
        for duty in playbook.duties:
            late = [effect.argument for effect in duty.on_late if effect.kind == "tell"]
            for post in dict.fromkeys((duty.post, *duty.tell, *late)):
                if not post.startswith("@"):
                    found.setdefault(post, []).append(duty)
    return found


def check(document: PlanDocument, sites: Iterable[Staffed]) -> Iterator[Finding]:
    """Every post and person of the plan that can't answer, site by site."""
    used = posts_of(document)
    names = {post.key: post for post in document.posts}
    for site in sites:
        for key, duties in used.items():
            post = names.get(key) or law.Post(key, key, key)
            yield from _post(site, post, duties)
        yield from _people(site, used)


def _post(site: Staffed, post: law.Post, duties: list[law.DutyRule]) -> Iterator[Finding]:
    held = site.holders.get(post.key, ())
    path, count = f"posts[{post.key}]", len({duty.key for duty in duties})
    if not held:
        yield Finding(
            "warning",
            path,
            f"“{site.zh}”无人担任“{post.zh}”，涉及 {count} 项任务",
            f"Nobody holds {post.en} at {site.en}; it concerns {count} duties",
        )
        return
    signers = max((duty.signers for duty in duties if duty.post == post.key), default=1)
    if len(held) < signers:
        yield Finding(
            "note",
            path,
            f"“{site.zh}”只有 {len(held)} 人担任“{post.zh}”，有任务须 {signers} 人签认",
            f"{len(held)} hold {post.en} at {site.en}, and a duty needs {signers} signatures",
        )


def _people(site: Staffed, used: Iterable[str]) -> Iterator[Finding]:
    people = {one.person_id: one for key in used for one in site.holders.get(key, ())}.values()
    unreached = [one for one in people if not one.by_machine and not one.by_phone]
    by_phone = [one for one in people if not one.by_machine and one.by_phone]
    untested = [one for one in people if one.by_machine and not one.tested]
    if unreached:
        names = _names(unreached)
        yield Finding(
            "warning",
            "posts",
            f"“{site.zh}”{len(unreached)} 人没有任何联系方式：{names[0]}",
            f"{len(unreached)} at {site.en} have no contact at all: {names[1]}",
        )
    if by_phone:
        names = _names(by_phone)
        yield Finding(
            "warning",
            "posts",
            f"“{site.zh}”{len(by_phone)} 人只有电话，系统通知到不了：{names[0]}",
            f"{len(by_phone)} at {site.en} have a telephone only, no notice reaches them: {names[1]}",
        )
    if untested:
        names = _names(untested)
        yield Finding(
            "note",
            "posts",
            f"“{site.zh}”{len(untested)} 人的联系方式从未送达过通知：{names[0]}",
            f"{len(untested)} at {site.en} have contacts over which nothing was ever delivered: {names[1]}",
        )


def _names(people: list[Reached]) -> tuple[str, str]:
    named = [one.name for one in people[:MOST_NAMES]]
    more = len(people) - len(named)
    return (
        "、".join(named) + (f" 等 {len(people)} 人" if more else ""),
        ", ".join(named) + (f" and {more} more" if more else ""),
    )
