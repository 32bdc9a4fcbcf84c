"""The printed record: everything on file, no buttons, marked when it is an exercise."""

import pytest

from incident import timeline
from incident.models import Entry

pytestmark = pytest.mark.django_db


def test_every_entry_is_on_paper(client, vera, omar, report, now):
    incident = report()
    for place in range(60):
        timeline.note(incident_id=incident.pk, actor=omar, now=now, text=f"记录甲{place}乙")
    client.force_login(vera)
    page = client.get(f"/incidents/{incident.number}/print/").content.decode()
    assert "记录甲0乙" in page
    assert "记录甲59乙" in page
    assert page.count("<tr><td>") >= Entry.objects.filter(incident=incident).count()
    assert "<form" not in page


def test_an_exercise_is_marked_on_paper(client, omar, report):
    incident = report(mode="exercise")
    client.force_login(omar)
    assert "sheet-exercise" in client.get(f"/incidents/{incident.number}/print/").content.decode()


def test_no_address_is_printed(client, omar, report):
    incident = report()
    client.force_login(omar)
    page = client.get(f"/incidents/{incident.number}/print/").content.decode()
    assert "000-0000" not in page
    assert "@example" not in page


def test_who_may(client, eve, report):
    incident = report()
    client.force_login(eve)
    assert client.get(f"/incidents/{incident.number}/print/").status_code == 404
    assert client.post(f"/incidents/{incident.number}/print/").status_code == 405
