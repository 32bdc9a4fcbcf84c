"""FW-4.3: what to do in a robbery is read by hall staff only; walls stay silent; messages say "open the console"."""

import json

import pytest
from django.core.management import call_command
from django.utils import translation

from incident import pages, sweep, timeline
from incident.models import Duty
from notices import words
from notices.models import Notice
from staffing.models import Membership, Site, User

PAGES = ("desk", "dashboard", "list", "room")


@pytest.fixture
def hana(world) -> User:
    """Leads the shift in the hall."""
    return User.objects.get(username="hana")


@pytest.fixture
def wall(world) -> User:
    """What a screen on the wall of the hall is logged in as."""
    user = User.objects.get(username="vera")
    Membership.objects.create(user=user, site=Site.objects.get(key="hall"), role=Membership.Role.VIEWER)
    return user


@pytest.fixture
def robbery(report, hana, now, minutes):
    incident = report("FW-4.3", site="hall", by=hana, facts={"gun": True})
    timeline.note(incident_id=incident.pk, actor=hana, now=now, text="暗语已发出")
    sweep.sweep(now=now + minutes(6))
    return incident


@pytest.fixture
def secrets(law):
    """Every word of the plan that hall staff only may read."""
    found = law("FW-4.3")
    assert found.restricted and found.silent
    told = [text for duty in found.duties for text in (duty.zh, duty.en, duty.detail_zh, duty.detail_en)]
    told += [text for level in found.levels for rule in level.rules for text in (rule.zh, rule.en)]
    told += [text for spec in found.facts for text in (spec.zh, spec.en)]
    told += [text for note in found.notes for text in (note.zh, note.en)]
    # A word that also stands in the names of the playbook, of its level or of the frame proves nothing.
    return [text for text in told if len(text) > 4 and text not in (found.zh, found.en)]


def leaks(secrets, html):
    return [text for text in secrets if text in html]


def painted(user, number, now):
    """All that is pushed to this user, in both languages."""
    for language in ("zh-hans", "en"):
        for page in PAGES:
            with translation.override(language):
                audience = pages.audience_for(user, page, number if page == "room" else None)
                yield page, "".join(pages.render(audience, None, now).html.values())


def test_staff_reads_it(robbery, secrets, client, hana):
    client.force_login(hana)
    html = client.get(f"/incidents/{robbery.number}/").content.decode()
    assert len(leaks(secrets, html)) > 10
    assert "暗语已发出" in html
    assert "静默" in html
    assert "静默" in client.get("/dashboard/").content.decode()


def test_no_door_shows_it_to_a_viewer(robbery, secrets, client, wall):
    client.force_login(wall)
    number = robbery.number
    doors = ["/desk/", "/dashboard/", "/incidents/", "/inbox/", f"/incidents/{number}/", f"/incidents/{number}/print/",
             f"/incidents/{number}/entries/", f"/incidents/{number}/menu/"]  # fmt: skip
    for door in doors:
        html = client.get(door).content.decode()
        assert leaks(secrets, html) == [], door
        assert "暗语已发出" not in html, door
    for door in ("/desk/", "/dashboard/", "/incidents/"):
        assert number not in client.get(door).content.decode(), door


def test_no_pushed_region_shows_it_to_a_viewer(robbery, secrets, wall, hana, now, minutes):
    later = now + minutes(7)
    for page, html in painted(wall, robbery.number, later):
        assert leaks(secrets, html) == [], page
        assert page == "room" or robbery.number not in html, page
    assert any(robbery.number in html for page, html in painted(hana, robbery.number, later) if page == "dashboard")


def test_viewers_and_staff_are_painted_apart(robbery, wall, hana):
    for page in PAGES:
        number = robbery.number if page == "room" else None
        assert pages.audience_for(wall, page, number) != pages.audience_for(hana, page, number)


def test_paper_and_files_hold_it_for_nobody(robbery, secrets, client, hana, capsys):
    client.force_login(hana)
    printed = client.get(f"/incidents/{robbery.number}/print/").content.decode()
    assert leaks(secrets, printed) == []
    assert "暗语已发出" in printed  # what staff wrote is theirs to print
    call_command("incident", robbery.number, "--json")
    said = capsys.readouterr().out
    assert leaks(secrets, said) == []
    assert json.loads(said)["duties"]


def test_the_posts_are_told_to_open_the_console(robbery, secrets):
    notices = list(Notice.objects.filter(incident=robbery))
    assert notices
    for notice in notices:
        assert leaks(secrets, json.dumps(notice.data, ensure_ascii=False)) == []
        text = words.render(kind=notice.kind, data=notice.data, language="en", mode=notice.mode)
        assert leaks(secrets, f"{text.subject} {text.what} {' '.join(text.lines)}") == []
    told = {notice.data.get("duty_zh") for notice in notices}
    assert any("控制台" in (sentence or "") for sentence in told)


def test_no_alarm_is_raised(robbery, client, hana):
    client.force_login(hana)
    assert "data-announce" not in client.get(f"/incidents/{robbery.number}/").content.decode()


def test_whoever_works_still_gets_the_whole_dialog(robbery, client, hana):
    client.force_login(hana)
    found = Duty.objects.filter(incident=robbery, state="open").exclude(kind="prohibition").first()
    html = client.get(f"/incidents/{robbery.number}/duties/{found.pk}/").content.decode()
    assert "受限职责" not in html
