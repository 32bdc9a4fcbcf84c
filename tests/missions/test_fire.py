"""HJ-5.1: calling 119 and evacuating wait for nobody."""

from incident.models import Duty, Incident


def test_everything_that_saves_lives_opens_with_the_report(report, now):
    incident = report("HJ-5.1")
    urgent = Duty.objects.filter(incident=incident, life_safety=True)
    texts = " ".join(duty.rule for duty in urgent)
    assert "HJ-5.1-03" in texts  # 119
    assert "HJ-5.1-04" in texts  # evacuation
    assert all(duty.opened_at == now and duty.state == "open" for duty in urgent)
    assert Incident.objects.get(pk=incident.pk).level_colour == "red"
    assert not Duty.objects.filter(incident=incident, rule__startswith="confirm-level").exists()
