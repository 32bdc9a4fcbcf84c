"""The head of the room: level, names, running times, the road of the incident and the steps that can be taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from incident import access, lifecycle
from incident.models.incident import Mode, State
from incident.screens import room_words as say
from incident.screens import strips
from incident.screens.room_rows import Rows

STEP_ORDER = ("take", "restore", "declare_end", "close")
NEXT_STEP = dict(zip((State.REPORTED, State.RESPONDING, State.RECOVERING, State.ENDED), STEP_ORDER, strict=True))
SIDE_STEPS = ("relapse", "reopen", "cancel", "merge")


@dataclass(frozen=True, slots=True)
class LevelMark:
    """A level as shape, colour word and name. `key` is the colour: blue, yellow, orange, red or none."""

    key: str
    colour: str
    name: str
    is_site_rule: bool = False
    status: str = ""  # "待确认" while provisional

    @property
    def icon(self) -> str:
        return "state-armed" if self.key == "none" else f"level-{self.key}"


@dataclass(frozen=True, slots=True)
class Stage:
    """One field of the stepper."""

    words: str
    state: str  # past, now, ahead
    at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class StepButton:
    """A step as a button; `missing` says what a disabled one waits for."""

    name: str
    words: str
    hint: str
    allowed: bool
    missing: tuple[str, ...]
    needs_form: bool
    is_forward: bool


@dataclass(frozen=True, slots=True)
class Head:
    title: str
    mark: str  # 【练习】, before everything that is not real
    level: LevelMark
    plan: str
    playbook: str
    site: str
    mode_words: str  # "练习", "演练"; empty for a real incident
    stages: tuple[Stage, ...]
    steps: tuple[StepButton, ...]  # the forward ones, for the head
    side_steps: tuple[StepButton, ...]  # for the menu
    can_work: bool
    can_decide: bool
    occurred_wall: datetime
    reported_wall: datetime
    since_start: str
    since_report: str
    stopped: str  # how long it took, once clocks stand still
    is_open: bool
    is_silent: bool  # no alarm is raised for it


def step_words(name: str) -> tuple[str, str]:
    """A step of the road and what it does, before it is pressed."""
    return {
        "take": (_("接手"), _("由您指挥，状态转入“响应”")),
        "restore": (_("转入恢复"), _("服务已恢复；先前通知过的人会收到恢复通知")),
        "declare_end": (_("宣布结束"), _("应急结束；全部计时停止")),
        "close": (_("关闭"), _("归档；关闭后不能再打开")),
        "relapse": (_("退回响应"), _("恢复后又发生；计时继续")),
        "reopen": (_("重新打开"), _("结束后又发生，退回响应")),
        "cancel": (_("撤销"), _("误报；已通知的人会收到撤销通知")),
        "merge": (_("并入另一事件"), _("与另一起是同一件事；本事件撤销并指向它")),
    }[name]


def level_mark(rows: Rows, key: str, status: str = "") -> LevelMark:
    """The mark of a level by its key; an empty key is "no level"."""
    level = next((level for level in rows.playbook.levels if level.key == key), None)
    if level is None:
        return LevelMark("none", _("未定级"), "")
    return LevelMark(level.colour, say.colour(level.colour), say.pick(level), level.site_rule, status)


def build(rows: Rows) -> Head:
    incident = rows.incident
    steps = lifecycle.available(incident, rows.verbs, duties=rows.duties, law=rows.playbook)
    available = {step.name: step for step in steps}
    if "cancel" in available:
        available["merge"] = lifecycle.Step("merge", True)
    following = NEXT_STEP.get(State(incident.state), "")
    if following and following not in available and "incident.work" in rows.verbs:
        available[following] = lifecycle.Step(following, False, (access.denial(lifecycle.STEPS[following]),))
    buttons = {name: _button(available[name]) for name in (*STEP_ORDER, *SIDE_STEPS) if name in available}
    in_force = [decision for decision in rows.decisions if decision.status == "provisional"]
    stopped_at = incident.ended_at or incident.closed_at
    return Head(
        title=strips.title(incident, rows.playbook),
        mark=strips.mode_mark(incident.mode),
        level=level_mark(rows, incident.level, _("待确认") if in_force else ""),
        plan=strips.plan(rows.playbook),
        playbook=say.pick(rows.playbook),
        site=say.pick(incident.site),
        mode_words={Mode.EXERCISE: _("练习"), Mode.DRILL: _("演练")}.get(Mode(incident.mode), ""),
        stages=tuple(_stages(rows, buttons)),
        steps=tuple(buttons[name] for name in STEP_ORDER if name in buttons),
        side_steps=tuple(buttons[name] for name in SIDE_STEPS if name in buttons),
        can_work="incident.work" in rows.verbs,
        can_decide="incident.decide" in rows.verbs,
        occurred_wall=rows.wall(incident.occurred_at),
        reported_wall=rows.wall(incident.reported_at),
        since_start=say.clock_span(rows.at - incident.occurred_at),
        since_report=say.clock_span(rows.at - incident.reported_at),
        stopped=say.clock_span(stopped_at - incident.occurred_at) if stopped_at else "",
        is_open=incident.state not in (State.CLOSED, State.CANCELLED),
        is_silent=rows.playbook.silent,
    )


def _button(step: lifecycle.Step) -> StepButton:
    words, hint = step_words(step.name)
    return StepButton(
        name=step.name,
        words=words,
        hint=hint,
        allowed=step.allowed,
        missing=tuple(step.missing),
        needs_form=step.name != "take",
        is_forward=step.name in STEP_ORDER,
    )


def _stages(rows: Rows, buttons: dict[str, StepButton]) -> Sequence[Stage]:
    incident = rows.incident
    state = State(incident.state)
    road = [State.REPORTED, State.RESPONDING, State.RECOVERING, State.ENDED]
    now = {State.CLOSED: 3, State.CANCELLED: 3}.get(state, road.index(state) if state in road else 0)
    times = (incident.reported_at, incident.taken_at, incident.restored_at, incident.ended_at)
    names = [_("报告"), _("响应"), _("恢复"), _("结束")]
    if state == State.CLOSED:
        names[3], times = _("关闭"), (*times[:3], incident.closed_at)
    if state == State.CANCELLED:
        names[3], times = _("撤销"), (*times[:3], incident.closed_at)
    waits = {2: "restore", 3: "declare_end"}
    stages = []
    for index, words in enumerate(names):
        place = "now" if index == now else "past" if index < now else "ahead"
        step = buttons.get(waits.get(index, ""))
        missing = len(step.missing) if place == "ahead" and step and index == now + 1 else 0
        note = _("还差 %d 项") % missing if missing else ""
        stages.append(Stage(words, place, times[index] if place != "ahead" else None, note))
    return stages
