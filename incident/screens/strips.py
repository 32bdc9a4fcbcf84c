"""A live incident as a strip, its deadlines, and the strip's HTML kept for as long as nothing in it changes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from incident import clock, confirming, veil
from incident.models import Incident
from incident.models.incident import Mode, State
from incident.screens import room_words as say
from playbooks import library, rules

SOON = timedelta(minutes=10)  # the page's clock uses the same span
PHASES = (State.REPORTED, State.RESPONDING, State.RECOVERING, State.ENDED)

# Stand in the kept HTML for what runs; private-use characters that no title can hold after `clean`.
_LEFT, _ELAPSED = "\ue000", "\ue001"


@dataclass(frozen=True, slots=True)
class Deadline:
    """An open duty with a deadline. `due_at` is on the wall, `shown_at` on the incident's clock."""

    number: str
    title: str
    url: str
    mode: str
    words: str
    clause: str
    who: str
    is_target: bool
    due_at: datetime
    shown_at: datetime
    state: str
    is_silent: bool = False  # no alarm is raised for it


@dataclass(frozen=True, slots=True)
class Strip:
    """Everything a strip shows but its running figures; equal strips look alike."""

    number: str
    url: str
    title: str
    site: str
    place: str
    plan: str
    mode: str
    colour: str
    colour_word: str
    level: str
    phase: int
    phase_word: str
    lead: str
    duties_done: int
    duties_total: int
    told_answered: int
    told_total: int
    told_lost: int
    due_words: str
    due_state: str
    due_at: datetime | None
    since_at: datetime
    rise_hm: str
    is_silent: bool

    @property
    def level_icon(self) -> str:
        return "state-armed" if self.colour == "none" else f"level-{self.colour}"

    @property
    def mark(self) -> str:
        """What stands before the title of everything that is not real."""
        return mode_mark(self.mode)

    @property
    def phases(self) -> tuple[str, ...]:
        """One mark for each phase: past, now or empty."""
        return tuple("past" if n < self.phase else "now" if n == self.phase else "" for n in range(len(PHASES)))


@dataclass(frozen=True, slots=True)
class Row:
    """A strip with what runs by itself: the texts of its clocks at one moment."""

    strip: Strip
    rank: int
    now: datetime

    @property
    def due_at(self) -> datetime | None:
        return self.strip.due_at

    @property
    def desk(self) -> SafeString:
        return self._filled("incident/_strip.html")

    @property
    def wide(self) -> SafeString:
        return self._filled("incident/_strip_wide.html")

    @property
    def drill(self) -> SafeString:
        return self._filled("incident/_strip_exercise.html")

    def _filled(self, template: str) -> SafeString:
        kept = _painted(template, self.strip, say.is_english())
        left = countdown(self.due_at, self.now) if self.due_at else ""
        return mark_safe(  # noqa: S308 - the kept HTML is a template's; both figures are digits
            kept.replace(_LEFT, left).replace(_ELAPSED, say.clock_span(self.now - self.strip.since_at))
        )


def countdown(due_at: datetime, now: datetime) -> str:
    """What the page's clock will write: time left, rounded up, or `+` and the time since."""
    left = due_at - now
    return f"+{say.clock_span(left)}" if left < timedelta(0) else say.clock_span(left + timedelta(milliseconds=999))


def due_state(due_at: datetime, now: datetime) -> str:
    """armed, soon or breached, as the page's clock says it."""
    left = due_at - now
    if left < timedelta(0):
        return "breached"
    return "soon" if left <= SOON else "armed"


def room_url(number: str) -> str:
    """Address of an incident's room."""
    return f"{_list_url()}{number}/"


def title(incident: Incident, playbook: rules.Playbook) -> str:
    """The title as written; one left at the playbook's name is said in the reader's language."""
    return say.pick(playbook) if incident.title == playbook.zh else incident.title


def plan(playbook: rules.Playbook) -> str:
    """HJ-2: the playbook's key, which starts with its plan's."""
    return playbook.key


def level_name(playbook: rules.Playbook, key: str) -> str:
    """The level's name in the plan; empty without a level."""
    return next((say.pick(level) for level in playbook.levels if level.key == key), "")


def deadline(
    incident: Incident, rule: str, plan_due_at: datetime, due_kind: str, who: str, now: datetime, *, cleared: bool
) -> Deadline:
    """A deadline in words, from the row of its duty."""
    playbook = library.playbook(incident.playbook_id)
    words, cited = _duty_words(playbook.id, rule, say.is_english(), cleared)
    due_at = clock.wall(incident, plan_due_at)
    return Deadline(
        number=incident.number,
        title=title(incident, playbook),
        url=room_url(incident.number),
        mode=incident.mode,
        words=words,
        clause=cited,
        who=who,
        is_target=due_kind == "target",
        due_at=due_at,
        shown_at=plan_due_at,
        state=due_state(due_at, now),
        is_silent=playbook.silent,
    )


def duty_rule(playbook: rules.Playbook, key: str) -> rules.DutyRule | None:
    """The law of a duty: of the plan, or the console's own question for a decision; None where it is gone."""
    if key.startswith(confirming.PREFIX):
        return confirming.rule(playbook, key)
    return next((rule for rule in playbook.duties if rule.key == key), None)


def row(incident: Any, nearest: Deadline | None, now: datetime) -> Row:
    """The row of one incident; `incident` carries the counts that `board` annotates."""
    playbook = library.playbook(incident.playbook_id)
    english = say.is_english()
    done, total = incident.duty_counts or (0, 0)
    answered, lost, told = incident.told_counts or (0, 0, 0)
    strip = Strip(
        number=incident.number,
        url=room_url(incident.number),
        title=_clean(title(incident, playbook)),
        site=say.pick(incident.site),
        place=_clean(incident.place),
        plan=plan(playbook),
        mode=incident.mode,
        colour=incident.level_colour,
        colour_word=_colour_word(incident.level_colour, english),
        level=level_name(playbook, incident.level),
        phase=PHASES.index(incident.state),
        phase_word=_phase_word(incident.state, english),
        lead=_clean(str(incident.lead)) if incident.lead else "",
        duties_done=done,
        duties_total=total,
        told_answered=answered,
        told_total=told,
        told_lost=lost,
        due_words=nearest.words if nearest else "",
        due_state=nearest.state if nearest else "none",
        due_at=nearest.due_at if nearest else None,
        since_at=clock.wall(incident, incident.reported_at),
        rise_hm=_rise(incident, nearest),
        is_silent=playbook.silent,
    )
    return Row(strip, incident.level_rank, now)


def phase_word(state: str) -> str:
    """The state as the trade says it."""
    return {
        State.REPORTED.value: _("报告"),
        State.RESPONDING.value: _("响应"),
        State.RECOVERING.value: _("恢复"),
        State.ENDED.value: _("结束"),
        State.CLOSED.value: _("关闭"),
        State.CANCELLED.value: _("撤销"),
    }[str(state)]


def mode_mark(mode: str) -> str:
    """What stands before everything that is not real."""
    return {Mode.EXERCISE.value: _("【练习】"), Mode.DRILL.value: _("【演练】")}.get(str(mode), "")


@lru_cache(maxsize=2048)
def _painted(template: str, strip: Strip, english: bool) -> str:
    # `english` is part of the key: equal strips have different labels in another language.
    return render_to_string(template, {"strip": strip, "left": _LEFT, "elapsed": _ELAPSED})


# Looking words up costs more than all else in a strip; `english` stands for the active language.


@lru_cache(maxsize=64)
def _colour_word(colour: str, english: bool) -> str:
    return say.colour(colour)


@lru_cache(maxsize=64)
def _phase_word(state: str, english: bool) -> str:
    return phase_word(state)


@lru_cache(maxsize=4096)
def _duty_words(playbook_id: int, rule: str, english: bool, cleared: bool) -> tuple[str, str]:
    """The duty and its clause; a restricted one by name only for hall staff."""
    duty = duty_rule(veil.for_viewer(playbook_id, cleared=cleared), rule)
    return (say.pick(duty) if duty else rule), clause(duty)


@cache
def _list_url() -> str:
    return reverse("incidents")


def clause(duty: rules.DutyRule | None) -> str:
    """Where the plan says so; this site's own rules are called that."""
    if duty is None:
        return ""
    return _("本站规则") if duty.site_rule and not duty.clause_zh else say.pick(duty, "clause")


def _rise(incident: Incident, nearest: Deadline | None) -> str:
    """When the level changes by itself, if that comes before the next deadline."""
    moment = incident.reassess_at
    if moment is None or (nearest is not None and nearest.due_at <= moment):
        return ""
    return localtime(clock.at(incident, moment)).strftime("%H:%M")


def _clean(text: str) -> str:
    return text.replace(_LEFT, "").replace(_ELAPSED, "")
