"""Standing duties and features from their files: preparedness, and what the console itself serves."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, TypeVar

from playbooks import plannodes
from playbooks.mistakes import Ledger, Mistake, hint
from playbooks.planparts import words_of
from playbooks.plantable import Table

FORMAT: Final = 1
FOLDER: Final = Path(__file__).resolve().parent.parent / "fixtures"
Rhythm = Literal["", "daily", "weekly", "monthly", "quarterly", "half_yearly", "yearly"]
# Post keys by plan key; plans without a file are not in it.
Posts = Mapping[str, Collection[str]]
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class StandingDuty:
    """Something to be kept ready at all times. `every`: its rhythm, empty where there is none.

    `rhythm_is_ours`: the site's rhythm, not the plan's. `optional`: off until a site asks for it. `evidence`: what
    shows that it was done. `feature`: the key of the feature that serves it. `post_zh`, `post_en` name a holder that
    the plan has no post for.
    """

    key: str
    zh: str
    en: str
    post: str = ""
    post_zh: str = ""
    post_en: str = ""
    clause_zh: str = ""
    clause_en: str = ""
    requirements: tuple[str, ...] = ()
    every: Rhythm = ""
    rhythm_is_ours: bool = False
    optional: bool = False
    evidence_zh: str = ""
    evidence_en: str = ""
    feature: str = ""


@dataclass(frozen=True, slots=True)
class StandingPlan:
    """The standing duties of one written plan."""

    key: str
    zh: str
    en: str
    duties: tuple[StandingDuty, ...]


@dataclass(frozen=True, slots=True)
class Feature:
    """Rows of the plans that the console itself serves. `issue`: what brings it, 0 once it is there."""

    key: str
    zh: str
    en: str
    requirements: tuple[str, ...]
    screen: str
    test: str = ""
    issue: int = 0


@dataclass(frozen=True, slots=True)
class Shelf:
    """All that stands in the files; a file with a mistake is left out."""

    plans: tuple[StandingPlan, ...]
    features: tuple[Feature, ...]
    mistakes: tuple[Mistake, ...]


@lru_cache(maxsize=1)
def shipped() -> Shelf:
    """What the console ships; read once a process."""
    return read(FOLDER)


def read(folder: Path, posts: Posts | None = None) -> Shelf:
    """`features.yaml` and `standing/*.yaml` of the folder, whichever exist; `posts` checks who is named."""
    mistakes: list[Mistake] = []
    features: tuple[Feature, ...] = ()
    listed = folder / "features.yaml"
    if listed.is_file():
        features = _file(listed, mistakes, _features) or ()
    known = {feature.key for feature in features}
    plans = []
    for path in sorted((folder / "standing").glob("*.yaml")):
        plan = _file(path, mistakes, lambda top: _plan(top, known, posts))
        if plan is not None:
            plans.append(plan)
    mistakes.extend(_twice(plans, str(folder / "standing")))
    return Shelf(tuple(plans), features, tuple(mistakes))


def _file(path: Path, mistakes: list[Mistake], make: Callable[[Table], _Made]) -> _Made | None:
    ledger = Ledger(str(path))
    root = plannodes.parse(path.read_bytes(), ledger)
    made = None
    if root is not None:
        top = Table(root, "", ledger)
        number = top.number("format") if top.has("format") else None
        if number != FORMAT:
            top.wrong("format" if top.has("format") else "", f"须写 format: {FORMAT}", f"format: {FORMAT} is required")
        top.take("format")
        made = make(top)
        top.close()
    mistakes.extend(ledger.sorted())
    return None if ledger.mistakes else made


def _features(top: Table) -> tuple[Feature, ...]:
    found = []
    for entry in top.each("features", required=True):
        zh, en = entry.zh_en(limit=200)
        feature = Feature(
            key=entry.key(),
            zh=zh,
            en=en,
            requirements=entry.requirements(),
            screen=entry.text("screen", limit=100),
            test=entry.text("test", required=False, limit=200),
            issue=entry.integer("issue", 0),
        )
        if not feature.requirements:
            entry.wrong("", "须注明条目编号（requirements）", "needs requirements")
        if not feature.test and not feature.issue:
            entry.wrong("", "须写 test 或 issue", "needs test, or issue while it is open")
        entry.close()
        found.append(feature)
    return tuple(found)


def _plan(top: Table, features: Collection[str], posts: Posts | None) -> StandingPlan:
    plan = top.table("plan", required=True)
    key = zh = en = ""
    if plan is not None:
        key = plan.key()
        zh, en = plan.zh_en(limit=200)
        plan.close()
    return StandingPlan(
        key, zh, en, tuple(_duty(entry, key, features, posts) for entry in top.each("standing", required=True))
    )


def _duty(entry: Table, plan: str, features: Collection[str], posts: Posts | None) -> StandingDuty:
    zh, en = entry.zh_en()
    clause_zh, clause_en = entry.words("clause", required=True)
    evidence_zh, evidence_en = entry.words("evidence")
    duty = StandingDuty(
        key=entry.key(),
        zh=zh,
        en=en,
        post=entry.key("post") if entry.has("post") else "",
        post_zh=entry.text("post_zh", required=False, limit=200),
        post_en=entry.text("post_en", required=False, limit=200),
        clause_zh=clause_zh,
        clause_en=clause_en,
        requirements=entry.requirements(),
        every=entry.one_of("every", words_of(Rhythm), ""),
        rhythm_is_ours=entry.flag("rhythm_is_ours"),
        optional=entry.flag("optional"),
        evidence_zh=evidence_zh,
        evidence_en=evidence_en,
        feature=entry.text("feature", required=False, limit=60),
    )
    _check(entry, duty, features)
    _check_post(entry, duty, None if posts is None else posts.get(plan, ()))
    entry.close()
    return duty


def _check(entry: Table, duty: StandingDuty, features: Collection[str]) -> None:
    if not duty.requirements:
        entry.wrong("", "须注明条目编号（requirements）", "needs requirements")
    if duty.rhythm_is_ours and not duty.every:
        entry.wrong("rhythm_is_ours", "没有 every 就没有周期", "there is no rhythm without every")
    if duty.feature and duty.feature not in features:
        zh, en = hint(duty.feature, features)
        entry.wrong("feature", f"未知的功能“{duty.feature}”{zh}", f"unknown feature {duty.feature}{en}")


def _check_post(entry: Table, duty: StandingDuty, posts: Collection[str] | None) -> None:
    """A holder is a post of the plan file, or has words of its own in both languages."""
    if bool(duty.post_zh) is not bool(duty.post_en):
        entry.wrong("", "post_zh 与 post_en 须同时写", "post_zh and post_en go together")
    if duty.post_zh and duty.post_en:
        return
    if not duty.post:
        entry.wrong("", "须写 post，或 post_zh 与 post_en", "needs post, or post_zh and post_en")
    elif posts is not None and duty.post not in posts:
        zh, en = hint(duty.post, posts)
        entry.wrong(
            "post",
            f"预案没有岗位“{duty.post}”{zh}，请加 post_zh 与 post_en",
            f"the plan has no post {duty.post}{en}; give post_zh and post_en",
        )


def _twice(plans: list[StandingPlan], folder: str) -> list[Mistake]:
    seen: set[str] = set()
    found = []
    for key in [plan.key for plan in plans] + [duty.key for plan in plans for duty in plan.duties]:
        if key in seen:
            found.append(Mistake(folder, 1, key, f"“{key}”重复", f"{key} is defined twice"))
        seen.add(key)
    return found
