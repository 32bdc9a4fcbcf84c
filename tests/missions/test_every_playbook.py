"""One incident of every playbook is reported, run and closed by the pages alone, every duty done and none waived."""

import re
import uuid
from pathlib import Path

import pytest
import yaml

from incident import chain
from incident.models import Duty, Incident
from incident.models.incident import State
from playbooks import library
from staffing.models import Site
from tests.hands import Hand

ROOT = Path(__file__).resolve().parents[2]
PLACES = {"HJ": "callcentre", "KF": "online", "RL": "heating", "GR": "project", "FW": "hall"}
KEYS = [
    playbook["key"]
    for path in sorted((ROOT / "fixtures" / "plans").glob("*.yaml"))
    for playbook in yaml.safe_load(path.read_text("utf-8"))["playbooks"]
]
# What a person would say when asked, so that the level is not left open.
SAID = {
    "KF-4": {"fact-problem": "login"},
    "RL-4": {"fact-boiler_shutdown": "yes"},
    "FW-4.3": {"fact-gun": "yes"},
}


def test_the_names_that_others_rely_on_are_there():
    named = {"KF-4", "RL-4", "GR-3", "HJ-5.1", "HJ-5.2", *(f"HJ-{n}" for n in (1, 2, 3, 4, 6, 7, 8, 9))}
    assert named | {f"FW-4.{n}" for n in range(1, 11)} <= set(KEYS)


@pytest.fixture
def people(omar, dana, hana, ruth):
    """Who leads and who decides at the site of a plan."""
    service, heat = (Hand(omar), Hand(dana)), (Hand(hana), Hand(ruth))
    return {"HJ": service, "KF": service, "RL": heat, "GR": heat, "FW": heat}


@pytest.mark.parametrize("key", KEYS)
def test_reported_run_and_closed(people, key):
    plan = key.split("-")[0]
    lead, supervisor = people[plan]
    site = Site.objects.get(key=PLACES[plan])
    playbook = library.find(plan, key)
    form = {"client_key": str(uuid.uuid4()), "site": str(site.pk), "playbook": str(playbook.id)}
    asked = {
        f"fact-{spec.metric}": spec.choices[0].key for spec in playbook.facts if spec.asked and spec.kind == "choice"
    }
    answer = lead.client.post("/desk/", form | asked | SAID.get(key, {}))
    assert answer.status_code == 303, answer.content.decode()
    incident = Incident.objects.get(number=re.findall(r"/incidents/([\w-]+)/", answer["Location"])[0])

    confirm_levels(incident, supervisor)
    lead.step(incident, "take")
    do_all(incident, lead, supervisor)
    lead.step(incident, "restore")
    do_all(incident, lead, supervisor)
    supervisor.step(incident, "declare_end")
    do_all(incident, lead, supervisor)
    supervisor.step(incident, "close")

    incident = Incident.objects.get(pk=incident.pk)
    assert incident.state == State.CLOSED
    assert chain.broken_at(incident) is None
    assert not Duty.objects.filter(incident=incident, state="open").exists()
    waived = Duty.objects.filter(incident=incident, state="waived").exclude(note__contains=":").exclude(note="")
    assert list(waived.values_list("rule", "note")) == []
    for page in (f"/incidents/{incident.number}/", f"/incidents/{incident.number}/print/"):
        assert lead.client.get(page).status_code == 200


def confirm_levels(incident: Incident, supervisor: Hand) -> None:
    for decision in incident.decisions.filter(status__in=("proposed", "provisional")):
        answer = supervisor.client.post(f"/incidents/{incident.number}/decisions/{decision.pk}/confirm/")
        assert answer.status_code in (204, 303), answer.content.decode()


def do_all(incident: Incident, lead: Hand, supervisor: Hand) -> None:
    """Work until nothing is left to do but the next round of a rhythm; what one did another signs."""
    for _ in range(6):
        to_do = [duty for duty in _open(incident) if not _is_next_round(duty)]
        if not to_do:
            return
        for duty in to_do:
            duty.refresh_from_db()
            if duty.state == "open":
                _do(duty, lead, supervisor)
    raise AssertionError([duty.rule for duty in to_do])


def _open(incident: Incident) -> list[Duty]:
    rows = Duty.objects.filter(incident=incident, state="open").exclude(kind="prohibition")
    return list(rows.exclude(rule__startswith="confirm-level").select_related("incident").order_by("id"))


def _is_next_round(duty: Duty) -> bool:
    return Duty.objects.filter(incident=duty.incident, rule=duty.rule, state="done", id__lt=duty.pk).exists()


def _do(duty: Duty, lead: Hand, supervisor: Hand) -> None:
    rule = library.playbook(duty.incident.playbook_id).duty(duty.rule)
    waits = Duty.objects.filter(incident=duty.incident, state="open", rule__in=rule.apart_from).exists()
    if waits:
        return
    if (
        rule.every_minutes is not None
        and Duty.objects.filter(incident=duty.incident, rule=duty.rule, state="done").exists()
    ):
        return
    if rule.signers > 1:
        lead.finish(duty)
        supervisor.sign(duty)
    elif rule.apart_from:
        supervisor.finish(duty, deputed="受权代行")
    else:
        lead.finish(duty)
