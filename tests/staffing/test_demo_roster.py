"""The demo's rosters: whoever tries it is on duty, at any hour and on any day; a second load changes nothing."""

from datetime import datetime, timedelta

import pytest

from incident import clock
from staffing import demo, demo_roster, directory
from staffing.management.commands.load_demo import ROSTER_FILE
from staffing.models import Shift, Site

MONDAY = datetime(2026, 11, 23, 0, 0, tzinfo=clock.ZONE)
LEADS = {
    "callcentre": ("team_leader", "示例班长A"),
    "online": ("cs_team_leader", "示例班长A"),
    "heating": ("shift_chief", "示例主值BA"),
}


@pytest.fixture(scope="module")
def rosters():
    return demo.read(ROSTER_FILE)


def first(site: str, at: datetime) -> tuple[str, str]:
    held = directory.holders(Site.objects.get(key=site).pk, [LEADS[site][0]], at)[LEADS[site][0]][0]
    return held.name, held.source


@pytest.mark.parametrize("hours", [0.5, 8, 15.99, 20, 23.5, 24 * 6 + 3])
def test_who_tries_it_is_on_duty_by_shift_at_any_hour(world, rosters, hours):
    at = MONDAY + timedelta(hours=hours)
    demo_roster.load(rosters, now=at)
    for site, (_, name) in LEADS.items():
        assert first(site, at) == (name, "shift")


def test_on_a_later_day_the_account_stands_in(world, rosters):
    demo_roster.load(rosters, now=MONDAY + timedelta(hours=9))
    later = MONDAY + timedelta(days=2, hours=9)
    demo_roster.load(rosters, now=later)
    for site, (_, name) in LEADS.items():
        assert first(site, later) == (name, "override")


def test_a_second_load_changes_nothing_and_one_weeks_later_lays_the_weeks_that_came(world, rosters):
    demo_roster.load(rosters, now=MONDAY + timedelta(hours=9))
    before = Shift.objects.count()
    demo_roster.load(rosters, now=MONDAY + timedelta(hours=9, minutes=1))
    assert Shift.objects.count() == before
    demo_roster.load(rosters, now=MONDAY + timedelta(weeks=3, hours=9))
    newest = Shift.objects.filter(is_override=False).order_by("-starts_at").first()
    assert newest.starts_at > MONDAY + timedelta(weeks=7, days=6)


def test_one_night_nobody_guards_the_hall(world, rosters):
    demo_roster.load(rosters, now=MONDAY + timedelta(hours=9))
    hall = Site.objects.get(key="hall")
    tonight = Shift.objects.filter(
        post__site=hall, post__key="guard", removed_at=None, starts_at=MONDAY + timedelta(hours=17.5)
    )
    assert not tonight.exists()
