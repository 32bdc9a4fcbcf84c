"""Countdowns follow the server's time: a wrong clock on the wall or a tab put to sleep changes nothing."""

import re
from datetime import datetime

import pytest

from incident import clock
from incident.models import Duty

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

THREE_HOURS_FAST = """
  const Real = Date;
  window.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + 3 * 3600 * 1000); }
    static now() { return Real.now() + 3 * 3600 * 1000; }
  };
"""
SLEEPER = """
  window.asleep = false;
  const begin = window.setTimeout;
  window.setTimeout = (call, ms, ...rest) => begin(() => window.asleep || call(...rest), ms);
"""


@pytest.fixture
def seconds_left(report):
    """An incident, and what its nearest duty has left by the database's clock."""
    incident = report(facts={"scope": "all_applications"})
    due_at = min(duty.due_at for duty in Duty.objects.filter(incident=incident) if duty.due_at)
    return incident, lambda: (due_at - clock.wall_now()).total_seconds()


def shown(page) -> float:
    minutes, seconds = re.fullmatch(r"(\d+):(\d\d)", page.locator("#live-next-deadline time").inner_text()).groups()
    return int(minutes) * 60 + int(seconds)


def test_a_wrong_clock_changes_nothing(at_browser, seconds_left, omar):
    incident, left = seconds_left
    person = at_browser(omar)
    person.context.add_init_script(THREE_HOURS_FAST)
    person.room(incident)
    page = person.page
    assert page.evaluate("Date.now()") / 1000 - clock.wall_now().timestamp() > 10000
    page.wait_for_timeout(1200)
    assert abs(shown(page) - left()) < 2
    told = datetime.strptime(page.locator(".wallclock").inner_text(), "%H:%M:%S")  # noqa: DTZ007 - a time of day
    now = clock.wall_now().astimezone(clock.ZONE)
    apart = (told.hour - now.hour) * 3600 + (told.minute - now.minute) * 60 + told.second - now.second
    assert abs(apart) % 86400 < 3


def test_a_tab_that_slept_is_right_at_once(at_browser, seconds_left, omar):
    incident, left = seconds_left
    person = at_browser(omar)
    person.context.add_init_script(SLEEPER)
    person.open_deaf(f"/incidents/{incident.number}/")
    page = person.page
    page.evaluate("window.asleep = true")
    page.wait_for_timeout(1100)
    still = shown(page)
    page.wait_for_timeout(2500)
    assert shown(page) == still
    page.evaluate("window.asleep = false; document.dispatchEvent(new Event('visibilitychange'))")
    assert abs(shown(page) - left()) < 2
