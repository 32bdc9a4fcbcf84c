"""Reporting refuses what cannot be meant, each with a sentence at its field."""

import pytest

from incident.refusals import Invalid
from incident.reporting import preview
from playbooks import storing
from playbooks.models import PlanVersion, Playbook
from playbooks.planfile import read


@pytest.fixture
def draft(world, now) -> PlanVersion:
    """A newer version of HJ that nobody has published."""
    source = PlanVersion.objects.get(plan__key="HJ", number=1).source_text.replace("应用程序/网络故障", "网络故障", 1)
    return storing.draft(read(source, file="HJ.yaml").document, now=now)


def test_an_unknown_playbook(report, callcentre, omar, now):
    with pytest.raises(Invalid) as refusal:
        preview(actor=omar, site_id=callcentre.pk, playbook_id=10**9, facts={}, occurred_at=None, now=now)
    assert set(refusal.value.fields) == {"playbook"}


def test_a_draft_starts_nothing(draft, callcentre, omar, now):
    unpublished = Playbook.objects.get(version=draft, key="HJ-2")
    with pytest.raises(Invalid):
        preview(actor=omar, site_id=callcentre.pk, playbook_id=unpublished.pk, facts={}, occurred_at=None, now=now)


def test_a_plan_that_the_site_does_not_run(report):
    with pytest.raises(Invalid) as refusal:
        report("KF-4", site="callcentre")
    assert set(refusal.value.fields) == {"playbook"}


def test_a_fact_that_the_playbook_does_not_know(report):
    with pytest.raises(Invalid) as refusal:
        report("HJ-2", facts={"deaths": 1})
    assert set(refusal.value.fields) == {"fact-deaths"}


def test_an_incident_of_another_site_cannot_be_followed(report):
    with pytest.raises(Invalid) as refusal:
        report("HJ-2", follows="INC-000101-01")
    assert set(refusal.value.fields) == {"follows"}
