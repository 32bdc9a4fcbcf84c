"""What pressing the report button would do, in words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from incident.lifecycle import Preview
from incident.models import Incident, LevelDecision
from incident.screens import room_words as say
from incident.screens import strips
from playbooks import rules

MOST_NAMED = 3
MOST_CLOCKS = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """`standing` says how a level starts where it is not simply in force; `unsettled` which fact would settle it."""

    colour: str
    colour_word: str
    level: str
    clause: str
    standing: str
    unsettled: str
    told: str
    told_count: int
    vacant: str
    clocks: tuple[str, ...]
    first_minutes: str
    tasks: str
    twin: Incident | None
    wrong: tuple[str, ...]

    @property
    def level_icon(self) -> str:
        return "state-armed" if self.colour == "none" else f"level-{self.colour}"

    @property
    def twin_url(self) -> str:
        return strips.room_url(self.twin.number) if self.twin else ""


def build(law: rules.Playbook, preview: Preview, *, wrong: tuple[str, ...]) -> Outcome:
    """A preview in words; `wrong` are sentences about what is typed."""
    verdict, level = preview.verdict, preview.level
    proposed = verdict.level if level is None and preview.status == LevelDecision.Status.PROPOSED else None
    shown = level or (law.level(proposed) if proposed else None)
    return Outcome(
        colour=shown.colour if shown else "none",
        colour_word=say.colour(shown.colour) if shown else _("未定级"),
        level=say.pick(shown) if shown else "",
        clause=say.pick(verdict.clauses[0]) if verdict.clauses and shown else "",
        standing=_standing(preview.status),
        unsettled=say.pick(law.fact(verdict.settles)) if verdict.settles else "",
        told=_told(preview),
        told_count=sum(1 for told in preview.tell if told.person),
        vacant=_listed([say.pick(told) for told in preview.tell if not told.person]),
        clocks=tuple(
            _clock(clock.minutes, strips.duty_rule(law, clock.rule.key) or clock.rule, is_target=clock.is_target)
            for clock in preview.clocks
        )[:MOST_CLOCKS],
        first_minutes=f"{min(clock.minutes for clock in preview.clocks):g}" if preview.clocks else "",
        tasks=_("%d 张行动卡") % preview.tasks,
        twin=preview.twin,
        wrong=wrong,
    )


def nothing(wrong: tuple[str, ...]) -> Outcome:
    """Nothing can be told before what is wrong is put right."""
    return Outcome("none", "", "", "", "", "", "", 0, "", (), "", "", None, wrong)


def _standing(status: str) -> str:
    return {
        LevelDecision.Status.PROPOSED.value: _("待主管决定，决定前不生效"),
        LevelDecision.Status.PROVISIONAL.value: _("立即生效，待主管确认"),
    }.get(str(status), "")


def _told(preview: Preview) -> str:
    people = [told for told in preview.tell if told.person]
    if not people:
        return ""
    named = _listed([say.pick(told) for told in people])
    return _("通知 %(n)d 个岗位：%(who)s") % {"n": len(people), "who": named}


def _listed(names: list[str]) -> str:
    """At most three by name; the list says when there are more."""
    names = list(dict.fromkeys(names))
    if not names:
        return ""
    comma = ", " if say.is_english() else "、"
    text = comma.join(names[:MOST_NAMED])
    return _("%s 等") % text if len(names) > MOST_NAMED else text


def _clock(minutes: float, rule: rules.DutyRule, *, is_target: bool) -> str:
    values = {"minutes": f"{minutes:g}", "duty": say.pick(rule)}
    if is_target:
        return _("%(minutes)s 分钟（内部目标）：%(duty)s") % values
    return _("%(minutes)s 分钟内：%(duty)s") % values
