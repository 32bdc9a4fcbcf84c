"""State x step: every state of an incident against every step of its road, and the field that no hand may set."""

import pytest
from django_fsm import TransitionNotAllowed

from incident import clock, lifecycle, work
from incident.models import Duty, Entry, Incident
from incident.models.incident import State
from incident.refusals import AlreadyDone, NotNow, Refusal
from tests.filling import fulfil

STEPS = ("take", "restore", "relapse", "declare_end", "close", "reopen", "cancel", "merge")
ALLOWED = {
    State.REPORTED: {"take": State.RESPONDING, "cancel": State.CANCELLED, "merge": State.CANCELLED},
    State.RESPONDING: {"restore": State.RECOVERING, "cancel": State.CANCELLED, "merge": State.CANCELLED},
    State.RECOVERING: {"relapse": State.RESPONDING, "declare_end": State.ENDED},
    State.ENDED: {"close": State.CLOSED, "reopen": State.RESPONDING},
    State.CLOSED: {},
    State.CANCELLED: {},
}
ROAD = {
    State.REPORTED: (),
    State.RESPONDING: ("take",),
    State.RECOVERING: ("take", "restore"),
    State.ENDED: ("take", "restore", "declare_end"),
    State.CLOSED: ("take", "restore", "declare_end", "close"),
    State.CANCELLED: ("cancel",),
}
WITH_REASON = ("relapse", "reopen", "cancel")


@pytest.fixture
def open_gates(dana, law, now, minutes):
    """Do all that a step would ask for."""

    def do(incident):
        for duty in Duty.objects.filter(incident=incident, state="open").exclude(gate=""):
            rule = {"choice": "yes"} if duty.kind == "decision" else {}
            fulfil(duty, law("HJ-2"), actor=dana, now=now + minutes(1), **rule)

    return do


@pytest.fixture
def walk(dana, report, now, minutes):
    """Do one step as the supervisor."""

    def step(incident, name):
        more = {"reason": "理由"} if name in WITH_REASON else {}
        if name == "merge":
            more = {"into": report("HJ-2", facts={"scope": "all_applications"}).number}
        return getattr(lifecycle, name)(incident_id=incident.pk, actor=dana, now=now + minutes(2), **more)

    return step


@pytest.fixture
def incident_in(report, walk, open_gates):
    """An incident that has come to a state by its road, its gates open."""

    def make(state):
        incident = report("HJ-2", facts={"scope": "all_applications"})
        for name in ROAD[state]:
            walk(incident, name)
            open_gates(incident)
        return Incident.objects.get(pk=incident.pk)

    return make


def test_the_table_names_every_state():
    assert set(ALLOWED) == set(State) == set(ROAD)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", list(State))
def test_every_state_against_every_step(state, step, incident_in, walk):
    incident = incident_in(state)
    assert incident.state == state
    before = Entry.objects.filter(incident=incident).count()
    target = ALLOWED[state].get(step)
    if target is None:
        with pytest.raises((NotNow, AlreadyDone)) as refused:
            walk(incident, step)
        assert refused.value.status == 409
        assert str(refused.value).endswith("。")
        assert isinstance(refused.value, AlreadyDone) or str(State(state).label) in str(refused.value)
        assert Incident.objects.get(pk=incident.pk).state == state
        assert Entry.objects.filter(incident=incident).count() == before
        return
    walk(incident, step)
    assert Incident.objects.get(pk=incident.pk).state == target
    assert Entry.objects.filter(incident=incident).count() > before
    open_duties = Duty.objects.filter(incident=incident, state="open")
    assert open_duties.exists() == (target in (State.RESPONDING, State.RECOVERING))


@pytest.mark.parametrize("state", list(State))
def test_buttons_show_what_the_table_allows(state, incident_in, law):
    incident = incident_in(state)
    steps = lifecycle.available(
        incident, ("incident.work", "incident.decide"), duties=Duty.objects.filter(incident=incident), law=law("HJ-2")
    )
    assert {step.name for step in steps} == set(ALLOWED[state]) - {"merge"}


@pytest.mark.parametrize("step", WITH_REASON)
def test_steps_back_need_a_reason(step, incident_in, dana, now, minutes):
    state = next(state for state in State if step in ALLOWED[state])
    incident = incident_in(state)
    with pytest.raises(Refusal) as refused:
        getattr(lifecycle, step)(incident_id=incident.pk, actor=dana, now=now + minutes(3), reason="  ")
    assert refused.value.status == 422
    assert Incident.objects.get(pk=incident.pk).state == state


def test_no_hand_sets_the_state(report):
    incident = report("HJ-2", facts={"scope": "all_applications"})
    with pytest.raises(AttributeError):
        incident.state = State.CLOSED
    with pytest.raises(TransitionNotAllowed):
        incident.close(at=clock.wall_now())
    assert Incident.objects.get(pk=incident.pk).state == State.REPORTED


def test_gates_stand_before_restoring_and_ending(report, omar, dana, now, minutes):
    """What the plan wants first is named, with the post that can give it."""
    incident = report("HJ-2", facts={"scope": "all_applications"})
    lifecycle.take(incident_id=incident.pk, actor=omar, now=now + minutes(1))
    gated = Duty.objects.filter(incident=incident, state="open", gate="restore")
    if gated.exists():
        with pytest.raises(NotNow) as refused:
            lifecycle.restore(incident_id=incident.pk, actor=omar, now=now + minutes(2))
        assert len(refused.value.missing) == gated.count()
    for duty in gated:
        work.complete(duty_id=duty.pk, actor=omar, now=now + minutes(2))
    lifecycle.restore(incident_id=incident.pk, actor=omar, now=now + minutes(3))
    with pytest.raises(NotNow) as refused:
        lifecycle.declare_end(incident_id=incident.pk, actor=dana, now=now + minutes(4))
    assert refused.value.missing
    assert all("还差" in sentence for sentence in refused.value.missing)
